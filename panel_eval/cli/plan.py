"""`panel-eval plan`: what a run would buy, cost and show, before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panel_eval.cli import run_options as option
from panel_eval.cli.run import read_budget


def plan(
    panel: Annotated[Path, typer.Argument(help="The panel file (YAML).")],
    reuse: Annotated[
        list[Path] | None,
        typer.Option("--reuse", help="Run directory whose votes would be taken over; repeatable."),
    ] = None,
    results: Annotated[Path, typer.Option(help="Folder with run directories, as for `run`.")] = Path("results"),
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Count stored votes that ended in an error as to be bought.")
    ] = False,
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
        budget=read_budget(budget_usd, budget_tokens),
    )
    if as_json:
        typer.echo(estimate.model_dump_json(indent=2))
        return
    from panel_eval.report import terminal
    from panel_eval.report.plan_text import print_plan

    print_plan(estimate, terminal())
