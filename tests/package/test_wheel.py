"""The wheel works without a checkout: prompts, rubrics, templates and the recorded demo are inside."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from this checkout, unpacked as pip would."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    zipfile.ZipFile(wheel).extractall(target)
    return target


def run_in(unpacked: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the unpacked wheel in front of everything, outside the checkout."""
    environment = {"PYTHONPATH": str(unpacked), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )


@pytest.mark.slow
def test_every_prompt_and_rubric_is_inside(unpacked: Path) -> None:
    for kind in ("prompts", "rubrics"):
        shipped = {path.name for path in (unpacked / "panel_eval/shipped" / kind).iterdir()}
        assert shipped == {path.name for path in (ROOT / kind).iterdir()}


@pytest.mark.slow
def test_the_recorded_demo_runs_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    where = run_in(unpacked, tmp_path, "-c", "import panel_eval; print(panel_eval.__file__)").stdout.strip()
    assert where.startswith(str(unpacked))
    done = run_in(unpacked, tmp_path, "-m", "panel_eval", "demo", "--recorded")
    assert "60 of 60 items scored" in done.stdout
    assert len(list(tmp_path.glob("results/*/report.html"))) == 1


@pytest.mark.slow
def test_init_writes_a_project_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    assert "12 files" in run_in(unpacked, tmp_path, "-m", "panel_eval", "init", "night", "--panel", "night").stdout
    written = {
        str(path.relative_to(tmp_path / "night")) for path in (tmp_path / "night").rglob("*") if path.is_file()
    }
    assert len(written) == 12
    assert written >= {
        "panel.yaml",
        "labels.jsonl",
        ".gitignore",
        ".github/workflows/nightly.yml",
        "prompts/vote.j2",
    }
    assert "60 items" in run_in(unpacked, tmp_path / "night", "-m", "panel_eval", "validate", "panel.yaml").stdout
