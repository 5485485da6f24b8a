"""A root with many small runs, and what a database holds of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select
from sqlalchemy.pool import NullPool

from panel_eval.api.mirror.tables import METADATA

Content = dict[str, list[tuple[Any, ...]]]


def database_url(url: str) -> str:
    """The URL by which SQLAlchemy finds what the mirror wrote."""
    return url.replace("postgresql://", "postgresql+psycopg://") if "://" in url else f"sqlite:///{url}"


def all_rows(url: str) -> Content:
    """Every row of every table, in the order of their keys; read past the mirror's own code."""
    engine = create_engine(database_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }
    engine.dispose()
    return found


def copy_runs(run: Path, root: Path, numbers: range) -> None:
    """Put copies of a run into a root, one a night; each has another cost and other panel numbers."""
    for number in numbers:
        folder = root / f"20260101T{number:06d}Z-many"
        shutil.copytree(run, folder)
        change(folder / "run.json", run_id=folder.name, started_at=f"2026-01-01T00:00:{number:02d}.000+00:00")
        metrics = json.loads((folder / "metrics.json").read_text())
        metrics["panel"]["overall"]["ce_bits"]["estimate"] = 1.0 + number / 7
        metrics["economics"]["cost_usd"] = 0.1 * number
        (folder / "metrics.json").write_text(json.dumps(metrics))


def change(path: Path, **changes: object) -> None:
    """Change keys of a JSON document."""
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def write_gate(folder: Path, status: str = "PASS", **changes: object) -> None:
    """A gate's verdict on the run in a folder."""
    (folder / "gate").mkdir(exist_ok=True)
    number = {"estimate": 0.25, "low": 0.125, "high": None, "n": 30, "note": None}
    check = {"name": "limit ce_bits overall", "kind": "limit", "status": status, "metric": "ce_bits"}
    gate = {
        "schema_version": 1,
        "status": status,
        "exit_code": {"PASS": 0, "FAIL": 1}[status],
        "run_id": folder.name,
        "panel": None,
        "task": "mood",
        "seed": 0,
        "at": "2026-01-02T00:00:00.000+00:00",
        "baseline": None,
        "baseline_chosen": "there was none",
        "settings": {},
        "checks": [{**check, "segment": "overall", "value": number, "threshold": 0.5, "text": "below 0.5"}],
        "headline": f"{status}: a night",
    }
    (folder / "gate" / "gate.json").write_text(json.dumps({**gate, **changes}))
