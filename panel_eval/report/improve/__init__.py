"""The section "How to make it better": one question a module, from what `panel-eval fit` found out."""

from __future__ import annotations

from panel_eval.report.improve.fitting import fitting_part
from panel_eval.report.improve.learning_curve import learning_curve_part
from panel_eval.report.improve.panel_value import panel_value_part
from panel_eval.report.improve.uncertainty import uncertainty_part
from panel_eval.report.part import Part
from panel_eval.report.policy import policy_part
from panel_eval.schema import FitReport

__all__ = ["improve_parts"]


def improve_parts(fit: FitReport) -> list[Part]:
    """The questions that these results answer, if only by what is missing, in the page's order."""
    parts = (
        fitting_part(fit.fitting),
        learning_curve_part(fit.learning_curve),
        panel_value_part(fit.panel_value),
        uncertainty_part(fit.uncertainty),
        policy_part(fit.policy, "fitted", fit.policy_note),
    )
    return [part for part in parts if part is not None and (part.tells or part.advice)]
