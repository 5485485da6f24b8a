"""One verdict of many checks: the first status in `GRAVEST_FIRST` that any check has."""

from __future__ import annotations

from collections.abc import Iterable

from panel_eval.schema.gate_result import GateCheck, GateStatus

GRAVEST_FIRST: tuple[GateStatus, ...] = ("NOT COMPARABLE", "INCOMPLETE", "FAIL", "INCONCLUSIVE", "PASS")
"""What cannot be compared says nothing of better or worse; nor does what is half there."""


def gate_status(checks: Iterable[GateCheck]) -> GateStatus:
    """The verdict over all checks; skipped ones have no part in it."""
    found = {check.status for check in checks}
    return next((status for status in GRAVEST_FIRST if status in found), "PASS")
