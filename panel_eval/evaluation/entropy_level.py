"""The reviewers' own entropy, and how far it moves when the prior behind it is fitted to each resample."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import Mean, segment_means
from panel_eval.evaluation.posterior import HumanPosterior
from panel_eval.evaluation.prior_moves import PriorMoves
from panel_eval.evaluation.segments import Segment
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.posterior_expectations import expected_entropy_bits, posterior_mean


@dataclass(frozen=True)
class EntropyLevel:
    """The reviewers' own entropy, shared by every forecaster, and how the prior behind it moves.

    Attributes:
        posterior: what it is made from.
        bits: (n_items,) posterior mean entropy.
        moves: of the prior; None where it is fixed.
        rows: (n_sampled,) the items that moves are averaged over.
        entropy_moved: (n_nodes, n_sampled) what the prior of each node of `moves` adds to their entropy.
        centre_moved: (n_nodes, n_sampled, n_labels) what it adds to their posterior mean.
    """

    posterior: HumanPosterior
    bits: FloatArray
    moves: PriorMoves | None
    rows: IntArray
    entropy_moved: FloatArray
    centre_moved: FloatArray

    def moved(self, segment: Segment, mean: Mean, part: BoolArray, added: FloatArray) -> Mean:
        """A mean over the segment's items in `part`, the prior fitted again in each resample.

        Args:
            segment: of the items.
            mean: with the prior as it is.
            part: (n_items,) mask.
            added: (n_nodes, n_sampled) what the prior of each node adds to the items in `rows`.
        """
        within = np.zeros(part.size, dtype=bool)
        within[segment.rows] = part[segment.rows]
        sampled = within[self.rows]
        if self.moves is None or not sampled.any():  # so rare among so many items: the prior is as good as known
            return mean
        return replace(mean, replicates=mean.replicates + self.moves.weights @ added[:, sampled].mean(axis=1))

    def mean(self, segment: Segment, part: BoolArray) -> Mean:
        """The reviewers' mean entropy over the segment's items in `part`, a mask (n_items,)."""
        mean = segment_means({"bits": np.where(part, self.bits, np.nan)}, segment)["bits"]
        return self.moved(segment, mean, part, self.entropy_moved)

    def cross_entropy_moved(self, q: FloatArray) -> FloatArray:
        """What the prior of each node adds to the expected cross-entropy of a forecast.

        Args:
            q: (n_items, n_labels) the forecast.

        Returns:
            (n_nodes, n_sampled) to hand to `moved`.
        """
        # Items with a zero are infinite and not averaged; NaN rows are not scored.
        log_q = np.log2(np.where(q[self.rows] == 0, 1.0, q[self.rows]))
        return np.asarray(-np.einsum("nik,ik->ni", self.centre_moved, log_q))


def entropy_level(comparison: Comparison, bits: FloatArray) -> EntropyLevel:
    """How far the reviewers' entropy moves when the prior is fitted to each resample.

    Args:
        comparison: the panel beside the people.
        bits: (n_items,) their expected entropy.
    """
    posterior, (rows, others) = (
        comparison.posterior,
        (comparison.other_priors.rows, comparison.other_priors.comparisons),
    )
    here, there = posterior.alpha[rows], [other.posterior.alpha for other in others]
    entropy = [expected_entropy_bits(alpha) - bits[rows] for alpha in there]
    centre = [posterior_mean(alpha) - posterior_mean(here) for alpha in there]
    return EntropyLevel(
        posterior=posterior,
        bits=bits,
        moves=comparison.prior_moves,
        rows=rows,
        entropy_moved=np.reshape(entropy, (len(there), rows.size)),
        centre_moved=np.reshape(centre, (len(there), *here.shape)),
    )
