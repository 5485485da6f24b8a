"""What judges say of their own confidence, against the reviewers who agree with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Row, Table, estimate_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.rows import ROWS_DRAWN, Marked, draw_rows, drawable, rows_height, the_rest
from panel_eval.report.findings import confidence_finding
from panel_eval.report.palette import Palette
from panel_eval.schema import Metrics
from panel_eval.schema.calibration_metrics import SelfConfidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas


def self_confidence(metrics: Metrics) -> Figure | None:
    """Each judge's mean reported confidence beside the share of reviewers who agree; None where none reports."""
    found = {
        name: own
        for name, own in metrics.calibration.self_confidence.items()
        if drawable(own.mean_confidence) and drawable(own.mean_agreement)
    }
    if not found:
        return None
    names = sorted(found, key=lambda name: (-abs(found[name].overconfidence.estimate or 0.0), name))[:ROWS_DRAWN]
    shown = [found[name] for name in names]
    kinds = [
        Marked("confidence it reports", "panel", "o", [own.mean_confidence for own in shown]),
        Marked("reviewers who agree", "human", "^", [own.mean_agreement for own in shown], 8),
    ]

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        _join(axes, shown, colours)
        draw_rows(axes, names, kinds, colours, scale=100)
        axes.set(xlim=(-2, 102), xlabel="%")
        plot.legend_above(canvas, 2, marks=True)

    caption = (
        "Disc: the mean confidence that a judge reports with its votes. Triangle: the mean share of reviewers who "
        "chose its label. Of a judge that knows how sure to be, both are at the same place. Lines: 95% intervals."
        f"{the_rest(len(found), len(names), 'judges')}"
    )
    drawing = Drawing(5.0, rows_height(len(names), 0.36), draw)
    return Figure("self-confidence", confidence_finding(found), caption, drawing, _table(found))


def _join(axes: Axes, shown: list[SelfConfidence], colours: Palette) -> None:
    """A thin line from what is reported to what is so."""
    for row, own in enumerate(shown):
        ends = [100 * float(number.estimate or 0.0) for number in (own.mean_confidence, own.mean_agreement)]
        axes.plot(ends, [row, row], color=colours.muted, linewidth=1, linestyle=plot.DOTTED, zorder=1)


def _table(found: dict[str, SelfConfidence]) -> Table:
    rows = tuple(
        Row(
            name,
            (
                estimate_cell(own.mean_confidence, as_percent=True),
                estimate_cell(own.mean_agreement, as_percent=True),
                estimate_cell(own.overconfidence, as_percent=True),
                estimate_cell(own.auroc, 2),
            ),
        )
        for name, own in found.items()
    )
    columns = ("judge", "confidence it reports", "reviewers who agree", "difference", "AUROC of its confidence")
    return Table("Self-reported confidence", columns, rows)
