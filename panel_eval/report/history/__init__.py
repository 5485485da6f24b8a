"""The history of a results root as people see it: in the terminal, as a page, as a picture.

`print_history` prints it, `write_history_page` writes one offline HTML page, `write_history_png` the trend alone.
All read a `HistoryReport` and compute no statistics. Importing this package does not import matplotlib.
"""

from panel_eval.report.history.page import write_history_page
from panel_eval.report.history.picture import write_history_png
from panel_eval.report.history.summary import LAST_RUNS, print_history

__all__ = ["LAST_RUNS", "print_history", "write_history_page", "write_history_png"]
