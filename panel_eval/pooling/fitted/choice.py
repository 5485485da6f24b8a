"""The choice among methods, and of each method's strength: by forecasts of clusters that the fits did not see."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.pooling.fitted.blas import one_blas_thread
from panel_eval.pooling.fitted.methods import FAMILIES, Method
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
class Trial:
    """How a method did on clusters that its fits did not see.

    Attributes:
        strength: the best of its strengths, or the usual one where none could be tried.
        ce_bits: mean cross-entropy with that strength; infinite where none could be tried.
        refusal: why the method cannot be fitted, or None.
    """

    strength: float
    ce_bits: float = math.inf
    refusal: str | None = None


@dataclass(frozen=True)
class Choice:
    """The methods that were tried on a sample, and which of them is best.

    Attributes:
        method: name of the best.
        trials: name to trial, of all methods.
        note: what must be said of how it was chosen, or None.
    """

    method: str
    trials: Mapping[str, Trial]
    note: str | None

    @property
    def fittable(self) -> tuple[str, ...]:
        """Names of the methods that can be fitted."""
        return tuple(name for name, trial in self.trials.items() if trial.refusal is None)

    @property
    def learner(self) -> Learner:
        """Fits the best method with its best strength: takes milliseconds, as nothing is chosen."""
        return self.learner_of(self.method)

    def learner_of(self, name: str) -> Learner:
        """The same of any method that was tried."""
        family, strength = FAMILIES[name], self.trials[name].strength

        def learn(sample: TrainingSample) -> Pool:
            with one_blas_thread():
                return family.fit(sample, [strength])[0]

        return learn


def choose(sample: TrainingSample, names: Sequence[str] = tuple(FAMILIES)) -> Choice:
    """Find the best strength of every method, and the method of the lowest cross-entropy.

    Five folds of whole clusters inside the sample; ties go to the method with fewer parameters. Taking a simpler
    method within one standard error of the best (Breiman et al. 1984) was measured and is worse: by 0 to .010 bits
    a vote on new items of POPQUORN and ChaosNLI-SNLI, from 10 to 1,200 labelled items.

    Args:
        sample: what people and judges said.
        names: the methods to try.

    Raises:
        CannotFitError: none of the methods can be fitted; says why each.
    """
    part, fold, note = _parted(sample)
    with one_blas_thread():
        trials = {name: _trial(part, fold, FAMILIES[name]) for name in FAMILIES if name in names}
    fittable = [name for name, trial in trials.items() if trial.refusal is None]
    if not fittable:
        raise CannotFitError("; ".join(f"{name}: {trial.refusal}" for name, trial in trials.items()))
    best = min(fittable, key=lambda name: trials[name].ce_bits)
    if math.isinf(trials[best].ce_bits) and _UNCHOSEN in fittable:
        best = _UNCHOSEN
    return Choice(best, trials, note)


def automatic(sample: TrainingSample) -> Pool:
    """The pool of the method that `choose` chooses; see `Learner`."""
    return choose(sample).learner(sample)


def _parted(sample: TrainingSample) -> tuple[TrainingSample, IntArray | None, str | None]:
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


def _trial(part: TrainingSample, fold: IntArray | None, family: Method) -> Trial:
    try:
        if fold is None:
            family.fit(part, [family.usual])  # refuses what cannot be fitted
            return Trial(family.usual)
        losses = _losses(part, fold, family)
    except CannotFitError as error:
        return Trial(family.usual, refusal=str(error))
    best = int(np.argmin(losses))
    return Trial(family.strengths[best], float(losses[best]))


def _losses(part: TrainingSample, fold: IntArray, family: Method) -> FloatArray:
    """(n_strengths,) mean cross-entropy of items whose fold the pool did not see."""
    shares = part.shares
    losses = np.zeros(len(family.strengths))
    for number in np.unique(fold):
        asked = np.flatnonzero(fold == number)
        pools = family.fit(part.take(np.flatnonzero(fold != number)), family.strengths)
        forecasts = part.forecasts.select(asked)
        losses += [cross_entropy_bits(shares[asked], pool.forecast(forecasts)).sum() for pool in pools]
    return losses / len(part)


def _by_name(name: str) -> Learner:
    def learn(sample: TrainingSample) -> Pool:
        return choose(sample, (name,)).learner(sample)

    return learn


METHODS: Final[Mapping[str, Learner]] = {name: _by_name(name) for name in FAMILIES}
"""Name of each method to the learner that chooses its strength inside, the one with fewer parameters first."""
