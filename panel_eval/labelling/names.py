"""What a reviewer may be called: any name that people can read, and only one spelling of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from panel_eval.errors import InputError, Problem, shorten

MOST_CHARACTERS = 80
_JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: invisible, but part of Persian, Indic and emoji spelling."""


def reviewer_name(raw: str) -> str:
    """A name as it stands in files: composed (NFC), white space trimmed and single.

    Raises:
        InputError: it is empty, too long, or holds characters that nobody can see (controls, marks that turn the
            reading direction).
    """
    name = " ".join(unicodedata.normalize("NFC", raw).split())
    if not name or not any(unicodedata.category(char)[0] in "LNSP" for char in name):
        raise InputError(Problem("a reviewer needs a name", fix="letters or digits, such as A or Anna"))
    if len(name) > MOST_CHARACTERS:
        raise InputError(Problem(f"a name has at most {MOST_CHARACTERS} characters", value=f"{len(name)}"))
    if any(unicodedata.category(char)[0] == "C" and char not in _JOINERS for char in name):
        raise InputError(Problem("a name holds characters that cannot be seen", value=shorten(name)))
    return name


def known_spelling(name: str, known: Collection[str]) -> str | None:
    """The name among `known` that is the same but for upper and lower case, if any."""
    if name in known:
        return name
    folded = _folded(name)
    return next((other for other in known if _folded(other) == folded), None)


def reviewer_names(raw: Collection[str]) -> tuple[str, ...]:
    """The reviewers of a study, in the order given.

    Raises:
        InputError: one of them is no name, or two are the same but for upper and lower case.
    """
    names: list[str] = []
    for one in raw:
        name = reviewer_name(one)
        if (twin := known_spelling(name, names)) is not None:
            message = f"reviewers {shorten(twin)!r} and {shorten(name)!r} cannot be told apart"
            raise InputError(Problem(message, fix="give each reviewer a name of their own"))
        names.append(name)
    return tuple(names)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
