"""Keeping keys out of everything that is written down."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

HIDDEN = "[key]"

# A key may stand right behind an escape that `shorten` wrote, whose last letter is then no part of it.
_START = r"(?:\b|(?<=\\[nrt])|(?<=\\x[0-9a-f]{2})|(?<=\\u[0-9a-f]{4}))"
_SHAPES = re.compile(
    _START + r"(?:sk|pk|rk|xai|gsk|hf|key)[-_][A-Za-z0-9*._-]{8,}"  # OpenAI and its many imitators, masked ones too
    rf"|{_START}AIza[A-Za-z0-9_-]{{20,}}"  # Google
    rf"|{_START}AKIA[A-Z0-9]{{12,}}"  # AWS
    rf"|{_START}(?:gh[pousr]_|github_pat_|xox[abeprs]-)[A-Za-z0-9_-]{{16,}}"  # GitHub, Slack
    rf"|{_START}eyJ[A-Za-z0-9_-]{{8,}}\.[A-Za-z0-9_-]{{8,}}\.[A-Za-z0-9_-]*"  # JSON web tokens
    r"|(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{8,}"
    r"|(?<=[?&]key=)[^&\s\"']+"
    r"|(?<=://)[^/?#\s\"'@]+(?=@)"  # user and password of a proxy
)
_VARIABLE = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD)$")
_SHORTEST = 8


def keyless(text: str, keys: Iterable[str | None]) -> str:
    """A text of a provider in which no key of ours stands; anything else that looks like a key is left as it is.

    Args:
        text: an answer, a model's name.
        keys: our keys; words too short to be a secret are left in.
    """
    for key in keys:
        if key and len(key) >= _SHORTEST and key in text:
            text = text.replace(key, HIDDEN)
    return text


def without_keys(text: str, keys: Iterable[str | None] = ()) -> str:
    """The text with keys replaced: the given ones, those in the environment, and all that look like one.

    Args:
        text: an error message, a URL, a header.
        keys: keys known to the caller; None and empty ones are skipped.
    """
    for key in _known(keys):
        text = text.replace(key, HIDDEN)
    return _SHAPES.sub(HIDDEN, text)


def keys_in(text: str, keys: Iterable[str | None] = ()) -> list[str]:
    """What `without_keys` would replace in a text."""
    return [key for key in _known(keys) if key in text] + [match.group() for match in _SHAPES.finditer(text)]


def _known(keys: Iterable[str | None]) -> list[str]:
    """Longest first, so that no part of a key is left where one key holds another."""
    known = {key for key in keys if key}
    known |= {value for name, value in os.environ.items() if _VARIABLE.search(name) and len(value) >= _SHORTEST}
    return sorted(known, key=len, reverse=True)
