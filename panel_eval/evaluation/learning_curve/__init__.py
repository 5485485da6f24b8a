"""How good a fitted panel is by the number of labels that it is fitted to: how many are needed, and of what."""

from panel_eval.evaluation.learning_curve.section import learning_curve_section

__all__ = ["learning_curve_section"]
