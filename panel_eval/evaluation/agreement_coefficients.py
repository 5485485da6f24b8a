"""Coefficients of agreement among people, among judges, and between the two, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from panel_eval.evaluation.column_sums import column_sums
from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import Segment
from panel_eval.schema import Estimate, MetricTable, Scale
from panel_eval.stats.arrays import BoolArray, FloatArray, quotient
from panel_eval.stats.chance_agreement import WeightKind, agreement_weights, cohen_kappa, fleiss_kappa, gwet_ac
from panel_eval.stats.krippendorff import Level, cross_alpha, krippendorff_alpha
from panel_eval.stats.mode import mode_sets
from panel_eval.stats.vote_pairs import coincidence_row, pair_agreement, vote_totals

ONE_LABEL = "undefined: everyone gave the same label, so nothing is left beyond chance"
_MAX_LABELS = 16
"""Beyond it tables of labels by labels are not resampled: they would cost more than the rest together."""
_MANY_LABELS = f"no interval: more than {_MAX_LABELS} labels"


@dataclass(frozen=True)
class Labels:
    """The label axis: how far labels are apart decides what a disagreement weighs.

    Attributes:
        values: (n_labels,).
        scale: nominal or ordinal.
    """

    values: FloatArray
    scale: Scale

    @property
    def levels(self) -> tuple[Level, ...]:
        """Levels of measurement that make sense on this scale."""
        return ("nominal", "ordinal", "interval") if self.scale == "ordinal" else ("nominal",)

    @property
    def weights(self) -> dict[str, FloatArray]:
        """Name of Gwet's coefficient to its weights."""
        kinds: dict[str, WeightKind] = {"gwet_ac1": "identity"}
        if self.scale == "ordinal":
            kinds |= {"gwet_ac2_ordinal": "ordinal", "gwet_ac2_linear": "linear", "gwet_ac2_quadratic": "quadratic"}
        return {name: agreement_weights(self.values, kind) for name, kind in kinds.items()}


@dataclass(frozen=True)
class Coefficient:
    """One coefficient over all items and over each resample.

    Attributes:
        value: NaN = undefined.
        replicates: (n_resamples,), or None for no interval.
        n: items behind it.
        interval_note: why there is no interval, or None.
    """

    value: float
    replicates: FloatArray | None
    n: int
    interval_note: str | None

    def as_estimate(self, *notes: str | None, undefined: str = ONE_LABEL) -> Estimate:
        """The number as it stands in metrics.json."""
        return estimate(self.value, self.replicates, self.n, *notes, self.interval_note, undefined=undefined)


def group_agreement(votes: FloatArray, labels: Labels, segment: Segment) -> dict[str, Coefficient]:
    """Every coefficient of agreement within a group of raters.

    Args:
        votes: counts (n_items, n_labels) or shares (n_raters, n_items, n_labels); see `stats.vote_pairs`.
        labels: the label axis.
        segment: all items, with their resamples.
    """
    paired = vote_totals(votes).sum(axis=1) > 1.5
    n, size = int(paired.sum()), labels.values.size
    note = _interval_note(segment, paired, size)
    sums = column_sums(segment, _group_columns(votes, labels), resampled=note is None)
    samples = [_group_coefficients(sample, labels, size) for sample in sums.samples()]
    return {name: _coefficient([sample[name] for sample in samples], n, note) for name in samples[0]}


def prevalence(votes: FloatArray) -> FloatArray:
    """(n_labels,) mean over items of each label's share of the votes; NaN without votes."""
    totals = vote_totals(votes)
    n = totals.sum(axis=1)
    return quotient((totals[n > 0] / n[n > 0, None]).sum(axis=0), np.array(int((n > 0).sum())))


def cross_agreement(
    people: FloatArray, judges: FloatArray, labels: Labels, segment: Segment
) -> dict[str, Coefficient]:
    """Alpha across people and judges, by level of measurement ("alpha_nominal" …).

    Args:
        people: (n_items, n_labels) votes of reviewers.
        judges: (n_items, n_labels) expected votes of a judge, or their sum over judges; zero rows where none.
        labels: the label axis.
        segment: all items, with their resamples.
    """
    sums = _confusion(people, judges, segment)
    return {
        f"alpha_{level}": _of_confusion(sums, partial(cross_alpha, level=level, values=labels.values))
        for level in labels.levels
    }


def majority_kappa(
    people: FloatArray, judge: FloatArray, labels: Labels, segment: Segment
) -> dict[str, Coefficient]:
    """Cohen's kappa of the top answers of people and a judge, on ordinal scales also with quadratic weights.

    Args:
        people: (n_items, n_labels) `top_answers` of the reviewers.
        judge: (n_items, n_labels) `top_answers` of the judge.
        labels: the label axis.
        segment: all items, with their resamples.
    """
    sums = _confusion(people, judge, segment)
    coefficients = {"kappa_majority": _of_confusion(sums, cohen_kappa)}
    if labels.scale == "ordinal":
        weighted = partial(cohen_kappa, weights=agreement_weights(labels.values, "quadratic"))
        coefficients["weighted_kappa_majority"] = _of_confusion(sums, weighted)
    return coefficients


def top_answers(q: FloatArray) -> FloatArray:
    """(n_items, n_labels) all mass on the top label, shared among tied ones; zeros where there is no forecast."""
    modes = mode_sets(q).astype(np.float64)
    return quotient(modes, modes.sum(axis=1, keepdims=True), empty=0.0)


def estimates(coefficients: Mapping[str, Coefficient], missing: str) -> MetricTable:
    """Coefficients as numbers of metrics.json; `missing` says why where no item has what they need."""
    return {
        name: null(missing) if coefficient.n == 0 else coefficient.as_estimate()
        for name, coefficient in coefficients.items()
    }


@dataclass(frozen=True)
class _Confusion:
    tables: list[FloatArray]
    n: int
    interval_note: str | None


def _confusion(people: FloatArray, judges: FloatArray, segment: Segment) -> _Confusion:
    """Pairs of a vote of each side on the same item, over all items and in each resample."""
    n_labels = people.shape[1]
    paired = (people.sum(axis=1) > 0) & (judges.sum(axis=1) > 0)
    note = _interval_note(segment, paired, n_labels)
    blocks = (people[:, [label]] * judges for label in range(n_labels))
    sums = column_sums(segment, blocks, resampled=note is None)
    tables = [sample.reshape(*sample.shape[:-1], n_labels, n_labels) for sample in sums.samples()]
    return _Confusion(tables, int(paired.sum()), note)


def _of_confusion(confusion: _Confusion, statistic: Callable[[FloatArray], FloatArray]) -> Coefficient:
    return _coefficient([statistic(table) for table in confusion.tables], confusion.n, confusion.interval_note)


def _group_columns(votes: FloatArray, labels: Labels) -> Iterator[FloatArray]:
    n = vote_totals(votes).sum(axis=1, keepdims=True)
    for label in range(labels.values.size):
        yield coincidence_row(votes, label)
    yield quotient(vote_totals(votes), n, empty=0.0)
    yield np.column_stack([n > 1.5, n > 0]).astype(np.float64)
    for weights in labels.weights.values():
        yield np.nan_to_num(pair_agreement(votes, weights))[:, None]


def _group_coefficients(sums: FloatArray, labels: Labels, size: int) -> dict[str, FloatArray]:
    """The coefficients from sums (..., n_columns) of `_group_columns`."""
    table, rest = sums[..., : size * size], sums[..., size * size :]
    table = table.reshape(*table.shape[:-1], size, size)
    shares, (paired, voted) = rest[..., :size], np.moveaxis(rest[..., size : size + 2], -1, 0)
    mean_shares = quotient(shares, voted[..., None])
    agreement = {name: quotient(rest[..., size + 2 + column], paired) for column, name in enumerate(labels.weights)}
    plain = agreement["gwet_ac1"]
    found = {"pair_agreement": plain}
    found |= {f"alpha_{level}": krippendorff_alpha(table, level, labels.values) for level in labels.levels}
    found["fleiss_kappa"] = fleiss_kappa(plain, mean_shares)
    found |= {name: gwet_ac(agreement[name], mean_shares, weights) for name, weights in labels.weights.items()}
    return found


def _coefficient(samples: list[FloatArray], n: int, note: str | None) -> Coefficient:
    return Coefficient(float(samples[0]), samples[1] if len(samples) > 1 else None, n, note)


def _interval_note(segment: Segment, used: BoolArray, n_labels: int) -> str | None:
    return _MANY_LABELS if n_labels > _MAX_LABELS else segment.interval_note(used)
