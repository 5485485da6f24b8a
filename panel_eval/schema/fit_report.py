"""What a panel could be: `fit.json`, found out by `panel-eval fit` from a run's votes and human labels."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.fitting_metrics import Fitting
from panel_eval.schema.learning_curve_metrics import LearningCurve
from panel_eval.schema.panel_value_metrics import PanelValue
from panel_eval.schema.policy_metrics import PolicyReport
from panel_eval.schema.rubric import Scale
from panel_eval.schema.uncertainty_metrics import Uncertainty


class FitReport(FileModel):
    """The whole of `fit.json`. Same run, same settings, same bytes."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run_id: str = Field(description="The run whose votes and labels it is made from.")
    task: str
    labels: list[str]
    scale: Scale
    settings: dict[str, str | int | float | None] = Field(description="Method, target, folds, seed, resamples …")
    hashes: dict[str, str] = Field(description="sha256 of the sorted lines of its labels and votes.")
    fitting: Fitting
    learning_curve: LearningCurve
    panel_value: PanelValue
    uncertainty: Uncertainty
    policy: PolicyReport | None
    policy_note: str | None = Field(description="Why there is no policy.")
