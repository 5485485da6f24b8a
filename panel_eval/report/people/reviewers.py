"""Single reviewers beside the others of the same items."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import NO_NUMBER, count, decimal, percent, sentence
from panel_eval.report.part import Part, filled, said
from panel_eval.report.printable import cut_line
from panel_eval.schema.reviewer_quality import ReviewerQuality, Reviewers

_SHOWN: Final = 12
_NAME_CHARS: Final = 40


def reviewers_part(found: Reviewers) -> Part | None:
    """Who agrees less than others do on the same items; None where nobody is named."""
    if not found.reviewers:
        return None
    sentences = said(
        _deviating(found),
        "Expected is how far the other reviewers of just these items agree among themselves, so that hard items "
        "count against nobody. Who differs may be careless, read the rubric otherwise, or hold a view of their "
        "own: ask before leaving anyone out.",
        None if found.note is None else sentence(found.note),
    )
    first, rest = found.reviewers[:_SHOWN], found.reviewers[_SHOWN:]
    caption = "Reviewers" if not rest else f"The {_SHOWN} reviewers who agree least beyond what is expected"
    folded = filled(_table("All other reviewers listed", rest)) if rest else ()
    return Part("reviewers", "Does any reviewer stand apart?", sentences, filled(_table(caption, first)), folded)


def _deviating(found: Reviewers) -> str:
    if not found.tested:
        return f"No reviewer could be tested: it takes {found.fewest_items} items with two other reviewers."
    if not found.deviating:
        return (
            f"None of {count(found.tested)} reviewers tested can be told to agree less with the others than these "
            "do among themselves."
        )
    names = ", ".join(cut_line(name, _NAME_CHARS) for name in found.deviating[:5])
    more = f" and {count(len(found.deviating) - 5)} more" if len(found.deviating) > 5 else ""
    return (
        f"{count(len(found.deviating))} of {count(found.tested)} reviewers tested "
        f"{'agrees' if len(found.deviating) == 1 else 'agree'} less with the others than "
        f"these do among themselves: {names}{more} (p-values adjusted; at most {percent(found.level, 0)} of such "
        "findings are expected to be false)."
    )


def _table(caption: str, reviewers: list[ReviewerQuality]) -> Table:
    ordinal = any(one.severity is not None for one in reviewers)
    confident = any(one.mean_confidence is not None for one in reviewers)
    columns = ["reviewer", "votes", "agrees", "expected", "difference", "adjusted p"]
    columns += ["steps above others"] if ordinal else []
    columns += ["mean confidence", "confidence tells"] if confident else []
    rows = tuple(
        Row(cut_line(one.reviewer, _NAME_CHARS), _cells(one, ordinal, confident), emphasis=one.deviates)
        for one in reviewers
    )
    return Table(caption, tuple(columns), rows)


def _cells(one: ReviewerQuality, ordinal: bool, confident: bool) -> tuple[Cell, ...]:
    cells = [
        Cell(count(one.votes)),
        estimate_cell(one.agreement, as_percent=True),
        estimate_cell(one.expected, as_percent=True),
        estimate_cell(one.difference, as_percent=True),
        Cell(_p(one.p_adjusted)),
    ]
    if ordinal:
        cells.append(Cell(NO_NUMBER) if one.severity is None else estimate_cell(one.severity, 2))
    if confident:
        cells += [Cell(decimal(one.mean_confidence)), estimate_cell(one.confidence_auroc, 2)]
    return tuple(cells)


def _p(value: float | None) -> str:
    return "<0.001" if value is not None and value < 0.001 else decimal(value, 3)
