"""What people see: the summary in the terminal and the self-contained HTML report. Reads results only.

`RunView` gathers the results of one run; `print_summary` shows them in a terminal, `print_fit` what fitting found
out, `write_html` everything as a page, `verdict` in words. Importing this room does not import matplotlib.
"""

from panel_eval.report.comparison import (
    comparison_markdown,
    comparison_report_markdown,
    comparison_text,
    print_comparison,
    render_comparison,
)
from panel_eval.report.fit_summary import print_fit
from panel_eval.report.history import print_history, write_history_page, write_history_png
from panel_eval.report.html import render_report, write_html
from panel_eval.report.pictures import png_of, svg_of
from panel_eval.report.printable import printable
from panel_eval.report.sections import report_figures
from panel_eval.report.summary import print_summary
from panel_eval.report.terminal import terminal
from panel_eval.report.verdict import Verdict, verdict
from panel_eval.report.view import RunView

__all__ = [
    "RunView",
    "Verdict",
    "comparison_markdown",
    "comparison_report_markdown",
    "comparison_text",
    "png_of",
    "print_comparison",
    "print_fit",
    "print_history",
    "print_summary",
    "printable",
    "render_comparison",
    "render_report",
    "report_figures",
    "svg_of",
    "terminal",
    "verdict",
    "write_history_page",
    "write_history_png",
    "write_html",
]
