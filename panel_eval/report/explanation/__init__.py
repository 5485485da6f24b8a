"""The explanation of one item as people read it: in the terminal and as a page. Shows what was computed."""

from panel_eval.report.explanation.page import render_explanation
from panel_eval.report.explanation.terminal import print_explanation, print_telling_items

__all__ = ["print_explanation", "print_telling_items", "render_explanation"]
