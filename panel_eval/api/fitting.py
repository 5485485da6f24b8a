"""What a run's votes are worth when they are fitted to its human labels, and what the panel may decide alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from panel_eval.api.fit_files import FitFiles, refuse_folder, write_fit
from panel_eval.api.fit_policy import run_policy
from panel_eval.api.fitted_documents import fitted_document
from panel_eval.api.labelled_run import LabelledRun
from panel_eval.api.results import RunResult, open_run
from panel_eval.evaluation.fitting import AUTO, FitSettings, PanelFit, fit_panel
from panel_eval.evaluation.learning_curve import learning_curve_section
from panel_eval.evaluation.panel_value import panel_value_section
from panel_eval.evaluation.uncertainty import uncertainty_section
from panel_eval.pooling import VoteTable
from panel_eval.schema import DeferralPolicy, DeferralSettings, FitReport, FittedPool
from panel_eval.schema.fitting_metrics import Target

OnStage = Callable[[str], None]
_STAND_IN: Final = "pools here are the stacked part of the blend, which fits faster and is nearly as good"
_INSTRUMENT: Final = {"model", "elicit", "api_base", "temperature", "top_p", "max_tokens"}


@dataclass(frozen=True)
class FitResult:
    """A fitted panel.

    Attributes:
        run: the run that it was fitted to.
        pool: how its judges are best joined; equals fitted.json.
        report: everything found out about it; equals fit.json.
        policy: what it may decide by itself; equals policy.json. None where `report.policy_note` says why.
        directory: where its files lie, or None if nothing was written.
    """

    run: RunResult
    pool: FittedPool
    report: FitReport
    policy: DeferralPolicy | None
    directory: Path | None = None


def fit(
    run: str | Path | RunResult,
    *,
    method: str = AUTO,
    target: Target = "soft",
    folds: int = 5,
    seed: int | None = None,
    resamples: int = 2000,
    deferral: DeferralSettings | None = None,
    out: str | Path | None = None,
    on_stage: OnStage = lambda words: None,
) -> FitResult:
    """Fit a panel to the human labels of a run. No model is asked; the run's own files stay as they are.

    Args:
        run: a run directory, as written by run, score or demo, or a run in memory.
        method: how judges are joined: a name in `pooling.fitted.METHODS`, or "auto" to choose among them.
        target: learn from all reviewers' votes ("soft") or from the majority label ("hard").
        folds: folds of items (of whole clusters) that are scored out of fold.
        seed: of folds, draws and intervals; default: the run's.
        resamples: bootstrap resamples behind each interval.
        deferral: what the panel's policy is to promise; default: what the run's panel says.
        out: folder to write to; nothing is written if absent.
        on_stage: told in words what is being done.

    Raises:
        InputError: the run cannot be read, has too few items to fit anything, or the folder holds something else.
    """
    if out is not None:
        refuse_folder(Path(out))
    result = run if isinstance(run, RunResult) else open_run(run)
    settings = FitSettings(method, target, folds, result.manifest.seed if seed is None else seed, resamples)
    on_stage("fitting the panel to human labels")
    labelled = LabelledRun.of(result)
    found = fit_panel(labelled.humans, labelled.forecasts, settings, raw=labelled.as_it_is)
    pool = fitted_document(labelled, labelled.humans, found.fitted, settings)
    on_stage("finding out what it may decide by itself")
    calibrated, why_none = run_policy(labelled, settings, deferral)
    report = _report(labelled, found, settings, on_stage).model_copy(
        update={"policy": None if calibrated is None else calibrated.section, "policy_note": why_none}
    )
    fitted = FitResult(result, pool, report, None if calibrated is None else calibrated.policy)
    if out is None:
        return fitted
    write_fit(Path(out), FitFiles(report, pool, fitted.policy))
    return replace(fitted, directory=Path(out))


def _report(labelled: LabelledRun, found: PanelFit, settings: FitSettings, on_stage: OnStage) -> FitReport:
    run, humans, forecasts = labelled.run, labelled.humans, labelled.forecasts
    seed, resamples, votes = settings.seed, settings.resamples, VoteTable.of(run.votes)
    on_stage("finding out how many labels it needs")
    as_it_is = labelled.as_it_is.forecast(forecasts, humans.labels)
    curve = learning_curve_section(
        humans, forecasts, found.learner, seed=seed, resamples=resamples, panel_q=as_it_is
    )
    on_stage("finding out what each judge is worth")
    value = panel_value_section(humans, forecasts, votes, found.learner, seed=seed, resamples=resamples)
    on_stage("finding out why it is unsure")
    models = _models(run)
    stand_in = [_STAND_IN] if found.fitted.method == "blend" else []
    uncertainty = uncertainty_section(humans, votes, forecasts, seed=seed, resamples=resamples, models=models)
    return FitReport(
        run_id=run.manifest.run_id,
        hashes=labelled.hashes,
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        settings=dict(vars(settings)),
        fitting=found.section,
        learning_curve=curve.model_copy(update={"notes": [*curve.notes, *stand_in]}),
        panel_value=value.model_copy(update={"notes": [*value.notes, *stand_in]}),
        uncertainty=uncertainty,
        policy=None,
        policy_note=None,
    )


def _models(run: RunResult) -> dict[str, str] | None:
    """Judge to its model with all settings but the prompt; None for votes made elsewhere."""
    panel = run.manifest.panel
    if panel is None:
        return None
    return {judge.id: judge.model_dump_json(include=_INSTRUMENT) for judge in panel.judges}
