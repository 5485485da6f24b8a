"""The verdict says no more than the intervals allow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructed import number

from panel_eval.report import verdict
from panel_eval.report.points import class_point, decision_point
from panel_eval.schema import Coverage, Estimate, Metrics, Scores
from panel_eval.schema.policy_metrics import PolicyReport, RiskLevel

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


def test_an_interval_without_an_upper_end_still_tells_its_lower_one(make_metrics: Build) -> None:
    open_above = Estimate(estimate=78.0, low=14.5, high=None, n=150, note="no upper end")
    said = verdict(with_panel(make_metrics, n_eq=open_above)).headline
    assert "asking 78.0 of them per item (95% interval 14.5 or more)" in said


def test_a_panel_without_a_usable_vote_is_said_to_tell_nothing(make_metrics: Build) -> None:
    none = {name: Estimate(estimate=None, n=0, note="no items") for name in make_metrics().panel.overall}
    silent = make_metrics(
        n_items=50,
        n_scored=0,
        coverage=Coverage(total={"refusal": 50}, by_judge={}, by_class={}),
        panel=Scores(overall=none, by_class={}),
    )
    said = verdict(silent)
    assert said.headline == "No item has a usable vote: of this panel nothing can be said."
    assert said.detail == (
        "50 of 50 votes (100.0%) were unusable. 50 of 50 items have no usable vote and no score."
    )


def test_split_items_stand_beside_clear_ones_and_the_promise_beside_its_confidence(make_metrics: Build) -> None:
    metrics = make_metrics()
    worth = {"major": number(2.1, 1.9, 2.3), "agreement": number(0.6, 0.5, 0.7)}
    by_class = {
        name: {**table, "n_eq": worth.get(name, number(9.0))} for name, table in metrics.panel.by_class.items()
    }
    shown = make_metrics(panel=Scores(overall=metrics.panel.overall, by_class=by_class))
    assert class_point(shown) == (
        "Its worth in reviewers, by a model, is 2.1 on the 1 item of class major (1.9 to 2.3) and 0.6 on the 1 of "
        "class agreement (0.5 to 0.7)."
    )
    by_class["agreement"] = {**by_class["agreement"], "n_eq": number(None)}
    assert class_point(make_metrics(panel=Scores(overall={}, by_class=by_class))) is None


def test_what_it_may_decide_is_told_with_its_promise_or_that_there_is_none() -> None:
    level = RiskLevel(
        risk=0.15, delta=0.1, threshold=0.7, n_decided=50, mean_loss=0.1, risk_bound=0.14,
        coverage=number(0.62, 0.58, 0.66), test_risk=number(0.12),
    )  # fmt: skip
    policy = PolicyReport.model_construct(at_target=level)
    assert decision_point(policy, fitted=False) == (
        "It may decide 62.0% (58.0% to 66.0%) of items by itself at a risk of at most 15%, promised with 90% "
        "confidence for items like these."
    )
    nothing = PolicyReport.model_construct(at_target=level.model_copy(update={"threshold": None}))
    assert "may decide nothing by itself" in decision_point(nothing, fitted=True)


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
