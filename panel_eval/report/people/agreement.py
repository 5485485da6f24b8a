"""How far reviewers agree, and how much of the disagreement would be found again."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import clear_of, estimate_of, range_text, share
from panel_eval.report.part import Part, filled, said
from panel_eval.schema import CLASS_NAMES, Estimate
from panel_eval.schema.label_quality import LabelQuality

_COEFFICIENTS: Final = {
    "pair_agreement": "two reviewers of an item chose the same label",
    "alpha_nominal": "Krippendorff's alpha, labels without order",
    "alpha_ordinal": "Krippendorff's alpha, labels in order",
    "gwet_ac1": "Gwet's AC1",
    "gwet_ac2_ordinal": "Gwet's AC2, labels in order",
    "fleiss_kappa": "Fleiss' kappa",
}


def people_agreement_part(quality: LabelQuality) -> Part:
    """Agreement with what it does and does not mean, and the classes with what they would be."""
    sentences = said(
        _chance(quality),
        "Disagreement is no fault by itself: honest reviewers differ on items that have more than one defensible "
        "answer. What matters for soft labels is whether the same shares would be found again.",
        _again(quality.agreement.share_reliability),
    )
    tables = filled(_agreement(quality), _classes(quality))
    return Part("people-agreement", "How far do reviewers agree?", sentences, tables)


def _chance(quality: LabelQuality) -> str | None:
    name = "alpha_ordinal" if quality.scale == "ordinal" else "alpha_nominal"
    alpha = estimate_of(quality.agreement.coefficients, name)
    if alpha.estimate is None:
        return None
    if not clear_of(alpha, 0.0):
        return "It cannot be told whether reviewers agree more than labels dealt at random would."
    more = "more" if alpha.estimate > 0 else "less"
    return f"Reviewers agree {more} than labels dealt at random would: alpha {_text(alpha)} (1 = full agreement)."


def _again(found: Estimate) -> str | None:
    if found.estimate is None:
        return None
    return (
        f"As many other reviewers of the same kind would give shares that correlate {_text(found)} with these "
        "(by the fitted model of votes)."
    )


def _text(found: Estimate) -> str:
    between = range_text(found, 2)
    return f"{found.estimate:.2f}" + (f", 95% interval {between}" if between else "")


def _agreement(quality: LabelQuality) -> Table:
    found = quality.agreement
    rows = [
        Row(title, (estimate_cell(found.coefficients[name], 2),))
        for name, title in _COEFFICIENTS.items()
        if name in found.coefficients
    ]
    rows.append(Row("reliability of an item's shares", (estimate_cell(found.share_reliability, 2),), emphasis=True))
    rows.append(Row("reliability of how much they disagree", (estimate_cell(found.split_half.dispersion, 2),)))
    return Table("Agreement of reviewers", ("measure", "all items"), tuple(rows))


def _classes(quality: LabelQuality) -> Table:
    classes = quality.classes
    total = sum(classes.counts.values())
    rows = []
    for name in CLASS_NAMES:
        population = classes.population.get(name)
        if classes.counts.get(name, 0) or population is not None:
            expected = Cell("") if population is None else estimate_cell(population, as_percent=True)
            items = classes.counts.get(name, 0)
            rows.append(Row(name, (Cell(f"{items:,}"), Cell(share(items, total)), expected)))
    columns = ("class", "items by their votes", "share", "share if everyone were asked")
    return Table("Disagreement classes", columns, tuple(rows))
