"""How far reviewers agree, and which classes and labels the items have."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, estimate_cell
from panel_eval.report.glossary import CLASS_TEXTS
from panel_eval.report.numbers import (
    NO_NUMBER,
    count,
    estimate_text,
    percent,
    range_text,
    sentence,
    share,
)
from panel_eval.report.qa.document import Bar, Bars, Block, Chapter, Grid, Text
from panel_eval.report.qa.rows import Entry, table
from panel_eval.schema import CLASS_NAMES, Estimate
from panel_eval.schema.label_quality import ClassShares, LabelQuality

COEFFICIENTS: Final = {
    "pair_agreement": ("two reviewers of an item agree", "chance that they chose the same label"),
    "alpha_nominal": ("Krippendorff's alpha, nominal", "agreement beyond chance; any two labels differ alike"),
    "alpha_ordinal": ("Krippendorff's alpha, ordinal", "the same; far labels differ more than near ones"),
    "alpha_interval": ("Krippendorff's alpha, interval", "the same, by the labels' distances squared"),
    "fleiss_kappa": ("Fleiss' kappa", "as alpha, without its correction for few votes"),
    "gwet_ac1": ("Gwet's AC1", "agreement beyond chance, not pressed down where one label prevails"),
    "gwet_ac2_ordinal": ("Gwet's AC2, ordinal", "the same; far labels differ more than near ones"),
}
MOST_LABELS: Final = 20
"""Labels that are drawn: the most frequent ones, in the order of the scale."""
_LEVELS: Final = (
    "Alpha and kappa: 0 = as labels dealt at random, 1 = full agreement. Where one answer is right, alpha from 0.8 "
    "is commonly called reliable and from 0.667 good for tentative conclusions (Krippendorff). Soft labels are "
    "collected where honest reviewers disagree: a low value may then be a property of the items. Whether it is "
    "carelessness of some can be seen where reviewers are named; carelessness of all looks like hard items."
)


def agreement_chapter(quality: LabelQuality) -> Chapter:
    """Agreement coefficients with their intervals and what they mean."""
    found = quality.agreement
    rows: list[tuple[Entry, ...]] = [
        (title, meaning, _coefficient(name, found.coefficients[name]))
        for name, (title, meaning) in COEFFICIENTS.items()
        if name in found.coefficients
    ]
    again = "would as many other reviewers give the same shares? 0 = not at all, 1 = exactly"
    rows.append(("reliability of the shares", again, estimate_cell(found.share_reliability, 2)))
    halves = "do two halves of an item's reviewers disagree on the same items?"
    rows.append(("split-half reliability of the dispersion", halves, estimate_cell(found.split_half.dispersion, 2)))
    grid = Grid(table("Agreement, with 95% intervals", ("measure", "says", "value"), rows), (2.2, 4, 1.2), (1,))
    return Chapter("Do the reviewers agree?", (grid, Text(_LEVELS, "small")))


def _coefficient(name: str, estimate: Estimate) -> Cell:
    return estimate_cell(estimate, 1, True) if name == "pair_agreement" else estimate_cell(estimate, 2)


def classes_chapter(quality: LabelQuality) -> Chapter:
    """How many items of each class there are and would be with everyone asked; how often each label was chosen."""
    found = quality.classes
    blocks: list[Block] = [_class_bars(quality), _class_grid(quality), _label_bars(quality)]
    blocks.append(
        Text(
            f"Mean entropy of an item: {_bits(found.votes_entropy_bits)} in the votes; "
            f"{_bits(found.human_entropy_bits)} behind them, if everyone were asked."
        )
    )
    sure = found.observed_is_population
    if sure.estimate is not None:
        blocks.append(
            Text(
                f"The class of an item's votes is that of the population behind it with a mean probability of "
                f"{_with_range(sure, 1, True)}: few reviewers tell the class of one item only roughly."
            )
        )
    if set(found.reported_vs_derived) - {"not reported"}:
        blocks.append(_reported_grid(found))
    blocks.append(Text(f"Population: {sentence(found.population_rule)} {sentence(found.note)}", "small"))
    return Chapter("How split are the items?", tuple(blocks))


def _bits(estimate: Estimate) -> str:
    if estimate.estimate is None:
        return f"not known ({estimate.note})"
    return f"{_with_range(estimate, 2, False)} bits"


def _with_range(estimate: Estimate, digits: int, as_percent: bool) -> str:
    interval = range_text(estimate, digits, as_percent)
    return estimate_text(estimate, digits, as_percent) + (f" ({interval})" if interval else "")


def _present(quality: LabelQuality) -> list[str]:
    return [name for name in CLASS_NAMES if quality.classes.counts.get(name, 0) or name != "insufficient"]


def _class_bars(quality: LabelQuality) -> Bars:
    counts, total = quality.classes.counts, quality.size.items
    bars = tuple(
        Bar(
            name,
            counts.get(name, 0) / max(total, 1),
            f"{count(counts.get(name, 0))} ({share(counts.get(name, 0), total)})",
        )
        for name in _present(quality)
    )
    alt = "; ".join(f"{bar.name} {bar.text}" for bar in bars)
    return Bars("Items by disagreement class of their votes", f"Items by class: {alt}", bars)


def _class_grid(quality: LabelQuality) -> Grid:
    """Votes and populations by class; on ordinal scales no short rule tells the classes."""
    rows = [_class_row(quality, name) for name in _present(quality)]
    columns = ("class", "votes", "items", "share if everyone were asked", "the class holds then")
    caption = "Classes of the votes and of the populations behind them"
    if quality.scale == "ordinal":
        short = table(caption, (columns[0], *columns[2:]), ((row[0], *row[2:]) for row in rows))
        return Grid(short, (2, 1, 2, 1.6))
    return Grid(table(caption, columns, rows), (1.2, 3, 0.8, 1.6, 1.2), (1,))


def _class_row(quality: LabelQuality, name: str) -> tuple[Entry, ...]:
    found = quality.classes
    holds = found.probability.get(name, {}).get(name)
    return (
        name,
        CLASS_TEXTS.get(name, ""),
        count(found.counts.get(name, 0)),
        _share_cell(found.population.get(name)),
        percent(holds),
    )


def _share_cell(estimate: Estimate | None) -> Cell:
    return Cell(NO_NUMBER) if estimate is None else estimate_cell(estimate, 1, True)


def _label_bars(quality: LabelQuality) -> Bars:
    shares = quality.agreement.prevalence
    most = set(sorted(shares, key=lambda label: -shares[label])[:MOST_LABELS])
    bars = tuple(Bar(label, mass, percent(mass)) for label, mass in shares.items() if label in most)
    alt = "; ".join(f"{bar.name} {bar.text}" for bar in bars)
    more = len(quality.labels) - len(bars)
    title = "Mean share of the votes by label" + (f"; {count(more)} rarer labels are left out" if more > 0 else "")
    return Bars(title, f"Mean share by label: {alt}", bars)


def _reported_grid(found: ClassShares) -> Grid:
    names = [name for name in CLASS_NAMES if any(row.get(name) for row in found.reported_vs_derived.values())]
    rows = [
        (f"in the file: {told}", *(count(row.get(name, 0)) for name in names))
        for told, row in found.reported_vs_derived.items()
    ]
    return Grid(table("Classes in the file (rows) and ours (columns), items", ("", *names), rows))
