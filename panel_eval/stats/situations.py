"""Forecasts of a vote from what happened in the same situation on other items.

A situation is what a forecaster knows of the other votes: all of them, or only the label most of them chose.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from panel_eval.stats.arrays import FloatArray, IntArray


def sums_elsewhere(table: FloatArray, situation: IntArray, unit: IntArray) -> FloatArray:
    """Sum of the rows in the same situation, without those of the row's own unit.

    Args:
        table: (n_rows, n_columns).
        situation: (n_rows,) codes from 0.
        unit: (n_rows,) item or cluster of each row, from 0: no row is forecast from its own unit.

    Returns:
        (n_rows, n_columns).

    Raises:
        ValueError: lengths that differ.
    """
    if table.ndim != 2 or not len(table) == situation.size == unit.size:
        raise ValueError(f"table {table.shape}, situation {situation.shape} and unit {unit.shape} must be alike")
    if not len(table):
        return table.copy()
    own = np.unique(situation * (int(unit.max()) + 1) + unit, return_inverse=True)[1]
    return np.asarray(_totals(table, situation) - _totals(table, own))


def situation_forecast(
    observed: FloatArray,
    modelled: FloatArray,
    start: FloatArray,
    weight: FloatArray,
    situation: IntArray,
    unit: IntArray,
    strength: float,
) -> FloatArray:
    """Distribution of a vote in a situation: the votes seen in it on other items, backed by what a model expects.

    q = (V + tau D) / (W + tau), V the weighted votes seen in the same situation on other units and W their weight,
    D = (sum of the model's forecasts there + start) / (W + 1) what the model expects in it on average. With
    tau = inf only the model speaks. As W grows q is what happens in the situation, whatever the model says.

    Args:
        observed: (n_rows, n_labels) weighted votes seen in each row; sums to the weight.
        modelled: (n_rows, n_labels) distributions that the model expects in each row.
        start: (n_rows, n_labels) what is expected in a situation that occurs on no other unit; above 0.
        weight: (n_rows,) of each row.
        situation: (n_rows,) codes from 0.
        unit: (n_rows,) item or cluster of each row, from 0.
        strength: tau, above 0; may be inf.

    Returns:
        (n_rows, n_labels) distributions, above 0 wherever the start is.

    Raises:
        ValueError: a strength that is not above 0, or lengths that differ.
    """
    if not strength > 0:
        raise ValueError(f"strength must be above 0, got {strength}")
    n_labels = observed.shape[1]
    table = np.column_stack([observed, weight[:, None] * modelled, weight])
    sums = sums_elsewhere(table, situation, unit)
    votes = np.maximum(sums[:, :n_labels], 0.0)  # subtraction can leave a rounding error
    total = np.maximum(sums[:, -1:], 0.0)
    expected = (np.maximum(sums[:, n_labels:-1], 0.0) + start) / (total + 1.0)
    expected /= expected.sum(axis=1, keepdims=True)
    if np.isinf(strength):
        return np.asarray(expected)
    q = votes + strength * expected
    return np.asarray(q / q.sum(axis=1, keepdims=True))


def corrected_forecast(
    observed: FloatArray,
    model: FloatArray,
    weight: FloatArray,
    situation: IntArray,
    unit: IntArray,
    strength: float,
) -> FloatArray:
    """A row's own model, weighed against the votes seen in the same situation on other items.

    q = (V + tau m) / (W + tau). Unlike in `situation_forecast` no other row's model enters: where models learn from
    other units, those of other rows know this row's vote.

    Args:
        observed: (n_rows, n_labels) weighted votes seen in each row.
        model: (n_rows, n_labels) distributions.
        weight: (n_rows,) of each row.
        situation: (n_rows,) codes from 0.
        unit: (n_rows,) item or cluster of each row, from 0.
        strength: tau, above 0; inf leaves the model as it is.

    Returns:
        (n_rows, n_labels) distributions.
    """
    if np.isinf(strength):
        return model
    sums = np.maximum(sums_elsewhere(np.column_stack([observed, weight]), situation, unit), 0.0)
    q = sums[:, :-1] + strength * model
    return np.asarray(q / q.sum(axis=1, keepdims=True))


def _totals(table: FloatArray, group: IntArray) -> FloatArray:
    """(n_rows, n_columns) the sum over each row's group."""
    shape = (int(group.max()) + 1, group.size)
    member = csr_array((np.ones(group.size), (group, np.arange(group.size))), shape=shape)
    return np.asarray(np.asarray(member @ table)[group])
