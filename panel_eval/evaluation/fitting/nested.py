"""Every method, and the choice among them, on items that neither the fits nor the choice saw."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from panel_eval.pooling.fitted import CannotFitError, Learner, TrainingSample, choose
from panel_eval.pooling.fitted.blas import one_blas_thread
from panel_eval.stats.arrays import FloatArray, IntArray

Found = TypeVar("Found")
_MANY = 20_000
"""Items from which on folds are worth a thread each."""


@dataclass(frozen=True)
class Nested:
    """Forecasts of each item by what the other folds taught.

    Attributes:
        chosen: (n_items, n_labels) by the method that the other folds chose; NaN rows where nothing could be
            fitted or no judge answered.
        candidates: method to its own forecasts, of the same shape.
        methods: the method chosen in each fold where one could be.
    """

    chosen: FloatArray
    candidates: Mapping[str, FloatArray]
    methods: Sequence[str]


def nested_forecasts(sample: TrainingSample, fold: IntArray, names: Sequence[str]) -> Nested:
    """Choose among methods in every fold anew.

    Args:
        sample: all items.
        fold: (n_items,) outer fold of each, from 0; whole clusters.
        names: methods to choose among.
    """

    def forecasts(known: IntArray, asked: IntArray) -> tuple[str, dict[str, FloatArray]] | None:
        others, answers = sample.take(known), sample.forecasts.select(asked)
        try:
            choice = choose(others, names)
        except CannotFitError:
            return None
        return choice.method, choice.forecasts(others, answers)

    found = Nested(_nothing(sample), {name: _nothing(sample) for name in names}, [])
    methods = []
    for asked, made in _in_folds(fold, forecasts):
        if made is None:
            continue
        method, by_name = made
        methods.append(method)
        for name, q in by_name.items():
            found.candidates[name][asked] = q
        found.chosen[asked] = by_name[method]
    return Nested(found.chosen, found.candidates, methods)


def cross_fitted_pool(sample: TrainingSample, fold: IntArray, learner: Learner) -> FloatArray:
    """Forecast of each item by a pool learned from the other folds.

    Args:
        sample: all items.
        fold: (n_items,) fold of each, from 0; whole clusters.
        learner: called once for each fold.

    Returns:
        (n_items, n_labels); NaN rows where no judge answered, or nothing could be learned from the other folds.
    """

    def forecast(known: IntArray, asked: IntArray) -> FloatArray | None:
        try:
            return learner(sample.take(known)).forecast(sample.forecasts.select(asked))
        except CannotFitError:
            return None

    q = _nothing(sample)
    for asked, forecasts in _in_folds(fold, forecast):
        if forecasts is not None:
            q[asked] = forecasts
    return q


def _nothing(sample: TrainingSample) -> FloatArray:
    return np.full(sample.votes.shape, np.nan)


def _in_folds(fold: IntArray, do: Callable[[IntArray, IntArray], Found]) -> list[tuple[IntArray, Found]]:
    """The items of each fold, and what came of the items of all others and them, in the order of folds.

    Large folds go on all cores; with small ones threads would mostly wait for each other.
    """
    asked = [np.flatnonzero(fold == number) for number in range(int(fold.max(initial=-1)) + 1)]
    if len(asked) < 2:
        return []
    known = [np.flatnonzero(fold != number) for number in range(len(asked))]
    with one_blas_thread():
        if fold.size < _MANY:
            return list(zip(asked, map(do, known, asked), strict=True))
        with ThreadPoolExecutor(min(len(asked), os.cpu_count() or 1)) as threads:
            return list(zip(asked, threads.map(do, known, asked), strict=True))
