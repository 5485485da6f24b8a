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
from panel_eval.pooling.fitted.stacking import BlendedPool
from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.stats import cross_entropy_bits
from panel_eval.stats.arrays import FloatArray, IntArray

FOLDS = 5
MOST_ITEMS = 4_000
"""Items (whole clusters) that a choice is made on where there are more."""
_UNCHOSEN = "linear_pool"
"""The method where nothing can be tried: all it adds to equal weights is what holds for the panel as a whole."""
_ONE_CLUSTER = "all items are of one cluster: nothing could be chosen, so the usual strengths were taken"
BLEND = "blend"
"""The mean of `BLENDED`: they err differently (.001 bits a vote on POPQUORN)."""
BLENDED: Final = ("cumulative_link", "stacking")
NAMES: Final = (*FAMILIES, BLEND)
_SEED = 502


@dataclass(frozen=True)
class Trial:
    """How a method did on clusters that its fits did not see.

    Attributes:
        ce_bits: mean cross-entropy with its best strength; infinite where nothing could be tried.
        refusal: why the method cannot be fitted, or None.
    """

    ce_bits: float = math.inf
    refusal: str | None = None


@dataclass(frozen=True)
class Choice:
    """The methods that were tried on a sample, and which of them is best.

    Attributes:
        method: name of the best.
        trials: name to trial, of all methods that were to be tried.
        strengths: family to its best strength, or its usual one where nothing could be tried.
        note: what must be said of how it was chosen, or None.
    """

    method: str
    trials: Mapping[str, Trial]
    strengths: Mapping[str, float]
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

        def learn(sample: TrainingSample) -> Pool:
            with one_blas_thread():
                parts = [FAMILIES[part].fit(sample, [self.strengths[part]])[0] for part in _parts(name)]
            return BlendedPool(tuple(parts)) if name == BLEND else parts[0]

        return learn

    def forecasts(self, sample: TrainingSample, asked: JudgeForecasts) -> dict[str, FloatArray]:
        """What every method forecasts that can be fitted, a blend made of its parts' forecasts.

        Args:
            sample: what the methods are fitted to.
            asked: what the judges said about the items to forecast.

        Returns:
            Method to (n_asked, n_labels).
        """
        made: dict[str, FloatArray] = {}
        for name in self.fittable:
            if name == BLEND and set(BLENDED) <= set(made):
                made[name] = np.mean([made[part] for part in BLENDED], axis=0)
            else:
                made[name] = self.learner_of(name)(sample).forecast(asked)
        return made


def choose(sample: TrainingSample, names: Sequence[str] = NAMES) -> Choice:
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
    needed = [family for family in FAMILIES if any(family in _parts(name) for name in names)]
    with one_blas_thread():
        found = {family: _try(part, fold, FAMILIES[family]) for family in needed}
    trials = {name: _trial(part, [found[family] for family in _parts(name)]) for name in NAMES if name in names}
    fittable = [name for name, trial in trials.items() if trial.refusal is None]
    if not fittable:
        raise CannotFitError("; ".join(f"{name}: {trial.refusal}" for name, trial in trials.items()))
    best = min(fittable, key=lambda name: trials[name].ce_bits)
    if math.isinf(trials[best].ce_bits) and _UNCHOSEN in fittable:
        best = _UNCHOSEN
    return Choice(best, trials, {family: found[family].strength for family in needed}, note)


def automatic(sample: TrainingSample) -> Pool:
    """The pool of the method that `choose` chooses; see `Learner`."""
    return choose(sample).learner(sample)


def _parts(name: str) -> tuple[str, ...]:
    """The families that a method is made of."""
    return BLENDED if name == BLEND else (name,)


def _parted(sample: TrainingSample) -> tuple[TrainingSample, IntArray | None, str | None]:
    """The items that choices are made on, their folds (None if there is one cluster), and what to say of it."""
    known = sample.answered()
    codes = np.unique(known.cluster, return_inverse=True)[1]
    n_clusters = int(codes.max(initial=-1)) + 1
    if n_clusters < 2:
        return known, None, _ONE_CLUSTER
    place = np.random.default_rng([sample.seed, _SEED]).permutation(n_clusters)[codes]
    enough = int(np.searchsorted(np.cumsum(np.bincount(place)), MOST_ITEMS)) + 1
    kept = np.flatnonzero(place < max(enough, FOLDS))
    note = f"method and strength were chosen on {kept.size:,} random items of {len(known):,}"
    return known.take(kept), place[kept] % FOLDS, note if kept.size < len(known) else None


@dataclass(frozen=True)
class _Tried:
    """A family with its best strength: its forecasts of items that it did not see, if any could be tried."""

    strength: float
    forecast: FloatArray | None = None
    refusal: str | None = None


def _try(part: TrainingSample, fold: IntArray | None, family: Method) -> _Tried:
    try:
        if fold is None:
            family.fit(part, [family.usual])  # refuses what cannot be fitted
            return _Tried(family.usual)
        made = np.empty((len(family.strengths), *part.votes.shape))
        for number in np.unique(fold):
            asked = np.flatnonzero(fold == number)
            pools = family.fit(part.take(np.flatnonzero(fold != number)), family.strengths)
            forecasts = part.forecasts.select(asked)
            made[:, asked] = [pool.forecast(forecasts) for pool in pools]
    except CannotFitError as error:
        return _Tried(family.usual, refusal=str(error))
    best = int(np.argmin([_loss(part, forecast) for forecast in made]))
    return _Tried(family.strengths[best], made[best])


def _trial(part: TrainingSample, tried: Sequence[_Tried]) -> Trial:
    """Of a method that is the mean of some families."""
    forecasts = [own.forecast for own in tried if own.forecast is not None]
    refusals = [own.refusal for own in tried if own.refusal is not None]
    if refusals:
        return Trial(refusal=refusals[0])
    return Trial(_loss(part, np.mean(forecasts, axis=0)) if forecasts else math.inf)


def _loss(part: TrainingSample, forecast: FloatArray) -> float:
    return float(cross_entropy_bits(part.shares, forecast).mean())


def _by_name(name: str) -> Learner:
    def learn(sample: TrainingSample) -> Pool:
        return choose(sample, (name,)).learner(sample)

    return learn


METHODS: Final[Mapping[str, Learner]] = {name: _by_name(name) for name in NAMES}
"""Name of each method to the learner that chooses its strength inside, the one with fewer parameters first."""
