"""What the watched streams say: change since their first run, and the evidence that there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Table
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.history.axis import MARKERS_UP_TO, draw_nights
from panel_eval.report.history.lines import DASHED, draw_intervals, draw_line, points
from panel_eval.report.history.marks import draw_alarms, draw_changes
from panel_eval.report.history.panels import PanelHistory
from panel_eval.report.history.tables import evidence_text, stream_table
from panel_eval.report.history.words import FEWEST_NIGHTS, KIND_TEXTS, change_text, compared, night
from panel_eval.report.numbers import count
from panel_eval.report.palette import Palette
from panel_eval.schema.history import Stream, StreamKind

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

LEAST_EVIDENCE, MOST_EVIDENCE = 1e-3, 1e6
"""Evidence beyond these is drawn at these: an e-value of 1e40 would flatten all below the alarm line."""
_NOISE: dict[StreamKind, str] = {
    "canary": "Items asked again: only the judges' own sampling makes noise, so small changes show soon.",
    "fresh": "New items: which items came adds noise, so a change must be larger to show.",
}


def monitoring_figure(history: PanelHistory, kind: StreamKind, name: str, rows: int) -> Figure | None:
    """The streams of one kind of items; None where no night can be compared with an earlier one.

    Args:
        history: of the panel.
        kind: the same items again, or new ones.
        name: anchor, ours.
        rows: most rows of the table of its numbers.
    """
    streams = [stream for stream in history.streams if stream.kind == kind]
    if not any(compared(stream) for stream in streams):
        return None

    def draw(canvas: Canvas, palette: Palette) -> None:
        change, evidence = canvas.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        _draw_change(change, history, streams, palette)
        _draw_evidence(evidence, history, streams, palette)
        for axes in (change, evidence):
            draw_changes(axes, history, palette, numbered=axes is change)
            draw_alarms(axes, [own for own in history.alarms if own.stream.kind == kind], history, palette)
            plot.grid_only(axes, "y")
        draw_nights(evidence, history.runs, palette)
        _legend(canvas, change, evidence)

    table = _table(streams, kind, rows)
    return Figure(name, _finding(streams, kind), _caption(kind), Drawing(9.6, 4.6, draw), table)


def _draw_change(axes: Axes, history: PanelHistory, streams: Sequence[Stream], palette: Palette) -> None:
    """The change of each stream with its confidence sequence, around 0."""
    label = "mean change since the first run, 95% confidence sequence"
    interrupted = frozenset(change.at for change in history.changes)
    axes.axhline(0, color=palette.muted, linewidth=1)
    for stream in streams:
        places = ((history.positions.get(found.run_id), found.change) for found in stream.nights)
        found = points((at, change) for at, change in places if at is not None)
        draw_line(axes, found, interrupted, palette.panel, label)
        draw_intervals(axes, found, interrupted, palette.panel, banded=True)
        if len(found) <= MARKERS_UP_TO:
            axes.plot([point.at for point in found], [point.value for point in found], "o", color=palette.panel,
                      markersize=4)  # fmt: skip
        label = "_nolegend_" if found else label
    axes.set_ylabel("change, bits\n(above 0 is worse)")


def _draw_evidence(axes: Axes, history: PanelHistory, streams: Sequence[Stream], palette: Palette) -> None:
    """The evidence of each stream, on a log scale, and the line at which it becomes an alarm."""
    label = "evidence of a change"
    for stream in streams:
        places = ((history.positions.get(found.run_id), found.evidence) for found in stream.nights)
        known = {at: value for at, value in places if at is not None and value is not None}
        drawn = [min(max(value, LEAST_EVIDENCE), MOST_EVIDENCE) for value in known.values()]
        axes.plot(list(known), drawn, color=palette.ink, linewidth=1.4, label=label if known else "_nolegend_",
                  marker="o" if len(known) <= MARKERS_UP_TO else "", markersize=3.5)  # fmt: skip
        label = "_nolegend_" if known else label
    axes.set_yscale("log")
    axes.set_ylim(LEAST_EVIDENCE / 1.5, MOST_EVIDENCE * 1.5)
    axes.set_yticks([1e-3, 1, 1e3, 1e6], ["0.001", "1", "1,000", "million"])
    axes.minorticks_off()
    for level in sorted({stream.alarm_at for stream in streams}):
        line = f"alarm line, {evidence_text(level)}"
        axes.axhline(level, color=palette.bad, linewidth=1.2, linestyle=DASHED, label=line)
    axes.set_ylabel("evidence")


def _legend(figure: Canvas, *drawn: Axes) -> None:
    """Each mark once, whichever of the axes has it."""
    entries: dict[str, Artist] = {}
    for axes in drawn:
        handles, labels = axes.get_legend_handles_labels()
        for handle, label in zip(handles, labels, strict=True):
            entries.setdefault(label, handle)
    figure.legend(
        list(entries.values()), list(entries), loc="outside upper left", ncols=4, handletextpad=0.4,
        columnspacing=1.4, borderaxespad=0.1,
    )  # fmt: skip


def _finding(streams: Sequence[Stream], kind: StreamKind) -> str:
    """Whether the present stream (else the last one that can tell) has changed, and by how much so far."""
    telling = [stream for stream in streams if compared(stream)]
    latest = next((stream for stream in telling if stream.current), telling[-1])
    words = KIND_TEXTS[kind].capitalize()
    if (alarm := latest.alarm) is not None:
        return f"{words}: {alarm.direction}, {change_text(alarm.change)}; significant on {night(alarm.started_at)}"
    so_far = change_text(compared(latest)[-1].change)
    if len(latest.nights) < FEWEST_NIGHTS:
        return f"{words}: too few nights to tell, {so_far} so far"
    return f"{words}: no change shown in {count(len(latest.nights))} nights, {so_far} so far"


def _caption(kind: StreamKind) -> str:
    return (
        f"{_NOISE[kind]} Above: the change against the stream's first run, the mean of all nights so far, and so "
        "slow to follow a late change; the numbers of an alarm are of the nights since. The interval holds at all "
        "nights at once: you may look every night. Below: the evidence against “nothing has changed” "
        "on a log scale, drawn between 0.001 and a million; where nothing changes, the dashed line is hardly "
        "ever reached, however often one looks. A new stream begins where the instrument changes."
    )


def _table(streams: Sequence[Stream], kind: StreamKind, rows: int) -> Table:
    """The numbers of the latest streams, oldest first, at most so many rows in all."""
    tables = [stream_table(stream, rows) for stream in streams]
    joined = tuple(row for table in tables for row in table.rows)
    return Table(f"{KIND_TEXTS[kind].capitalize()}, by night", tables[0].columns, joined[-rows:])
