"""What the panel may decide alone, and whether it hands over what people dispute."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import NO_NUMBER, decimal, percent
from panel_eval.report.part import Part, filled
from panel_eval.schema import Metrics

RATES: Final = (0.1, 0.2)
GROUPS: Final = (3, 5, 10, None)
"""Sizes of groups of fresh people shown; None: as many as the item had."""


def deferral_part(metrics: Metrics) -> Part | None:
    """Finding disputed items as people do; what is kept and what is handed over."""
    tables = filled(finding_table(metrics), rates_table(metrics))
    if metrics.deferral.auroc_disagreement.estimate is None and not metrics.deferral.soft.accuracy_at_coverage:
        return None
    sentences = (
        "Items are handed to people by the panel's uncertainty. AUROC: chance that a disputed item ranks above a "
        "clear one, 0.5 = by luck. Alignment: the panel's part of what fresh people reach, 1 = as good as they.",
        "Everything here describes these items and is not a guarantee: a threshold chosen because it looks good "
        "here will do worse on new ones.",
    )
    folded = filled(accuracy_table(metrics), coverage_table(metrics))
    return Part("deferral", "Does it hand over the right items?", sentences, tables, folded)


def finding_table(metrics: Metrics) -> Table:
    """The panel's AUROC beside that of fresh people."""
    deferral = metrics.deferral
    rows = [Row("panel", (estimate_cell(deferral.auroc_disagreement, 2), Cell("")), emphasis=True)]
    for ceiling in sorted(deferral.human_ceiling, key=lambda c: (c.reviewers is None, c.reviewers or 0)):
        if ceiling.reviewers not in GROUPS:
            continue
        who = "as many people" if ceiling.reviewers is None else f"{ceiling.reviewers} people"
        rows.append(Row(who, (estimate_cell(ceiling.auroc, 2), estimate_cell(ceiling.relative_alignment, 2))))
    return Table("Finding disputed items", ("by the spread of", "AUROC", "panel's alignment"), tuple(rows))


def rates_table(metrics: Metrics) -> Table:
    """What handing over some items wastes and misses, beside chance."""
    deferral = metrics.deferral
    rows = [
        Row(
            f"the {percent(found.rate, 0)} it is least sure of",
            (estimate_cell(found.wasted, 1, True), estimate_cell(found.missed_disagreement, 1, True)),
        )
        for found in deferral.rates
        if found.rate in RATES
    ]
    if rows:
        by_luck = (
            estimate_cell(deferral.random.wasted, 1, True),
            estimate_cell(deferral.random.missed_disagreement, 1, True),
        )
        rows.append(Row("any items, at random", by_luck))
    columns = ("handed to people", "of those, clear (wasted)", "of the rest, disputed (missed)")
    return Table("Wasted and missed", columns, tuple(rows))


def accuracy_table(metrics: Metrics) -> Table:
    """What the panel gets right among the items it is surest of."""
    deferral = metrics.deferral
    hard = {found.coverage: found.accuracy for found in deferral.hard.accuracy_at_coverage}
    rows = tuple(
        Row(
            f"the surest {percent(found.coverage, 0)}",
            (
                estimate_cell(found.accuracy, 1, True),
                estimate_cell(hard[found.coverage], 1, True) if found.coverage in hard else Cell(NO_NUMBER),
            ),
        )
        for found in deferral.soft.accuracy_at_coverage
    )
    columns = ("decided by the panel", "reviewers who agree", "majority agrees")
    return Table("Right among the items it decides", columns, rows)


def coverage_table(metrics: Metrics) -> Table:
    """How many items could have been decided within a risk."""
    deferral = metrics.deferral
    hard = {found.risk: found.coverage for found in deferral.hard.coverage_at_risk}
    rows = tuple(
        Row(
            f"at most {decimal(100 * found.risk, 0)}%",
            (
                estimate_cell(found.coverage, 1, True),
                estimate_cell(hard[found.risk], 1, True) if found.risk in hard else Cell(NO_NUMBER),
            ),
        )
        for found in deferral.soft.coverage_at_risk
    )
    columns = ("wrong among them", "counting reviewers", "counting majorities")
    return Table("Items it could have decided, not a guarantee", columns, rows)
