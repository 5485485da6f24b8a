"""Mean severity and violation rates of a large pool, from a small human sample and the panel's forecasts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.means import finite_or_none
from panel_eval.evaluation.segments import MIN_UNITS
from panel_eval.humans import HumanLabels, UnlabelledItems
from panel_eval.pooling import JudgeForecasts
from panel_eval.pooling.fitted import CannotFitError, Learner, TrainingSample
from panel_eval.schema import Estimate
from panel_eval.schema.pool_estimate import PoolMean
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.prediction_powered import PoweredMean, prediction_powered_mean
from panel_eval.stats.soft_regression import assign_folds

FOLDS = 5
_SEED = 2301
_RARE = 5
"""Labelled items that differ from the rest below which a t interval says too little."""
_WORTH_IT = 1.1
"""Times as many labels that a panel must be worth to be recommended."""


@dataclass(frozen=True)
class PoolSample:
    """A small labelled sample and the large pool that it speaks for, as the panel sees them.

    Attributes:
        humans: the labelled items.
        labelled_q: (n_items, n_labels) the panel's forecast of them, by a rule that did not see their labels; NaN
            rows where no judge answered.
        pool_q: (n_unlabelled, n_labels) its forecast of the unlabelled items by the same rule.
        clusters: codes of the clusters of labelled and of unlabelled items, in one numbering; None without any.
        weights: (n_items,) sampling weights; None for a simple random sample.
        fitted: whether the panel's judges are joined as human labels teach.
    """

    humans: HumanLabels
    labelled_q: FloatArray
    pool_q: FloatArray
    clusters: tuple[IntArray, IntArray] | None = None
    weights: FloatArray | None = None
    fitted: bool = False

    @property
    def n_unanswered(self) -> int:
        """Labelled and unlabelled items that no judge answered."""
        return int(np.isnan(self.labelled_q[:, 0]).sum() + np.isnan(self.pool_q[:, 0]).sum())


def pool_clusters(humans: HumanLabels, items: UnlabelledItems) -> tuple[IntArray, IntArray] | None:
    """Codes of the clusters of labelled and unlabelled items in one numbering; None where no item has a cluster."""
    if humans.clusters is None and items.clusters is None:
        return None
    own, others = (
        part.clusters or tuple(f"item:{item_id}" for item_id in part.item_ids) for part in (humans, items)
    )
    code = np.unique(np.array([*own, *others]), return_inverse=True)[1].astype(np.int64)
    return code[: len(own)], code[len(own) :]


def cross_predicted(
    sample: TrainingSample,
    pool: JudgeForecasts,
    learner: Learner,
    *,
    pool_cluster: IntArray | None = None,
    folds: int = FOLDS,
) -> tuple[FloatArray, FloatArray]:
    """Forecasts of a fitted panel that never saw the people they are held against.

    Labelled items are forecast by what the other folds taught, unlabelled ones by the mean of all folds' pools;
    an unlabelled item of a cluster that is labelled, by the pool that did not see its cluster.

    Args:
        sample: the labelled items in the order of their ids, clusters numbered as in `pool_cluster`.
        pool: the judges' answers on the unlabelled items.
        learner: fits a pool.
        pool_cluster: (n_unlabelled,) clusters of the unlabelled items; None if there are none.
        folds: of whole clusters.

    Returns:
        (n_items, n_labels) and (n_unlabelled, n_labels); NaN rows where no judge answered.

    Raises:
        CannotFitError: some fold leaves nothing to fit a pool to.

    References:
        Zrnic & Candès (2024), "Cross-prediction-powered inference".
    """
    known, place = np.unique(sample.cluster, return_inverse=True)
    if known.size < 2:
        raise CannotFitError(
            "there is but one labelled item, or one cluster of them: nothing is left to learn from"
        )
    fold = assign_folds(place, folds, np.random.default_rng([sample.seed, _SEED]))
    n_folds = int(fold.max()) + 1
    labelled_q = np.full(sample.votes.shape, np.nan)
    pool_q = np.zeros((n_folds, pool.q_raw.shape[1], pool.q_raw.shape[2]))
    for number in range(n_folds):
        asked = np.flatnonzero(fold == number)
        fitted = learner(sample.take(np.flatnonzero(fold != number)))
        labelled_q[asked] = fitted.forecast(sample.forecasts.select(asked))
        pool_q[number] = fitted.forecast(pool)
    mean: FloatArray = pool_q.mean(axis=0)
    if pool_cluster is None:
        return labelled_q, mean
    fold_of = dict(zip(known[place].tolist(), fold.tolist(), strict=True))
    own = np.array([fold_of.get(code, -1) for code in pool_cluster.tolist()], dtype=np.int64)
    seen = np.flatnonzero(own >= 0)
    mean[seen] = pool_q[own[seen], seen]
    return labelled_q, mean


def pool_mean(sample: PoolSample, labels: tuple[int, ...] | None) -> PoolMean:
    """A quantity of the pool: estimate, the same without the panel, and how far the panel alone is off.

    Args:
        sample: the labelled sample and the pool.
        labels: the labels whose share of reviewers' votes is asked for; None for the mean label value.
    """
    humans = sample.humans
    value = humans.label_values if labels is None else np.isin(np.arange(len(humans.labels)), labels).astype(float)
    y = humans.distribution @ value
    f, u = _filled(sample.labelled_q @ value, sample.pool_q @ value)

    def mean(values: FloatArray, seen: FloatArray, pool: FloatArray, power: float | None) -> PoweredMean:
        return prediction_powered_mean(
            values, seen, pool, power=power, weights=sample.weights, clusters=sample.clusters
        )

    ends = float(value.min()), float(value.max())
    powered, classical = mean(y, f, u, None), mean(y, f, u, 0.0)
    off, apart = mean(f - y, f, u, 0.0), mean(np.zeros(y.size), f, u, -1.0)
    why_none, rough = _no_interval(y, powered), _rough(y)
    shown = _number(powered, y.size, ends, why_none, rough)
    gap = _number(apart, y.size, None, _no_interval(f, apart), None)
    everything = u if sample.weights is None else np.concatenate([f, u])
    effective = None
    if shown.low is not None and powered.error > 0:
        effective = y.size * (classical.error / powered.error) ** 2
    return PoolMean(
        of="severity" if labels is None else "rate",
        labels=[] if labels is None else [humans.labels[number] for number in labels],
        estimate=shown,
        classical=_number(classical, y.size, ends, why_none, rough),
        panel_only=Estimate(estimate=float(everything.mean()), n=everything.size, note=_BIASED),
        panel_error=_number(off, y.size, None, _no_interval(f - y, off), None),
        sample_gap=gap,
        power=powered.power,
        effective_labels=effective,
        labels_saved=None if effective is None else effective - y.size,
        advice=_advice(sample, shown, gap, effective, rough),
    )


_BIASED = "biased by whatever the panel gets wrong (panel less people), which no interval of its own would show"


def _filled(labelled: FloatArray, pool: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Forecasts without NaN: an item that nobody answered is taken for an average one.

    Leaving such items out would make the estimate one of the items that judges answer. Any fixed value for them
    keeps it unbiased, since it is put in for labelled and unlabelled items alike.
    """
    known = pool[~np.isnan(pool)]
    average = float(known.mean()) if known.size else 0.0
    return np.where(np.isnan(labelled), average, labelled), np.where(np.isnan(pool), average, pool)


def _no_interval(values: FloatArray, found: PoweredMean) -> str | None:
    if found.units < MIN_UNITS:
        return f"no interval: fewer than {MIN_UNITS} independent labelled items"
    if math.isnan(found.low):
        return "no interval: fewer than 2 independent unlabelled items"
    if np.ptp(values) == 0:
        return "no interval: all labelled items have the same value, so their spread is unknown"
    return None


def _rough(y: FloatArray) -> str | None:
    """A caution where nearly all labelled items have one value, as with rare violations."""
    others = y.size - int(np.unique(y, return_counts=True)[1].max())
    if others >= _RARE:
        return None
    return f"all but {others} labelled items have the same value: the interval is rough, and likely too narrow"


def _number(
    found: PoweredMean, n: int, ends: tuple[float, float] | None, why_none: str | None, note: str | None
) -> Estimate:
    mean, low, high = found.mean, found.low, found.high
    if why_none:
        low = high = math.nan
    if ends is not None:
        inside = min(max(mean, ends[0]), ends[1])
        if inside != mean:
            note = "; ".join(filter(None, (note, f"{mean:.4g} was out of range, so the end of the range is given")))
        mean, low, high = inside, max(low, ends[0]), min(high, ends[1])
    said = "; ".join(text for text in (why_none, None if why_none else note) if text) or None
    return Estimate(estimate=mean, low=finite_or_none(low), high=finite_or_none(high), n=n, note=said)


def _advice(sample: PoolSample, shown: Estimate, gap: Estimate, effective: float | None, rough: str | None) -> str:
    n = len(sample.humans)
    if shown.low is None or shown.high is None or effective is None:
        return f"Label more items drawn at random: with {n} like these no interval can be given."
    if gap.low is not None and gap.high is not None and not gap.low <= 0 <= gap.high:
        return (
            "Check first that the labelled items are a random sample of the pool: the panel sees them differently "
            "from the rest, beyond what chance does in 95 of 100 random samples."
        )
    if rough:
        return f"Label more items drawn at random before you rely on the interval: {rough}."
    if effective < _WORTH_IT * n:
        return f"The panel makes this hardly more exact than the {n} labelled items alone: {_remedy(sample)}."
    return (
        f"Report the estimate with its interval: with the panel, {n} labelled items are as exact as about "
        f"{effective:.0f} would be without."
    )


def _remedy(sample: PoolSample) -> str:
    """What could make a panel worth more than it is here."""
    n, n_pool = len(sample.humans), len(sample.pool_q)
    if n_pool < n:  # even a perfect panel takes off no more than the share n_pool / (n + n_pool) of the variance
        return f"ask it about more than the {n_pool} unlabelled items, or label more"
    if sample.fitted:
        return "it is fitted to human labels already, so label more items, or ask better judges"
    return "fit it to human labels, or label more items"
