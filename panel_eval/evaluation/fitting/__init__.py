"""Fit a panel to human soft labels, and say what it scores on items it was not fitted on."""

from panel_eval.evaluation.fitting.nested import cross_fitted_pool
from panel_eval.evaluation.fitting.panel_fit import FittedPanel, PanelFit, fit_panel, fit_part
from panel_eval.evaluation.fitting.settings import AUTO, FitSettings

__all__ = ["AUTO", "FitSettings", "FittedPanel", "PanelFit", "cross_fitted_pool", "fit_panel", "fit_part"]
