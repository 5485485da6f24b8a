"""Where the command line writes: results to stdout, everything about the run to stderr."""

from __future__ import annotations

import sys

from panel_eval.errors import InputError, PanelEvalError, Problem

SHOWN_PROBLEMS = 50


def say(text: str) -> None:
    """Write a line about the run to stderr."""
    print(text, file=sys.stderr, flush=True)


def print_problems(error: PanelEvalError) -> None:
    """Write an error to stderr: every problem on its own line, the count first when there are several."""
    problems: tuple[Problem | str, ...] = error.problems if isinstance(error, InputError) else (str(error),)
    if len(problems) > 1:
        say(f"panel-eval: {len(problems)} problems")
    for problem in problems[:SHOWN_PROBLEMS]:
        say(f"{'  ' if len(problems) > 1 else 'panel-eval: '}{problem}")
    if len(problems) > SHOWN_PROBLEMS:
        say(f"  … and {len(problems) - SHOWN_PROBLEMS} more")
