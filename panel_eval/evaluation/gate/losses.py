"""Checks of losses against the baseline: margins that a run must stay within, and segments that are watched.

A margin is a non-inferiority test. The run passes where the 95 % interval of its loss lies below the margin; all
margins must hold, so none is adjusted. It fails where it does not pass and is shown to be worse: its one-sided
sign-flip p, adjusted by Holm over all losses that the gate tests, is at most alpha. In between nothing is known.
A loss that is infinite, and only the run's, is larger than any margin: no test is needed to see it.
A segment that is watched has no margin: it fails where it is shown to be worse, by the same tests. Margins, which
somebody asked for, have half of alpha together, watched segments the other half.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from panel_eval.evaluation.gate.words import chance, exact, loss, number, segment_words
from panel_eval.schema.comparison import Difference
from panel_eval.schema.gate_result import CheckStatus, GateCheck
from panel_eval.schema.gate_settings import GateSettings, Segment
from panel_eval.stats.multiplicity import holm
from panel_eval.stats.power import items_needed

_SEGMENTS: tuple[Segment, ...] = get_args(Segment)
_UNITS = {"ce_bits": " bits"}
_LOOK = "look at the items that moved most: panel-eval compare BASELINE RUN"


@dataclass(frozen=True)
class HeldLoss:
    """One loss that the gate looks at.

    Attributes:
        metric, segment: of what.
        margin: what is tolerated; None where the segment is only watched.
        test: the difference; None where the comparison has none.
        p: one-sided, adjusted by Holm; None where nothing is tested.
        family: losses that are tested.
    """

    metric: str
    segment: Segment
    margin: float | None
    test: Difference | None
    p: float | None = None
    family: int = 0

    @property
    def name(self) -> str:
        """Unique among the checks of a gate."""
        return f"{'no_loss' if self.margin is None else 'margin'} {self.metric} {self.segment}"

    @property
    def testable(self) -> bool:
        """Whether its p-value counts: a margin's always, a watched segment's if it could show anything."""
        if self.test is None or self.test.p_worse is None or self.test.difference.estimate is None:
            return False
        return self.margin is not None or self.test.testable


def loss_checks(tests: Sequence[Difference], settings: GateSettings) -> list[GateCheck]:
    """Hold the differences of a comparison to the margins, and look for losses elsewhere.

    Args:
        tests: the comparison's family; of each, `difference` and `p_worse` are used.
        settings: margins, alpha, and whether the other segments are watched.
    """
    return [_check(held, settings.alpha) for held in held_losses(tests, settings)]


def held_losses(tests: Sequence[Difference], settings: GateSettings) -> list[HeldLoss]:
    """The losses that a gate looks at, margins first, with their adjusted p-values.

    Watched are, in each metric that has a margin (ce_bits if none has), all segments without one.
    """
    found = {(test.metric, test.segment): test for test in tests}
    margins = {(each.metric, each.segment): each.margin for each in settings.margins}
    metrics = sorted({metric for metric, _ in margins}) or ["ce_bits"]
    places = [(metric, segment) for metric in metrics for segment in _SEGMENTS if (metric, segment) not in margins]
    wanted = [*margins, *(places if settings.watch_classes else ())]
    return _adjusted(
        [
            HeldLoss(metric, segment, margins.get((metric, segment)), found.get((metric, segment)))
            for metric, segment in wanted
        ]
    )


def skipped_losses(settings: GateSettings, why: str) -> list[GateCheck]:
    """The same checks where there is no comparison to hold them to."""
    return [
        _as_check(held, "SKIPPED", f"{_what(held)}: not checked, as {why}.") for held in held_losses([], settings)
    ]


def _adjusted(losses: Sequence[HeldLoss]) -> list[HeldLoss]:
    """Adjusted by Holm: half of alpha for what has a margin, half for what is watched, all for one if alone."""
    tested = [place for place, held in enumerate(losses) if held.testable]
    with_margin = [losses[place].margin is not None for place in tested]
    weights = [1.0 / with_margin.count(kind) for kind in with_margin]
    p_values = holm([_p_worse(losses[place]) for place in tested], weights)
    adjusted = dict(zip(tested, p_values.tolist(), strict=True))
    return [replace(held, p=adjusted.get(place), family=len(tested)) for place, held in enumerate(losses)]


def _p_worse(held: HeldLoss) -> float:
    assert held.test is not None
    assert held.test.p_worse is not None
    return held.test.p_worse


def _check(held: HeldLoss, alpha: float) -> GateCheck:
    if held.test is None or held.test.difference.estimate is None:
        return _unknown(held)
    if held.margin is None:
        return _watched(held, held.test, alpha)
    return _margin(held, held.test, held.margin, alpha)


def _margin(held: HeldLoss, test: Difference, margin: float, alpha: float) -> GateCheck:
    high, said, tolerated = test.difference.high, f"{_what(held)}: {_found(test, margin)}", exact(margin)
    if high is not None and high < margin:
        if test.difference.low == high == 0:  # nothing was seen to vary, so nothing is known of other items
            return _as_check(held, "PASS", f"{said}.")
        return _as_check(held, "PASS", f"{said}. A loss of {tolerated} or more is ruled out.")
    tested = _tested(held, alpha)
    if held.p is not None and held.p <= alpha:
        low, words = test.difference.low, f"a loss of {tolerated} or more is not ruled out"
        if low is not None and low >= margin:
            words = f"more than the {tolerated} that is tolerated"
        text = f"{said}. It is shown to be worse ({tested}); {words}."
        return _as_check(held, "FAIL", text, _LOOK)
    text = f"{said}. Neither is a loss of {tolerated} ruled out, nor is it shown to be worse ({tested})."
    return _as_check(held, "INCONCLUSIVE", text, _more_items(test, margin))


def _watched(held: HeldLoss, test: Difference, alpha: float) -> GateCheck:
    said = f"{_what(held)}: {_found(test)}"
    if held.p is None:
        text = f"{said}. Not tested: its {test.units:,} independent units are too few to show even a large loss."
        return _as_check(held, "SKIPPED", text, "label more items of this class to have it watched")
    tested = _tested(held, alpha)
    if held.p <= alpha:
        return _as_check(held, "FAIL", f"{said}. It is shown to be worse ({tested}).", _LOOK)
    high = test.difference.high
    open_end = "" if high is None or high <= 0 else f"; a loss of up to {number(high)} is not ruled out"
    return _as_check(held, "PASS", f"{said}. It is not shown to be worse ({tested}){open_end}.")


def _unknown(held: HeldLoss) -> GateCheck:
    why = "no shared item has part in it" if held.test is None else str(held.test.difference.note)
    infinite = why.startswith("infinite")
    if infinite and held.test is not None and held.test.base is not None:
        text = f"{_what(held)}: worse than the baseline without bound, {why}."
        return _as_check(held, "FAIL", text, f"{_LOOK}; with smoothing in the panel losses are finite")
    if held.margin is None:
        return _as_check(held, "SKIPPED", f"{_what(held)}: no difference to test, {why}.")
    fix = "label items of this class, or take the margin out"
    if infinite:
        fix = "use smoothing in the panel, or hold brier_debiased to a margin: it is always finite"
    return _as_check(held, "INCONCLUSIVE", f"{_what(held)}: the difference cannot be computed, {why}.", fix)


def _as_check(held: HeldLoss, status: CheckStatus, text: str, fix: str | None = None) -> GateCheck:
    return GateCheck(
        name=held.name,
        kind="no_loss" if held.margin is None else "margin",
        status=status,
        metric=held.metric,
        segment=held.segment,
        value=None if held.test is None else held.test.difference,
        threshold=held.margin,
        text=text,
        fix=fix,
    )


def _what(held: HeldLoss) -> str:
    return f"{held.metric} {segment_words(held.segment)}"


def _found(test: Difference, *margins: float) -> str:
    """The difference in words; the ends of its interval stay on their side of the margin."""
    value = test.difference
    assert value.estimate is not None
    if value.estimate == 0 and value.low == 0 and value.high == 0:
        return "each item scores as in the baseline"
    said = f"{loss(value.estimate, _UNITS.get(test.metric, ''))} than the baseline"
    if value.low is None or value.high is None:
        return f"{said}, without an interval ({value.note})"
    low, high = (loss(end, "", *margins) for end in (value.low, value.high))
    return f"{said} (95 % interval {low} to {high})"


def _tested(held: HeldLoss, alpha: float) -> str:
    if held.p is None:
        return "not tested"
    p = chance(held.p, alpha)
    return f"{p} after Holm's adjustment for {held.family} tests" if held.family > 1 else p


def _more_items(test: Difference, margin: float) -> str:
    if not test.standard_error:
        return "label more items"
    n = math.ceil(items_needed(margin, test.standard_error * math.sqrt(test.units)))
    units = f"about {n:,} independent items (or clusters) where there are {test.units:,} now"
    return f"compare on more items: {units} would rule the loss out four times in five if the versions are alike"
