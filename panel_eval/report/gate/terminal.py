"""The verdict in the terminal: the sentence first, then every check with what to do about it."""

from __future__ import annotations

import io
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from panel_eval.report.grids import safe_text
from panel_eval.schema.gate_result import CheckStatus, GateCheck, GateResult

WIDTH: Final = 100
_INDENT: Final = len("NOT COMPARABLE") + 1
_STYLES: Final[dict[CheckStatus, str]] = {
    "PASS": "bold green",
    "FAIL": "bold red",
    "INCONCLUSIVE": "bold yellow",
    "NOT COMPARABLE": "bold red",
    "INCOMPLETE": "bold red",
    "SKIPPED": "dim",
}


def print_gate(result: GateResult, console: Console) -> None:
    """Print a verdict; plain and readable where the console is no terminal.

    Args:
        result: the verdict.
        console: where to print.
    """
    width = min(WIDTH, console.width)
    console.print()
    console.print(safe_text(result.headline, _STYLES[result.status]), width=width)
    console.print()
    name = result.run_id if result.panel is None else f"{result.run_id} of panel {result.panel}"
    against = "none" if result.baseline is None else result.baseline.run_id
    console.print(safe_text(f"Run: {name}"), width=width)
    console.print(safe_text(f"Baseline: {against} ({result.baseline_chosen})"), width=width)
    console.print()
    for check in result.checks:
        _print_check(check, console, width)


def gate_text(result: GateResult, width: int = WIDTH) -> str:
    """What `print_gate` prints, as plain text: for a log or the message of a failed assertion."""
    written = io.StringIO()
    print_gate(result, Console(file=written, width=width, color_system=None, highlight=False, emoji=False))
    return written.getvalue().strip("\n")


def _print_check(check: GateCheck, console: Console, width: int) -> None:
    head = Text(check.status.ljust(_INDENT), _STYLES[check.status])
    console.print(head.append_text(safe_text(check.name, "bold")), width=width)
    console.print(Padding(safe_text(check.text), (0, 0, 0, _INDENT), expand=False), width=width)
    if check.fix and check.status not in ("PASS", "SKIPPED"):
        console.print(
            Padding(safe_text(f"To do: {check.fix}.", "italic"), (0, 0, 0, _INDENT), expand=False), width=width
        )
