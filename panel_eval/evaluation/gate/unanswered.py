"""What a run hides by not answering: items that the baseline answered and that a margin was not held to."""

from __future__ import annotations

from panel_eval.evaluation.gate.words import exact, loss
from panel_eval.schema.comparison import Missing
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.gate_result import GateCheck
from panel_eval.schema.gate_settings import GateSettings

_FIX = "run the same panel again (--retry-failed asks again what failed), or see in the report why nobody answered"


def unanswered_checks(missing: Missing | None, settings: GateSettings) -> list[GateCheck]:
    """Hold the loss over all shared items, the base rate standing in for what has no answer, to the overall margin.

    Few items are enough to hide a loss if they are those on which the panel is broken. There is no check where the
    run answers all that the baseline answered, or `ce_bits` has no margin overall.

    Args:
        missing: shared items that only one side scored.
        settings: the margins.

    References:
        METHODS 3.2: missing items are informative; treat failures as base-rate forecasts.
    """
    margins = [each.margin for each in settings.margins if (each.metric, each.segment) == ("ce_bits", "overall")]
    if missing is None or not missing.only_base_scored or not margins:
        return []
    return [_check(missing.only_base_scored, missing.as_base_rate, margins[0])]


def _check(items: int, value: Estimate, margin: float) -> GateCheck:
    kept = value.high is not None and value.high < margin
    left = f"{items:,} {'item has' if items == 1 else 'items have'} no forecast here, and had one in the baseline"
    end = f"a loss of {exact(margin)} or more is {'' if kept else 'not '}ruled out"
    return GateCheck(
        name="unanswered items",
        kind="coverage",
        status="PASS" if kept else "INCONCLUSIVE",
        metric="ce_bits",
        segment="overall",
        value=value,
        threshold=margin,
        text=f"{left}. With the base rate in their place ce_bits overall is {_found(value, margin)}; {end}.",
        fix=None if kept else _FIX,
    )


def _found(value: Estimate, margin: float) -> str:
    if value.estimate is None or value.low is None or value.high is None:
        return f"not known ({value.note})"
    low, high = (loss(end, "", margin) for end in (value.low, value.high))
    return f"{loss(value.estimate, ' bits')} than the baseline (95 % interval {low} to {high})"
