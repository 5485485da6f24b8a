"""`panel-eval fit`: learn from a run's human labels how its judges are best joined, and what that is worth."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class TargetName(StrEnum):
    """What a pool is fitted to."""

    SOFT = "soft"
    HARD = "hard"


class ScoreName(StrEnum):
    """What items are ranked by, the least certain last."""

    ENTROPY = "entropy"
    ONE_LESS_TOP = "one_less_top"
    MARGIN = "margin"
    BETWEEN_JUDGES = "between_judges"
    JUDGE_DISAGREEMENT = "judge_disagreement"


class LossName(StrEnum):
    """What deciding an item loses."""

    MAJORITY = "majority"
    DISAGREEMENT = "disagreement"
    DISTANCE = "distance"


def fit(
    run: Annotated[Path, typer.Argument(help="A run directory, as written by run, score or demo.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to write to; default: fit/ in the run directory.")
    ] = None,
    method: Annotated[str, typer.Option(help="How judges are joined; auto tries every way.")] = "auto",
    target: Annotated[
        TargetName, typer.Option(help="Learn from all reviewers' votes (soft) or from the majority label (hard).")
    ] = TargetName.SOFT,
    folds: Annotated[int, typer.Option(min=2, help="Folds of items that are scored out of fold.")] = 5,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of folds and draws; default: the run's.")] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")] = 2000,
    risk: Annotated[float | None, typer.Option(help="Policy: highest mean loss of items it decides.")] = None,
    delta: Annotated[float | None, typer.Option(help="Policy: chance of breaking that promise.")] = None,
    loss: Annotated[LossName | None, typer.Option(help="Policy: what a decision loses.")] = None,
    score: Annotated[ScoreName | None, typer.Option(help="Policy: what tells that an item is uncertain.")] = None,
    cost_human: Annotated[float | None, typer.Option(help="Cost of one review by one person.")] = None,
    cost_error: Annotated[float | None, typer.Option(help="Cost of an item decided wrongly.")] = None,
) -> None:
    """Fit a panel to the human labels of a run: no model is asked.

    Writes fitted.json (for `pooling: {fitted: FILE}` in a panel), policy.json (for `panel-eval apply`) and fit.json
    (what was found out: scores out of fold, labels needed, worth of each judge, why it is unsure).
    """
    from panel_eval import api
    from panel_eval.cli.console import say, to_stdout
    from panel_eval.report import print_fit

    opened = api.open_run(run)
    named = {"risk": risk, "delta": delta, "loss": loss, "score": score}
    result = api.fit(
        opened,
        out=Path(opened.directory or run) / api.FIT if out is None else out,
        method=method,
        target=target.value,
        folds=folds,
        seed=seed,
        resamples=resamples,
        deferral=api.deferral_settings(opened, named, cost_human, cost_error),
        on_stage=lambda words: say(f"panel-eval: {words} …"),
    )
    to_stdout(lambda console: print_fit(result.report, console, result.directory))
    typer.echo(f"The report shows it, too: panel-eval report {run}")
