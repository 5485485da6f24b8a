"""Coefficients of agreement among people, among judges, and between the two, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from panel_eval.evaluation.column_sums import column_sums
from panel_eval.evaluation.means import estimate, null
from panel_eval.evaluation.segments import Segment
from panel_eval.schema import Estimate, MetricTable, Scale
from panel_eval.stats.arrays import BoolArray, FloatArray, quotient, row_sums
from panel_eval.stats.chance_agreement import WeightKind, agreement_weights, cohen_kappa, fleiss_kappa, gwet_ac
from panel_eval.stats.krippendorff import Level, cross_alpha, krippendorff_alpha
from panel_eval.stats.mode import mode_sets
from panel_eval.stats.vote_pairs import coincidences, pair_agreement, vote_totals

ONE_LABEL = "undefined: everyone gave the same label, so nothing is left beyond chance"
_MAX_LABELS = 16
"""Beyond it tables of labels by labels are not resampled: they would cost more than the rest together."""
_MANY_LABELS = f"no interval: more than {_MAX_LABELS} labels"

Votes = Callable[[slice], FloatArray]
"""A stretch of the items to their votes, (n, n_labels) or (n_raters, n, n_labels); zeros where there are none."""


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
        note: why there is no interval, or None.
    """

    value: float
    replicates: FloatArray | None
    n: int
    note: str | None

    def as_estimate(self, undefined: str = ONE_LABEL) -> Estimate:
        """The number as it stands in metrics.json."""
        return estimate(self.value, self.replicates, self.n, self.note, undefined=undefined)


@dataclass(frozen=True)
class GroupAgreement:
    """Agreement within a group of raters.

    Attributes:
        coefficients: name to coefficient.
        prevalence: (n_labels,) mean over items of each label's share of the votes; NaN without votes.
    """

    coefficients: dict[str, Coefficient]
    prevalence: FloatArray


def group_agreement(votes: Votes, paired: BoolArray, labels: Labels, everything: Segment) -> GroupAgreement:
    """Every coefficient of agreement within a group of raters.

    Args:
        votes: the votes of some items; see `stats.vote_pairs`.
        paired: (n_items,) whether the item has two votes or more.
        labels: the label axis.
        everything: all items, with their resamples.
    """
    n, note = int(paired.sum()), _interval_note(everything, paired, labels)
    sums = column_sums(everything, partial(_group_columns, votes, labels), resampled=note is None)
    found = [_group_coefficients(sample, labels) for sample in sums.samples()]
    coefficients = {name: _coefficient([sample[name] for sample in found], n, note) for name in found[0]}
    return GroupAgreement(coefficients, _parts(sums.value, labels.values.size)[1])


def cross_agreement(
    people: Votes, judges: Votes, paired: BoolArray, labels: Labels, everything: Segment
) -> dict[str, Coefficient]:
    """Alpha across people and judges, by level of measurement ("alpha_nominal" …).

    Args:
        people: (n, n_labels) votes of reviewers on some items.
        judges: (n, n_labels) expected votes of a judge, or their sum over judges.
        paired: (n_items,) whether the item has votes of both.
        labels: the label axis.
        everything: all items, with their resamples.
    """
    confusion = _confusion(people, judges, paired, labels, everything)
    return {
        f"alpha_{level}": confusion.coefficient(partial(cross_alpha, level=level, values=labels.values))
        for level in labels.levels
    }


def majority_kappa(
    people: Votes, judge: Votes, paired: BoolArray, labels: Labels, everything: Segment
) -> dict[str, Coefficient]:
    """Cohen's kappa of the top answers of people and a judge, on ordinal scales also with quadratic weights.

    Args:
        people: (n, n_labels) `top_answers` of the reviewers on some items.
        judge: (n, n_labels) `top_answers` of the judge.
        paired: (n_items,) whether the item has both.
        labels: the label axis.
        everything: all items, with their resamples.
    """
    confusion = _confusion(people, judge, paired, labels, everything)
    coefficients = {"kappa_majority": confusion.coefficient(cohen_kappa)}
    if labels.scale == "ordinal":
        weighted = partial(cohen_kappa, weights=agreement_weights(labels.values, "quadratic"))
        coefficients["weighted_kappa_majority"] = confusion.coefficient(weighted)
    return coefficients


def top_answers(q: FloatArray) -> FloatArray:
    """(n_items, n_labels) all mass on the top label, shared among tied ones; zeros where there is no forecast."""
    modes = mode_sets(q).astype(np.float64)
    return quotient(modes, row_sums(modes)[:, None], empty=0.0)


def estimates(coefficients: Mapping[str, Coefficient], missing: str) -> MetricTable:
    """Coefficients as numbers of metrics.json; `missing` says why where no item has what they need."""
    return {
        name: null(missing) if coefficient.n == 0 else coefficient.as_estimate()
        for name, coefficient in coefficients.items()
    }


@dataclass(frozen=True)
class _Confusion:
    """Pairs of a vote of each side on the same item, (..., n_labels, n_labels): all items, then each resample."""

    tables: list[FloatArray]
    n: int
    note: str | None

    def coefficient(self, statistic: Callable[[FloatArray], FloatArray]) -> Coefficient:
        return _coefficient([statistic(table) for table in self.tables], self.n, self.note)


def _confusion(people: Votes, judges: Votes, paired: BoolArray, labels: Labels, everything: Segment) -> _Confusion:
    size, note = labels.values.size, _interval_note(everything, paired, labels)

    def columns(rows: slice) -> FloatArray:
        pairs: FloatArray = people(rows)[:, :, None] * judges(rows)[:, None, :]
        return pairs.reshape(len(pairs), -1)

    sums = column_sums(everything, columns, resampled=note is None)
    return _Confusion(
        [sample.reshape(*sample.shape[:-1], size, size) for sample in sums.samples()], int(paired.sum()), note
    )


def _group_columns(votes: Votes, labels: Labels, rows: slice) -> FloatArray:
    """Coincidences, shares, whether there is a pair and a vote, agreement under each of the weights."""
    cast = votes(rows)
    pairs, total = coincidences(cast), vote_totals(cast)
    n = row_sums(total)[:, None]
    agreement = [pair_agreement(pairs, weights)[:, None] for weights in labels.weights.values()]
    paired = ~np.isnan(agreement[0])
    return np.hstack(
        [pairs.reshape(len(n), -1), quotient(total, n, empty=0.0), paired, n > 0, *map(np.nan_to_num, agreement)]
    )


def _parts(sums: FloatArray, size: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """From sums (..., n_columns) of `_group_columns`: coincidences, prevalence, mean agreement (..., n_weights)."""
    table, rest = sums[..., : size * size], sums[..., size * size :]
    paired, voted = rest[..., size, None], rest[..., size + 1, None]
    return (
        table.reshape(*table.shape[:-1], size, size),
        quotient(rest[..., :size], voted),
        quotient(rest[..., size + 2 :], paired),
    )


def _group_coefficients(sums: FloatArray, labels: Labels) -> dict[str, FloatArray]:
    table, shares, means = _parts(sums, labels.values.size)
    agreement = dict(zip(labels.weights, np.moveaxis(means, -1, 0), strict=True))
    plain = agreement["gwet_ac1"]
    found = {"pair_agreement": plain}
    found |= {f"alpha_{level}": krippendorff_alpha(table, level, labels.values) for level in labels.levels}
    found["fleiss_kappa"] = fleiss_kappa(plain, shares)
    found |= {name: gwet_ac(agreement[name], shares, weights) for name, weights in labels.weights.items()}
    return found


def _coefficient(samples: list[FloatArray], n: int, note: str | None) -> Coefficient:
    return Coefficient(float(samples[0]), samples[1] if len(samples) > 1 else None, n, note)


def _interval_note(everything: Segment, used: BoolArray, labels: Labels) -> str | None:
    return _MANY_LABELS if labels.values.size > _MAX_LABELS else everything.interval_note(used)
