"""A plan of further reviews in the terminal: the answer first, then the items, then who could review them."""

from __future__ import annotations

from typing import Final

from rich.console import Console

from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.grids import grid, safe_text
from panel_eval.report.numbers import NO_NUMBER, count, decimal, sentence
from panel_eval.report.printable import cut_line
from panel_eval.schema.review_plan import PlannedReviews, ReviewPlan

WIDTH: Final = 100
MOST_ITEMS: Final = 12
MOST_REVIEWERS: Final = 12
MOST_POINTS: Final = 8
NAME_CHARS: Final = 24
VOTES_CHARS: Final = 34
_AIMS: Final = {"distribution": "the labels' shares", "class": "the disagreement class"}


def print_review_plan(plan: ReviewPlan, console: Console) -> None:
    """Print who should be asked about what; plain and readable where the console is no terminal.

    Args:
        plan: the plan.
        console: where to print.
    """
    width = min(WIDTH, console.width)
    console.print()
    title = f"{cut_line(plan.task, NAME_CHARS)}: further reviews that tell most of {_AIMS[plan.aim]}"
    console.print(safe_text(title, "bold"), width=width)
    for said in plan.sentences:
        console.print(safe_text(said), width=width)
    for table in (_items_table(plan), _curve_table(plan), _reviewers_table(plan)):
        if table.rows:
            console.print()
            console.print(grid(table, intervals=False, whole=False), width=width)
    for note in [_model(plan), *plan.notes]:
        console.print(safe_text(sentence(note), "dim"), width=width)


def votes_text(votes: dict[str, float]) -> str:
    """Votes as `label: 2 · label: 1`, the most chosen label first."""
    chosen = sorted(((n, label) for label, n in votes.items() if n > 0), key=lambda one: -one[0])
    return " · ".join(f"{cut_line(label, NAME_CHARS)}: {n:g}" for n, label in chosen)


def _items_table(plan: ReviewPlan) -> Table:
    named = plan.reviewers is not None
    shown = plan.items[:MOST_ITEMS]
    rows = tuple(
        Row(
            cut_line(item.item_id, NAME_CHARS),
            (
                Cell(f"+{item.reviews}"),
                Cell(cut_line(votes_text(item.votes), VOTES_CHARS)),
                Cell(item.disagreement_class),
                Cell(decimal(item.gain_bits, 3)),
                Cell(f"{decimal(item.unknown_now_bits, 2)} → {decimal(item.unknown_after_bits, 2)}"),
                *((Cell(_asked(item)),) if named else ()),
            ),
        )
        for item in shown
    )
    title = "Items that get reviewers"
    if len(plan.items) > MOST_ITEMS:
        title += f": the first {MOST_ITEMS} of {count(len(plan.items))} (-o and --json have all)"
    columns = ("item", "more", "votes so far", "class", "bits told", "unknown", *(("ask",) if named else ()))
    return Table(title, columns, rows)


def _asked(item: PlannedReviews) -> str:
    names = [cut_line(name, 10) for name in item.suggested or ()]
    if item.new_reviewers_needed:
        names.append(f"{item.new_reviewers_needed} new")
    return ", ".join(names) or NO_NUMBER


def _curve_table(plan: ReviewPlan) -> Table:
    points = [point for point in plan.curve if point.reviews]
    chosen = _spread(len(points))
    money = plan.cost_per_review
    rows = tuple(
        Row(
            count(point.reviews),
            (
                *(() if money is None else (Cell(decimal(money * point.reviews)),)),
                *(Cell(_bits(bits)) for bits in (point.plan_bits, point.even_bits, point.random_bits)),
            ),
            emphasis=point.reviews == plan.reviews,
        )
        for place, point in enumerate(points)
        if place in chosen or point.reviews == plan.reviews
    )
    columns = ("reviews", *(() if money is None else ("cost",)), "planned", "spread evenly", "at random")
    return Table("Bits told by numbers of reviews", columns, rows)


def _spread(n: int) -> set[int]:
    """Places that stand for n points: close together at the beginning, where returns fall fastest."""
    return {min(n - 1, round((n - 1) * (k / (MOST_POINTS - 1)) ** 2)) for k in range(MOST_POINTS)} if n else set()


def _bits(value: float) -> str:
    return decimal(value, 0 if value >= 100 else 2)


def _reviewers_table(plan: ReviewPlan) -> Table:
    everyone = sorted(plan.reviewers or (), key=lambda one: (-one.suggested, one.items_so_far, one.reviewer))
    rows = tuple(
        Row(
            cut_line(one.reviewer, NAME_CHARS),
            (Cell(count(one.items_so_far)), Cell(count(one.could_review)), Cell(count(one.suggested))),
        )
        for one in everyone[:MOST_REVIEWERS]
    )
    if not plan.items:
        return Table("", (), ())
    title = "Known reviewers"
    if len(everyone) > MOST_REVIEWERS:
        title += f": {MOST_REVIEWERS} of {count(len(everyone))}"
    return Table(title, ("reviewer", "items so far", "could review", "suggested"), rows)


def _model(plan: ReviewPlan) -> str:
    return f"model-based: {plan.model_note}"
