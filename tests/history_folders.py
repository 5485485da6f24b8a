"""Nights in a results root: a pilot that was scored once, and copies of it that stand for other nights."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from fitted_runs import write_pilot

from panel_eval import api

ITEMS = 60


def scored(folder: Path, model: str | None = "model-1") -> Path:
    """A run directory of a synthetic pilot whose votes name the model that gave them."""
    labels, votes, rubric = write_pilot(folder / "pilot", ITEMS)
    lines = [json.loads(line) for line in votes.read_text().splitlines()]
    votes.write_text("".join(json.dumps(line | {"model_reported": model}) + "\n" for line in lines))
    api.score(labels, votes, rubric=rubric, out=folder / "scored", resamples=100)
    return folder / "scored"


def night(
    run: Path,
    root: Path,
    day: int,
    *,
    change: float = 0.0,
    noise: float = 0.1,
    prefix: str = "",
    panel: str | None = None,
    **manifest: Any,
) -> Path:
    """A copy of a run as it might have been on another day.

    Args:
        run: the run.
        root: where to put it.
        day: which day.
        change: added to each item's cross-entropy.
        noise: sd of what is added to each.
        prefix: put before item ids, which makes them other items.
        panel: name of the panel; None = votes made elsewhere.
        manifest: fields of run.json that are to be others.
    """
    began = datetime(2026, 3, 1, 2, tzinfo=UTC) + timedelta(days=day)
    folder = root / f"{began:%Y%m%dT%H%M%SZ}-night"
    shutil.copytree(run, folder)
    fields = json.loads((folder / "run.json").read_text())
    fields |= {"run_id": folder.name, "started_at": began.isoformat()}
    fields["hashes"] = fields["hashes"] | {"votes": f"{day:064x}"}
    if panel is not None:
        judges = [{"id": "a", "model": "fake/a.yaml"}]
        fields["panel"] = {"panel": panel, "rubric": "r.yaml", "labels": "l.jsonl", "judges": judges}
    (folder / "run.json").write_text(json.dumps(fields | manifest))
    items = pd.read_parquet(folder / "items.parquet")
    items["ce_bits"] += change + noise * np.random.default_rng(day).normal(size=len(items))
    items["item_id"] = prefix + items["item_id"]
    items.to_parquet(folder / "items.parquet")
    return folder


def edit_votes(folder: Path, **columns: Any) -> None:
    """Set columns of a night's table of votes."""
    votes = pd.read_parquet(folder / "votes.parquet")
    votes.assign(**columns).to_parquet(folder / "votes.parquet")
