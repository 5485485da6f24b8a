"""What the next reviewer will say, foretold from all votes, from the label most of them chose, or from less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.pilot.left_out_votes import LeftOutVotes
from panel_eval.evaluation.pilot.usable import Votes
from panel_eval.stats.arrays import FloatArray, IntArray, distinct_rows, row_sums
from panel_eval.stats.majority import set_codes
from panel_eval.stats.situations import corrected_forecast, situation_forecast

STRENGTHS = (3.0, 10.0, 30.0, 100.0, 300.0, np.inf)
"""Items that the model may be worth beside votes seen in a situation."""
LABEL_STRENGTHS = (0.1, 0.3, 1.0, *STRENGTHS)
"""The same for the single label; the best is taken. It reaches further down, as the forecast from all votes, which
corrects the label's, learns from the votes seen twice: nothing may seem lost for want of trust in them."""
SHARES = tuple(np.linspace(0.0, 1.0, 11).tolist())
"""How much of the forecast from all votes may be the posterior mean; the rest is the single label's forecast."""
_FOLDS = 5
_SEED = 815
SMOOTHING = 0.5
"""Pseudo-votes a label of a hard label taken at face value (DESIGN §6)."""


@dataclass(frozen=True)
class Situations:
    """What is known of each row: the label that was kept.

    Attributes:
        row: (n,) the row of votes; a row stands several times where one of tied labels is drawn.
        weight: (n,) chance of the label, by which the row counts.
        known: (n, n_labels) the label that is known, or the set of tied ones.
        code: (n,) which of them are alike, from 0.
    """

    row: IntArray
    weight: FloatArray
    known: FloatArray
    code: IntArray


def ties_apart(votes: Votes) -> Situations:
    """The most frequent label is known, or that these labels are tied."""
    modes = votes.modes
    return Situations(np.arange(len(modes)), np.ones(len(modes)), votes.kept, set_codes(modes))


def ties_broken(votes: Votes) -> Situations:
    """One label is known; of tied ones each with the same chance, and nobody knows that there was a tie."""
    row, label = np.nonzero(votes.modes)
    known = np.zeros((row.size, votes.modes.shape[1]))
    known[np.arange(row.size), label] = 1.0
    return Situations(row, votes.kept[row, label], known, label)


def label_forecast(
    situations: Situations,
    expected: FloatArray,
    prior: FloatArray,
    weight: FloatArray,
    unit: IntArray,
    *,
    cast: FloatArray | None = None,
    strength: float = np.inf,
) -> FloatArray:
    """What somebody expects who knows only the kept label, but how votes go where it is kept on other items.

    Args:
        situations: what is known of each row.
        expected: (n_rows, n_labels) what the model expects of the next vote, given all votes.
        prior: (n_rows, n_labels) its pseudo-votes.
        weight: (n_rows,) by which the rows count.
        unit: (n_rows,) item or cluster, whose own rows are left out.
        cast: (n_rows, n_labels) the weighted next vote, where it is known.
        strength: what the model is worth beside votes seen, in items.

    Returns:
        (n, n_labels), one row for each of the situations. Where no other item is in the situation, the label
        counts as one vote.
    """
    row, own = situations.row, situations.weight
    alpha = situations.known + prior[row]
    seen = np.zeros((row.size, expected.shape[1])) if cast is None else own[:, None] * cast[row]
    return situation_forecast(
        seen,
        expected[row],
        alpha / row_sums(alpha)[:, None],
        own * weight[row],
        situations.code,
        unit[row],
        strength,
    )


def best_label_forecast(left: LeftOutVotes, situations: Situations) -> FloatArray:
    """`label_forecast` of votes left out, with the strength that foretells them best."""
    found = [
        label_forecast(
            situations, left.expected, left.prior, left.weight, left.unit, cast=left.cast, strength=strength
        )
        for strength in LABEL_STRENGTHS
    ]
    return found[int(np.argmin([_mean_bits(left, situations, q) for q in found]))]


def best_vote_forecast(left: LeftOutVotes, by_label: FloatArray) -> FloatArray:
    """What all other votes foretell; each of two settings is the one that foretells best on other folds of items.

    The posterior mean is mixed with the label's forecast, as the prior may know too little of which labels go
    together; and the mixture is what the votes seen where all others voted alike are weighed against. Chosen on
    the very votes that it is scored on, it would look better than it is, and the single label worse.

    Args:
        left: votes left out.
        by_label: (n_rows, n_labels) forecast from the kept label alone, ties apart.
    """
    fold = np.random.default_rng(_SEED).permutation(int(left.unit.max()) + 1)[left.unit] % _FOLDS
    mixed = [share * left.expected + (1.0 - share) * by_label for share in SHARES]
    model = _chosen_elsewhere(left, mixed, fold)
    code = distinct_rows(left.others.counts)[1]
    return _chosen_elsewhere(
        left,
        [corrected_forecast(left.cast, model, left.weight, code, left.unit, tau) for tau in STRENGTHS],
        fold,
    )


def _chosen_elsewhere(left: LeftOutVotes, found: list[FloatArray], fold: IntArray) -> FloatArray:
    """Of each fold's rows the forecast that is best on all other folds."""
    bits = np.array([left.weight * left.surprise_bits(q) for q in found])
    chosen = np.empty(found[0].shape)
    for number in range(_FOLDS):
        own = fold == number
        chosen[own] = found[int(bits[:, ~own].sum(axis=1).argmin())][own]
    return chosen


def face_value(label: FloatArray, n: FloatArray) -> FloatArray:
    """A label as if all n people had chosen it, smoothed by half a vote a label.

    Args:
        label: (n_rows, n_labels) 1 for the label.
        n: (n_rows,) people.
    """
    votes = n[:, None] * label + SMOOTHING
    return np.asarray(votes / row_sums(votes)[:, None])


def over_situations(situations: Situations, values: FloatArray, n_rows: int) -> FloatArray:
    """(n_rows,) mean of values of situations over those of a row."""
    return np.asarray(np.bincount(situations.row, situations.weight * values, minlength=n_rows), dtype=np.float64)


def surprise_in(left: LeftOutVotes, situations: Situations, q: FloatArray) -> FloatArray:
    """(n_rows,) bits by which the forecast in a row's situations is surprised by the vote left out."""
    row = situations.row
    bits = -np.log2(q[np.arange(row.size), left.label[row]])
    return over_situations(situations, bits, left.item.size)


def _mean_bits(left: LeftOutVotes, situations: Situations, q: FloatArray) -> float:
    return float(left.weight @ surprise_in(left, situations, q))
