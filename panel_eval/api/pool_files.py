"""The fitted pool that a run is scored with, kept beside its votes so that the run tells all of itself."""

from __future__ import annotations

import hashlib
from pathlib import Path

from panel_eval.api.documents import document_bytes
from panel_eval.errors import InputError, Problem
from panel_eval.pooling import PanelPooling
from panel_eval.schema import FittedPool, Metrics, read_json

POOL = "pool.json"


def read_pool(directory: Path) -> FittedPool | None:
    """The fitted pool in a run directory; None where the judges' weighted mean is taken.

    Raises:
        InputError: the file is not what this version writes.
    """
    path = directory / POOL
    return read_json(path, FittedPool) if path.exists() else None


def pool_hashes(pool: FittedPool | None) -> dict[str, str]:
    """sha256 of pool.json, for run.json; nothing where there is none."""
    return {} if pool is None else {"pool": hashlib.sha256(document_bytes(pool)).hexdigest()}


def pooling_of(metrics: Metrics, pool: FittedPool | None) -> PanelPooling:
    """How a scored run's panel pools, for items that it was not scored on.

    Args:
        metrics: the run's numbers, which name its settings.
        pool: its fitted pool, if it has one.

    Raises:
        InputError: it was scored with a fitted pool and there is none, or the settings tell of no pooling.
    """
    if pool is None and metrics.settings.get("pooling", "linear") != "linear":
        fix = f"put the {POOL} back that it was scored with, or score the run again"
        raise InputError(Problem(f"this run was scored with a fitted pool, and holds no {POOL}", fix=fix))
    return PanelPooling.of_settings(metrics.settings, pool)
