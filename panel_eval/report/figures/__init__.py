"""The report's figures: each with a title that states its finding, a caption, a table and one drawing.

One figure a module, each a function that gives None where there is nothing to draw.
"""

from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure

__all__ = ["Drawing", "Figure"]
