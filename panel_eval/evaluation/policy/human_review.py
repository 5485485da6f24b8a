"""What a majority of people would lose on items that are handed to them: people are no truth either."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.policy.losses import label_distances, loss_table
from panel_eval.evaluation.posterior import human_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema.deferral_settings import DeferralLoss
from panel_eval.stats.arrays import FloatArray, row_sums
from panel_eval.stats.mode import mode_sets
from panel_eval.stats.posterior_predictive import draw_populations, draw_votes

METHOD = (
    "posterior-based: fresh people are drawn from each item's Dirichlet posterior, their most frequent label is "
    "the decision, ties shared"
)
_SEED = 877
_CELLS, _FEWEST, _MOST = 200_000, 20, 200
"""Items times draws, fewest and most draws of an item."""


def human_majority_loss(
    humans: HumanLabels,
    forecasts: JudgeForecasts,
    q: FloatArray,
    loss: DeferralLoss,
    reviewers: int,
    seed: int,
) -> FloatArray:
    """Expected loss of the most frequent label of some fresh people, for each item.

    Disagreement and distance are those from a further person of the same population, given the posterior and the
    fresh votes; majority is the loss of the label against the reviewers' recorded one, as for the panel.

    Args:
        humans: the labelled items, in the order of their ids.
        forecasts: what each judge said.
        q: (n_items, n_labels) the panel's forecast; the prior of the populations leans on it as far as it helps.
        loss: of a label.
        reviewers: fresh people asked about an item.
        seed: of the draws.

    Returns:
        (n_items,) losses in [0, 1].
    """
    alpha = human_posterior(humans, forecasts, q, base_rate(humans), seed).alpha
    recorded = loss_table(humans, loss) if loss == "majority" else None
    generator = np.random.default_rng([seed, _SEED])
    n_draws = int(np.clip(_CELLS // max(len(humans), 1), _FEWEST, _MOST))
    apart = label_distances(humans) if loss == "distance" else 1.0 - np.eye(len(humans.labels))
    total = np.zeros(len(humans))
    for _ in range(n_draws):
        votes = draw_votes(draw_populations(alpha, generator), reviewers, generator)
        modes = mode_sets(votes / reviewers).astype(np.float64)
        chosen = modes / row_sums(modes)[:, None]
        if recorded is None:
            # The posterior given the fresh votes as well: conjugate, so a further person need not be drawn.
            after = alpha + votes
            total += row_sums(chosen * ((after / row_sums(after)[:, None]) @ apart))
        else:
            total += row_sums(chosen * recorded)
    return np.asarray(total / n_draws)
