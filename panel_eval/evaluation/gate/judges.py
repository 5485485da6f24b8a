"""Whether the baseline was made by the same instrument: in a gate, a changed judge is a reason to stop."""

from __future__ import annotations

from collections.abc import Sequence

from panel_eval.evaluation.versions import instrument_changes
from panel_eval.schema.comparison import Change, ComparedRun
from panel_eval.schema.gate_result import GateCheck

_SHOWN = 3


def instrument_checks(base: ComparedRun, run: ComparedRun, allowed: bool) -> tuple[list[GateCheck], list[Change]]:
    """Check that rubric and judges are those of the baseline.

    Args:
        base: facts of the baseline.
        run: facts of the run.
        allowed: whether judges may have changed; a rubric may not.

    Returns:
        A check of the rubric and one of the judges, and all changes of the instrument.
    """
    changes = instrument_changes(base, run)
    rubric = [change for change in changes if change.what == "rubric"]
    judges = [change for change in changes if change.what != "rubric"]
    return [_rubric(rubric, base, run), _judges(judges, allowed, base, run)], changes


def change_words(change: Change) -> str:
    """A change in words."""
    what = f"{change.what} {change.name}{f': {change.key}' if change.key else ''}"
    if change.base is None:
        return f"{what} is new ({change.candidate})"
    if change.candidate is None:
        return f"{what} is gone ({change.base})"
    return f"{what} was {change.base}, is {change.candidate}"


def _rubric(changes: Sequence[Change], base: ComparedRun, run: ComparedRun) -> GateCheck:
    if not changes:
        known = base.rubric is not None and run.rubric is not None
        text = "The rubric is the baseline's" + ("." if known else ", as far as the runs tell of it.")
        return GateCheck(name="rubric", kind="data", status="PASS", text=text)
    return GateCheck(
        name="rubric",
        kind="data",
        status="NOT COMPARABLE",
        text=f"The rubric has changed: {_listed(changes)}. Judges were asked something else.",
        fix="begin anew with --baseline none; from then on, later runs are compared with that one",
    )


def _judges(changes: Sequence[Change], allowed: bool, base: ComparedRun, run: ComparedRun) -> GateCheck:
    if not changes:
        known = all(judge.instrument_hash for side in (base, run) for judge in side.judges)
        text = "Judges and pooling are the baseline's" + ("." if known else ", as far as the runs tell of them.")
        return GateCheck(name="judges", kind="judges", status="PASS", text=text)
    said = f"The panel is another instrument than the baseline's: {_listed(changes)}"
    if allowed:
        return GateCheck(name="judges", kind="judges", status="PASS", text=f"{said}. This was allowed.")
    fix = "if the change is meant, look at panel-eval compare BASELINE RUN, and gate with --allow-judge-change"
    return GateCheck(name="judges", kind="judges", status="NOT COMPARABLE", text=f"{said}.", fix=fix)


def _listed(changes: Sequence[Change]) -> str:
    more = f"; and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
    return "; ".join(change_words(change) for change in changes[:_SHOWN]) + more
