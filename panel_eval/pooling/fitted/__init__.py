"""Pools that are learned from human soft labels: how judges are weighted, recalibrated and joined.

A `Learner` makes a `Pool` of a `TrainingSample`; a pool forecasts items whose people it never saw. `METHODS` names
the learners; `pool_of` brings a pool back from the parameters in a file.
"""

from panel_eval.pooling.fitted.methods import METHODS
from panel_eval.pooling.fitted.pool import Learner, Pool
from panel_eval.pooling.fitted.stacking import StackedPool, fit_stacking
from panel_eval.pooling.fitted.training import TrainingSample, hardened

__all__ = ["METHODS", "Learner", "Pool", "StackedPool", "TrainingSample", "fit_stacking", "hardened"]
