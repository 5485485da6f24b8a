"""The fitted pool: `fitted.json`, how a panel's judges are joined, as learned from human soft labels."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.estimate import MetricTable
from panel_eval.schema.judge_identity import Digest, ItemDigests, JudgeIdentity
from panel_eval.schema.pool_parameters import PoolParameters
from panel_eval.schema.rubric import Scale


class FittedOn(FileModel):
    """What the pool was learned from."""

    run_id: str = Field(description="The run whose votes and labels it was learned from.")
    hashes: dict[str, Digest] = Field(
        description="sha256 of the sorted lines of that run's `labels` and of its `votes` that count."
    )
    n_items: int = Field(ge=1, description="Items that it was learned from.")
    n_clusters: int | None = Field(default=None, description="Clusters of those items; null if there are none.")
    item_digests: ItemDigests = Field(
        description="The smallest digests of the items' ids: tells later whether a pool meets its own items again."
    )


class FittedPool(FileModel):
    """How the judges of one panel are joined and recalibrated: the whole of `fitted.json`."""

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this contract.")
    task: str = Field(description="The task of the labels.")
    labels: list[str] = Field(min_length=2, description="The label set, in the rubric's order.")
    scale: Scale
    rubric_hash: Digest | None = Field(default=None, description="sha256 of the rubric; null if there was none.")
    judges: list[JudgeIdentity] = Field(min_length=1)
    vote_strength: float = Field(
        gt=0.0, le=1e9, description="How many votes one probability-valued vote counts as."
    )
    method: str = Field(description="How judges are joined; see `parameters`.")
    target: Literal["soft", "hard"] = Field(description="Learned from all reviewers' votes, or from the majority.")
    parameters: PoolParameters
    fitted_on: FittedOn
    out_of_fold: MetricTable = Field(
        description="Scores on items that the fits behind them never saw, the choice of method included."
    )
    settings: dict[str, str | int | float | None] = Field(description="Seed, folds, resamples, methods tried.")
    versions: dict[str, str] = Field(default_factory=dict, description="Packages that touch the numbers.")
