"""The primer's example item, and label files written line by line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from panel_eval.humans import load_rubric
from panel_eval.schema import Rubric

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

Writer = Callable[..., Path]


@pytest.fixture
def mri_path() -> Path:
    """`mri-2031`, the item of the soft-label primer: four reviewers, split 2-1-1."""
    return HERE / "mri-2031.jsonl"


@pytest.fixture
def mri(mri_path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(mri_path.read_text())
    return record


@pytest.fixture
def tumor() -> Rubric:
    return load_rubric(ROOT / "rubrics" / "tumor_severity.yaml")


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Writes records, one a line, and gives the file's path."""

    def writer(*records: object, name: str = "labels.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return path

    return writer
