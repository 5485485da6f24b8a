"""Where the cross-entropy comes from: the people, miscalibration that a small map removes, and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.entropy_level import EntropyLevel
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.item_choice import chosen_items
from panel_eval.evaluation.means import Mean, estimate, null
from panel_eval.evaluation.segments import Segment
from panel_eval.schema import Estimate
from panel_eval.schema.calibration_metrics import Decomposition
from panel_eval.stats import percentile_interval
from panel_eval.stats.arrays import FloatArray, IntArray, quotient
from panel_eval.stats.divergence import cross_entropy_bits
from panel_eval.stats.recalibration_gain import (
    MAX_FITTED,
    Recalibration,
    cross_fitted,
    fit_recalibration,
    some_of,
)

FOLDS = 5
FEWEST_CLUSTERS = 20
"""Fewest items (clusters) that a map is fitted on and judged by; below it nothing is said."""
_FEW_ITEMS = 100
_SEED = 1103
_NO_ITEMS = "no items"
_HELD = "the recalibrated forecast is held fixed in the resamples"
_FEW = f"fewer than {_FEW_ITEMS} items: the map is fitted on few, so less is gained than could be"


@dataclass(frozen=True)
class Decompositions:
    """The panel's decomposition, and each judge's by its id."""

    panel: Decomposition
    judges: dict[str, Decomposition]


def decompositions(comparison: Comparison, level: EntropyLevel) -> Decompositions:
    """CE = human entropy + recalibration gain + refinement, of the panel and of every judge.

    The human entropy is the mean posterior entropy of the items' populations. The gain is what softmax(a log q + b)
    takes off the cross-entropy of items it was not fitted on: five folds of whole clusters.

    Args:
        comparison: the panel and its judges beside the people.
        level: of the people's own entropy.
    """
    fold = _folds(comparison)
    return Decompositions(
        _decomposition(comparison, comparison.panel, level, fold),
        {judge.name: _decomposition(comparison, judge, level, fold) for judge in comparison.judges},
    )


def _folds(comparison: Comparison) -> IntArray:
    """(n_items,) fold of each item; whole clusters, and the same for any order of the files."""
    cluster = comparison.everything.resampling.cluster
    n_clusters = int(cluster.max()) + 1
    shuffled = np.random.default_rng([comparison.seed, _SEED]).permutation(n_clusters)
    fold: IntArray = shuffled[cluster] % FOLDS
    return fold


def _decomposition(
    comparison: Comparison, forecaster: Forecaster, level: EntropyLevel, fold: IntArray
) -> Decomposition:
    part, chosen = chosen_items(comparison.everything.take(forecaster.scored))
    rows = part.rows
    if reason := _why_none(forecaster, part):
        return _undefined(reason, rows.size)
    p, q = comparison.humans.distribution[rows], forecaster.q[rows]
    generator = np.random.default_rng([comparison.seed, _SEED, 1])
    both = cross_fitted(p, q, fold[rows], generator)
    temperature = cross_fitted(p, q, fold[rows], generator, with_bias=False)
    table = np.column_stack([cross_entropy_bits(p, forecast) for forecast in (q, both, temperature)])
    entropy = level.mean(part, forecaster.scored)
    some = some_of(np.arange(rows.size), generator)
    found = fit_recalibration(p[some], q[some])
    alone = fit_recalibration(p[some], q[some], with_bias=False)
    subset = f"{chosen}, each map fitted on {MAX_FITTED:,} of them" if chosen else _subset(rows.size)
    return _estimates(table, entropy, part, comparison, (found, alone), subset)


def _estimates(
    table: FloatArray,
    entropy: Mean,
    part: Segment,
    comparison: Comparison,
    maps: tuple[Recalibration, Recalibration],
    subset: str | None,
) -> Decomposition:
    n, no_interval, model = part.rows.size, part.interval_note(), comparison.posterior.interval_note
    values = np.append(table.mean(axis=0), entropy.value)
    replicates = np.column_stack([part.means(table), entropy.replicates])
    notes = (_FEW if n < _FEW_ITEMS else subset, no_interval)

    def number(parts: tuple[int, ...], *own: str | None) -> Estimate:
        """The columns named, the first less the second if there are two."""
        value, resampled = (
            source[..., parts[0]] - (source[..., parts[1]] if len(parts) > 1 else 0.0)
            for source in (values, replicates)
        )
        return estimate(float(value), None if no_interval else resampled, n, *own)

    found, alone = maps
    return Decomposition(
        cross_entropy_bits=number((0,), subset, no_interval),
        human_entropy_bits=number((3,), model, comparison.posterior.note, subset, no_interval),
        recalibration_gain_bits=number((0, 1), _HELD, *notes),
        temperature_gain_bits=number((0, 2), _HELD, *notes),
        refinement_bits=number((1, 3), _HELD, comparison.posterior.note, *notes),
        miscalibrated_share=_share(values, replicates, n, model, no_interval),
        temperature=1.0 / alone.sharpness if alone.sharpness > 0 else None,
        label_bias_nats=dict(zip(comparison.humans.labels, found.bias.tolist(), strict=True)),
    )


def _share(values: FloatArray, replicates: FloatArray, n: int, model: str, no_interval: str | None) -> Estimate:
    """Share of the distance from the people that recalibration removes: a ratio of means, resampled whole."""
    distance = replicates[:, 0] - replicates[:, 3]
    if not values[0] > values[3] or not float(percentile_interval(distance)[0]) > 0:
        return null("the forecast's distance from the people cannot be told from 0", n)
    value = float((values[0] - values[1]) / (values[0] - values[3]))
    resampled = quotient(replicates[:, 0] - replicates[:, 1], distance)
    return estimate(value, None if no_interval else resampled, n, model, _HELD, no_interval)


def _why_none(forecaster: Forecaster, part: Segment) -> str | None:
    """Why nothing can be recalibrated, or None."""
    if not part.rows.size:
        return _NO_ITEMS
    clusters = np.unique(part.resampling.cluster[part.rows]).size
    if clusters < FEWEST_CLUSTERS:
        return f"fewer than {FEWEST_CLUSTERS} {part.resampling.drawn}: too few to fit a map and judge it by others"
    zeros = int((forecaster.q[part.rows] <= 0).any(axis=1).sum())
    if zeros:
        return f"{zeros} items give a label probability 0, which no recalibration changes: smooth the forecast"
    return None


def _subset(n: int) -> str | None:
    return f"each map fitted on {MAX_FITTED:,} random items" if n > MAX_FITTED else None


def _undefined(reason: str, n: int) -> Decomposition:
    empty: Mapping[str, Estimate] = {
        name: null(reason, n) for name, field in Decomposition.model_fields.items() if field.annotation is Estimate
    }
    return Decomposition(**dict(empty), temperature=None, label_bias_nats={})
