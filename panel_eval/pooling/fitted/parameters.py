"""Fitted pools as the named parameters of a file, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval.pooling.fitted.naming import Naming, in_order
from panel_eval.pooling.fitted.pool import Pool
from panel_eval.pooling.fitted.recalibrated import LogAffinePool, TemperedPool
from panel_eval.pooling.fitted.stacked_parameters import stacked_parameters, stacked_pool
from panel_eval.pooling.fitted.stacking import BlendedPool, StackedPool
from panel_eval.pooling.fitted.weighted import WeightedPool
from panel_eval.schema.pool_parameters import (
    BlendParameters,
    DirichletParameters,
    PoolParameters,
    TemperatureParameters,
    VectorScalingParameters,
    WeightedParameters,
)
from panel_eval.stats.dirichlet_calibration import LogAffineMap
from panel_eval.stats.pool_weights import Averaging, WeightedAverage
from panel_eval.stats.recalibration_gain import Recalibration


def parameters_of(pool: Pool, judge_ids: Sequence[str], labels: Sequence[str]) -> PoolParameters:
    """The parameters of a fitted pool, by name.

    Args:
        pool: of one of the methods.
        judge_ids: the judges it was fitted on, in that order.
        labels: the label set, in the order of the columns.

    Raises:
        TypeError: a pool of another kind.
    """
    names = Naming(tuple(judge_ids), tuple(labels))
    match pool:
        case TemperedPool():
            return TemperatureParameters(sharpness=pool.sharpness)
        case WeightedPool(average):
            return WeightedParameters(
                method="linear_pool" if average.averaging == "linear" else "log_pool",
                weights=dict(zip(judge_ids, average.weights.tolist(), strict=True)),
                sharpness=average.recalibration.sharpness,
                label_bias_nats=names.by_label(average.recalibration.bias),
            )
        case LogAffinePool(found, diagonal=True):
            slopes, bias = names.by_label(np.diag(found.matrix)), names.by_label(found.bias)
            return VectorScalingParameters(slopes=slopes, label_bias_nats=bias)
        case LogAffinePool(found):
            matrix, bias = names.by_two_labels(found.matrix), names.by_label(found.bias)
            return DirichletParameters(matrix=matrix, label_bias_nats=bias)
        case StackedPool():
            return stacked_parameters(pool, names)
        case BlendedPool(pools):
            stacked = [part for part in pools if isinstance(part, StackedPool)]
            return BlendParameters(pools=[stacked_parameters(part, names) for part in stacked])
    raise TypeError(f"no parameters are known of {type(pool).__name__}")


def pool_of(parameters: PoolParameters, judge_ids: Sequence[str], labels: Sequence[str]) -> Pool:
    """The pool of the parameters in a file; it forecasts what the pool forecast that they were taken from.

    Args:
        parameters: from `parameters_of`.
        judge_ids: the judges, in the order of the forecasts that it is to pool.
        labels: the label set, in the order of their columns.

    Raises:
        InputError: the parameters are for other judges or labels, or no pool has such numbers.
    """
    names = Naming(tuple(judge_ids), tuple(labels))
    match parameters:
        case TemperatureParameters():
            return TemperedPool(parameters.sharpness)
        case WeightedParameters():
            weights = np.array(in_order(parameters.weights, names.judges, "weights"))
            bias = names.vector(parameters.label_bias_nats, "label_bias_nats")
            averaging: Averaging = "linear" if parameters.method == "linear_pool" else "log"
            return WeightedPool(WeightedAverage(weights, averaging, Recalibration(parameters.sharpness, bias)))
        case VectorScalingParameters():
            matrix = np.diag(names.vector(parameters.slopes, "slopes"))
            bias = names.vector(parameters.label_bias_nats, "label_bias_nats")
            return LogAffinePool(LogAffineMap(matrix, bias), diagonal=True)
        case DirichletParameters():
            matrix = names.table(parameters.matrix, "matrix")
            bias = names.vector(parameters.label_bias_nats, "label_bias_nats")
            return LogAffinePool(LogAffineMap(matrix, bias), diagonal=False)
        case BlendParameters():
            return BlendedPool(tuple(stacked_pool(part, names) for part in parameters.pools))
    return stacked_pool(parameters, names)
