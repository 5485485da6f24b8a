"""The trend as a PNG, for chats and dashboards that show no page."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.figures.drawing import DPI
from panel_eval.report.history.panels import PanelHistory, panel_histories
from panel_eval.report.history.trend import draw_trend, levels
from panel_eval.report.history.words import night, panel_said
from panel_eval.report.page import write_whole
from panel_eval.report.palette import Palette, picture_palette
from panel_eval.report.printable import cut, cut_line
from panel_eval.schema.history import HistoryReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

PICTURED_PANELS = 6
_TITLE_CHARS = 88
_NOTE_CHARS = 120
_NOTED_CHANGES = 4
_TITLE_LIMIT = 400


def write_history_png(report: HistoryReport, path: Path) -> Path:
    """Write the trend of each panel, one below the other, to a PNG: same report, same bytes.

    At most `PICTURED_PANELS` panels are drawn, those in alarm first; the page has all.

    Raises:
        OSError: the folder is missing or not writable.
    """
    panels = panel_histories(report)
    shown = panels[:PICTURED_PANELS]
    palette = picture_palette()
    with plot.drawing("history", palette):
        figure = plot.canvas(10.0, 4.8 * max(1, len(shown)))
        figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.12)
        if not shown:
            figure.text(0.5, 0.5, "No run to show", ha="center", va="center", fontsize=14)
        for part, history in zip(
            figure.subfigures(max(1, len(shown)), 1, squeeze=False)[:, 0], shown, strict=False
        ):
            _draw(part, history, palette)
        if len(panels) > len(shown):
            figure.supxlabel(f"{len(panels) - len(shown)} more panels are not drawn", fontsize=9)
        buffer = io.BytesIO()
        # The software's version is left out: same numbers, same bytes.
        figure.savefig(buffer, format="png", dpi=DPI, facecolor=palette.paper, metadata={"Software": None})
    return write_whole(buffer.getvalue(), path)


def _draw(part: SubFigure, history: PanelHistory, palette: Palette) -> None:
    """One panel: its sentence, the trend, what changed in the instrument, and the legend."""
    axes: Axes = part.subplots()
    said = panel_said(history)
    part.suptitle(
        _wrapped(said.headline, _TITLE_CHARS), x=0.01, ha="left", fontsize=12.5, fontweight="bold", linespacing=1.3
    )
    axes.set_title(
        _wrapped(said.detail, _NOTE_CHARS), loc="left", fontsize=9.5, color=palette.muted, pad=16, linespacing=1.4
    )
    if not levels(history.runs):
        axes.set_axis_off()
        axes.text(0.5, 0.5, "No run has a cross-entropy", ha="center", va="center", transform=axes.transAxes)
        return
    draw_trend(axes, history, palette)
    if history.changes:
        axes.set_xlabel(_notes(history), loc="left", fontsize=9, color=palette.muted, linespacing=1.4)
    part.legend(loc="outside lower left", ncols=6, handletextpad=0.4, columnspacing=1.3, borderaxespad=0.2)


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(cut(text, _TITLE_LIMIT), width, break_on_hyphens=False))


def _notes(history: PanelHistory) -> str:
    """The last changes of the instrument by their numbers, a line each."""
    lines = [
        cut_line(f"{change.number}: {night(change.run.started_at)}, {change.what}", _NOTE_CHARS)
        for change in history.changes[-_NOTED_CHANGES:]
    ]
    left_out = len(history.changes) - len(lines)
    return "\n".join([*([f"{left_out} earlier changes"] if left_out else []), *lines])
