"""`panel-eval plan`: what a run would buy, cost and show, before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli import run_options as option
from panel_eval.cli.console import to_stdout


def plan(
    panel: option.PanelPath = Path("panel.yaml"),
    results: option.Results = Path("results"),
    retry_failed: option.RetryFailed = False,
    reuse: option.Reuse = None,
    batch: Annotated[
        bool, typer.Option("--batch", help="Plan for provider batches: hold the budget against their prices.")
    ] = False,
    budget_usd: option.BudgetUsd = None,
    budget_tokens: option.BudgetTokens = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Say what a run would buy, what it costs, how long it takes and what it could show. Nothing is sent.

    Needs no key. Costs are low, expected and worst; votes that an unfinished run has stored, and those of runs
    named with --reuse, are not bought again.
    """
    from panel_eval import api

    estimate = api.plan(
        panel,
        results=results,
        reuse=reuse or (),
        retry_failed=retry_failed,
        batch=batch,
        budget=option.read_budget(budget_usd, budget_tokens),
    )
    if as_json:
        typer.echo(estimate.model_dump_json(indent=2))
        return
    from panel_eval.report.plan_text import print_plan

    to_stdout(lambda console: print_plan(estimate, console))
