"""The judges of a run against the reviewers: the numbers of metrics.json."""

from __future__ import annotations

from panel_eval.report.cells import Table
from panel_eval.report.policy import levels_table
from panel_eval.report.qa.document import Block, Chapter, Grid, Text
from panel_eval.report.qa.view import PanelSide
from panel_eval.report.tables import class_table, judge_table, outcome_table, overview_table
from panel_eval.report.verdict import verdict
from panel_eval.schema.policy_metrics import PolicyReport


def panel_chapters(side: PanelSide) -> tuple[Chapter, ...]:
    """How good the panel is, overall and by class, what it left unanswered, and what it may decide."""
    metrics = side.metrics
    said = verdict(metrics, side.manifest)
    blocks: list[Block] = [Text(said.detail or said.headline)]
    blocks += [_grid(overview_table(metrics)), _grid(class_table(metrics))]
    judges: list[Block] = [_grid(judge_table(metrics), words=(2,)), _grid(outcome_table(metrics))]
    judges += [Text(f"Warning: {warning.text} ({warning.code})", "small") for warning in metrics.warnings]
    return (
        Chapter("How does the panel of judges compare?", tuple(blocks)),
        Chapter("What did each judge do?", tuple(judges)),
        Chapter("What may the panel decide by itself?", _policy(side)),
    )


def _grid(table: Table, words: tuple[int, ...] = ()) -> Grid:
    numbers = len(table.columns) - 1
    return Grid(table, (1.5, *(1.0,) * numbers), words, most=24, where="metrics.json")


def _policy(side: PanelSide) -> tuple[Block, ...]:
    policy: PolicyReport | None = side.metrics.policy or (side.fit.policy if side.fit else None)
    if policy is None:
        why = (
            side.fit.policy_note
            if side.fit and side.fit.policy_note
            else "run `panel-eval fit` on the run (again, if its votes or labels have changed since)"
        )
        return (Text(f"Not given: {why}.", "none"),)
    table = levels_table(policy)
    return Text(policy.advice), Grid(table, (1.4, *(1.0,) * (len(table.columns) - 1)), most=8)
