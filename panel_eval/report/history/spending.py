"""What each night cost, and how many of its votes could be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.history.axis import draw_nights
from panel_eval.report.history.panels import PanelHistory
from panel_eval.report.history.tables import latest_rows, night_labels, usable_text, usd
from panel_eval.report.palette import Palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

WIDTH_IN, HEIGHT_IN = 4.6, 2.2


def cost_figure(history: PanelHistory, name: str, rows: int) -> Figure | None:
    """Cost by night; None where no cost is known, or nothing cost anything."""
    known = [(at, run.cost_usd) for at, run in enumerate(history.runs) if run.cost_usd is not None]
    if not any(value for _, value in known):
        return None

    def draw(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.subplots()
        axes.bar([at for at, _ in known], [value for _, value in known], color=palette.panel)
        axes.set_ylabel("US dollars")
        axes.set_ylim(bottom=0)
        draw_nights(axes, history.runs, palette, ticks=4)
        plot.grid_only(axes, "y")

    total = sum(value for _, value in known)
    title = f"Cost: {usd(known[-1][1])} in the latest night, {usd(total)} in all"
    caption = "What is known of the cost of each run. A run without a bar has no known cost."
    rows_ = [
        Row(label, (Cell(usd(run.cost_usd)),))
        for label, run in zip(night_labels(history.runs), history.runs, strict=True)
    ]
    table = latest_rows(Table("Cost by night", ("night", "cost"), tuple(rows_)), rows)
    return Figure(name, title, caption, Drawing(WIDTH_IN, HEIGHT_IN, draw), table)


def usable_votes_figure(history: PanelHistory, name: str, rows: int) -> Figure | None:
    """Share of votes with an answer by night; None where there were no votes."""
    known = [(at, run.usable_votes) for at, run in enumerate(history.runs) if run.usable_votes is not None]
    if not known:
        return None
    least = min(value for _, value in known)

    def draw(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.subplots()
        at, shares = zip(*((at, 100 * value) for at, value in known), strict=True)
        axes.plot(at, shares, "o-", color=palette.panel, markersize=3.5)
        axes.set_ylim(min(90.0, 100 * least - 2), 100.5)
        axes.set_ylabel("usable votes, %")
        draw_nights(axes, history.runs, palette, ticks=4)
        plot.grid_only(axes, "y")

    latest = usable_text(known[-1][1])
    title = f"Usable votes: {latest} in the latest night, {usable_text(least)} at the least"
    caption = "Votes that gave an answer. The scale does not begin at 0 unless the shares come near it."
    rows_ = [
        Row(label, (Cell(usable_text(run.usable_votes)),))
        for label, run in zip(night_labels(history.runs), history.runs, strict=True)
    ]
    table = latest_rows(Table("Usable votes by night", ("night", "usable"), tuple(rows_)), rows)
    return Figure(name, title, caption, Drawing(WIDTH_IN, HEIGHT_IN, draw), table)
