"""Agreement of people, of judges and between them; judges that err alike; standing in for a reviewer."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import NO_NUMBER, decimal, estimate_of, percent
from panel_eval.report.part import Part, filled, said
from panel_eval.schema import Metrics
from panel_eval.schema.agreement_metrics import AltTestResult, RaterAgreement

_LEVELS: Final = ("nominal", "ordinal", "interval")
_PAIRS: Final = ("pair_agreement", "fleiss_kappa", "gwet_ac1")


def agreement_part(metrics: Metrics) -> Part | None:
    """Who agrees with whom, and how many independent judges the panel is."""
    agreement = metrics.agreement
    tables = filled(alpha_table(metrics), independence_table(metrics))
    folded = filled(kappa_table(metrics), alt_test_table(metrics))
    if not tables and not folded:
        return None
    test = agreement.alt_test
    sentences = said(
        "Alpha: 0 = as labels dealt at random, 1 = full agreement. Normalised: judges with people, as a part of "
        "what the agreement within each allows; clearly below 1, the judges share something the people do not.",
        agreement.cross.note if agreement.cross else None,
        _independence(metrics),
        agreement.alt_test_note if test is None else _stand_in(test.panel),
    )
    return Part("agreement", "Do judges agree with people, or only with each other?", sentences, tables, folded)


def alpha_table(metrics: Metrics) -> Table | None:
    """Krippendorff's alpha of people, of judges, and across, with the normalised value, by level of measurement."""
    found = metrics.agreement
    if found.human is None or found.cross is None:
        return None
    levels = [level for level in _LEVELS if f"alpha_{level}" in found.human.coefficients]
    across = found.cross.together
    groups = [("people with people", found.human.coefficients, "alpha")]
    groups += [("judges with judges", found.judge.coefficients, "alpha")] if found.judge else []
    groups += [("judges with people", across, "alpha"), ("judges with people, normalised", across, "normalised")]
    rows = tuple(
        Row(
            title,
            tuple(estimate_cell(estimate_of(table, f"{name}_{level}"), 2) for level in levels),
            emphasis=name == "normalised",
        )
        for title, table, name in groups
    )
    return Table("Krippendorff's alpha", ("labels taken as", *levels), rows)


def _independence(metrics: Metrics) -> str | None:
    """How many independent judges would err as little."""
    redundancy = metrics.agreement.redundancy
    if redundancy is None:
        return None
    effective = estimate_of(redundancy.numbers, "effective_judges").estimate
    if effective is None:
        return None
    ones = "one" if decimal(effective, 1) == "1.0" else "ones"
    return f"{len(metrics.judges)} judges err like {decimal(effective, 1)} independent {ones}."


def independence_table(metrics: Metrics) -> Table | None:
    """How much of the judges' errors is the same."""
    redundancy = metrics.agreement.redundancy
    if redundancy is None:
        return None
    rows = (
        Row(
            "correlation of two judges' errors",
            (estimate_cell(estimate_of(redundancy.numbers, "error_correlation"), 2),),
        ),
        Row(
            "independent judges it amounts to",
            (estimate_cell(estimate_of(redundancy.numbers, "effective_judges"), 1),),
        ),
    )
    return Table("Errors that judges share", ("measure", "judges"), rows)


def kappa_table(metrics: Metrics) -> Table | None:
    """Kappa beside AC1, with the label that makes them differ."""
    groups = (("people", metrics.agreement.human), ("judges", metrics.agreement.judge))
    rows = tuple(_kappa_row(name, raters) for name, raters in groups if raters is not None)
    columns = ("raters", "two agree", "Fleiss' kappa", "Gwet's AC1", "most frequent label")
    return Table("Kappa beside AC1: they part where one label prevails", columns, rows)


def _kappa_row(name: str, raters: RaterAgreement) -> Row:
    cells = tuple(estimate_cell(estimate_of(raters.coefficients, metric)) for metric in _PAIRS)
    most = max(raters.prevalence.items(), key=lambda pair: pair[1], default=None)
    return Row(name, (*cells, Cell(f"{most[0]}: {percent(most[1])}" if most else NO_NUMBER)))


def _stand_in(result: AltTestResult) -> str:
    """Whether the panel's label may replace one reviewer's."""
    if result.passes is None:
        return f"Whether its label may stand in for one reviewer's cannot be tested{_because(result.note)}"
    may = "may" if result.passes else "may not"
    return (
        f"By the alternative annotator test the panel's top label {may} stand in for one reviewer's: it wins "
        f"against {result.n_won:,} of {result.n_reviewers:,} reviewers, and half are needed."
    )


def _because(note: str | None) -> str:
    return f": {note}" if note else "."


def alt_test_table(metrics: Metrics) -> Table | None:
    """The alternative annotator test of panel and judges."""
    test = metrics.agreement.alt_test
    if test is None:
        return None
    tested = (
        ("panel, top label", test.panel),
        ("panel, a label drawn", test.panel_distribution),
        *test.judges.items(),
    )
    rows = tuple(Row(name, _test_cells(result), emphasis=result is test.panel) for name, result in tested)
    caption = f"May it stand in for one reviewer? Alternative annotator test, ε = {decimal(test.epsilon)}"
    return Table(caption, ("who", "reviewers won", "winning rate", "advantage", "passes"), rows)


def _test_cells(result: AltTestResult) -> tuple[Cell, ...]:
    note = result.note or ""
    passes = NO_NUMBER if result.passes is None else ("yes" if result.passes else "no")
    return (
        Cell(f"{result.n_won:,} of {result.n_reviewers:,}"),
        Cell(decimal(result.winning_rate), note=note if result.winning_rate is None else ""),
        Cell(decimal(result.advantage), note=note if result.advantage is None else ""),
        Cell(passes, note=note if result.passes is None else ""),
    )
