"""The same by the number of reviewers: what a single label would leave on the table, whoever many are asked."""

from __future__ import annotations

import math

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.pilot.numbers import Modelled
from panel_eval.evaluation.pilot.overconfidence import fit_columns
from panel_eval.evaluation.pilot.populations import MOST_PEOPLE, Populations
from panel_eval.schema.pilot import PanelSize
from panel_eval.stats.arrays import FloatArray, row_sums
from panel_eval.stats.fresh_panel import fresh_panel_cross_entropy_bits
from panel_eval.stats.majority import most_voted, set_codes
from panel_eval.stats.posterior_expectations import expected_entropy_bits
from panel_eval.stats.posterior_predictive import votes_at

SIZES = (1, 3, 5, 7, 9, 15, MOST_PEOPLE)
_SEED = 814


def size_columns(sample: Comparison, drawn: Populations, *, other_form: bool = False) -> Columns:
    """Figures of fresh panels of each size, by "SIZE NAME", and what the base rate leaves open.

    Args:
        sample: the reviewers beside the base rate.
        drawn: populations of its items.
        other_form: they are not those of the posterior, so that what has a closed form under it is averaged.
    """
    rows = np.repeat(drawn.first, drawn.draws)
    weight = np.bincount(drawn.code, minlength=drawn.first.size).repeat(drawn.draws) / drawn.draws
    prior, base = sample.posterior.prior[rows], sample.base_rate
    points = np.random.default_rng([sample.seed, _SEED]).random((len(drawn.p), SIZES[-1]))
    alpha, entropy = sample.posterior.alpha, expected_entropy_bits(sample.posterior.alpha)
    columns = {
        "nothing": drawn.per_item(_kl_bits(drawn.p, base[rows]))
        if other_form
        else row_sums(-np.log2(base) * alpha) / row_sums(alpha) - entropy
    }
    for n in SIZES:
        if not drawn.can_ask(n):
            continue
        decided, votes = drawn.decided(n), votes_at(drawn.p, points[:, :n])
        told = (votes + prior) / (n + row_sums(prior)[:, None])
        everything = (
            drawn.per_item(_kl_bits(drawn.p, told))
            if other_form
            else fresh_panel_cross_entropy_bits(alpha, n, sample.posterior.prior.mean(axis=0)) - entropy
        )
        found = fit_columns(drawn, decided) | {
            "all_votes": everything,
            "single_label": drawn.per_item(_kl_bits(drawn.p, _by_label(told, votes, weight))),
            "same": drawn.per_item(row_sums(decided**2)),
        }
        columns |= {f"{n} {name}": values for name, values in found.items()}
    return columns


def panel_sizes(modelled: Modelled) -> list[PanelSize]:
    """The figures as they stand in the document.

    Args:
        modelled: means of `size_columns`.
    """
    return [
        PanelSize(
            reviewers=n,
            all_votes_bits=modelled.mean(f"{n} all_votes"),
            single_label_bits=modelled.mean(f"{n} single_label"),
            same_label=modelled.share(f"{n} same"),
            confidence=modelled.share(f"{n} confidence"),
            agreement=modelled.share(f"{n} agreement"),
            gap=modelled.mean(f"{n} gap"),
            model_kl_bits=modelled.mean(f"{n} model_kl"),
        )
        for n in SIZES
        if f"{n} same" in modelled.means
    ]


def _by_label(told: FloatArray, votes: FloatArray, weight: FloatArray) -> FloatArray:
    """(n_rows, n_labels) mean of what all votes tell, over the panels that keep the same label or tie."""
    code = set_codes(most_voted(votes))
    totals = np.array([np.bincount(code, weight * column) for column in told.T]).T
    return np.asarray((totals / row_sums(totals)[:, None])[code])


def _kl_bits(p: FloatArray, q: FloatArray) -> FloatArray:
    """(n_rows,) KL, q above 0."""
    found = np.where(p > 0, p * (np.log(np.maximum(p, 1e-300)) - np.log(q)), 0.0)
    return np.maximum(row_sums(found), 0.0) / math.log(2.0)
