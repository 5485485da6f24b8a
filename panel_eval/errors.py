"""Everything panel-eval raises on purpose.

::

    PanelEvalError               base; exit_code says how the command line ends
    ├── InputError               a file or an argument is wrong; lists every Problem found (exit 2)
    ├── JudgeSetupError          a judge cannot be asked at all: weights, key, package missing (exit 2)
    ├── CassetteMissError        a recorded test asked for a request that was never recorded (exit 2)
    ├── NotComparableError       data, rubric or judges differ (exit 4)
    └── IncompleteError          votes are missing that were planned (exit 5)
        └── InterruptedRunError  the user stopped a run before any vote came (exit 130)

A vote that failed is not an exception: it is an outcome in the vote log.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input, where it is, and how to mend it.

    Attributes:
        message: what is wrong, in words.
        path: the file, or None for arguments.
        line: 1-based line, or None when the whole file is meant.
        key: dotted path inside the record, such as ``distribution.mild``.
        value: the offending value, already shortened.
        fix: what to do about it.
    """

    message: str
    path: Path | str | None = None
    line: int | None = None
    key: str | None = None
    value: str | None = None
    fix: str | None = None

    def __str__(self) -> str:
        where = "" if self.path is None else shorten(str(self.path), 300)
        if self.line is not None:
            where += f":{self.line}"
        parts = [f"{where}: " if where else ""]
        if self.key:
            parts.append(f"{self.key}: ")
        parts.append(self.message)
        if self.value is not None:
            parts.append(f" (found {self.value})")
        if self.fix:
            parts.append(f". Fix: {self.fix}")
        return printable("".join(parts))


class PanelEvalError(Exception):
    """Base of all errors a user can cause or meet; carries the exit code of the command line."""

    exit_code = 2


class InputError(PanelEvalError):
    """A file or an argument is wrong. Holds every problem found, not only the first.

    Args:
        problems: what is wrong; a plain string stands for one problem without a place.
    """

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = [Problem(problems)]
        elif isinstance(problems, Problem):
            problems = [problems]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class JudgeSetupError(PanelEvalError):
    """A judge cannot be asked at all: its weights, key or package are missing, or its settings clash."""


class CassetteMissError(PanelEvalError):
    """A replayed test sent a request that its cassette does not hold. Never retried as an outage."""


class NotComparableError(PanelEvalError):
    """Two things cannot be compared because data, rubric or judges differ."""

    exit_code = 4


class IncompleteError(PanelEvalError):
    """Planned votes are missing: an outage, a budget, an interruption."""

    exit_code = 5


class InterruptedRunError(IncompleteError):
    """The user stopped a run before any vote was stored; there is nothing to score."""

    exit_code = 130


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that `word` was probably meant to be, or None when nothing is near."""
    folded = {name.casefold(): name for name in known}
    if word.casefold() in folded:
        return folded[word.casefold()]
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def shorten(value: object, limit: int = 80) -> str:
    """A length-limited rendering of any value, safe for a terminal.

    Control characters, terminal escapes and bidirectional marks are shown as backslash escapes.
    """
    text = value if isinstance(value, str) else repr(value)
    if len(text) > 2 * limit:  # megabytes of a hostile value need not be walked through
        text = text[: 2 * limit]
    text = printable(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def printable(text: str) -> str:
    """The text with everything that a terminal would obey shown as backslash escapes."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
