"""benchmarks/gates.py run small: rates that the issue asks for, and the naive rules beside them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from gates_worlds import WORLDS, as_nights  # noqa: E402


@pytest.mark.slow
def test_gate_and_history_seldom_cry_wolf_where_naive_rules_often_do(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    small = ["--quick", "--pairs", "100", "--series", "24"]
    command = [sys.executable, str(ROOT / "benchmarks/gates.py"), *small, "--json", str(figures)]
    subprocess.run(command, check=True, timeout=300, stdout=subprocess.DEVNULL)
    read = json.loads(figures.read_text())
    # By design at most .05: of 100 pairs more than 11, of 24 series more than 4, fail with a chance under .01.
    assert read["gate_false_alarm"] <= 0.11
    assert read["history_false_alarm"] <= 4 / 24
    assert read["planted_found"] >= 0.9 - 2 * read["planted_found_error"]
    assert read["history_planted_found_canary"] == 1.0
    assert read["history_planted_nights_median_canary"] <= 3
    assert read["naive_false_alarm"] >= 0.28  # METHODS 3.5: .28 to .80 of months


def test_each_series_breaks_its_ties_in_its_own_way() -> None:
    """By run ids: the same ids in all series would make all false alarms hang on one draw."""
    one, other = (as_nights(WORLDS[2], {"canary": [np.zeros(300)] * 2}, seed) for seed in (1, 2))
    assert {night.run_id for night in one}.isdisjoint(night.run_id for night in other)
