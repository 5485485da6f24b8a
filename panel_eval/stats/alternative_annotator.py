"""The alternative annotator test: may a judge's label stand in for one of the annotators?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr
from scipy.stats import rankdata

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

    A judge given as a distribution draws its label from it, and W^f and W^h are taken in expectation (our
    extension): a tie between two answers counts half for either, and a judge that varies as people do is as good
    as one of them.

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
    person, judge_wins, person_wins = _wins(codes[0], codes[1], codes[2], q, score, v)
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


def _wins(
    item: IntArray, annotator: IntArray, label: IntArray, q: FloatArray, score: Score, values: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Annotator, W^f and W^h of the votes that others' votes can be held against."""
    n_items, n_labels = q.shape
    counts = np.bincount(item * n_labels + label, minlength=n_items * n_labels).reshape(n_items, n_labels)
    kept = (counts.sum(axis=1) >= 2)[item] & ~np.isnan(q[item, 0])
    item, label = item[kept], label[kept]
    rest = counts[item].astype(np.float64)
    rest[np.arange(item.size), label] -= 1.0
    rest /= rest.sum(axis=1, keepdims=True)
    scores = rest if score == "accuracy" else -np.sqrt(rest @ np.subtract.outer(values, values) ** 2)
    own = scores[np.arange(item.size), label][:, None]
    judge_wins = (q[item] * (scores >= own - TIE_TOLERANCE)).sum(axis=1)
    person_wins = (q[item] * (own >= scores - TIE_TOLERANCE)).sum(axis=1)
    return annotator[kept], judge_wins, person_wins


def _test(
    person: IntArray, judge_wins: FloatArray, person_wins: FloatArray, epsilon: float, fewest: int, fdr: float
) -> AltTest:
    order = np.argsort(person, kind="stable")
    number = np.bincount(person)
    tested = np.flatnonzero(number >= max(fewest, 2))
    ends = np.cumsum(number)
    parts = [order[ends[j] - number[j] : ends[j]] for j in tested]
    p_values = np.array([_p_value((person_wins - judge_wins)[part], epsilon) for part in parts])
    rejected = benjamini_yekutieli(p_values) <= fdr
    advantages = np.array([judge_wins[part].mean() for part in parts])
    missing = tested.size == 0
    return AltTest(
        winning_rate=float("nan") if missing else float(rejected.mean()),
        advantage=float("nan") if missing else float(advantages.mean()),
        annotators=tested,
        n_items=number[tested],
        advantages=advantages,
        p_values=p_values,
        rejected=rejected,
    )


def _p_value(difference: FloatArray, epsilon: float) -> float:
    """One-sided p of H0: the mean difference is ε or more."""
    n = difference.size
    if n < T_TEST_ITEMS:
        return _signed_rank_p(difference - epsilon)
    mean, deviation = difference.mean(), difference.std(ddof=1)
    if deviation <= TIE_TOLERANCE:
        return 0.0 if mean < epsilon else 1.0
    return float(stdtr(n - 1, (mean - epsilon) / (deviation / np.sqrt(n))))


def _signed_rank_p(shifted: FloatArray) -> float:
    """Exact P(W+ <= observed) of Wilcoxon's signed ranks, zeros left out, ties with midranks."""
    shifted = np.round(shifted, 9)
    shifted = shifted[shifted != 0]
    twice = np.rint(2.0 * rankdata(np.abs(shifted))).astype(np.int64)
    chance = np.ones(1)  # of each sum of twice the positive ranks, every sign being a fair coin
    for rank in twice:
        chance = 0.5 * (np.pad(chance, (0, rank)) + np.pad(chance, (rank, 0)))
    observed = int(twice[shifted > 0].sum())
    return min(1.0, float(chance[: observed + 1].sum()))
