"""The tables of an explanation: shares of labels, people, judges, votes, evidence."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.numbers import NO_NUMBER, decimal, percent
from panel_eval.report.printable import cut, cut_line
from panel_eval.schema.explanation import Explanation, JudgeOnItem, LabelShares, VoteOnItem

NAME_CHARS: Final = 60
ANSWER_CHARS: Final = 40
MOST_ROWS: Final = 40
"""Most labels that are shown."""


def shares_table(found: Explanation) -> Table:
    """Each label: what reviewers chose, how many of all would, and what the panel says."""
    rows = tuple(_shares_row(share) for share in shown_shares(found))
    left = len(found.shares) - len(rows)
    more = f" ({left:,} smaller ones are not shown)" if left else ""
    columns = ("label", "reviewers", "share", "if all were asked, 95%", "panel")
    return Table(f"What people chose and what the panel says{more}", columns, rows)


def shown_shares(found: Explanation) -> list[LabelShares]:
    """All labels; of more than `MOST_ROWS` those with most of either side."""
    if len(found.shares) <= MOST_ROWS:
        return found.shares
    return sorted(found.shares, key=lambda share: -max(share.share, share.panel or 0.0))[:MOST_ROWS]


def judges_table(found: Explanation) -> Table:
    """Each judge: what it favours, on how many votes, how sure it is, and what the others do without it."""
    rows = tuple(
        Row(cut_line(one.judge, NAME_CHARS), _judge_cells(one), emphasis=one.judge == found.panel.apart)
        for one in found.panel.judges
    )
    columns = ("judge", "favours", "votes", "own spread, bits", "without it, bits")
    return Table("What each judge says; in the last column the spread between the others", columns, rows)


def pairs_table(found: Explanation) -> Table | None:
    """How often two answers differ, by what differs between the questions; None where nothing was asked twice."""
    again = found.repetition
    kinds = {
        "same judge, same label order" if again.orders_known else "same judge": again.same_order,
        "same judge, another order": again.other_order,
        "two judges": again.other_judge,
    }
    rows = tuple(
        Row(name, (Cell(f"{pairs.pairs:,}"), Cell(f"{pairs.apart:,}"), Cell(percent(pairs.apart / pairs.pairs, 0))))
        for name, pairs in kinds.items()
        if pairs.pairs
    )
    return (
        Table("How often two answers differ", ("two answers of", "pairs", "differ", "share"), rows)
        if rows
        else None
    )


def class_line(found: Explanation) -> str:
    """The class of the votes, and how likely each class is if everyone were asked."""
    people = found.people
    told = f"Class of the votes: {people.disagreement_class}"
    if people.reported_class and people.reported_class != people.disagreement_class:
        told += f" (reported as {people.reported_class})"
    probable = sorted(people.class_probabilities.items(), key=lambda pair: -pair[1])
    likely = ", ".join(f"{name} {percent(value, 0)}" for name, value in probable if value >= 0.005)
    return f"{told}. If everyone were asked: {likely}." if likely else f"{told}."


def adjudication_line(found: Explanation, limit: int) -> str:
    """What an adjudicator decided, or why nobody did; empty if the file does not say."""
    people = found.people
    if people.adjudicated_label is None and not people.adjudication_reason:
        return ""
    label = people.adjudicated_label or "not collapsed to one label"
    reason = f": {people.adjudication_reason}" if people.adjudication_reason else ""
    return cut(f"Adjudicated: {label}{reason}", limit)


def answer_of(vote: VoteOnItem) -> str:
    """A vote's answer in a few words: a label, shares, or the outcome."""
    if vote.label is not None:
        return cut_line(vote.label, ANSWER_CHARS)
    if vote.distribution is not None:
        ranked = sorted(vote.distribution.items(), key=lambda pair: -pair[1])
        return ", ".join(
            f"{cut_line(label, ANSWER_CHARS)} {decimal(mass)}" for label, mass in ranked[:6] if mass > 0
        )
    return f"no answer: {vote.outcome.replace('_', ' ')}"


def order_of(vote: VoteOnItem) -> str:
    """The labels in the order the judge saw them; empty where that is not known."""
    return " › ".join(cut_line(label, ANSWER_CHARS) for label in vote.label_order or ())


def _shares_row(share: LabelShares) -> Row:
    votes = f"{share.votes:.0f}" if share.votes.is_integer() else decimal(share.votes, 1)
    among_all = f"{percent(share.population_low, 0)} to {percent(share.population_high, 0)}"
    panel = NO_NUMBER if share.panel is None else percent(share.panel, 0)
    cells = (Cell(votes), Cell(percent(share.share, 0)), Cell(among_all), Cell(panel))
    return Row(cut_line(share.label, NAME_CHARS), cells)


def _judge_cells(one: JudgeOnItem) -> tuple[Cell, ...]:
    lost = sum(one.unusable.values())
    votes = str(one.usable) if not lost else f"{one.usable} of {one.usable + lost}"
    favours = " / ".join(cut_line(label, ANSWER_CHARS) for label in one.favours) or _outcomes(one)
    return (
        Cell(favours),
        Cell(votes),
        Cell(decimal(one.entropy_bits)),
        Cell(decimal(one.between_without_bits)),
    )


def _outcomes(one: JudgeOnItem) -> str:
    return ", ".join(outcome.replace("_", " ") for outcome in one.unusable) or "not asked"
