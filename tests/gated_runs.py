"""Scored runs of a synthetic panel, night after night: the same items, fresh votes, judges that may get worse."""

from __future__ import annotations

import functools
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import fitted_runs
import numpy as np

import panel_eval as pe

ITEMS = 120
_FOLDER = tempfile.TemporaryDirectory()
PANEL: dict[str, Any] = {
    "panel": "nightly",
    "rubric": "mood.yaml",
    "labels": "labels.jsonl",
    "judges": [{"id": name, "model": "fake/none.yaml"} for name in fitted_runs.JUDGES],
}


def votes_of_a_night(night: int, weak: float = 0.0, refused: float = 0.0) -> list[dict[str, Any]]:
    """One vote of each judge on each item; `weak` of them fall anywhere, `refused` of them are refused."""
    draw = np.random.default_rng([night, 77])
    people, records = fitted_runs.populations(ITEMS), []
    for judge in fitted_runs.JUDGES:
        for row in range(ITEMS):
            label = fitted_runs.LABELS[draw.choice(3, p=people[row])]
            anywhere, refuses = draw.random(2)
            if anywhere < weak:
                label = fitted_runs.LABELS[draw.integers(3)]
            answer = {"outcome": "refusal"} if refuses < refused else {"label": label}
            records.append({"item_id": f"i{row:04d}", "judge": judge, **answer})
    return records


def night_run(
    root: Path,
    night: int,
    *,
    weak: float = 0.0,
    refused: float = 0.0,
    labels: list[dict[str, Any]] | None = None,
    rubric: dict[str, Any] | None = None,
    gate: dict[str, Any] | None = None,
    name: str | None = None,
) -> Path:
    """A sealed run in `root`, as if the panel `nightly` had made it on the given night of January.

    Votes are drawn anew for odd and even nights and for each kind of judges; other nights repeat them.
    """
    texts = json.dumps(labels or fitted_runs.label_records(ITEMS)), json.dumps(rubric or fitted_runs.RUBRIC)
    out = root / (name or f"run-{night:02d}")
    shutil.copytree(_scored(night % 2, weak, refused, *texts), out)
    manifest = json.loads((out / "run.json").read_text())
    facts = {"run_id": out.name, "started_at": f"2026-01-{night:02d}T03:00:00+00:00"}
    (out / "run.json").write_text(json.dumps({**manifest, **facts, "panel": {**PANEL, "gate": gate}}))
    return out


@functools.cache
def _scored(seed: int, weak: float, refused: float, labels: str, rubric: str) -> Path:
    """A scored run, made once."""
    folder = Path(tempfile.mkdtemp(dir=_FOLDER.name))
    files = (
        fitted_runs.write_lines(folder / "labels.jsonl", json.loads(labels)),
        fitted_runs.write_lines(folder / "votes.jsonl", votes_of_a_night(seed, weak, refused)),
    )
    rules = folder / "mood.yaml"
    rules.write_text(rubric)
    pe.score(*files, rubric=rules, out=folder / "run", resamples=100)
    return folder / "run"
