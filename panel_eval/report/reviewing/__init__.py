"""Reviewers as people read of them: in the terminal and as a page. Shows what was computed."""

from panel_eval.report.reviewing.page import render_reviewers
from panel_eval.report.reviewing.terminal import print_reviewers

__all__ = ["print_reviewers", "render_reviewers"]
