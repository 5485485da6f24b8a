"""A forecaster's tables as they come to stand in metrics.json, by name of the segment."""

from __future__ import annotations

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.entropy_level import EntropyLevel, entropy_level
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.metric_tables import make_standards, score_tables
from panel_eval.schema import Estimate, MetricTable
from panel_eval.stats.posterior_expectations import expected_entropy_bits


def tables_of(comparison: Comparison, forecaster: Forecaster | None = None) -> dict[str, MetricTable]:
    """Overall and by class; of the panel, if no forecaster is named."""
    scored = forecaster or comparison.panel
    scores = score_tables([scored], comparison, make_standards(comparison))[0]
    return {"overall": scores.overall, **scores.by_class}


def kl_of(comparison: Comparison, forecaster: Forecaster | None = None) -> dict[str, Estimate]:
    """`kl_bits` by segment."""
    return {name: table["kl_bits"] for name, table in tables_of(comparison, forecaster).items()}


def modelled(comparison: Comparison) -> dict[str, dict[str, Estimate]]:
    """The panel's model-based scores by class."""
    names = ("brier_debiased", "n_eq", "kl_naive_bias_bits")
    by_segment = tables_of(comparison)
    return {own: {name: table[name] for name in names} for own, table in by_segment.items() if own != "overall"}


def level_of(comparison: Comparison) -> EntropyLevel:
    """The people's own entropy."""
    return entropy_level(comparison, expected_entropy_bits(comparison.posterior.alpha))
