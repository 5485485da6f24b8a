"""Where a cassette lies: always inside its folder, whatever a marker or a test is called."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from panel_eval.errors import InputError, shorten

_MOST_CHARACTERS = 120
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def cassette_path(folder: Path, name: str | None, test: str, test_class: str | None = None) -> Path:
    """The file of a test's cassette.

    Args:
        folder: of the cassettes.
        name: given by a marker, or None: after the test.
        test: the test's name with its parameters.
        test_class: the class that it stands in.

    Raises:
        InputError: the name leads out of the folder, or holds what no file name should.
    """
    path = folder / (_named(name) if name is not None else _after(test, test_class))
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"the cassette {shorten(str(path))} leads out of {shorten(str(folder))}: is it a link?")
    return path


def _named(name: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > 2 * _MOST_CHARACTERS:
        raise InputError(
            f"a cassette cannot be called {shorten(name)}: use letters, digits, '_', '-', '.', and '/' for folders "
            "inside the folder of the cassettes"
        )
    return name if name.endswith(".yaml") else f"{name}.yaml"


def _after(test: str, test_class: str | None) -> str:
    """A file name made of a test's name; a digest keeps two tests apart whose names had to be changed."""
    whole = test if test_class is None else f"{test_class}.{test}"
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", whole)[:_MOST_CHARACTERS].strip("-.") or "test"
    if plain != whole:
        readable = whole.replace("[", "-").removesuffix("]")
        if not _PLAIN.fullmatch(readable) or len(whole) > _MOST_CHARACTERS or readable != plain:
            plain = f"{plain}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
    return f"{plain}.yaml"
