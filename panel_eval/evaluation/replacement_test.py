"""The alternative annotator test of the panel and of each judge, where the file names its reviewers."""

from __future__ import annotations

from functools import partial

import numpy as np

from panel_eval.evaluation.agreement_coefficients import top_answers
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import finite_or_none
from panel_eval.humans.reviewers import ReviewerVotes
from panel_eval.schema.agreement_metrics import AltTest, AltTestResult
from panel_eval.stats.alternative_annotator import T_TEST_ITEMS, Score, alternative_annotator_test
from panel_eval.stats.arrays import FloatArray

DEFAULT_EPSILON = 0.15
"""Between crowd workers (.1) and experts (.2), as Calderon et al. (2025) advise for skilled annotators."""
PASSES_FROM = 0.5
FDR = 0.05
_FEW_ITEMS = 10
"""Fewest items of a reviewer where hardly anyone has `T_TEST_ITEMS`."""
_FEWEST_REVIEWERS = 3


def replacement_test(comparison: Comparison, votes: ReviewerVotes, epsilon: float = DEFAULT_EPSILON) -> AltTest:
    """Whether one label of the panel, or of a judge, may stand in for a reviewer's.

    Args:
        comparison: panel, judges and people.
        votes: who voted what.
        epsilon: what the judge's lower cost may excuse.
    """
    score: Score = "neg_rmse" if comparison.humans.scale == "ordinal" else "accuracy"
    fewest = _fewest_items(votes)
    result = partial(_result, comparison, votes, epsilon, score, fewest)
    q_raw = comparison.forecasts.q_raw
    return AltTest(
        epsilon=epsilon,
        score=score,
        fdr=FDR,
        fewest_items=fewest,
        panel=result(_answer(comparison.panel.q)),
        panel_distribution=result(comparison.panel.q),
        judges={judge: result(_answer(q_raw[row])) for row, judge in enumerate(comparison.forecasts.judge_ids)},
    )


def _fewest_items(votes: ReviewerVotes) -> int:
    """Items a reviewer needs for being tested: 30, or fewer where not even three reviewers have 30."""
    items = np.bincount(votes.reviewer)
    return T_TEST_ITEMS if (items >= T_TEST_ITEMS).sum() >= _FEWEST_REVIEWERS else _FEW_ITEMS


def _answer(q: FloatArray) -> FloatArray:
    """All mass on the top label, ties shared, NaN rows kept."""
    return np.where(np.isnan(q), np.nan, top_answers(q))


def _result(
    comparison: Comparison, votes: ReviewerVotes, epsilon: float, score: Score, fewest: int, q: FloatArray
) -> AltTestResult:
    test = alternative_annotator_test(
        votes.item,
        votes.reviewer,
        votes.label,
        q,
        epsilon=epsilon,
        score=score,
        values=comparison.humans.label_values,
        fewest_items=fewest,
        fdr=FDR,
    )
    tested = test.annotators.size
    if not tested:
        note = f"no reviewer shares {fewest} items or more with another and with this judge"
        return AltTestResult(winning_rate=None, advantage=None, passes=None, n_reviewers=0, n_won=0, note=note)
    notes = []
    if tested < _FEWEST_REVIEWERS:
        notes.append(f"{tested} reviewer{'s' if tested > 1 else ''} tested; three or more are advised")
    if (ranked := int((test.n_items < T_TEST_ITEMS).sum())) > 0:
        notes.append(f"{ranked} of them with fewer than {T_TEST_ITEMS} items, by Wilcoxon's signed ranks")
    return AltTestResult(
        winning_rate=test.winning_rate,
        advantage=finite_or_none(test.advantage),
        passes=test.winning_rate >= PASSES_FROM,
        n_reviewers=tested,
        n_won=int(test.rejected.sum()),
        note="; ".join(notes) or None,
    )
