"""Does the panel hold back where humans disagree: risk-coverage curves, what its uncertainty finds and misses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panel_eval.evaluation.alignment import (
    auroc_by_score,
    deferral_rates,
    deferral_statistics,
    deferral_targets,
    disagreement_number,
    human_ceilings,
    random_deferral,
)
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.human_risk import human_risk_curves
from panel_eval.evaluation.replicated import Replicated, replicated
from panel_eval.evaluation.risk_curves import Loss, risk_curves
from panel_eval.schema.deferral_metrics import Deferral
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.calibration import top_label_calibration
from panel_eval.stats.correlation import weighted_spearman
from panel_eval.stats.deferral_scores import judge_disagreement_rate, one_less_margin, one_less_top
from panel_eval.stats.entropy import entropy_bits
from panel_eval.stats.panel_spread import between_judge_bits
from panel_eval.stats.posterior_expectations import expected_entropy_bits

_SCORE = "entropy of the panel's forecast, in bits"
_SOFT = "share of reviewers who chose another label than the panel's top label; ties shared"
_HARD = "0 if the panel's top label is the reviewers' most frequent one, else 1; ties shared"
_SAME_ENTROPY = "undefined: the panel's or the reviewers' entropy is the same on every item"


def deferral_section(comparison: Comparison) -> Deferral:
    """Rank the items by the panel's uncertainty and see what it would lose by deciding the rest.

    Args:
        comparison: the panel beside the people.
    """
    uncertainty = entropy_bits(comparison.panel.q)
    targets = deferral_targets(comparison)
    losses = _losses(comparison)
    soft, hard = risk_curves(uncertainty, losses, comparison.everything)
    entropies = _entropy_correlations(uncertainty, comparison)
    numbers = deferral_statistics(uncertainty, targets, comparison)
    auroc = disagreement_number(numbers, "auroc")
    return Deferral(
        score=_SCORE,
        soft=soft,
        hard=hard,
        spearman_human_entropy=entropies.number("observed", undefined=_SAME_ENTROPY),
        spearman_expected_entropy=entropies.number(
            "expected", comparison.posterior.interval_note, comparison.posterior.note, undefined=_SAME_ENTROPY
        ),
        auroc_disagreement=auroc,
        auprc_disagreement=disagreement_number(numbers, "auprc"),
        prevalence_disagreement=numbers.number("disagreement"),
        n_disagreement=int((targets.disagreement & comparison.panel.scored).sum()),
        auroc_by_score=auroc_by_score(_other_scores(comparison), targets, comparison, ("entropy", auroc)),
        human_ceiling=human_ceilings(uncertainty, targets, comparison),
        human_risk=human_risk_curves(comparison, losses[0].of_items, np.asarray(soft.coverage)),
        rates=deferral_rates(numbers),
        random=random_deferral(numbers),
    )


def _losses(comparison: Comparison) -> tuple[Loss, Loss]:
    top = top_label_calibration(comparison.humans.distribution, comparison.panel.q)
    return Loss("soft", _SOFT, 1.0 - top.soft_hit, False), Loss("hard", _HARD, 1.0 - top.hard_hit, True)


def _entropy_correlations(uncertainty: FloatArray, comparison: Comparison) -> Replicated:
    """With the entropy of the votes and with that expected of the populations, whose prior moves."""
    observed = entropy_bits(comparison.humans.distribution)
    expected = expected_entropy_bits(comparison.posterior.alpha)

    def statistics(rows: IntArray, w: FloatArray | None) -> FloatArray:
        mine = uncertainty[rows]
        return np.stack([weighted_spearman(mine, human[rows], w) for human in (observed, expected)], axis=-1)

    scored = comparison.panel.scored
    found = replicated(("observed", "expected"), statistics, scored, comparison.everything)
    others, moves = comparison.other_priors, comparison.prior_moves
    part = scored[others.rows]
    if found.refusal or moves is None or not part.any():
        return found
    mine = uncertainty[others.rows[part]]
    here, *there = (
        weighted_spearman(mine, human[part])
        for human in (
            expected[others.rows],
            *(expected_entropy_bits(other.posterior.alpha) for other in others.comparisons),
        )
    )
    shift = moves.shift(here, there)
    return replace(found, replicates=found.replicates + np.column_stack([np.zeros_like(shift), shift]))


def _other_scores(comparison: Comparison) -> dict[str, FloatArray]:
    """Scores that items could be ranked by instead; those of judges only where two or more answered."""
    forecasts = comparison.forecasts
    several = forecasts.answered.sum(axis=0) >= 2
    return {
        "one_less_top": one_less_top(comparison.panel.q),
        "one_less_margin": one_less_margin(comparison.panel.q),
        "between_judge_bits": np.where(several, between_judge_bits(forecasts.q_raw), np.nan),
        "judge_disagreement_rate": judge_disagreement_rate(forecasts.q_raw),
    }
