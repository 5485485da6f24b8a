"""Pools that are learned from human soft labels: how judges are weighted, recalibrated and joined.

A `Learner` makes a `Pool` of a `TrainingSample`; a pool forecasts items whose people it never saw. `METHODS` names
the learners, `automatic` is the one that chooses among them; `pool_of` brings a pool back from the parameters in a
file.
"""

from panel_eval.pooling.fitted.choice import METHODS, Choice, automatic, choose
from panel_eval.pooling.fitted.parameters import parameters_of, pool_of
from panel_eval.pooling.fitted.pool import CannotFitError, Learner, Pool
from panel_eval.pooling.fitted.stacking import StackedPool, fit_stacking
from panel_eval.pooling.fitted.training import TrainingSample, hardened

__all__ = [
    "METHODS",
    "CannotFitError",
    "Choice",
    "Learner",
    "Pool",
    "StackedPool",
    "TrainingSample",
    "automatic",
    "choose",
    "fit_stacking",
    "hardened",
    "parameters_of",
    "pool_of",
]
