"""What each judge of a panel is worth: to the panel without it, on average, and for its price."""

from panel_eval.evaluation.panel_value.section import panel_value_section

__all__ = ["panel_value_section"]
