"""The verdict on one line: with its main reason, and how many others there are."""

from __future__ import annotations

from collections.abc import Sequence

from panel_eval.schema.gate_result import GateCheck, GateStatus

_MAIN_FIRST = ("data", "judges", "state", "coverage", "margin", "no_loss", "limit", "cost", "deferral")


def gate_headline(status: GateStatus, checks: Sequence[GateCheck], baseline: str | None) -> str:
    """The verdict with its main reason, in a sentence or two.

    Args:
        status: the verdict.
        checks: all checks.
        baseline: id of the baseline's run; None where there is none.
    """
    if status == "PASS":
        return f"PASS: {_passed(checks, baseline)}"
    reasons = sorted(
        (check for check in checks if check.status == status), key=lambda check: _MAIN_FIRST.index(check.kind)
    )
    more = len(reasons) - 1
    also = f" ({more} more {'reason' if more == 1 else 'reasons'})" if more else ""
    return f"{status}: {reasons[0].text}{also}"


def _passed(checks: Sequence[GateCheck], baseline: str | None) -> str:
    held = sum(check.status != "SKIPPED" for check in checks)
    kept = f"the run keeps to all that it was held to ({held} {'check' if held == 1 else 'checks'})"
    if baseline is None:
        return f"{kept}; there was no baseline to compare it with."
    margins = [check.text for check in checks if check.kind == "margin"]
    return margins[0] if margins else f"{kept}, beside {baseline}."
