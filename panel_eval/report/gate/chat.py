"""The verdict on one line, for a chat message or a log."""

from __future__ import annotations

from typing import Final

from panel_eval.report.printable import cut_line
from panel_eval.schema.gate_result import GateResult

_CHARS: Final = 400
# Chat programs make mentions, links and commands of these: their full-width twins look alike and do nothing.
_HARMLESS: Final = str.maketrans({"<": "＜", ">": "＞", "@": "＠", "`": "｀"})


def chat_line(result: GateResult) -> str:
    """Verdict, run and main reason, without anything that a chat program would act on."""
    name = result.run_id if result.panel is None else f"{result.panel}, {result.run_id}"
    reason = result.headline.removeprefix(f"{result.status}: ")
    return cut_line(f"panel-eval gate {result.status} ({name}): {reason}", _CHARS).translate(_HARMLESS)
