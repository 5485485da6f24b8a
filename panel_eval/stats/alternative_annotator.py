"""The alternative annotator test: may a judge's label stand in for one of the annotators?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import binom, stdtr

from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.multiplicity import benjamini_yekutieli
from panel_eval.stats.ties import TIE_TOLERANCE

Score = Literal["accuracy", "neg_rmse"]

T_TEST_ITEMS = 30
"""Items of an annotator from which the t-test is used, Wilcoxon's signed ranks below (Calderon et al. 2025)."""


@dataclass(frozen=True)
class AltTest:
    """Result of the alternative annotator test.

    Attributes:
        winning_rate: ω, share of tested annotators whom the judge may stand in for; NaN if none was tested. The
            judge passes from .5 on.
        advantage: ρ, mean over annotators of the chance that the judge represents the others at least as well as
            the annotator; NaN if none was tested.
        annotators: (n_tested,) codes of the tested annotators.
        n_items: (n_tested,) items of each.
        advantages: (n_tested,) ρ_j of each.
        p_values: (n_tested,) of the one-sided tests, unadjusted.
        rejected: (n_tested,) whether the judge wins, after Benjamini-Yekutieli.
    """

    winning_rate: float
    advantage: float
    annotators: IntArray
    n_items: IntArray
    advantages: FloatArray
    p_values: FloatArray
    rejected: BoolArray


def alternative_annotator_test(
    item: ArrayLike,
    annotator: ArrayLike,
    label: ArrayLike,
    judge: ArrayLike,
    *,
    epsilon: float,
    score: Score = "accuracy",
    values: ArrayLike | None = None,
    fewest_items: int = T_TEST_ITEMS,
    fdr: float = 0.05,
) -> AltTest:
    """Alternative annotator test of one judge against people, each left out in turn.

    On each item of annotator j, S_j and S_judge score how well each matches the remaining annotators of the item:
    mean agreement ("accuracy") or -√(mean squared difference of values) ("neg_rmse"). W^f = [S_judge >= S_j] and
    W^h = [S_j >= S_judge]: ties credit both. H0: mean(W^h - W^f) >= ε is tested one-sided, by t from
    `T_TEST_ITEMS` items on and by Wilcoxon's signed ranks (exact) below, with the false discovery rate over
    annotators held by Benjamini and Yekutieli.

    A judge given as a distribution is scored by its expected score (our extension): a tie between two answers
    then counts half for either, and nothing is broken at random.

    Args:
        item: (n_votes,) item code of each vote, from 0.
        annotator: (n_votes,) annotator code, from 0; at most one vote for each item and annotator.
        label: (n_votes,) label code, from 0.
        judge: (n_items, n_labels) the judge's distribution over labels, one label = all mass on it; NaN rows are
            left out.
        epsilon: ε, what the judge's lower cost may excuse: .2 if annotators are experts, .15 skilled, .1 crowd.
        score: how labels are matched.
        values: (n_labels,) of the labels, for "neg_rmse"; default 0, 1, 2 …
        fewest_items: annotators with fewer items (that another annotator labelled, too) are not tested.
        fdr: level q.

    Returns:
        ω, ρ and the single tests.

    Raises:
        ValueError: wrong shapes, or codes out of range.

    References:
        Calderon, Reichart & Dror (2025), "The Alternative Annotator Test for LLM-as-a-Judge", ACL.
    """
    codes = [np.asarray(array, dtype=np.int64) for array in (item, annotator, label)]
    q = np.asarray(judge, dtype=np.float64)
    _check(codes, q)
    v = np.arange(float(q.shape[1])) if values is None else np.asarray(values, dtype=np.float64)
    own, other, kept = _scores(codes[0], codes[2], q, score, v)
    person = codes[1][kept]
    judge_wins = other >= own - TIE_TOLERANCE
    person_wins = own >= other - TIE_TOLERANCE
    return _test(person, judge_wins, person_wins, epsilon, fewest_items, fdr)


def _check(codes: list[IntArray], q: FloatArray) -> None:
    item, annotator, label = codes
    if q.ndim != 2:
        raise ValueError(f"judge must be (n_items, n_labels), got shape {q.shape}")
    if item.ndim != 1 or item.shape != annotator.shape or item.shape != label.shape:
        raise ValueError("item, annotator and label must be (n_votes,) alike")
    for name, code, size in (("item", item, q.shape[0]), ("label", label, q.shape[1])):
        if code.size and not (code.min() >= 0 and code.max() < size):
            raise ValueError(f"{name} codes must lie in 0 … {size - 1}")
    if annotator.min(initial=0) < 0:
        raise ValueError("annotator codes must not be negative")


def _scores(
    item: IntArray, label: IntArray, q: FloatArray, score: Score, values: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Scores of annotator and judge against the rest, for the votes that have a rest, and which votes those are."""
    n_items, n_labels = q.shape
    counts = np.bincount(item * n_labels + label, minlength=n_items * n_labels).reshape(n_items, n_labels)
    kept = (counts.sum(axis=1) >= 2)[item] & ~np.isnan(q[item, 0])
    item, label = item[kept], label[kept]
    rest = counts[item].astype(np.float64)
    rest[np.arange(item.size), label] -= 1.0
    rest /= rest.sum(axis=1, keepdims=True)
    own, judge = np.zeros(item.size), np.zeros(item.size)
    for k in range(n_labels):
        match = rest[:, k] if score == "accuracy" else -np.sqrt(rest @ (values - values[k]) ** 2)
        own += np.where(label == k, match, 0.0)
        judge += q[item, k] * match
    return own, judge, kept


def _test(
    person: IntArray, judge_wins: BoolArray, person_wins: BoolArray, epsilon: float, fewest: int, fdr: float
) -> AltTest:
    number = np.bincount(person)
    tested = np.flatnonzero(number >= max(fewest, 2))
    difference = person_wins.astype(np.int64) - judge_wins.astype(np.int64)
    # How often each annotator is behind the judge (-1), level (0), ahead (1).
    outcomes = np.bincount(person * 3 + difference + 1, minlength=3 * number.size).reshape(-1, 3)[tested]
    p_values = np.array([_p_value(row, epsilon) for row in outcomes])
    rejected = benjamini_yekutieli(p_values) <= fdr
    n = number[tested]
    advantages = (outcomes[:, 0] + outcomes[:, 1]) / n
    missing = tested.size == 0
    return AltTest(
        winning_rate=float("nan") if missing else float(rejected.mean()),
        advantage=float("nan") if missing else float(advantages.mean()),
        annotators=tested,
        n_items=n,
        advantages=advantages,
        p_values=p_values,
        rejected=rejected,
    )


def _p_value(outcomes: IntArray, epsilon: float) -> float:
    """One-sided p of H0 mean >= ε, of differences -1, 0 and 1 that occur so often."""
    n = int(outcomes.sum())
    if n < T_TEST_ITEMS:
        return _signed_rank_p(outcomes, np.array([-1.0, 0.0, 1.0]) - epsilon)
    mean = (outcomes[2] - outcomes[0]) / n
    variance = (outcomes[2] + outcomes[0] - n * mean**2) / (n - 1)
    if variance <= 0:
        return 0.0 if mean < epsilon else 1.0
    return float(stdtr(n - 1, (mean - epsilon) / np.sqrt(variance / n)))


def _signed_rank_p(number: IntArray, shifted: FloatArray) -> float:
    """Exact P(W+ <= observed) of Wilcoxon's signed ranks, where value g occurs `number[g]` times.

    Under the null each sign is a fair coin, so the positive ones among equal sizes are binomial.
    """
    counted, shifted = number[shifted != 0], shifted[shifted != 0]
    sizes, group = np.unique(np.round(np.abs(shifted), 12), return_inverse=True)
    tied = np.bincount(group, counted, minlength=sizes.size)
    rank = np.cumsum(tied) - 0.5 * (tied - 1.0)
    observed = float((rank[group] * counted)[shifted > 0].sum())
    sums, chance = np.zeros(1), np.ones(1)
    for size, midrank in zip(tied.astype(int), rank, strict=True):
        heads = np.arange(size + 1)
        sums = np.add.outer(sums, midrank * heads).ravel()
        chance = np.multiply.outer(chance, binom(size, heads) / 2.0**size).ravel()
    return min(1.0, float(chance[sums <= observed + TIE_TOLERANCE].sum()))
