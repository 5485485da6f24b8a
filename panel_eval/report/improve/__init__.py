"""The section "How to make it better": one question a module, from what `panel-eval fit` found out."""

from __future__ import annotations

from panel_eval.report.improve.fitting import fitting_part
from panel_eval.report.part import Part
from panel_eval.schema import FitReport

__all__ = ["improve_parts"]


def improve_parts(fit: FitReport) -> list[Part]:
    """The questions that these results have numbers for, in the page's order."""
    parts = (fitting_part(fit.fitting),)
    return [part for part in parts if part is not None and part.tells]
