"""What can be counted without a statistic: outcomes, classes, money."""

from __future__ import annotations

from collections import Counter

import numpy as np

from panel_eval.humans import HumanLabels, class_confusion
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema import CLASS_NAMES, OUTCOMES, Agreement, Coverage
from panel_eval.stats.arrays import IntArray


def coverage_section(forecasts: JudgeForecasts, humans: HumanLabels) -> Coverage:
    """Votes by outcome: in total, for each judge, and for each derived class of the items."""
    classes = np.array(humans.derived_class)
    return Coverage(
        total=_by_outcome(forecasts.outcomes.sum(axis=(0, 1))),
        by_judge={
            judge: _by_outcome(counts)
            for judge, counts in zip(forecasts.judge_ids, forecasts.outcomes.sum(axis=1), strict=True)
        },
        by_class={
            name: _by_outcome(forecasts.outcomes[:, classes == name].sum(axis=(0, 1))) for name in CLASS_NAMES
        },
    )


def agreement_section(humans: HumanLabels) -> Agreement:
    """How many items fall in each class, and how the classes reported in the file compare."""
    counts = Counter(humans.derived_class)
    return Agreement(
        class_counts={name: counts[name] for name in CLASS_NAMES},
        reported_vs_derived=class_confusion(humans.reported_class, humans.derived_class),
    )


def economics_section(forecasts: JudgeForecasts) -> dict[str, float | int | None]:
    """Cost, tokens and latency; a cost that is not wholly known is null beside its known part."""
    spending = forecasts.spending
    votes = int(forecasts.outcomes.sum())
    usable = int(forecasts.outcomes[:, :, OUTCOMES.index("ok")].sum())
    return {
        "votes": votes,
        "votes_usable": usable,
        "votes_asked_again": spending.votes - votes,
        "cost_usd": spending.cost_usd,
        "cost_known_usd": spending.cost_known_usd,
        "votes_unpriced": spending.votes_unpriced,
        "input_tokens": spending.input_tokens,
        "output_tokens": spending.output_tokens,
        "cached_tokens": spending.cached_tokens,
        "latency_mean_s": spending.latency_mean_s,
    }


def _by_outcome(counts: IntArray) -> dict[str, int]:
    return {name: int(count) for name, count in zip(OUTCOMES, counts, strict=True)}
