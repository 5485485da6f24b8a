"""How often a gate fails a panel that has not changed, and how often it finds one that has (simulated judges)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from panel_eval.evaluation.gate import gate_status, gate_versions
from panel_eval.evaluation.versions import PanelVersion
from panel_eval.humans import HumanLabels, item_digests
from panel_eval.schema.gate_settings import GateSettings

LABELS = ("low", "mid", "high")
ITEMS, PAIRS = 1000, 150
WEAK = 0.107
"""Share of each judge's distribution that is given to the next label: a loss of .047 bits (measured)."""


def panel_forecast(people: np.ndarray, draw: np.random.Generator, weak: float) -> np.ndarray:
    """Five judges with four votes each, who see something of what people think; smoothed as a panel is."""
    votes = np.zeros_like(people)
    for _ in range(5):
        judge = 0.6 * people + 0.4 * np.array([0.2, 0.3, 0.5])
        judge = (1 - weak) * judge + weak * np.roll(judge, 1, axis=1)
        votes += draw.multinomial(4, judge)
    return (votes + 0.5) / (20 + 1.5)


def verdicts(make_humans: Callable[..., HumanLabels], weak: float) -> Counter[str]:
    found: Counter[str] = Counter()
    for pair in range(PAIRS):
        draw = np.random.default_rng([pair, 7])
        people = draw.dirichlet([0.6] * 3, size=ITEMS)
        humans = make_humans(draw.multinomial(5, people).tolist(), LABELS)
        digests = item_digests(humans)
        base, candidate = (
            PanelVersion(name, humans, digests, panel_forecast(people, draw, share))
            for name, share in (("base", 0.0), ("candidate", weak))
        )
        found[gate_status(gate_versions(base, candidate, GateSettings(), flips=2000, seed=pair))] += 1
    return found


@pytest.mark.slow
def test_a_panel_that_has_not_changed_seldom_fails(make_humans: Callable[..., HumanLabels]) -> None:
    # At most .025 by design: 150 pairs have more than 9 failures with a chance of .005.
    found = verdicts(make_humans, weak=0.0)
    assert found["FAIL"] <= 9
    assert found["PASS"] >= 0.9 * PAIRS


@pytest.mark.slow
def test_a_planted_loss_of_the_margin_is_found(make_humans: Callable[..., HumanLabels]) -> None:
    # .96 of 500 such pairs: fewer than 135 of 150 have a chance of .0004.
    assert verdicts(make_humans, weak=WEAK)["FAIL"] >= 0.9 * PAIRS
