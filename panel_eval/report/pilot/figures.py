"""The figures of a pilot: what a single label and all votes tell, and how sure a model becomes, by reviewers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Row, Table, estimate_cell
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.palette import Palette
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.pilot import PanelSize, PilotReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas


def unknown_figure(report: PilotReport) -> Figure | None:
    """Bits that stay unknown, with all votes and with the label only, by the number of reviewers."""
    sizes = report.by_reviewers
    if len(sizes) < 2:
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        _band(axes, sizes, [one.single_label_bits for one in sizes], colours.hard, "label kept", "s")
        _band(axes, sizes, [one.all_votes_bits for one in sizes], colours.human, "all votes kept", "o")
        if (nothing := report.nothing_bits.estimate) is not None:
            axes.axhline(
                nothing, color=colours.base, linewidth=1.2, linestyle=(0, (5, 2)), label="label shares only"
            )
        _reviewers_axis(axes, sizes)
        axes.set(ylabel="bits unknown of a vote")
        axes.set_ylim(bottom=0)
        plot.legend_above(canvas, 3)

    rows = tuple(
        Row(f"{one.reviewers}", (estimate_cell(one.all_votes_bits), estimate_cell(one.single_label_bits)))
        for one in sizes
    )
    return Figure(
        "unknown",
        "More reviewers help if their votes are kept",
        "By the model: KL of the people from what all votes of so many reviewers tell, and from what the label "
        "that most of them chose tells, each at its best. Bands: 95%. Dashed: overall label shares only.",
        Drawing(5.0, 3.0, draw),
        Table("Bits unknown of a further vote", ("reviewers", "all votes kept", "label kept"), rows),
    )


def sure_figure(report: PilotReport) -> Figure | None:
    """Confidence of the perfect fit and the people who agree, by the number of reviewers."""
    sizes = report.by_reviewers
    if len(sizes) < 2:
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        _band(axes, sizes, [one.confidence for one in sizes], colours.hard, "the model says", "s", 100.0)
        _band(axes, sizes, [one.agreement for one in sizes], colours.human, "people agree", "o", 100.0)
        _reviewers_axis(axes, sizes)
        axes.set(ylabel="%")
        plot.legend_above(canvas, 2)

    rows = tuple(
        Row(
            f"{one.reviewers}",
            (estimate_cell(one.confidence, as_percent=True), estimate_cell(one.agreement, as_percent=True)),
        )
        for one in sizes
    )
    return Figure(
        "sure",
        "Majority labels of more reviewers make a model surer than people are",
        "By the model: the mean probability that a model gives its answer if it fits the majority labels of so "
        "many reviewers perfectly, and the share of people who agree with that answer. Bands: 95%.",
        Drawing(5.0, 3.0, draw),
        Table("Confidence and agreement", ("reviewers", "the model says", "people agree"), rows),
    )


def _band(
    axes: Axes,
    sizes: list[PanelSize],
    numbers: list[Estimate],
    colour: str,
    label: str,
    mark: str,
    scale: float = 1.0,
) -> None:
    """A line with its band of intervals."""
    known = [
        (one.reviewers, number) for one, number in zip(sizes, numbers, strict=True) if number.estimate is not None
    ]
    at = [n for n, _ in known]
    axes.plot(
        at, [scale * float(number.estimate or 0.0) for _, number in known], f"{mark}-", color=colour, markersize=4,
        label=label,
    )  # fmt: skip
    ends = [
        (n, number.low, number.high) for n, number in known if number.low is not None and number.high is not None
    ]
    if ends:
        where = [n for n, _, _ in ends]
        low, high = (
            [scale * float(end or 0.0) for end in side] for side in ([e[1] for e in ends], [e[2] for e in ends])
        )
        axes.fill_between(where, low, high, color=colour, alpha=0.16, linewidth=0)


def _reviewers_axis(axes: Axes, sizes: list[PanelSize]) -> None:
    ticks = [one.reviewers for one in sizes]
    axes.set_xscale("log")
    axes.set_xticks(ticks, [str(n) for n in ticks])
    axes.minorticks_off()
    axes.set(xlabel="reviewers an item")
