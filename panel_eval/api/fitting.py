"""What a run's votes are worth when they are fitted to its human labels, and what the panel may decide alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from panel_eval.api.fit_files import refuse_folder, write_fit
from panel_eval.api.results import RunResult, open_run
from panel_eval.evaluation.fitting import AUTO, FitSettings, fit_panel
from panel_eval.pooling import JudgeForecasts, collect_votes
from panel_eval.schema import FitReport
from panel_eval.schema.fitting_metrics import Target


@dataclass(frozen=True)
class FitResult:
    """A fitted panel.

    Attributes:
        run: the run that it was fitted to.
        report: everything found out about it; equals fit.json.
        directory: where its files lie, or None if nothing was written.
    """

    run: RunResult
    report: FitReport
    directory: Path | None = None


def fit(
    run: str | Path | RunResult,
    *,
    method: str = AUTO,
    target: Target = "soft",
    folds: int = 5,
    seed: int | None = None,
    resamples: int = 2000,
    out: str | Path | None = None,
    on_stage: Callable[[str], None] = lambda words: None,
) -> FitResult:
    """Fit a panel to the human labels of a run. No model is asked; the run's own files stay as they are.

    Args:
        run: a run directory, as written by run, score or demo, or a run in memory.
        method: how judges are joined: a name in `pooling.fitted.METHODS`, or "auto" to choose among them.
        target: learn from all reviewers' votes ("soft") or from the majority label ("hard").
        folds: folds of items (of whole clusters) that are scored out of fold.
        seed: of folds and intervals; default: the run's.
        resamples: bootstrap resamples behind each interval.
        out: folder to write to; nothing is written if absent.
        on_stage: told in words what is being done.

    Raises:
        InputError: the run cannot be read, has too few items to fit anything, or the folder holds something else.
    """
    if out is not None:
        refuse_folder(Path(out))
    result = run if isinstance(run, RunResult) else open_run(run)
    settings = FitSettings(method, target, folds, result.manifest.seed if seed is None else seed, resamples)
    forecasts = judge_forecasts(result)
    on_stage("fitting the panel to human labels")
    found = fit_panel(result.humans, forecasts, settings)
    report = FitReport(
        run_id=result.manifest.run_id,
        task=result.humans.task,
        labels=list(result.humans.labels),
        scale=result.humans.scale,
        settings=vars(settings),
        fitting=found.section,
    )
    fitted = FitResult(result, report)
    if out is None:
        return fitted
    write_fit(Path(out), report)
    return replace(fitted, directory=Path(out))


def judge_forecasts(result: RunResult) -> JudgeForecasts:
    """What each judge of a run said about its labelled items, in the order of the labels.

    Models that were scored beside the panel are none of its judges.
    """
    return collect_votes(result.votes, result.humans, tuple(result.metrics.judges), result.vote_strength)
