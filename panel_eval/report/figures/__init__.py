"""The report's figures: each with a title that states its finding, a description and a table of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from panel_eval.report.figures.entropies import entropies
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.kl_by_class import kl_by_class
from panel_eval.report.figures.outcomes import outcomes
from panel_eval.report.figures.reliability import reliability
from panel_eval.report.figures.risk_coverage import risk_coverage
from panel_eval.schema import Metrics

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Figure", "figures"]


def figures(metrics: Metrics, items: pd.DataFrame) -> list[Figure]:
    """All figures that these results have numbers for, in the page's order."""
    makers: list[Callable[[], Figure | None]] = [
        lambda: kl_by_class(metrics),
        lambda: reliability(metrics),
        lambda: risk_coverage(metrics),
        lambda: entropies(metrics, items),
        lambda: outcomes(metrics),
    ]
    return [figure for make in makers if (figure := make()) is not None]
