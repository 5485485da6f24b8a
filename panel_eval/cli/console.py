"""Where the command line writes: results to stdout, everything about the run to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from panel_eval.errors import InputError, PanelEvalError, Problem

if TYPE_CHECKING:
    from rich.console import Console

    from panel_eval.engine import StopSignal

SHOWN_PROBLEMS = 50


def say(text: str) -> None:
    """Write a line about the run to stderr."""
    print(text, file=sys.stderr, flush=True)


def to_stdout(show: Callable[[Console], None]) -> None:
    """Let something be printed to stdout, as far as anybody reads it.

    Where nobody does (`panel-eval run … | head`), rich would end the program with code 1; ours tells of the run.
    """
    from panel_eval.report import terminal

    with suppress(SystemExit):
        show(terminal())


def say_stopping(stop: StopSignal) -> None:
    """Say on stderr, at each request to stop, what it does.

    A signal handler asks for the stop, so this takes no lock: it writes past Python's buffers. The lines left
    empty are for the progress bar, which is drawn over the last ones.
    """

    def told() -> None:
        what = (
            "giving up calls under way; such calls may be billed"
            if stop.at_once
            else "stopping; calls under way are finished first, a second Ctrl-C gives them up"
        )
        with suppress(OSError):
            os.write(2, f"\npanel-eval: {what}\n\n\n".encode())

    stop.listen(told)


def print_problems(error: PanelEvalError) -> None:
    """Write an error to stderr: every problem on its own line, the count first when there are several."""
    problems: tuple[Problem | str, ...] = error.problems if isinstance(error, InputError) else (str(error),)
    if len(problems) > 1:
        say(f"panel-eval: {len(problems)} problems")
    for problem in problems[:SHOWN_PROBLEMS]:
        say(f"{'  ' if len(problems) > 1 else 'panel-eval: '}{problem}")
    if len(problems) > SHOWN_PROBLEMS:
        say(f"  … and {len(problems) - SHOWN_PROBLEMS} more")
