"""What a single label leaves on the table, as people read it: in the terminal and as a page of its own."""

from panel_eval.report.pilot.page import render_pilot
from panel_eval.report.pilot.terminal import print_pilot

__all__ = ["print_pilot", "render_pilot"]
