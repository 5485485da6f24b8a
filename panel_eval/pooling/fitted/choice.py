"""The choice among methods, and of each method's strength: by forecasts of clusters that the fits did not see."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.pooling.fitted.blas import one_blas_thread
from panel_eval.pooling.fitted.methods import FAMILIES
from panel_eval.pooling.fitted.pool import CannotFitError, Learner, Pool
from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.stats import cross_entropy_bits
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.soft_regression import assign_folds

FOLDS = 5
MOST_ITEMS = 4_000
"""Items (whole clusters) that a choice is made on where there are more."""
_UNCHOSEN = "linear_pool"
"""The method where nothing can be tried: all it adds to equal weights is what holds for the panel as a whole."""
_SEED = 502


@dataclass(frozen=True)
class Candidate:
    """A method, fitted to the whole sample.

    Attributes:
        pool: the fitted pool; None where it cannot be fitted.
        strength: chosen by cross-validation.
        ce_bits: mean cross-entropy of items whose cluster the fits did not see; infinite if nothing could be tried.
        refusal: why there is no pool.
    """

    pool: Pool | None
    strength: float
    ce_bits: float
    refusal: str | None = None


@dataclass(frozen=True)
class Choice:
    """The candidates, and which of them is best.

    Attributes:
        method: name of the best candidate.
        candidates: name to candidate, all that were tried.
        note: what must be said of how it was chosen, or None.
    """

    method: str
    candidates: Mapping[str, Candidate]
    note: str | None

    @property
    def pool(self) -> Pool:
        """The chosen pool."""
        pool = self.candidates[self.method].pool
        assert pool is not None  # `choose` refuses to choose none
        return pool

    @property
    def learner(self) -> Learner:
        """Fits the chosen method with its chosen strength: a pool takes milliseconds, as nothing is chosen."""
        family, strength = FAMILIES[self.method], self.candidates[self.method].strength

        def learn(sample: TrainingSample) -> Pool:
            with one_blas_thread():
                return family.fit(sample, [strength])[0]

        return learn


def choose(sample: TrainingSample, names: Sequence[str] = tuple(FAMILIES)) -> Choice:
    """Fit every method with its best strength, and choose the one of the lowest cross-entropy.

    Five folds of whole clusters inside the sample; ties go to the method with fewer parameters.

    Args:
        sample: what people and judges said.
        names: the methods to try.

    Raises:
        CannotFitError: none of the methods can be fitted; says why each.
    """
    part, fold, note = _trial(sample)
    with one_blas_thread():
        candidates = {name: _candidate(sample, part, fold, name) for name in FAMILIES if name in names}
    fitted = [name for name, candidate in candidates.items() if candidate.pool is not None]
    if not fitted:
        reasons = {candidate.refusal: name for name, candidate in candidates.items()}
        raise CannotFitError("; ".join(f"{name}: {why}" for why, name in reasons.items()))
    best = min(fitted, key=lambda name: candidates[name].ce_bits)
    if math.isinf(candidates[best].ce_bits) and _UNCHOSEN in fitted:
        best = _UNCHOSEN
    return Choice(best, candidates, note)


def automatic(sample: TrainingSample) -> Pool:
    """The pool of the method that `choose` chooses; see `Learner`."""
    return choose(sample).pool


def _trial(sample: TrainingSample) -> tuple[TrainingSample, IntArray | None, str | None]:
    """The items that choices are made on, their folds (None if there is one cluster), and what to say of it."""
    known = sample.answered()
    codes = np.unique(known.cluster, return_inverse=True)[1]
    n_clusters = int(codes.max(initial=-1)) + 1
    if n_clusters < 2:
        return (
            known,
            None,
            "all items are of one cluster: nothing could be chosen, so the usual strengths were taken",
        )
    generator = np.random.default_rng([sample.seed, _SEED])
    fold = assign_folds(codes, FOLDS, generator)
    if len(known) <= MOST_ITEMS:
        return known, fold, None
    last = generator.permutation(n_clusters)[codes]
    order = np.argsort(last, kind="stable")
    kept = np.sort(order[: np.searchsorted(last[order], last[order[MOST_ITEMS - 1]], side="right")])
    note = f"method and strength were chosen on {kept.size:,} random items of {len(known):,}"
    return known.take(kept), fold[kept], note


def _candidate(sample: TrainingSample, part: TrainingSample, fold: IntArray | None, name: str) -> Candidate:
    family = FAMILIES[name]
    try:
        losses = np.full(len(family.strengths), np.inf) if fold is None else _losses(part, fold, name)
        best = int(np.argmin(losses))
        strength = family.strengths[best] if np.isfinite(losses[best]) else family.usual
        return Candidate(family.fit(sample, [strength])[0], strength, float(losses[best]))
    except CannotFitError as error:
        return Candidate(None, family.usual, math.inf, str(error))


def _losses(part: TrainingSample, fold: IntArray, name: str) -> FloatArray:
    """(n_strengths,) mean cross-entropy of items whose fold the pool did not see."""
    family, shares = FAMILIES[name], part.shares
    losses = np.zeros(len(family.strengths))
    for number in np.unique(fold):
        asked = np.flatnonzero(fold == number)
        pools = family.fit(part.take(np.flatnonzero(fold != number)), family.strengths)
        forecasts = part.forecasts.select(asked)
        losses += [cross_entropy_bits(shares[asked], pool.forecast(forecasts)).sum() for pool in pools]
    return losses / len(part)


def _by_name(name: str) -> Learner:
    def learn(sample: TrainingSample) -> Pool:
        return choose(sample, (name,)).pool

    return learn


METHODS: Final[Mapping[str, Learner]] = {name: _by_name(name) for name in FAMILIES}
"""Name of each method to the learner that chooses its strength inside, the one with fewer parameters first."""
