"""The pilot on ChaosNLI: what three or four of a hundred votes say of a single label, and what all of them do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from panel_eval.evaluation.pilot import pilot_report
from panel_eval.humans import labels_from_counts, load_soft_labels
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.pilot import PilotReport
from panel_eval.stats import entropy_bits
from panel_eval.stats.majority import majority_chances

DATA = Path(os.environ.get("PANEL_EVAL_DATA", "../shared/data"))
CHAOSNLI, POPQUORN = DATA / "chaosnli" / "chaosNLI_snli.jsonl", DATA / "popquorn_offensiveness" / "labels.jsonl"
ITEMS, REPLICATIONS = 300, 8

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def populations() -> np.ndarray:
    """(1514, 3) shares of a hundred votes: they stand for everyone."""
    if not CHAOSNLI.is_file():
        pytest.skip(f"no ChaosNLI data under {DATA}; set PANEL_EVAL_DATA")
    with CHAOSNLI.open(encoding="utf-8") as lines:
        return np.array([json.loads(line)["label_count"] for line in lines]) / 100.0


def pilots(populations: np.ndarray, n: int) -> list[PilotReport]:
    """Pilots of 300 random items with n of their votes."""
    found = []
    for seed in range(REPLICATIONS):
        generator = np.random.default_rng([seed, n])
        chosen = populations[generator.integers(len(populations), size=ITEMS)]
        labels = labels_from_counts(generator.multinomial(n, chosen), ("entailment", "neutral", "contradiction"))
        found.append(pilot_report(labels, resamples=300))
    return found


@pytest.mark.parametrize("n", [3, 4])
def test_a_few_votes_tell_what_a_hundred_do(populations: np.ndarray, n: int) -> None:
    chance, fewer = majority_chances(populations, n), majority_chances(populations, n - 1)
    rows, top = np.arange(len(populations)), chance.argmax(axis=1)
    truth = {
        "next_vote": (chance * populations).sum(axis=1).mean(),
        "next_vote_one_less": (fewer * populations).sum(axis=1).mean(),
        "second_panel": (chance**2).sum(axis=1).mean(),
        "most_frequent": chance[rows, populations.argmax(axis=1)].mean(),
        "confidence": chance.max(axis=1).mean(),
        "agreement": populations[rows, top].mean(),
        "gap": (chance.max(axis=1) - populations[rows, top]).mean(),
        "entropy_bits": entropy_bits(populations).mean(),
    }
    found = [numbers(report) for report in pilots(populations, n)]
    for name, value in truth.items():
        estimates = [numbers[name] for numbers in found]
        held = sum(
            one.low <= value <= one.high for one in estimates if one.low is not None and one.high is not None
        )
        assert held >= (4 if name == "gap" else 6), name
        mean = np.mean([one.estimate for one in estimates if one.estimate is not None])
        assert mean == pytest.approx(value, abs=0.01 if name == "gap" else 0.03), name


def numbers(report: PilotReport) -> dict[str, Estimate]:
    """The numbers that a hundred votes can check."""
    assert report.accuracy is not None
    assert report.overconfidence is not None
    assert report.information is not None
    parts = (report.accuracy, report.overconfidence)
    table = {name: getattr(part, name) for part in parts for name in type(part).model_fields if name != "by_class"}
    return table | {"entropy_bits": report.information.entropy_bits}


@pytest.mark.skipif(not POPQUORN.is_file(), reason=f"no POPQUORN data under {DATA}; set PANEL_EVAL_DATA")
def test_popquorn_says_where_the_model_fails() -> None:
    """Held-out votes see half of the bits lost that the model expects: the document must say so, and it does."""
    report = pilot_report(load_soft_labels(POPQUORN, scale="ordinal"), resamples=300)
    assert report.information is not None
    held = report.information.held_out.lost_bits["single_label"]
    assert held.low is not None
    assert 0 < held.low < 0.03
    checks = {check.what: check for check in report.checks}
    assert checks["bits lost by the single label"].fits is False
    assert any("read figures marked as model-based" in line for line in report.findings)
    # One label at face value is worse than knowing nothing of the item but the label shares.
    assert report.information.held_out.ce_bits["base_rate"].estimate == pytest.approx(1.780, abs=0.005)
    assert any("worse than knowing nothing" in line for line in report.findings)
