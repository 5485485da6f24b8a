"""The ways to join judges by name, and how firmly each is held back is chosen by what it forecasts best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panel_eval.pooling.fitted.pool import Pool
from panel_eval.pooling.fitted.recalibrated import fit_dirichlet, fit_temperature, fit_vector_scaling
from panel_eval.pooling.fitted.stacking import RIDGE, fit_cumulative_links, fit_stackings
from panel_eval.pooling.fitted.training import TrainingSample
from panel_eval.pooling.fitted.weighted import fit_linear_pool, fit_log_pool


@dataclass(frozen=True)
class Method:
    """A family of pools, one for each strength with which it is drawn towards something simpler.

    Attributes:
        fit: of a sample and strengths, the pool of each strength; raises `CannotFitError` where there is none.
        strengths: those to choose among, all above 0.
        usual: the strength where nothing can be chosen.
    """

    fit: Callable[[TrainingSample, Sequence[float]], Sequence[Pool]]
    strengths: tuple[float, ...]
    usual: float


_WEIGHTS = (4.0, 32.0, 256.0)
_SLOPES = (1.0, 16.0, 256.0)
_RIDGES = (1.0, 4.0, 16.0, 64.0, 256.0, 1024.0)

FAMILIES: Final[Mapping[str, Method]] = {
    "temperature": Method(fit_temperature, (1.0,), 1.0),
    "linear_pool": Method(fit_linear_pool, _WEIGHTS, 32.0),
    "log_pool": Method(fit_log_pool, _WEIGHTS, 32.0),
    "vector_scaling": Method(fit_vector_scaling, _SLOPES, 16.0),
    "dirichlet": Method(fit_dirichlet, _SLOPES, 16.0),
    "cumulative_link": Method(fit_cumulative_links, _RIDGES, RIDGE),
    "stacking": Method(fit_stackings, _RIDGES, RIDGE),
}
"""Name of each family, the one with fewer parameters first."""
