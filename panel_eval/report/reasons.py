"""Do the judges see what the reviewers saw? Evidence that rationales mention, and the most telling misses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import clear_of, count, holds, percent, range_text, sentence
from panel_eval.report.part import Part, filled, said
from panel_eval.report.printable import cut_line
from panel_eval.report.tables import classes_present
from panel_eval.schema import Estimate, Metrics
from panel_eval.schema.rationale_metrics import EvidenceCoverage, MissedEvidence, RationaleMetrics

_COVERAGE_COLUMNS: Final = ("pieces", "mentioned", "by chance", "beyond chance")
_STANDING: Final = {
    "majority": "the item's most frequent label",
    "dissenter": "another label: a dissenter",
    "tied": "a label of an item that is tied",
}
_PANEL: Final = {"same": "the panel's own label", "other": "another label than the panel's"}
_SHOWN_REVIEWERS: Final = 8
"""More reviewers are folded away."""
_SHOWN_MISSES: Final = 5
_MISSES: Final = "The most telling misses: rare terms, for a label the panel hardly believes in"
_NAME, _TEXT, _TERM, _TERMS = 40, 300, 30, 6
_METHOD: Final = (
    "Counted by terms, rare ones more than common ones; no model reads the texts. A mention is no agreement, what "
    "is denied is mentioned too, and the same said in other words is missed. By chance: what rationales of other "
    "items with the same label would mention."
)


def reasons_part(metrics: Metrics) -> Part | None:
    """How much of the reviewers' evidence the judges mention; None in a run that was scored before it was told."""
    found = metrics.rationales
    if found is None:
        return None
    title = "Do the judges see what the reviewers saw?"
    if found.overall.coverage.estimate is None:
        return Part("reasons", title, said(sentence(found.note or found.overall.coverage.note or "")), ())
    many = len(found.by_reviewer) > _SHOWN_REVIEWERS
    reviewers = _reviewer_table(found)
    sentences = said(
        _overall_sentence(found.overall),
        _dissent_sentence(found),
        _reviewer_sentence(found),
        _quoting_sentence(found),
        _METHOD,
        sentence(found.note) if found.note else None,
    )
    return Part(
        "reasons",
        title,
        sentences,
        filled(
            _standing_table(found),
            None if many else reviewers,
            _term_table(found),
            _missed_table(_MISSES, found.heaviest_missed[:_SHOWN_MISSES]),
        ),
        folded=filled(
            _missed_table("More misses", found.heaviest_missed[_SHOWN_MISSES:]),
            _class_table(found, metrics),
            reviewers if many else None,
            _judge_table(found),
            _writing_table(found),
        ),
    )


def _overall_sentence(overall: EvidenceCoverage) -> str:
    told = f"Judges mention {_ranged(overall.coverage)} of what reviewers cite"
    if overall.chance.estimate is None:
        return f"{told}; what chance would mention is not known: {overall.chance.note}."
    against = f"rationales of other items would mention {percent(overall.chance.estimate, 0)}"
    if overall.lift.low is None:
        return f"{told}; {against}. There are too few items to tell this from chance."
    if holds(overall.lift, 0.0):
        return f"{told}, which cannot be told from chance: {against}."
    return f"{told}; {against}." if (overall.lift.estimate or 0) > 0 else f"{told}, less than chance: {against}."


def _dissent_sentence(found: RationaleMetrics) -> str | None:
    """What those see who disagree with most, and whether less of it is mentioned."""
    majority, dissenter = found.by_standing.get("majority"), found.by_standing.get("dissenter")
    if majority is None or dissenter is None:
        return None
    gap = found.dissenter_gap
    both = (
        f"of what dissenting reviewers cite, {percent(dissenter.coverage.estimate, 0)} is mentioned; of what the "
        f"majority cites, {percent(majority.coverage.estimate, 0)}"
    )
    if not clear_of(gap, 0.0):
        return f"Whether dissenters are heard less cannot be told: {both}{_difference(gap)}."
    word = "less" if (gap.estimate or 0) > 0 else "more"
    return f"Dissenters are heard {word}: {both}{_difference(gap)}."


def _difference(gap: Estimate) -> str:
    ends = range_text(gap, as_percent=True).replace("%", "")
    return f" (difference {ends} percentage points)" if ends else ""


def _reviewer_sentence(found: RationaleMetrics) -> str | None:
    """The reviewers whose evidence is mentioned least and most, where their intervals lie apart."""
    known = [own for own in found.by_reviewer if own.evidence.coverage.low is not None]
    if len(known) < 2:
        return None
    least, most = (pick(known, key=lambda own: own.evidence.coverage.estimate or 0.0) for pick in (min, max))
    low, high = least.evidence.coverage, most.evidence.coverage
    if low.high is None or high.low is None or low.high >= high.low:
        return None
    return (
        f"They mention least of what {cut_line(least.reviewer, _NAME)} cites, {_ranged(low)}, and most of what "
        f"{cut_line(most.reviewer, _NAME)} cites, {_ranged(high)}."
    )


def _quoting_sentence(found: RationaleMetrics) -> str | None:
    """What is mentioned of that which no judge could copy from the item."""
    if found.quoted is None or found.quoted.beyond_content.coverage.estimate is None:
        return None
    share, beyond = found.quoted.share, found.quoted.beyond_content.coverage
    return (
        f"{percent(share.estimate, 0)} of the evidence stands in the items' own text, where a judge may copy it; "
        f"of the rest judges mention {_ranged(beyond)}."
    )


def _ranged(number: Estimate) -> str:
    """A share with its interval."""
    ends = range_text(number, as_percent=True)
    return f"{percent(number.estimate)} ({ends})" if ends else percent(number.estimate)


def _standing_table(found: RationaleMetrics) -> Table:
    rows = [
        Row("all evidence", _coverage_cells(found.overall), emphasis=True),
        *_rows(((_STANDING[name], own) for name, own in found.by_standing.items()), "the reviewer chose"),
        *_rows(((_PANEL[name], own) for name, own in found.by_panel_label.items()), "the reviewer chose"),
    ]
    return Table("What judges mention of the reviewers' evidence", ("evidence", *_COVERAGE_COLUMNS), tuple(rows))


def _class_table(found: RationaleMetrics, metrics: Metrics) -> Table:
    named = ((name, found.by_class[name]) for name in classes_present(metrics) if name in found.by_class)
    return Table("By disagreement class", ("class", *_COVERAGE_COLUMNS), _rows(named))


def _reviewer_table(found: RationaleMetrics) -> Table:
    shown = len(found.by_reviewer)
    caption = (
        "By reviewer"
        if shown == found.reviewers
        else (f"By reviewer: the {count(shown)} of {count(found.reviewers)} with the most evidence")
    )
    named = ((cut_line(own.reviewer, _NAME), own.evidence) for own in found.by_reviewer)
    return Table(caption, ("reviewer", *_COVERAGE_COLUMNS), _rows(named))


def _judge_table(found: RationaleMetrics) -> Table:
    named = ((cut_line(judge, _NAME), own.evidence) for judge, own in found.by_judge.items())
    return Table("By judge, each alone", ("judge", *_COVERAGE_COLUMNS), _rows(named))


def _writing_table(found: RationaleMetrics) -> Table:
    """How long rationales are, what they say that nobody cites, and what cannot be had by quoting the item."""
    beyond = found.quoted is not None
    rows = tuple(
        Row(
            cut_line(judge, _NAME),
            (
                Cell(count(own.rationales)),
                estimate_cell(own.words, 0),
                estimate_cell(own.own_terms, as_percent=True),
                *([_not_quoted(own.beyond_content)] if beyond else []),
            ),
        )
        for judge, own in found.by_judge.items()
    )
    columns = ("judge", "rationales", "words each", "terms no reviewer uses", *(["mentioned, not quoted"] * beyond))
    return Table("How the judges write", columns, rows)


def _not_quoted(beyond: EvidenceCoverage | None) -> Cell:
    return Cell("") if beyond is None else estimate_cell(beyond.coverage, as_percent=True)


def _rows(named: Iterable[tuple[str, EvidenceCoverage]], group: str = "") -> tuple[Row, ...]:
    return tuple(Row(name, _coverage_cells(own), group=group) for name, own in named)


def _coverage_cells(own: EvidenceCoverage) -> tuple[Cell, ...]:
    numbers = (own.coverage, own.chance, own.lift)
    return (Cell(count(own.pieces)), *(estimate_cell(number, as_percent=True) for number in numbers))


def _term_table(found: RationaleMetrics) -> Table:
    rows = tuple(
        Row(
            cut_line(own.term, _TERM),
            (Cell(count(own.pieces)), Cell(count(own.mentioned)), Cell(count(own.dissenters))),
        )
        for own in found.missed_terms
    )
    columns = ("term", "cited", "mentioned", "cited by dissenters")
    return Table("Terms that judges miss most: pieces of evidence", columns, rows)


def _missed_table(caption: str, missed: Sequence[MissedEvidence]) -> Table:
    columns = ("evidence, and what of it no judge mentions", "panel gives the label")
    return Table(caption, columns, tuple(_missed_row(own) for own in missed))


def _missed_row(own: MissedEvidence) -> Row:
    dissents = ", who dissents," if own.standing == "dissenter" else ""
    return Row(
        f"“{cut_line(own.evidence, _TEXT)}”; no judge mentions {_terms(own.missed)}",
        (Cell(percent(own.panel_mass)),),
        group=f"{cut_line(own.item_id, _NAME)}: {cut_line(own.reviewer, _NAME)}{dissents} chose "
        f"{cut_line(own.label, _NAME)}",
    )


def _terms(missed: Sequence[str]) -> str:
    shown = ", ".join(cut_line(term, _TERM) for term in missed[:_TERMS])
    return f"{shown} …" if len(missed) > _TERMS else shown
