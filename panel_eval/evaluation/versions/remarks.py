"""What a reader of a comparison must know, and what its numbers carry in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from panel_eval.errors import shorten
from panel_eval.evaluation.segments import OVERALL
from panel_eval.evaluation.versions.pairing import left_out
from panel_eval.evaluation.versions.version import VersionPair
from panel_eval.pooling import share_fitted_on, surely_new
from panel_eval.schema import Estimate
from panel_eval.schema.comparison import (
    Change,
    ComparedRun,
    Difference,
    DisplayDifference,
    Missing,
    Overlap,
)
from panel_eval.schema.metrics import Warning

_BOUNDED: Final = ("tvd", "jsd_bits")
"""Distances whose difference can have the wrong sign in expectation with few reviewers (METHODS 0.2)."""


def run_warnings(runs: tuple[ComparedRun, ComparedRun], overlap: Overlap) -> Iterator[Warning]:
    """What the runs and their items already tell."""
    for side, run in zip(("baseline", "candidate"), runs, strict=True):
        if run.state != "sealed":
            text = f"the {side} is {shorten(run.state)}: a part of its votes is not there"
            yield Warning(code=f"unfinished_{side}", text=text)
    if not overlap.same_data:
        text = f"the runs are not about the same data: {overlap.shared} items are shared, left out are "
        yield Warning(code="other_data", text=text + left_out(overlap))


def untested_warnings(tests: Sequence[Difference]) -> Iterator[Warning]:
    """Which tests could not be made."""
    found: dict[str, list[Difference]] = {"few_units": [], "not_testable": []}
    for test in tests:
        if not test.testable:
            few = test.segment == OVERALL and test.difference.estimate is not None
            found["few_units" if few else "not_testable"].append(test)
    yield from (Warning(code=code, text=_untested(own)) for code, own in found.items() if own)


def _untested(lost: Sequence[Difference]) -> str:
    reasons: dict[str, list[str]] = {}
    for test in lost:
        reasons.setdefault(_why_untested(test), []).append(f"{test.metric} {test.segment}")
    told = "; ".join(f"{', '.join(names)} ({why})" for why, names in reasons.items())
    return f"not testable: {told}"


def _why_untested(test: Difference) -> str:
    if test.difference.estimate is None:
        return test.difference.note or "no number"
    if test.detectable is None:
        return f"{test.units} independent units"
    return f"{test.units} independent units, which would show {test.detectable:.2g} four times in five"


def sign_warnings(tests: Sequence[Difference], display: Sequence[DisplayDifference]) -> Iterator[Warning]:
    """Where a bounded distance and the cross-entropy differ in sign: then the cross-entropy is to be believed."""
    found = {test.segment: test.difference for test in tests if test.metric == "ce_bits"}
    for metric in _BOUNDED:
        rows = [row for row in display if row.metric == metric and row.segment in found]
        against = [row for row in rows if _opposed(row.difference, found[row.segment])]
        if against:
            told = "; ".join(
                f"{row.segment} {_signed(row.difference)}, ce_bits {_signed(found[row.segment])}" for row in against
            )
            yield Warning(
                code=f"{metric}_disagrees",
                text=f"{metric} and ce_bits differ in sign: {told}. With few reviewers the difference of {metric} "
                "can have the wrong sign even on average, that of ce_bits cannot: decide on ce_bits",
            )


def _opposed(one: Estimate, other: Estimate) -> bool:
    return one.estimate is not None and other.estimate is not None and one.estimate * other.estimate < 0


def _signed(number: Estimate) -> str:
    clear = number.low is not None and number.high is not None and (number.low > 0 or number.high < 0)
    return f"{number.estimate:+.3g} ({'beyond' if clear else 'within'} its noise)"


def pool_warnings(pair: VersionPair) -> Iterator[Warning]:
    """Whether a fitted pool is scored on items that it learned from."""
    ids = pair.humans.item_ids
    pools = {"baseline": pair.base.fitted, "candidate": pair.candidate.fitted}
    learned = {
        side: share_fitted_on(pool, ids)
        for side, pool in pools.items()
        if pool is not None and not surely_new(pool, ids)
    }
    if len(learned) == 2:
        yield Warning(
            code="pools_saw_items",
            text=f"both fitted pools may have learned from items compared here ({_shares(learned)}): both look "
            "better than they are, by how much each is not known; compare them on items that neither saw",
        )
    elif learned:
        (side,) = learned
        other = "baseline" if side == "candidate" else "candidate"
        yield Warning(
            code=f"{side}_pool_saw_items",
            text=f"THE COMPARISON FLATTERS THE {side.upper()}: its fitted pool may have learned from items "
            f"compared here ({_shares(learned)}), the {other}'s did not; compare them on items that neither saw",
        )


def _shares(learned: Mapping[str, float]) -> str:
    return ", ".join(f"{side}: {share:.0%} of them by its file" for side, share in learned.items())


def missing_warnings(missing: Missing) -> Iterator[Warning]:
    """Whether missing forecasts could turn the result round."""
    lost = missing.only_base_scored + missing.only_candidate_scored + missing.neither_scored
    if lost and missing.best is not None and missing.worst is not None and missing.best < 0 < missing.worst:
        yield Warning(
            code="missing_forecasts",
            text=f"{lost} shared items lack a forecast of one side or both: had they one, the difference in Brier "
            f"score could be anything from {missing.best:+.3g} to {missing.worst:+.3g}",
        )


def change_warnings(changes: Sequence[Change]) -> Iterator[Warning]:
    """Changes that nobody asked for: what served a judge's answers."""
    for key, code, words in (
        ("models_reported", "other_models", "another model answered"),
        ("snapshots", "other_snapshots", "the provider served another snapshot"),
    ):
        if names := sorted({change.name for change in changes if change.key == key}):
            yield Warning(code=code, text=f"{words} for {', '.join(names)}: see what changed")


def advice(tests: Sequence[Difference]) -> str:
    """What the tests carry: the cross-entropy, and whether the Brier score says otherwise."""
    overall, *classes = [test for test in tests if test.metric == "ce_bits"]
    sentences = [_overall(overall)]
    kinds: dict[str, list[str]] = {}
    for test in classes:
        kinds.setdefault(test.verdict, []).append(test.segment)
    for verdict, words in (("worse", "Shown to be worse"), ("better", "Shown to be better"),
                           ("not testable", "Not testable")):  # fmt: skip
        if own := kinds.get(verdict):
            sentences.append(f"{words} by class: {', '.join(own)}.")
    second = next(test for test in tests if test.metric != "ce_bits" and test.segment == OVERALL)
    if {overall.verdict, second.verdict} == {"worse", "better"}:
        sentences.append(f"By {second.metric} it is shown to be {second.verdict}: the two scores part.")
    elif overall.difference.estimate is None and second.verdict in ("worse", "better"):
        sentences.append(f"By {second.metric}, which is always finite, it is shown to be {second.verdict}.")
    return " ".join(sentences)


def _overall(test: Difference) -> str:
    number = test.difference
    if number.estimate is None:
        return f"Can't tell: no difference in cross-entropy can be computed, {number.note}."
    if test.verdict == "not testable":
        return f"Can't tell: {test.units} independent items or clusters are too few."
    if number.estimate == number.low == number.high == 0:
        return "No difference: both say the same of every item."
    size = f"{abs(number.estimate):.3g} bits of cross-entropy a vote"
    if number.low is not None and number.high is not None:
        size += f" (95 % interval of the difference {number.low:+.3g} to {number.high:+.3g})"
    if test.verdict == "no difference shown":
        side = "above" if number.estimate > 0 else "below"
        return f"No difference shown: the candidate is {side} by {size}{_found(test)}.{_by_itself(test)}"
    return f"The candidate is {test.verdict}: by {size}."


def _found(test: Difference) -> str:
    if test.detectable is None:
        return ""
    return f"; {test.detectable:.2g} bits would be found four times in five, were this the only test"


def _by_itself(test: Difference) -> str:
    """Why nothing is shown although the interval leaves out 0."""
    low, high, p = test.difference.low, test.difference.high, test.p_holm
    if p is None or low is None or high is None or low <= 0 <= high:
        return ""
    # Of n units two of the 2^n sign patterns are as far out as the one that was found, if none is further.
    least = f", the least that {test.units} items or clusters can give" if test.p == 0.5 ** (test.units - 1) else ""
    return (
        f" The interval leaves out 0, but is of this test alone: with all tests allowed for, p is {p:.2g}{least}."
    )


def joint_advice(names: Sequence[str], overall: Sequence[Difference]) -> str:
    """Which of several candidates, if any."""
    kinds: dict[str, list[tuple[float, str]]] = {}
    for name, test in zip(names, overall, strict=True):
        kinds.setdefault(test.verdict, []).append((test.difference.estimate or 0.0, shorten(name)))
    parts = []
    if better := sorted(kinds.get("better", [])):
        largest = (
            f", most of all {better[0][1]} ({better[0][0]:+.3g} bits)" if len(better) > 1 else f": {better[0][1]}"
        )
        parts.append(f"{len(better)} of {len(names)} candidates shown to be better than the baseline{largest}.")
    else:
        parts.append(f"None of {len(names)} candidates is shown to be better than the baseline: keep it.")
    for verdict, words in (("worse", "shown to be worse"), ("no difference shown", "no difference shown"),
                           ("not testable", "can't tell")):  # fmt: skip
        if own := sorted(kinds.get(verdict, [])):
            parts.append(f"{words[0].upper()}{words[1:]}: {', '.join(name for _, name in own)}.")
    return " ".join(parts)
