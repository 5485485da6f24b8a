"""A plan of further reviews in the terminal."""

from panel_eval.report.allocation.terminal import print_review_plan

__all__ = ["print_review_plan"]
