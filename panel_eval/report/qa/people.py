"""The reviewers, one by one, and the items with a known answer."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, estimate_cell
from panel_eval.report.numbers import count, decimal, estimate_text, percent, range_text, sentence
from panel_eval.report.people.reviewers import reviewers_part
from panel_eval.report.qa.document import Block, Chapter, Grid, Text
from panel_eval.report.qa.rows import Entry, p_text, table
from panel_eval.schema.label_review import GoldItems
from panel_eval.schema.reviewer_quality import GoldStatus, PassRate, ReviewerQuality, Reviewers
from panel_eval.wording import counted

_NAMED: Final = 12
_STATUS: Final[dict[GoldStatus, str]] = {
    "passes": "passes", "flagged": "flagged", "fails": "fails", "too_few": "too few", "none": "",
}  # fmt: skip


def reviewers_chapter(found: Reviewers, full_lists: str) -> Chapter:
    """How each reviewer compares with the others of the same items, those who agree least first."""
    title, part = "How reliable is each reviewer?", reviewers_part(found)
    if part is None:
        return Chapter(title, (Text(f"Not given: {found.note or 'the file names no reviewers.'}", "none"),))
    first, *others = part.sentences
    blocks: list[Block] = [Text(first), _reviewers_grid(found, full_lists)]
    blocks += [Text(text, "small") for text in others]
    blocks.append(
        Text(
            "Agrees: chance that a random other reviewer of the same item chose the same label. Gold: votes passed "
            f"with Wilson's 95% interval. Tested from {count(found.fewest_items)} comparable items on, p-values "
            f"adjusted over reviewers ({found.adjustment}); flagged at {decimal(found.level)}.",
            "small",
        )
    )
    return Chapter(title, tuple(blocks))


def _reviewers_grid(found: Reviewers, full_lists: str) -> Grid:
    """The table; without the column of gold items where there are none."""
    columns = ("reviewer", "votes", "agrees", "expected", "difference", "gold passed", "flags")
    widths = (2.0, 0.8, 1.7, 1.5, 1.7, 1.6, 2.6)
    rows = [_reviewer_row(reviewer) for reviewer in found.reviewers]
    shown = [
        place for place, name in enumerate(columns) if name != "gold passed" or any(row[place] for row in rows)
    ]
    return Grid(
        table(
            "Reviewers, those who agree least beyond what is expected first",
            [columns[place] for place in shown],
            ([row[place] for place in shown] for row in rows),
        ),
        tuple(widths[place] for place in shown),
        (len(shown) - 1,),
        most=30,
        total=found.n_named,
        where=full_lists,
    )


def _reviewer_row(one: ReviewerQuality) -> tuple[Entry, ...]:
    return (
        one.reviewer,
        count(one.votes),
        estimate_cell(one.agreement, 1, True),
        estimate_cell(one.expected, 1, True),
        estimate_cell(one.difference, 1, True),
        pass_cell(one.gold),
        _flags(one),
    )


def pass_cell(gold: PassRate) -> Entry:
    """Gold items passed, of how many, with the interval of the rate."""
    if not gold.n:
        return ""
    return Cell(f"{count(gold.passed)} of {count(gold.n)}", range_text(gold.rate, 1, True))


def _flags(one: ReviewerQuality) -> str:
    flags = []
    if one.deviates:
        flags.append(f"agrees too little, {p_text(one.p_adjusted)}")
    if one.gold.status in ("flagged", "fails"):
        flags.append(f"gold: {_STATUS[one.gold.status]}")
    return ", ".join(flags)


def _names(names: list[str]) -> str:
    more = f" and {count(len(names) - _NAMED)} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def gold_chapter(gold: GoldItems, n_named: int, full_lists: str) -> Chapter:
    """Votes on items with a known answer, and the items that most reviewers failed."""
    title = "Do reviewers pass the gold items?"
    if not gold.items:
        return Chapter(title, (Text("Not given: the file has no gold items (gold_label).", "none"),))
    blocks: list[Block] = [Text(_passed(gold)), *([Text(_held_to(gold))] if n_named else [])]
    if gold.missed:
        rows = [
            (
                miss.item_id,
                miss.gold_label,
                miss.most_chosen,
                f"{count(miss.passed)} of {count(miss.n)}",
                percent(miss.chance_gold_is_wrong),
            )
            for miss in gold.missed
        ]
        columns = ("item", "known answer", "most chosen", "passed", "chance that the known answer is wrong")
        caption = "Gold items that most of their reviewers failed"
        grid = Grid(
            table(caption, columns, rows), (2.2, 1.6, 1.6, 1, 1.6), (1, 2), 12, gold.missed_items, full_lists
        )
        blocks.append(grid)
    if gold.note:
        blocks.append(Text(sentence(gold.note), "small"))
    return Chapter(title, tuple(blocks))


def _passed(gold: GoldItems) -> str:
    overall = gold.overall
    if overall.rate.estimate is None:
        return f"{count(gold.items)} gold items: {overall.rate.note}."
    interval = range_text(overall.rate, 1, True)
    within = f" (95% interval {interval})" if interval else ""
    return (
        f"{count(overall.passed)} of {count(overall.n)} votes on {count(gold.items)} gold items were the known "
        f"answer: {estimate_text(overall.rate, 1, True)}{within}."
    )


def _held_to(gold: GoldItems) -> str:
    held = (
        f"A reviewer's lower bound must lie above {percent(gold.threshold, 0)}; it takes {count(gold.fewest)} gold "
        "items without a miss to show that."
    )
    said = [
        f"Flagged, not shown either way: {_names(gold.flagged)}." if gold.flagged else "",
        f"Failing, upper bound below it: {_names(gold.failing)}." if gold.failing else "",
        f"Too few gold items to tell: {counted(gold.too_few, 'reviewer')}." if gold.too_few else "",
    ]
    found = " ".join(text for text in said if text)
    return f"{held} {found or 'Nobody who labelled gold items falls short of it.'}"
