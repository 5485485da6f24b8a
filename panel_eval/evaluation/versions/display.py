"""Differences of the metrics that are shown and not tested, with the spread of paired resamples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.class_means import ClassMeans
from panel_eval.evaluation.item_scores import block_scores, human_impurity
from panel_eval.evaluation.means import Mean, estimate, mean_estimate, null
from panel_eval.evaluation.ratios import base_rate_skill, reviewers_estimate
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import OVERALL, Segment, make_segments
from panel_eval.evaluation.versions.display_errors import correlation_differences, error_differences
from panel_eval.evaluation.versions.drawn import Sides, Trio, drawn_trio
from panel_eval.evaluation.versions.losses import TESTED_CLASSES
from panel_eval.evaluation.versions.settings import ComparisonSettings
from panel_eval.evaluation.versions.version import VersionPair
from panel_eval.humans import HumanLabels
from panel_eval.schema.comparison import PRIMARY_METRICS, DisplayDifference
from panel_eval.stats import cross_entropy_bits
from panel_eval.stats.arrays import FloatArray, quotient

Direction = Literal["lower", "higher", "nearer to 0"]
_HIGHER: Final = ("ce_skill", "n_eq", "mode_accuracy", "rank_match", "entropy_pearson", "entropy_spearman")
_NEITHER: Final = ("hard_ece",)

NOT_SHOWN: Final[Mapping[str, str]] = {
    "ce_bits": "tested",
    "brier_debiased": "tested",
    "ce_crossfit_bits": "overall it is ce_bits; by class it is the cross-fitted difference that is tested",
    "ce_crossfit_skill": "its difference has the sign of the cross-fitted one that is tested",
    "kl_naive_bias_bits": "the reviewers' votes make it, whatever the panel says: it cannot differ",
}
"""Metrics of metrics.json that have no row to look at, and why."""

_BY_CLASS: Final = (
    "tvd", "jsd_bits", "js_distance", "hellinger", "brier", "mode_accuracy", "entropy_error_bits",
    "entropy_error_abs_bits", "rank_match", "w1", "rps", "rps_divergence",
)  # fmt: skip
"""Metrics that are shown by class too: means over items, but for the plug-in KL, which a class reverses."""
_KL_IS_CE: Final = "equals that of ce_bits, as the reviewers' entropy is the same on both sides"
_NO_END: Final = "no end where a side's distance cannot be told from zero"
_KL_LEVEL: Final = (
    "the level takes an estimate of the reviewers' entropy, which each run makes for itself: kl_bits of two "
    "metrics.json need not differ by as much as the panels do"
)


def display_differences(pair: VersionPair, settings: ComparisonSettings) -> list[DisplayDifference]:
    """Every metric that is not tested: overall, and by class where it is a mean over items.

    Both sides are resampled together: the same items (clusters where there are any) in each resample.
    """
    rows = np.flatnonzero(pair.both)
    humans = pair.humans.select(rows)
    sides = pair.base_q[rows], pair.candidate_q[rows]
    segments = make_segments(humans, settings.resamples, settings.seed)
    means = _Means.of(humans, sides, segments)
    everything = segments[0]
    trios: dict[str, Trio] = {
        **means.overall(),
        **correlation_differences(humans, sides, everything),
        **error_differences(humans, sides, everything),
    }
    found = [_row(name, OVERALL, trio) for name, trio in trios.items()]
    for name in TESTED_CLASSES:
        found += [_row(metric, name, trio) for metric, trio in means.by_class(name)]
    return found


def better_values(metric: str) -> Direction | None:
    """Which values of a metric are better; None where neither are."""
    if metric in _NEITHER:
        return None
    if metric == "entropy_error_bits":
        return "nearer to 0"
    return "higher" if metric in _HIGHER else "lower"


def _row(metric: str, segment: str, trio: Trio) -> DisplayDifference:
    base, candidate, difference = trio
    return DisplayDifference(
        metric=metric,
        segment=segment,
        better=better_values(metric),
        base=base,
        candidate=candidate,
        difference=difference,
    )


@dataclass(frozen=True)
class _Means:
    """Means over the items of each segment: of both sides and of their differences.

    Attributes:
        table: segment to "base NAME", "candidate NAME", "difference NAME" and what ratios are made with.
    """

    table: Mapping[str, Mapping[str, Mean]]

    @classmethod
    def of(cls, humans: HumanLabels, sides: Sides, segments: list[Segment]) -> _Means:
        floor, impurity = base_rate(humans), human_impurity(humans)

        def columns(rows: slice) -> Columns:
            ours, theirs = (block_scores(humans, q, rows) for q in sides)
            base_ce = cross_entropy_bits(humans.distribution[rows], floor[rows])
            return {
                **{f"base {name}": values for name, values in ours.items()},
                **{f"candidate {name}": values for name, values in theirs.items()},
                **{f"difference {name}": _less(theirs[name], ours[name]) for name in ours},
                "floor": base_ce,
                "impurity": impurity[rows],
            }

        return cls(ClassMeans.over(segments).of(columns))

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that are means over items."""
        marked = (name.split(" ", 1) for name in self.table[OVERALL])
        return tuple(rest[0] for side, *rest in marked if side == "difference")

    def overall(self) -> dict[str, Trio]:
        """Metric to both sides and the difference over all items; the tested ones left out."""
        own = self.table[OVERALL]
        return {
            "ce_skill": _skill(own),
            "kl_bits": (
                null(_KL_LEVEL),
                null(_KL_LEVEL),
                mean_estimate(own["difference ce_bits"], _KL_IS_CE),
            ),
            **{name: self._trio(OVERALL, name) for name in self.names if name not in PRIMARY_METRICS},
            "n_eq": _reviewers(own),
        }

    def by_class(self, segment: str) -> Iterator[tuple[str, Trio]]:
        """The same of the means over items in a class; nothing where no item is in it."""
        if self.table[segment]["base tvd"].n:
            yield from ((name, self._trio(segment, name)) for name in self.names if name in _BY_CLASS)

    def _trio(self, segment: str, name: str) -> Trio:
        own = self.table[segment]
        base, candidate, difference = (mean_estimate(own[f"{side} {name}"]) for side in _SIDES)
        return base, candidate, difference


_SIDES: Final = ("base", "candidate", "difference")


def _less(candidate: FloatArray, base: FloatArray) -> FloatArray:
    """Candidate less base; infinite where either is, as inf - inf would drop the item unseen."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(candidate) | np.isinf(base), np.inf, candidate - base)


def _skill(own: Mapping[str, Mean]) -> Trio:
    base, candidate, floor = own["base ce_bits"], own["candidate ce_bits"], own["floor"]
    difference = own["difference ce_bits"]
    sides = base_rate_skill(base, floor), base_rate_skill(candidate, floor)
    if difference.n_infinite:
        return *sides, mean_estimate(difference)
    note = difference.interval_note
    replicates = None if note else -difference.replicates / floor.replicates
    return *sides, estimate(-difference.value / floor.value, replicates, difference.n, note)


def _reviewers(own: Mapping[str, Mean]) -> Trio:
    """Human-equivalent reviewers: each resample's own ratios, infinite where a distance is no longer above 0."""
    impurity, distances = own["impurity"], (own["base brier_debiased"], own["candidate brier_debiased"])
    base, candidate = (reviewers_estimate(impurity, distance) for distance in distances)
    if base.estimate is None or candidate.estimate is None:
        return drawn_trio(base, candidate, None)
    note = distances[0].interval_note
    ours, theirs = (
        np.where(distance.replicates > 0, quotient(impurity.replicates, distance.replicates), np.inf)
        for distance in distances
    )
    trio = drawn_trio(base, candidate, None if note else (ours, theirs), note)
    if note or None not in (trio[2].low, trio[2].high):
        return trio
    told = "; ".join(filter(None, (trio[2].note, _NO_END)))
    return *trio[:2], trio[2].model_copy(update={"note": told})
