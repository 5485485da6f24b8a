"""Disagreement by criterion: shares with intervals, which stand out, and whether people differ where unsure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval.evaluation.diagnosis.people import PeopleSide
from panel_eval.evaluation.disagreement.mentions import CriterionMentions
from panel_eval.evaluation.means import estimate, null, segment_means
from panel_eval.evaluation.segments import MIN_ITEMS, MIN_UNITS, Segment
from panel_eval.humans import HumanLabels
from panel_eval.schema import Estimate
from panel_eval.schema.diagnosis import HUMAN_QUADRANTS, CountedShare
from panel_eval.schema.disagreement import CriteriaDisagreement, CriterionDisagreement
from panel_eval.stats import impurity
from panel_eval.stats.arrays import BoolArray, FloatArray
from panel_eval.stats.fractional_logit import logit_slope
from panel_eval.stats.multiplicity import holm
from panel_eval.stats.sign_flip import sign_flip_test
from panel_eval.stats.wilson import clustered_wilson_interval

_SEED = 742
_LEVEL = 0.05
_NO_ITEMS = "no items"
_NO_OTHERS = "every item that was read tells this criterion: there is nothing to compare it with"
_NO_SLOPE = "undefined: disagreement or confidence is the same on every item, or one tells the other"
_NO_INTERVAL = f"no interval: fewer than {MIN_UNITS} items or clusters"
_FEW = f"fewer than {MIN_UNITS} items (clusters) with confidences on either side"


def criteria_section(
    humans: HumanLabels,
    mentions: CriterionMentions,
    side: PeopleSide,
    everything: Segment,
    seed: int,
    from_rubric: bool,
) -> CriteriaDisagreement:
    """Disagreement by criterion.

    Args:
        humans: the labelled items, in the order of their ids.
        mentions: which criteria their reviewers told.
        side: where each item stands.
        everything: all items, with their resamples.
        seed: of the sign flips.
        from_rubric: whether the criteria are a rubric's.
    """
    looked = _Looked(humans, mentions, side, everything, seed)
    rows = [looked.criterion(place) for place in range(len(mentions.names))]
    for field in ("excess", "slope"):
        rows = _adjusted(rows, field)
    ranked = sorted(rows, key=lambda one: (not one.items, -(one.rubric_problem.share.estimate or 0.0), one.name))
    out = [one.name for one in ranked if _stands_out(one)]
    told = mentions.items[mentions.read].any(axis=1)
    return CriteriaDisagreement(
        criteria=ranked,
        advice=_advice(ranked, out),
        rewrite=out,
        items_read=int(mentions.read.sum()),
        items_with_criterion=int(told.sum()),
        told_by=_told_by(mentions),
        unknown_names=dict(mentions.unknown) if from_rubric else {},
        note="; ".join(_notes(mentions, looked, from_rubric)) or None,
    )


class _Looked:
    """What is counted among: items whose rationales and confidences were read."""

    def __init__(
        self, humans: HumanLabels, mentions: CriterionMentions, side: PeopleSide, everything: Segment, seed: int
    ) -> None:
        self.mentions, self.side, self.everything, self.seed = mentions, side, everything, seed
        self.disagreement = impurity(humans.distribution, humans.reviewer_count)
        resampling = everything.resampling
        self.cluster = resampling.cluster
        self.clustered = resampling.drawn == "clusters"
        self.placed = np.asarray(mentions.read & side.read & np.isfinite(side.confidence))
        self.problem = np.asarray(side.quadrant == HUMAN_QUADRANTS.index("rubric_problem"))

    def criterion(self, place: int) -> CriterionDisagreement:
        """The row of one criterion; p-values are adjusted later."""
        mentions, own = self.mentions, self.mentions.items[:, place]
        elsewhere, excess, p_value = self._excess(own)
        slope, slope_p = self._slope(own)
        ambiguous = self.side.quadrant == HUMAN_QUADRANTS.index("genuine_ambiguity")
        return CriterionDisagreement(
            name=mentions.names[place],
            items=int(own.sum()),
            rationales=mentions.by_name[place] + mentions.by_evidence[place],
            told_by_name=mentions.by_name[place],
            told_by_evidence=mentions.by_evidence[place],
            split=self._share(self.side.split, own),
            rubric_problem=self._share(self.problem, own & self.placed),
            genuine_ambiguity=self._share(np.asarray(ambiguous), own & self.placed),
            elsewhere=elsewhere,
            excess=excess,
            excess_p_value=p_value,
            excess_p_adjusted=None,
            slope=slope,
            slope_p_value=slope_p,
            slope_p_adjusted=None,
        )

    def _share(self, hit: BoolArray, among: BoolArray) -> CountedShare:
        n, hits = int(among.sum()), int((hit & among).sum())
        if not n:
            return CountedShare(items=0, share=null(_NO_ITEMS))
        low, high = clustered_wilson_interval(hit[among], self.cluster[among] if self.clustered else None)
        return CountedShare(items=hits, share=Estimate(estimate=hits / n, low=low, high=high, n=n))

    def _excess(self, own: BoolArray) -> tuple[Estimate, Estimate, float | None]:
        """Share of rubric problems elsewhere, the difference, and a test of no difference."""
        here, there = own & self.placed, ~own & self.placed
        n = int(here.sum())
        other = self._share(self.problem, there).share
        if not there.any() or not n:
            note = _NO_ITEMS if not n else _NO_OTHERS
            return other, null(note, n), None
        columns = {
            "here": np.where(here, self.problem, np.nan).astype(np.float64),
            "there": np.where(there, self.problem, np.nan).astype(np.float64),
        }
        means = segment_means(columns, self.everything)
        few = any(self.everything.interval_note(part) for part in (here, there))
        value = means["here"].value - means["there"].value
        draws = None if few else means["here"].replicates - means["there"].replicates
        found = estimate(value, draws, n, _FEW if few else None)
        return other, found, None if few else self._test(own)

    def _test(self, own: BoolArray) -> float:
        """Signs of the clusters' contributions to the covariance of criterion and rubric problem are flipped."""
        x, y = own[self.placed].astype(np.float64), self.problem[self.placed].astype(np.float64)
        product = (x - x.mean()) * (y - y.mean())
        code = np.unique(self.cluster[self.placed], return_inverse=True)[1]
        units = np.bincount(code, product).astype(np.float64)
        return float(sign_flip_test(units[:, None], seed=self.seed + _SEED).two_sided[0])

    def _slope(self, own: BoolArray) -> tuple[Estimate, float | None]:
        """Log-odds that two reviewers differ, by a standard deviation of confidence."""
        among = own & self.placed & np.isfinite(self.disagreement)
        n = int(among.sum())
        if n < MIN_ITEMS:
            return null(f"fewer than {MIN_ITEMS} items with two reviewers and a confidence", n), None
        x = self.side.confidence[among]
        spread = float(x.std())
        fit = logit_slope(x / (spread or 1.0), np.clip(self.disagreement[among], 0.0, 1.0), self.cluster[among])
        if np.isnan(fit.slope):
            return null(_NO_SLOPE, n), None
        if np.isnan(fit.low):
            return Estimate(estimate=fit.slope, n=n, note=_NO_INTERVAL), None
        return Estimate(estimate=fit.slope, low=fit.low, high=fit.high, n=n), fit.p_value


def _adjusted(rows: Sequence[CriterionDisagreement], field: str) -> list[CriterionDisagreement]:
    """The rows with Holm's p-values of one of the tests."""
    p = [getattr(row, f"{field}_p_value") for row in rows]
    tested = [place for place, value in enumerate(p) if value is not None]
    adjusted: FloatArray = holm([p[place] for place in tested]) if tested else np.empty(0)
    of = dict(zip(tested, adjusted.tolist(), strict=True))
    return [row.model_copy(update={f"{field}_p_adjusted": of.get(place)}) for place, row in enumerate(rows)]


def _stands_out(one: CriterionDisagreement) -> bool:
    """Whether interval and adjusted test both carry that the criterion's items are rubric problems more often."""
    above = one.excess.low is not None and one.excess.low > 0
    return above and one.excess_p_adjusted is not None and one.excess_p_adjusted <= _LEVEL


def _advice(ranked: Sequence[CriterionDisagreement], out: Sequence[str]) -> str:
    """One sentence on what to rewrite."""
    if not any(one.items for one in ranked):
        return "No rationale tells a criterion: have reviewers name the one that decided."
    if not any(one.rubric_problem.share.n for one in ranked):
        return "No confidences are stated for these items: which criterion leaves reviewers unsure cannot be told."
    if not out:
        return (
            "No criterion stands out: the shares of items that are split and unsure differ by no more than chance "
            "explains, or too few items were compared."
        )
    first = next(one for one in ranked if one.name == out[0])
    others = f" {_listed(out[1:])} stand{'s' if len(out) == 2 else ''} out too." if len(out) > 1 else ""
    return (
        f"Rewrite “{first.name}” first: {_percent(first.rubric_problem.share.estimate)} of its "
        f"{first.rubric_problem.share.n:,} items are split with unsure reviewers, against "
        f"{_percent(first.elsewhere.estimate)} of the others ({_percent(first.excess.low)} to "
        f"{_percent(first.excess.high)} more).{others}"
    )


def _listed(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{round(100 * value)} %"


def _told_by(mentions: CriterionMentions) -> str:
    ways = [way for way, n in (("name", sum(mentions.by_name)), ("evidence", sum(mentions.by_evidence))) if n]
    return " and ".join(ways) or "nothing"


def _notes(mentions: CriterionMentions, looked: _Looked, from_rubric: bool) -> list[str]:
    said = []
    if not from_rubric:
        said.append("no rubric was given: the criteria are those that rationales name")
    if sum(mentions.by_evidence):
        said.append("evidence counts for a criterion whose name stands in it: words are compared, not meanings")
    if mentions.unknown and from_rubric:
        said.append(f"{sum(mentions.unknown.values()):,} rationales name a criterion that the rubric lacks")
    if not mentions.read.all():
        said.append(f"rationales were read of {int(mentions.read.sum()):,} random items")
    if without := int((mentions.read & ~looked.placed).sum()):
        said.append(f"{without:,} items have no confidence: they are in the split shares only")
    return said
