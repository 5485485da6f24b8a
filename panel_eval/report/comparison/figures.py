"""Differences with their intervals, and both sides' scores, by disagreement class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from panel_eval.report import plotting as plot
from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.comparison.tables import candidates_table, family_tables
from panel_eval.report.comparison.words import DECIDING, OVERALL, candidate_names, classes_with, deciding, signed
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.numbers import decimal
from panel_eval.report.palette import Palette
from panel_eval.report.printable import cut_line
from panel_eval.schema.comparison import CandidateComparison, ComparisonReport, Difference

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_NAME_CHARS: Final = 24
_MOST_ROWS: Final = 40


def candidate_figures(candidate: CandidateComparison, place: int) -> list[Figure]:
    """The figures of one candidate that it has numbers for.

    Args:
        candidate: the comparison.
        place: of the candidate in the report; makes ids of the page unique.
    """
    tests = [own for own in candidate.tests if own.metric == DECIDING and own.difference.estimate is not None]
    if not tests:
        return []
    return [
        figure
        for figure in (_differences(candidate, tests, place), _both_sides(tests, place))
        if figure is not None
    ]


def overview_figure(report: ComparisonReport) -> Figure | None:
    """All candidates' differences over all items; None for a single one."""
    rows = [
        (cut_line(name, _NAME_CHARS), deciding(candidate))
        for name, candidate in zip(candidate_names(report), report.candidates, strict=True)
    ]
    shown = [(name, own) for name, own in rows if own.difference.estimate is not None][:_MOST_ROWS]
    if len(report.candidates) < 2 or not shown:
        return None
    drawing = _interval_plot([name for name, _ in shown], [own for _, own in shown])
    better = sum(candidate.verdict == "better" for candidate in report.candidates)
    title = f"{better} of {len(rows)} candidates shown to be better than the baseline"
    return Figure("candidates", title, _CAPTION, drawing, candidates_table(report))


_CAPTION: Final = (
    "Cross-entropy, candidate less baseline, with 95% intervals: left of 0 the candidate is better. Hollow marks: "
    "too few items to test. An arrow: shown, with all tests allowed for; a disc: not."
)


def _differences(candidate: CandidateComparison, tests: Sequence[Difference], place: int) -> Figure:
    name = f"differences-{place}"
    drawing = _interval_plot([own.segment for own in tests], tests)
    table = next(iter(family_tables(candidate)))
    return Figure(name, _finding(candidate), _CAPTION, drawing, table)


def _finding(candidate: CandidateComparison) -> str:
    better, worse = classes_with(candidate, "better"), classes_with(candidate, "worse")
    if not better and not worse:
        return "In no class is a difference shown"
    parts = [f"{word} in {', '.join(names)}" for names, word in ((better, "better"), (worse, "worse")) if names]
    return f"Shown to be {' and '.join(parts)}"


def _interval_plot(titles: Sequence[str], tests: Sequence[Difference]) -> Drawing:
    def draw(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.subplots()
        axes.axvline(0, color=palette.muted, linewidth=1)
        for row, own in enumerate(tests):
            _draw_interval(axes, row, own, palette)
        axes.set_yticks(range(len(titles)), titles)
        axes.set_ylim(len(titles) - 0.5, -0.5)
        axes.set_xlabel("← better · bits per human vote · worse →")
        plot.grid_only(axes, "x")

    return Drawing(5.0, 0.9 + 0.42 * len(tests), draw)


def _draw_interval(axes: Axes, row: int, own: Difference, palette: Palette) -> None:
    colour = {"better": palette.base, "worse": palette.human}.get(own.verdict, palette.panel)
    low, high, value = own.difference.low, own.difference.high, float(own.difference.estimate or 0.0)
    if low is not None and high is not None:
        axes.plot([low, high], [row, row], color=colour, linewidth=3, alpha=0.45)
    inside = "none" if own.verdict == "not testable" else colour
    marker = {"better": "<", "worse": ">"}.get(own.verdict, "o")
    axes.plot(value, row, marker, color=colour, markerfacecolor=inside, markersize=8)


def _both_sides(tests: Sequence[Difference], place: int) -> Figure | None:
    """Both sides' scores on the same items, joined by a line."""
    shown = [own for own in tests if own.base is not None and own.candidate is not None]
    if not shown:
        return None
    name = f"sides-{place}"

    def draw(canvas: Canvas, palette: Palette) -> None:
        _draw_sides(canvas.subplots(), shown, palette)
        plot.legend_above(canvas, 2, marks=True)

    rows = tuple(
        Row(own.segment, tuple(Cell(text) for text in (decimal(own.base, 3), decimal(own.candidate, 3),
                                                       signed(own.difference.estimate))),
            emphasis=own.segment == OVERALL)
        for own in shown
    )  # fmt: skip
    table = Table("Cross-entropy of both, bits", ("class", "baseline", "candidate", "difference"), rows)
    drawing = Drawing(5.0, 1.2 + 0.42 * len(shown), draw)
    caption = (
        "Bits per human vote of both panels on the same items and votes. Split items cost any forecast more: "
        "compare the two marks of a row, not the rows."
    )
    return Figure(name, "Where both stand, class by class", caption, drawing, table)


def _draw_sides(axes: Axes, shown: Sequence[Difference], palette: Palette) -> None:
    for row, own in enumerate(shown):
        base, candidate = float(own.base or 0.0), float(own.candidate or 0.0)
        axes.plot([base, candidate], [row, row], color=palette.muted, linewidth=1.2)
        axes.plot(base, row, "s", color=palette.floor, markersize=7)
        axes.plot(candidate, row, "o", color=palette.panel, markersize=8)
    axes.plot([], [], "s", color=palette.floor, label="baseline")
    axes.plot([], [], "o", color=palette.panel, label="candidate")
    axes.set_yticks(range(len(shown)), [own.segment for own in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlabel("cross-entropy, bits per human vote (lower is better)")
    plot.grid_only(axes, "x")
