"""Panel versions beside a baseline, as people read it: terminal, Markdown and a page. Reads results only.

`print_comparison` prints it, `comparison_text` is the same as plain text, `comparison_markdown` one candidate
without a heading, `comparison_report_markdown` all of it, `render_comparison` the page.
"""

from panel_eval.report.comparison.markdown import comparison_markdown, comparison_report_markdown
from panel_eval.report.comparison.page import render_comparison
from panel_eval.report.comparison.terminal import comparison_text, print_comparison

__all__ = [
    "comparison_markdown",
    "comparison_report_markdown",
    "comparison_text",
    "print_comparison",
    "render_comparison",
]
