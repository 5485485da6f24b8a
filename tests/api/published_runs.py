"""Small scored runs to publish, and what a folder holds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from fitted_runs import write_pilot

from panel_eval import api


def scored_run(folder: Path, n_items: int = 30) -> Path:
    """A sealed run of a synthetic pilot, in a folder of its own."""
    labels, votes, rubric = write_pilot(folder / "pilot", n_items=n_items)
    api.score(labels, votes, rubric=rubric, out=folder / "run", resamples=100)
    return folder / "run"


def copied_run(run: Path, folder: Path, **changes: object) -> Path:
    """A copy of a run in another folder, with another run.json."""
    shutil.copytree(run, folder)
    manifest = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(manifest | changes))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Path to bytes of all files in a folder, hidden ones included."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
