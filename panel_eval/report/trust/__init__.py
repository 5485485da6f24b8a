"""The section "How far to trust it": one question a module, each from results already computed."""

from __future__ import annotations

from panel_eval.report.part import Part
from panel_eval.report.policy import policy_part
from panel_eval.report.trust.agreement import agreement_part
from panel_eval.report.trust.ceilings import ceilings_part
from panel_eval.report.trust.class_certainty import class_certainty_part
from panel_eval.report.trust.decomposition import decomposition_part
from panel_eval.report.trust.deferral import deferral_part
from panel_eval.report.trust.human_entropy import human_entropy_part
from panel_eval.report.trust.missing_votes import missing_votes_part
from panel_eval.report.trust.precision import precision_part
from panel_eval.report.trust.spread import spread_part
from panel_eval.schema import Metrics

__all__ = ["Part", "trust_parts"]


def trust_parts(metrics: Metrics) -> list[Part]:
    """The questions that these results have numbers for, in the page's order."""
    parts = (
        ceilings_part(metrics),
        decomposition_part(metrics),
        human_entropy_part(metrics),
        agreement_part(metrics),
        deferral_part(metrics),
        policy_part(metrics.policy, "cost-as-is"),
        spread_part(metrics),
        class_certainty_part(metrics),
        precision_part(metrics.precision),
        missing_votes_part(metrics),
    )
    return [part for part in parts if part is not None and part.tells]
