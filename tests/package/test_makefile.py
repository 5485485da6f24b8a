"""What the Makefile installs is what the README's commands need."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def test_who_begins_with_make_demo_can_follow_the_readme_to_its_end(tmp_path: Path):
    dry = subprocess.run(
        ["make", "-n", "demo", f"VENV={tmp_path / 'none'}"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    installed = {extra for found in re.findall(r'-e "\.\[([\w,]+)\]"', dry) for extra in found.split(",")}
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^\$ panel-eval qa ", readme, re.MULTILINE)
    assert {"local", "demo", "pdf"} <= installed
