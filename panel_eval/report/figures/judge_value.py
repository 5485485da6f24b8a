"""What each judge takes off the cross-entropy, beside what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.report import plotting as plot
from panel_eval.report.costs import usd
from panel_eval.report.figures.drawing import Drawing
from panel_eval.report.figures.figure import Figure
from panel_eval.report.figures.rows import ROWS_DRAWN, Marked, draw_rows, drawable, rows_height, the_rest
from panel_eval.report.findings import value_finding
from panel_eval.report.judge_values import judges_by_value, judges_table
from panel_eval.report.numbers import decimal
from panel_eval.report.palette import Palette
from panel_eval.schema.panel_value_metrics import JudgeValue, PanelValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_PER = 1000


def judge_value(value: PanelValue) -> Figure | None:
    """Shapley value and what is lost without each judge, the most valuable on top; None where none has a number."""
    ranked = judges_by_value(value)
    shown = [(name, judge) for name, judge in ranked if drawable(judge.shapley_bits)][:ROWS_DRAWN]
    if not shown:
        return None

    def draw(canvas: Canvas, colours: Palette) -> None:
        axes = canvas.subplots()
        axes.axvline(0, color=colours.muted, linewidth=1)
        draw_rows(axes, [name for name, _ in shown], _kinds([judge for _, judge in shown]), colours)
        axes.set_xlabel("bits per human vote taken off the cross-entropy")
        _write_costs(axes, [judge for _, judge in shown], colours)
        plot.legend_above(canvas, 2, marks=True)

    caption = (
        "Disc: the judge's fair share of what all judges add to the base rate together; judges that say the same "
        "share it. Diamond: what is lost if only this judge goes, near 0 where others say it, too. Lines: 95% "
        f"intervals.{_costs_said([judge for _, judge in shown])}{the_rest(len(ranked), len(shown), 'judges')}"
    )
    drawing = Drawing(5.2, rows_height(len(shown), 0.34), draw)
    return Figure("judge-value", value_finding(value), caption, drawing, judges_table(value))


def _kinds(judges: list[JudgeValue]) -> list[Marked]:
    return [
        Marked("its share (Shapley)", "panel", "o", [judge.shapley_bits for judge in judges]),
        Marked("lost without it", "human", "D", [judge.left_out_bits for judge in judges], 5.5, hollow=True),
    ]


def _costs(judges: list[JudgeValue]) -> list[str]:
    """What each judge costs: dollars where any price is known, else its votes if they are not one an item."""
    if any(judge.cost_per_item_usd for judge in judges):
        return [
            "–" if judge.cost_per_item_usd is None else f"${usd(_PER * judge.cost_per_item_usd)}"
            for judge in judges
        ]
    if any(judge.votes_per_item != 1 for judge in judges):
        return [decimal(judge.votes_per_item, 1) for judge in judges]
    return []


def _costs_said(judges: list[JudgeValue]) -> str:
    if any(judge.cost_per_item_usd for judge in judges):
        return f" On the right: what it costs to ask the judge about {_PER:,} items, in US dollars."
    return " On the right: its votes on an item." if _costs(judges) else ""


def _write_costs(axes: Axes, judges: list[JudgeValue], colours: Palette) -> None:
    if not (costs := _costs(judges)):
        return
    right = axes.secondary_yaxis("right")
    right.set_yticks(range(len(costs)), costs)
    right.tick_params(length=0, labelcolor=colours.ink)
    right.spines["right"].set_visible(False)
