"""Workflow commands of GitHub Actions: each check that did not pass, shown beside the job's log.

What a check says may hold names of any origin. Escaped as the runner reads commands, it can end neither its line
nor its property, so that no text starts another command.

References:
    actions/toolkit, packages/core/src/command.ts (escapeData, escapeProperty); GitHub shows ten annotations of each
    kind a step.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, islice
from typing import Final, Literal

from panel_eval.report.printable import cut_line
from panel_eval.schema.gate_result import CheckStatus, GateCheck, GateResult

Level = Literal["error", "warning", "notice"]
LEVELS: Final[dict[CheckStatus, Level]] = {
    "NOT COMPARABLE": "error",
    "INCOMPLETE": "error",
    "FAIL": "error",
    "INCONCLUSIVE": "warning",
    "SKIPPED": "notice",
    "PASS": "notice",
}
SHOWN: Final = 10
_TEXT_CHARS: Final = 2000
_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}


def github_annotations(result: GateResult) -> list[str]:
    """The verdict, then the checks that did not pass: at most ten lines of each level, without line ends."""
    verdict = _command(LEVELS[result.status], f"panel-eval gate: {result.status}", result.headline)
    others = [check for check in result.checks if check.status != "PASS"]
    lines = sorted([(LEVELS[check.status], _of(check)) for check in others], key=lambda pair: _ORDER.index(pair[0]))
    kept: list[str] = [verdict]
    for level, group in groupby(lines, key=lambda pair: pair[0]):
        room = SHOWN - (level == LEVELS[result.status])
        kept += [line for _, line in islice(group, room)]
    return kept


_ORDER: Final[Sequence[Level]] = ("error", "warning", "notice")


@contextmanager
def without_commands(wanted: bool, write: Callable[[str], object]) -> Iterator[None]:
    """What is printed inside is text to GitHub's runner, whatever it looks like; what comes after is read again.

    Args:
        wanted: False does nothing.
        write: prints a line.
    """
    token = secrets.token_hex(16)  # a name that nobody can know beforehand ends the pause
    if wanted:
        write(f"::stop-commands::{token}")
    try:
        yield
    finally:
        if wanted:
            write(f"::{token}::")


def _of(check: GateCheck) -> str:
    fix = f" To do: {check.fix}." if check.fix else ""
    return _command(LEVELS[check.status], f"{check.status}: {check.name}", f"{check.text}{fix}")


def _command(level: Level, title: str, text: str) -> str:
    shown = (_escaped(cut_line(title, _TEXT_CHARS), _PROPERTY), _escaped(cut_line(text, _TEXT_CHARS), _DATA))
    return f"::{level} title={shown[0]}::{shown[1]}"


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(_replaced(text, table))


def _replaced(text: str, table: dict[str, str]) -> Iterator[str]:
    for char in text:
        yield table.get(char, char)
