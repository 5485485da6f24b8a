"""The human side of one item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.stats import beta

from panel_eval.evaluation.diagnosis.confidences import item_confidences
from panel_eval.schema import SoftLabel
from panel_eval.schema.explanation import LabelShares, ReviewerAnswer
from panel_eval.stats.arrays import FloatArray

MOST_REVIEWERS: Final = 200
"""Most reviewers whose answers are listed; all of them are counted."""
MOST_CHARS: Final = 20_000
"""Characters that are kept of a text."""


def reviewer_answers(record: SoftLabel) -> list[ReviewerAnswer]:
    """What each reviewer of the record said, those with a label first."""
    stated = list(item_confidences(record))
    sure = {reviewer: value for reviewer, value in stated if reviewer}
    named = [
        ReviewerAnswer(
            reviewer=rationale.reviewer,
            label=rationale.label,
            evidence=None if rationale.evidence is None else kept(rationale.evidence),
            confidence=sure.pop(rationale.reviewer, None),
        )
        for rationale in record.rationales
    ]
    others = [ReviewerAnswer(reviewer=name, label=None, confidence=value) for name, value in sure.items()]
    nameless = [ReviewerAnswer(reviewer=None, label=None, confidence=value) for name, value in stated if not name]
    return [*named, *others, *nameless][:MOST_REVIEWERS]


def label_shares(
    labels: Sequence[str],
    counts: FloatArray,
    distribution: FloatArray,
    alpha: FloatArray,
    panel: FloatArray | None,
) -> list[LabelShares]:
    """Each label with its share of the reviewers, the interval of that share among all, and the panel's mass.

    The interval holds the middle 95 % of the share's posterior, Beta(A_k, S - A_k).

    Args:
        labels: in the rubric's order.
        counts: (n_labels,) reviewers.
        distribution: (n_labels,) their shares.
        alpha: (n_labels,) Dirichlet posterior of the population's shares.
        panel: (n_labels,) the forecast; None where there is none.
    """
    low, high = (np.asarray(beta.ppf(q, alpha, alpha.sum() - alpha)) for q in (0.025, 0.975))
    return [
        LabelShares(
            label=label,
            votes=float(counts[k]),
            share=float(distribution[k]),
            population_low=float(low[k]),
            population_high=float(high[k]),
            panel=None if panel is None else float(panel[k]),
        )
        for k, label in enumerate(labels)
    ]


def kept(text: str) -> str:
    """The text, or its beginning with the number of characters left out."""
    if len(text) <= MOST_CHARS:
        return text
    return f"{text[:MOST_CHARS]} … ({len(text) - MOST_CHARS:,} more characters)"
