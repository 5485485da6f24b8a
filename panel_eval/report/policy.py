"""What the panel may decide by itself."""

from __future__ import annotations

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.figures.cost_curve import cost_curve_figure
from panel_eval.report.figures.policy_levels import policy_levels
from panel_eval.report.numbers import NO_NUMBER, count, decimal, percent, sentence
from panel_eval.report.part import Part, drawn, filled, said
from panel_eval.schema.policy_metrics import Costs, PolicyReport, RiskLevel

_QUESTION = "What may it decide by itself?"


def policy_part(policy: PolicyReport | None, anchor: str, why_none: str | None = None) -> Part | None:
    """The promise, what keeping it takes, and what it costs; or why there is none.

    Args:
        policy: what was found out.
        anchor: of its figures: a page may hold two policies.
        why_none: said where there is no policy.
    """
    if policy is None:
        return None if why_none is None else Part("policy", _QUESTION, (), (), advice=f"Not found out: {why_none}.")
    costs = policy.costs
    return Part(
        "policy",
        _QUESTION,
        said(
            None if policy.at_target.threshold is None else sentence(policy.rule),
            f"Thresholds were chosen on {count(policy.n_units)} items and tried on {count(policy.n_test)} others.",
            None if costs is None else sentence(costs.advice),
            *(sentence(note) for note in policy.notes),
        ),
        filled(levels_table(policy)),
        filled(
            class_table(policy),
            None if costs is None else costs_table(costs),
            minimum_table(policy),
            sets_table(policy),
        ),
        drawn(
            policy_levels(policy, f"policy-{anchor}"),
            None if costs is None else cost_curve_figure(costs, f"cost-{anchor}"),
        ),
        advice=policy.advice,
    )


def levels_table(policy: PolicyReport) -> Table:
    """What each risk would let the panel decide."""
    rows = tuple(_level_row(level, level.risk == policy.at_target.risk) for level in policy.levels)
    columns = ("risk promised", "decided, test items", "risk there", "bound on calibration items")
    return Table("What a promise lets it decide", columns, rows)


def class_table(policy: PolicyReport) -> Table:
    """What happens to the items of each disagreement class."""
    rows = [
        Row(
            name,
            (
                estimate_cell(found.deferred, 1, True),
                estimate_cell(found.risk, 1, True),
                Cell(count(found.n_items)),
            ),
        )
        for name, found in policy.by_class.items()
    ]
    shares = (
        ("deferred though clear (wasted)", policy.wasted),
        ("decided though disputed (missed)", policy.missed),
    )
    rows += [Row(title, (estimate_cell(beside.share, 1, True), Cell(""), Cell(""))) for title, beside in shares]
    return Table(
        "By disagreement class, test items", ("class", "handed over", "risk of those decided", "items"), tuple(rows)
    )


def costs_table(costs: Costs) -> Table:
    """What an item costs under the policy and beside it."""
    rows = (
        Row("the policy", (estimate_cell(costs.at_policy),), emphasis=True),
        Row(
            f"the cheapest threshold ({percent(costs.optimum.deferred, 0)} handed over)",
            (estimate_cell(costs.at_optimum),),
        ),
        Row("deciding everything", (estimate_cell(costs.decide_all),)),
        Row("handing over everything", (estimate_cell(costs.defer_all),)),
        Row("an oracle that knows the reviewers' votes", (estimate_cell(costs.oracle),)),
    )
    return Table("Cost of an item", ("way", "cost"), rows)


def minimum_table(policy: PolicyReport) -> Table:
    """How many items a promise needs at least."""
    rows = tuple(
        Row(
            f"{percent(needed.risk, 0)}, held in {percent(1 - needed.delta, 0)} of calibrations",
            (Cell(count(needed.n)),),
        )
        for needed in policy.minimum_n
    )
    return Table("Decided calibration items that a promise needs, if none has a loss", ("risk", "items"), rows)


def sets_table(policy: PolicyReport) -> Table:
    """Label sets that hold a random reviewer's label."""
    rows = tuple(
        Row(
            found.method.replace("_", " "),
            (
                estimate_cell(found.coverage, 1, True),
                estimate_cell(found.mean_size, 2),
                estimate_cell(found.singletons, 1, True),
            ),
        )
        for found in policy.sets
    )
    columns = ("made by", "reviewers' labels in it", "labels in it", "sets of one label")
    return Table(
        f"Sets that hold a reviewer's label, {percent(policy.settings.set_coverage, 0)} promised", columns, rows
    )


def _level_row(level: RiskLevel, target: bool) -> Row:
    nothing = level.threshold is None
    cells = (
        Cell("nothing") if nothing else estimate_cell(level.coverage, 1, True),
        Cell(NO_NUMBER) if nothing else estimate_cell(level.test_risk, 1, True),
        Cell(NO_NUMBER if level.risk_bound is None else decimal(level.risk_bound, 3)),
    )
    return Row(percent(level.risk, 0), cells, emphasis=target)
