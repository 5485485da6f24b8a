"""The verdict in Markdown, for the summary of a CI job or a comment: what it is, why, and every check."""

from __future__ import annotations

from typing import Final

from panel_eval.report.comparison import comparison_markdown
from panel_eval.report.comparison.markdown_text import code, prose
from panel_eval.schema.gate_result import CheckStatus, GateCheck, GateResult

MARKS: Final[dict[CheckStatus, str]] = {
    "PASS": "✅",
    "FAIL": "❌",
    "INCONCLUSIVE": "❔",
    "NOT COMPARABLE": "⛔",
    "INCOMPLETE": "⛔",
    "SKIPPED": "➖",
}


def markdown_summary(result: GateResult) -> str:
    """The whole verdict; names from data show as they are and do nothing."""
    panel = "" if result.panel is None else f"panel {code(result.panel)}, "
    blocks = [
        f"## Gate: {MARKS[result.status]} {result.status}",
        f"**{prose(result.headline)}**",
        f"{panel[:1].upper()}{panel[1:]}run {code(result.run_id)}. Baseline: {_baseline(result)}.",
        _checks(result),
        _to_do(result.checks),
        _compared(result),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _baseline(result: GateResult) -> str:
    chosen = prose(result.baseline_chosen)
    return f"none ({chosen})" if result.baseline is None else f"{code(result.baseline.run_id)} ({chosen})"


def _checks(result: GateResult) -> str:
    lines = ["| | check | what was found |", "|---|---|---|"]
    for check in result.checks:
        lines.append(f"| {MARKS[check.status]} {check.status} | {prose(check.name)} | {prose(check.text)} |")
    return "\n".join(lines)


def _to_do(checks: list[GateCheck]) -> str:
    wanted = [check for check in checks if check.fix and check.status not in ("PASS", "SKIPPED")]
    return "\n".join(f"- To do about {prose(check.name)}: {prose(check.fix)}." for check in wanted)


def _compared(result: GateResult) -> str:
    if result.comparison is None or result.baseline is None:
        return ""
    inside = comparison_markdown(result.comparison, result.baseline)
    return f"<details><summary>The comparison behind it</summary>\n\n{inside}\n\n</details>"
