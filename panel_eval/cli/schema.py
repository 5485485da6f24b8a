"""`panel-eval schema`: the file contracts as JSON Schema."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Contract(StrEnum):
    """Names of the published contracts."""

    SOFT_LABEL = "soft-label"
    UNLABELLED_ITEM = "unlabelled-item"
    RUBRIC = "rubric"
    PANEL = "panel"
    VOTE = "vote"
    PLAN = "plan"
    PROBE = "probe"
    RUN = "run"
    METRICS = "metrics"
    FITTED_POOL = "fitted-pool"
    FIT = "fit"
    POLICY = "policy"
    POLICY_DECISION = "policy-decision"
    TRAINING_EXPORT = "training-export"
    POOL_ESTIMATE = "pool-estimate"
    COMPARISON = "comparison"


def schema(name: Annotated[Contract, typer.Argument(help="Which file format.", show_default=False)]) -> None:
    """Print the JSON Schema of a file format, for editors and other programs."""
    import json

    from panel_eval.schema import json_schema

    typer.echo(json.dumps(json_schema(name.value), indent=2, ensure_ascii=False))
