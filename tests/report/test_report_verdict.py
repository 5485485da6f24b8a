"""The verdict says no more than the intervals allow."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from panel_eval.report import verdict
from panel_eval.schema import Coverage, Estimate, Metrics, Scores

Build = Callable[..., Metrics]


def with_panel(make: Build, **changed: Estimate) -> Metrics:
    metrics = make()
    overall = {**metrics.panel.overall, **changed}
    return make(panel=Scores(overall=overall, by_class=metrics.panel.by_class))


def test_a_panel_below_the_base_rate_is_said_to_be_worse(make_metrics: Build) -> None:
    said = verdict(make_metrics())
    assert said.tone == "worse"
    assert "asking 1.8 of them per item (95% interval 1.7 to 1.9)" in said.headline
    assert "base rate alone would be worth 6.4" in said.headline
    assert "worse than the base rate" in said.headline
    assert "−20.0% (95% interval −25.0% to −15.0%): 2.50 bits" in said.detail
    assert "against 2.05" in said.detail


@pytest.mark.parametrize(
    ("low", "high", "tone"),
    [
        (0.01, 0.2, "better"),
        (-0.01, 0.2, "unclear"),
        (-0.2, -0.01, "worse"),
        (None, None, "unclear"),
        (0.0, 0.2, "unclear"),
    ],
)
def test_the_interval_of_skill_decides_the_tone(
    make_metrics: Build, low: float | None, high: float | None, tone: str
) -> None:
    skill = Estimate(estimate=0.1, low=low, high=high, n=4)
    assert verdict(with_panel(make_metrics, ce_skill=skill)).tone == tone


def test_a_null_is_given_with_its_reason_and_no_number(make_metrics: Build) -> None:
    missing = Estimate(estimate=None, n=0, note="no item has two reviewers")
    said = verdict(with_panel(make_metrics, n_eq=missing, ce_skill=missing))
    assert said.tone == "unknown"
    assert "no item has two reviewers" in said.headline
    assert "cannot be computed" in said.headline
    assert not any(character.isdigit() for character in said.headline)


def test_unusable_votes_and_unscored_items_are_counted(make_metrics: Build) -> None:
    coverage = Coverage(total={"ok": 13_257, "unparseable": 243}, by_judge={}, by_class={})
    said = verdict(make_metrics(coverage=coverage, n_items=1500, n_scored=1499))
    assert "243 of 13,500 votes (1.8%) were unusable." in said.detail  # 243 / 13500 = .018
    assert "1 of 1,500 items has no usable vote and no score." in said.detail


def test_worse_than_knowing_nothing_is_said_only_without_doubt(make_metrics: Build) -> None:
    # Constructed uniform forecaster: 1.58 bits, no interval.
    assert "same mass would do better too (1.58 bits)" in verdict(make_metrics()).detail
    doubtful = Estimate(estimate=1.6, low=1.5, high=1.7, n=4)
    assert "same mass" not in verdict(with_panel(make_metrics, ce_bits=doubtful)).detail
