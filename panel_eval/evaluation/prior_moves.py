"""How numbers made from the items' posteriors move when the prior is fitted to each resample.

The prior's theta = (rho, w) takes a step in each resample. A number is computed under a few other priors, and the
parabola through these values says what it would be after the step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.posterior import HumanPosterior
from panel_eval.evaluation.segments import Segment
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.dirichlet_multinomial import newton_steps
from panel_eval.stats.parabola import parabola


@dataclass(frozen=True)
class PriorMoves:
    """The prior in each resample.

    Attributes:
        thetas: (n_resamples, 2) rho and w.
        nodes: (n_nodes, 2) the priors under which numbers are computed.
        weights: (n_resamples, n_nodes) see `shift`.
    """

    thetas: FloatArray
    nodes: FloatArray
    weights: FloatArray

    def shift(self, value: FloatArray | float, at_nodes: Sequence[FloatArray | float]) -> FloatArray:
        """What a refitted prior adds to a number in each resample.

        Args:
            value: (...) the number.
            at_nodes: the same under the prior of each node.

        Returns:
            (n_resamples, ...), of mean about 0.
        """
        base = np.asarray(value, dtype=np.float64)
        if not len(at_nodes):
            return np.zeros((len(self.weights), *base.shape))
        moved: FloatArray = np.tensordot(self.weights, np.stack([np.asarray(v) - base for v in at_nodes]), axes=1)
        return moved


def prior_moves(posterior: HumanPosterior, everything: Segment) -> PriorMoves | None:
    """One Newton step of the prior's fit in each resample; None where no prior was fitted.

    Args:
        posterior: of all items.
        everything: all items, with their resamples.
    """
    if (fit := posterior.fit) is None:
        return None
    sums = everything.sums(np.column_stack([fit.likelihood.gradient, fit.likelihood.hessian]))
    steps = newton_steps(sums[:, :2], sums[:, 2:], fit.theta)
    around = parabola(steps)
    return PriorMoves(fit.theta + steps, fit.theta + around.nodes, around.weights)
