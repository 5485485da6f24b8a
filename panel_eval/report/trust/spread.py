"""Whether each judge is unsure, or the judges contradict each other."""

from __future__ import annotations

from panel_eval.report.cells import Row, Table, estimate_cell
from panel_eval.report.numbers import percent, sentence
from panel_eval.report.part import Part, said
from panel_eval.schema import Metrics


def spread_part(metrics: Metrics) -> Part | None:
    """The parts of the panel's spread; None where there is one judge."""
    spread = metrics.spread
    if len(metrics.judges) < 2 or spread.mean.total_spread_bits.estimate is None:
        return None
    share = spread.between_share.estimate
    sentences = said(
        None
        if share is None
        else f"{percent(share, 0)} of the panel's spread is judges contradicting each other; the rest is what each "
        "judge is unsure of by itself.",
        "The correlation says whether that part is found on the items where the reviewers differ.",
        sentence(spread.note) if spread.note else None,
    )
    return Part("spread", "Where does its uncertainty come from?", sentences, (spread_table(metrics),))


def spread_table(metrics: Metrics) -> Table:
    """Within, between and total, with their correlation with the reviewers' spread."""
    mean, with_people = metrics.spread.mean, metrics.spread.pearson_human_entropy
    rows = (
        Row(
            "within the judges",
            (estimate_cell(mean.within_judge_bits), estimate_cell(with_people.within_judge_bits, 2)),
        ),
        Row(
            "between the judges",
            (estimate_cell(mean.between_judge_bits), estimate_cell(with_people.between_judge_bits, 2)),
        ),
        Row(
            "total",
            (estimate_cell(mean.total_spread_bits), estimate_cell(with_people.total_spread_bits, 2)),
            emphasis=True,
        ),
    )
    return Table("Spread of the judges' answers", ("part", "bits", "correlation with reviewers"), rows)
