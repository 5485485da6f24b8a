"""What a run's panel may decide by itself, found on items that its pool was not fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import ValidationError

from panel_eval.api.fitted_documents import fitted_document
from panel_eval.api.labelled_run import LabelledRun
from panel_eval.api.results import RunResult
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.evaluation.fitting import FitSettings, fit_part
from panel_eval.evaluation.policy import CalibratedPolicy, PolicySplit, Provenance, calibrate_policy, split_items
from panel_eval.pooling import PanelPooling, share_fitted_on, surely_new
from panel_eval.schema import DeferralPolicy, DeferralSettings, Warning

_SEEN = (
    "No policy was made: the panel's pool was fitted to the labels of items of this run, so that no promise about "
    "what it decides would hold. Name a pool that was fitted to other items."
)
_MAY_HAVE_SEEN = (
    "No policy was made: the panel's pool was fitted to so many items that its file tells of too few of these "
    "whether they were among them. Label more items."
)
FEWEST_ITEMS = 40
"""Fewest items that are parted into some to fit on, some to calibrate on and some to test on."""


def run_policy(
    labelled: LabelledRun, settings: FitSettings, deferral: DeferralSettings | None
) -> tuple[CalibratedPolicy | None, str | None]:
    """The policy of a run's panel.

    Where the run was scored with a pool that was fitted to other items, the policy is that pool's. Otherwise a pool
    is fitted to half of the items; thresholds are chosen on a quarter, and tried on the last quarter.

    Args:
        labelled: the run.
        settings: of the fit.
        deferral: what is to be promised; default: what the run's panel says.

    Returns:
        The policy, or why there is none.

    Raises:
        InputError: settings that do not fit the labels.
    """
    panel = labelled.run.manifest.panel
    promised = deferral or (None if panel is None else panel.deferral) or DeferralSettings()
    if len(labelled.humans) < FEWEST_ITEMS:
        return None, f"fewer than {FEWEST_ITEMS} items: too few to fit, calibrate and test on different ones"
    try:
        pooling, split = _pooling(labelled, settings)
    except InputError as error:
        return None, f"no pool could be fitted to half of the items: {error}"
    found = calibrate_policy(
        pooling.forecast(labelled.forecasts, labelled.humans.labels),
        labelled.forecasts,
        labelled.humans,
        promised,
        seed=settings.seed,
        split=split,
        provenance=_provenance(labelled, pooling),
        resamples=settings.resamples,
    )
    return found, None


def with_policy(run: RunResult, seed: int, resamples: int) -> tuple[RunResult, DeferralPolicy | None]:
    """A run that was just scored, with what its panel may decide by itself as it pools, if its file asks for that.

    A pool that was, or may have been, fitted to items of this very run has no policy here: no promise would hold.

    Args:
        run: the run with its evaluation.
        seed: of the split and of draws.
        resamples: bootstrap draws behind each interval.
    """
    panel, evaluation = run.manifest.panel, run.evaluation
    if panel is None or panel.deferral is None or evaluation is None:
        return run, None
    if run.pool is not None and not surely_new(run.pool, run.humans.item_ids):
        why = _SEEN if share_fitted_on(run.pool, run.humans.item_ids) else _MAY_HAVE_SEEN
        warnings = [*run.metrics.warnings, Warning(code="no_policy", text=why)]
        return replace(run, metrics=run.metrics.model_copy(update={"warnings": warnings})), None
    labelled = LabelledRun(run, run.humans, evaluation.forecasts)
    found = calibrate_policy(
        evaluation.panel_q,
        labelled.forecasts,
        run.humans,
        panel.deferral,
        seed=seed,
        provenance=_provenance(labelled, run.pooling),
        resamples=resamples,
    )
    metrics = run.metrics.model_copy(update={"policy": found.section})
    return replace(run, metrics=metrics), found.policy


def _provenance(labelled: LabelledRun, pooling: PanelPooling) -> Provenance:
    return Provenance(
        judges=labelled.judges,
        pooling=pooling,
        rubric_hash=labelled.rubric_hash,
        run_id=labelled.run.manifest.run_id,
        labels_sha256=labelled.hashes["labels"],
    )


def _pooling(labelled: LabelledRun, settings: FitSettings) -> tuple[PanelPooling, PolicySplit | None]:
    """How the policy's panel pools, and the items that it did not see."""
    run, humans = labelled.run, labelled.humans
    if run.pool is not None and surely_new(run.pool, humans.item_ids):
        return run.pooling, None
    halves = split_items(humans, settings.seed)
    found = fit_part(humans, labelled.forecasts, settings, halves.calibration)
    pool = fitted_document(labelled, humans.select(halves.calibration), found, settings)
    pooling = replace(run.pooling, weights={}, fitted=pool)
    return pooling, split_items(humans, settings.seed, halves.test)


def deferral_settings(
    run: RunResult, named: Mapping[str, object], cost_human: float | None = None, cost_error: float | None = None
) -> DeferralSettings:
    """What a run's panel says of deferral, but for what is named.

    Args:
        run: the run.
        named: settings by key; None = as the panel says.
        cost_human: of one review by one person.
        cost_error: of an item decided wrongly; goes with `cost_human`.

    Raises:
        InputError: a value out of its range, or one of the two costs without the other.
    """
    panel = run.manifest.panel
    given = (None if panel is None else panel.deferral) or DeferralSettings()
    changes = {key: value for key, value in named.items() if value is not None}
    if (cost_human is None) != (cost_error is None):
        raise InputError("a cost curve needs both costs: of a review by a person, and of an error")
    if cost_human is not None:
        changes["costs"] = {"human": cost_human, "error": cost_error}
    try:
        return DeferralSettings.model_validate({**given.model_dump(), **changes})
    except ValidationError as error:
        problems = [
            Problem(each["msg"].lower(), key=".".join(map(str, each["loc"])), value=shorten(each["input"]))
            for each in error.errors(include_url=False)
        ]
        raise InputError(problems) from None
