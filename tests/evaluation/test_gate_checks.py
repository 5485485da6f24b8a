"""Limits, coverage, cost and deferral: by interval, and never a number for what is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.errors import InputError
from panel_eval.evaluation.gate import (
    change_words,
    cost_checks,
    deferral_checks,
    gate_headline,
    instrument_checks,
    limit_checks,
    overlap_checks,
    unanswered_checks,
)
from panel_eval.evaluation.gate.limits import kept
from panel_eval.schema.comparison import Change, ComparedRun, Missing, Overlap
from panel_eval.schema.economics_metrics import Account, Economics
from panel_eval.schema.estimate import Estimate, Scores
from panel_eval.schema.gate_result import GateCheck
from panel_eval.schema.gate_settings import GateSettings
from panel_eval.schema.judge_fingerprint import JudgeFingerprint
from panel_eval.schema.metrics import Metrics
from panel_eval.schema.policy_metrics import PolicyReport, RiskLevel


def settings(**keys: object) -> GateSettings:
    return GateSettings.model_validate(keys)


def metrics(overall: dict[str, Estimate], by_class: dict[str, dict[str, Estimate]] | None = None) -> Metrics:
    """A metrics.json of which only the panel's numbers are looked at."""
    panel = Scores(overall=overall, by_class=by_class or {})
    return Metrics.model_construct(panel=panel)


def estimate(value: float | None, low: float | None = None, high: float | None = None) -> Estimate:
    return Estimate(estimate=value, low=low, high=high, n=100, note="no number" if value is None else None)


@pytest.mark.parametrize(
    ("low", "high", "status"),
    [
        (2.1, 3.0, "PASS"),
        (2.0, 3.0, "PASS"),
        (1.9, 3.0, "INCONCLUSIVE"),
        (1.0, 1.9, "FAIL"),
        (1.0, None, "INCONCLUSIVE"),
        (2.5, None, "PASS"),
        (None, 1.5, "FAIL"),
        (None, 2.5, "INCONCLUSIVE"),
        (None, None, "INCONCLUSIVE"),
    ],
)
def test_at_least_two_reviewers_worth(low: float | None, high: float | None, status: str) -> None:
    """n_eq has no upper end where no number of reviewers bounds it."""
    limit = settings(limits=[{"metric": "n_eq", "at_least": 2}])
    (check,) = limit_checks(metrics({"n_eq": estimate(2.2, low, high)}), limit)
    assert (check.status, check.threshold) == (status, 2.0)


@given(low=st.floats(-10, 10), width=st.floats(0, 10), limit=st.floats(-10, 10))
def test_at_most_is_at_least_seen_from_the_other_side(low: float, width: float, limit: float) -> None:
    here, there = estimate(low, low, low + width), estimate(-low, -low - width, -low)
    assert kept(here, at_most=limit) == kept(there, at_least=-limit)


def test_a_limit_by_estimate_needs_no_interval_but_a_number() -> None:
    by = settings(limits=[{"metric": "soft_ece", "at_most": 0.1, "by": "estimate", "segment": "major"}])
    assert limit_checks(metrics({}, {"major": {"soft_ece": estimate(0.1)}}), by)[0].status == "PASS"
    assert limit_checks(metrics({}, {"major": {"soft_ece": estimate(0.11)}}), by)[0].status == "FAIL"
    (unknown,) = limit_checks(metrics({}, {"major": {"soft_ece": estimate(None)}}), by)
    assert unknown.status == "INCONCLUSIVE"
    assert "not known (no number)" in unknown.text


def test_a_limit_on_a_number_that_the_run_has_not_is_refused() -> None:
    ordinal = settings(limits=[{"metric": "w1", "at_most": 0.5}])
    with pytest.raises(InputError, match="has no w1 overall") as caught:
        limit_checks(metrics({"n_eq": estimate(2.0)}), ordinal)
    assert caught.value.problems[0].key == "gate.limits.0.metric"


def facts(cost_per_vote: float | None = None, judges: tuple[JudgeFingerprint, ...] = ()) -> ComparedRun:
    return ComparedRun(
        run_id="base", state="sealed", started_at="2026-01-01T00:00:00+00:00", n_items=10, n_scored=10,
        judges=list(judges), votes={"ok": 10}, cost_usd=None, cost_per_vote_usd=cost_per_vote,
    )  # fmt: skip


def cost(economics: Economics, **limits: float) -> list[GateCheck]:
    return cost_checks(economics, facts(0.001), settings(cost=limits))


def test_an_infinite_number_keeps_to_no_limit() -> None:
    endless = Estimate(estimate=None, n=100, note="infinite on 3 items: a label was given probability 0")
    for by in ("interval", "estimate"):
        for metric, side in (("ce_bits", "at_most"), ("ce_skill", "at_least")):
            limit = settings(limits=[{"metric": metric, side: 0.5, "by": by}])
            (check,) = limit_checks(metrics({metric: endless}), limit)
            assert check.status == "FAIL"
            assert "is infinite on 3 items" in check.text


def test_a_panel_that_no_number_of_reviewers_bounds_is_worth_more_than_two() -> None:
    beyond = metrics({"n_eq": Estimate(estimate=None, n=100, note="unbounded: as close as can be told")})
    itself, interval = ({"metric": "n_eq", "at_least": 2, "by": by} for by in ("estimate", "interval"))
    assert limit_checks(beyond, settings(limits=[itself]))[0].status == "PASS"
    (unknown,) = limit_checks(beyond, settings(limits=[interval]))
    assert unknown.status == "INCONCLUSIVE"  # its lower end is not told
    assert "label more items" in str(unknown.fix)


def test_unknown_cost_is_not_free() -> None:
    unknown = Economics(votes=10, votes_paid=10, votes_unpriced=4, cost_known_usd=0.5, cost_per_vote_usd=0.05)
    found = cost(unknown, usd=1.0, usd_per_vote=0.06, times_baseline=2.0)
    assert [check.status for check in found] == ["INCONCLUSIVE"] * 3
    assert all(check.value is not None and check.value.estimate is None for check in found)
    # What is surely billed is over the limit already.
    assert cost(unknown, usd=0.4)[0].status == "FAIL"


def test_a_cost_that_may_still_be_billed_decides_no_pass() -> None:
    priced = Economics(
        votes=10, votes_paid=10, cost_usd=0.9, cost_known_usd=0.9, cost_uncertain_usd=0.2, cost_per_vote_usd=0.09
    )
    assert [cost(priced, usd=limit)[0].status for limit in (1.2, 1.0, 0.8)] == ["PASS", "INCONCLUSIVE", "FAIL"]


def test_cost_of_a_vote_beside_the_baseline() -> None:
    economics = Economics(votes=10, votes_paid=10, cost_usd=0.015, cost_known_usd=0.015, cost_per_vote_usd=0.0015)
    assert cost(economics, times_baseline=1.5)[0].status == "PASS"
    assert cost(economics, times_baseline=1.4)[0].status == "FAIL"
    limits = settings(cost={"times_baseline": 1.5})
    assert cost_checks(economics, None, limits)[0].status == "SKIPPED"
    assert cost_checks(economics, facts(None), limits)[0].status == "INCONCLUSIVE"


def test_votes_taken_over_cost_what_they_cost_when_they_were_bought() -> None:
    bought = Account(votes_paid=10, cost_usd=1.0, cost_per_vote_usd=0.1)
    reused = Economics(votes=10, votes_reused=10, cost_usd=0.0, cost_known_usd=0.0, reused=bought)
    (check,) = cost(reused, usd_per_vote=0.05)
    assert check.status == "FAIL"
    assert check.value is not None
    assert check.value.estimate == 0.1
    replayed = Economics(votes=10, cost_usd=0.0, cost_known_usd=0.0)  # nothing was ever paid
    assert cost(replayed, usd_per_vote=0.05)[0].status == "PASS"


def policy(coverage: Estimate, risk: Estimate) -> PolicyReport:
    level = RiskLevel(
        risk=0.1, delta=0.1, threshold=0.5, n_decided=10, mean_loss=0.05, risk_bound=0.09, coverage=coverage,
        test_risk=risk,
    )  # fmt: skip
    return PolicyReport.model_construct(at_target=level)


def test_deferral_is_held_by_its_test_items() -> None:
    limits = settings(deferral={"risk": 0.1, "coverage": 0.5})
    good = policy(estimate(0.7, 0.6, 0.8), estimate(0.05, 0.02, 0.1))
    assert [check.status for check in deferral_checks(good, limits)] == ["PASS", "PASS"]
    bad = policy(estimate(0.4, 0.3, 0.49), estimate(0.2, 0.11, 0.3))
    assert [check.status for check in deferral_checks(bad, limits)] == ["FAIL", "FAIL"]
    unsure = policy(estimate(0.5, 0.4, 0.6), estimate(0.1, 0.05, 0.15))
    assert [check.status for check in deferral_checks(unsure, limits)] == ["INCONCLUSIVE", "INCONCLUSIVE"]
    nothing = policy(estimate(0.0), estimate(None))
    assert [check.status for check in deferral_checks(nothing, limits)] == ["INCONCLUSIVE", "FAIL"]
    none = deferral_checks(None, limits)
    assert {check.status for check in none} == {"INCONCLUSIVE"}
    assert "deferral:" in str(none[0].fix)
    assert deferral_checks(None, settings()) == []


def test_items_that_are_shared_of_the_larger_run() -> None:
    def status(unscored: int = 0, **counts: int) -> str:
        empty = dict.fromkeys(("only_base", "only_candidate", "other_votes", "other_content"), 0)
        overlap = Overlap(shared=90, compared=90, **{**empty, **counts})
        return overlap_checks(overlap, settings(), unscored)[0].status

    assert status(only_base=10) == status(only_candidate=10) == "PASS"  # 90 of 100
    assert status(only_base=10, only_candidate=10) == "PASS"  # 90 of 100 on either side
    assert status(only_base=11) == status(only_candidate=11) == "NOT COMPARABLE"
    assert status(other_votes=6, other_content=5) == "NOT COMPARABLE"
    # A baseline that has a forecast of a part of its items says nothing of the others.
    assert (status(unscored=9), status(unscored=10)) == ("PASS", "NOT COMPARABLE")  # 81 and 80 of 90


def test_items_without_an_answer_are_held_to_the_margin_as_the_base_rate() -> None:
    def found(items: int, instead: Estimate, **keys: object) -> list[str]:
        missing = Missing(
            only_base_scored=items, only_candidate_scored=0, neither_scored=0, as_base_rate=instead, best=0, worst=0
        )
        return [check.status for check in unanswered_checks(missing, settings(**keys))]

    assert found(3, estimate(0.03, 0.01, 0.049)) == ["PASS"]
    assert found(3, estimate(0.03, 0.01, 0.051)) == ["INCONCLUSIVE"]
    assert found(3, estimate(None)) == ["INCONCLUSIVE"]
    assert found(0, estimate(0.03, 0.01, 0.051)) == []
    assert found(3, estimate(0.03, 0.01, 0.051), margins=[{"segment": "major", "margin": 0.1}]) == []
    assert unanswered_checks(None, settings()) == []


def test_a_changed_judge_stops_the_gate_unless_it_is_allowed() -> None:
    old = facts(judges=(JudgeFingerprint(id="gpt", instrument_hash="a", instrument={"model": "v1"}),))
    new = facts(judges=(JudgeFingerprint(id="gpt", instrument_hash="b", instrument={"model": "v2"}),))
    checks, changes = instrument_checks(old, new, allowed=False)
    assert [check.status for check in checks] == ["PASS", "NOT COMPARABLE"]
    assert [change_words(change) for change in changes] == ["judge gpt: model was v1, is v2"]
    assert "--allow-judge-change" in str(checks[1].fix)
    allowed, same = instrument_checks(old, new, allowed=True)
    assert [check.status for check in allowed] == ["PASS", "PASS"]
    assert "This was allowed" in allowed[1].text
    assert same == changes
    assert instrument_checks(old, old, allowed=False)[1] == []


def test_a_rubric_that_one_side_does_not_tell_is_not_called_the_same() -> None:
    run = facts(judges=())
    (rubric, _), changes = instrument_checks(run, run, allowed=False)
    assert (rubric.status, changes) == ("PASS", [])
    assert "as far as the runs tell" in rubric.text


def test_change_words() -> None:
    gone = Change(what="judge", name="a", base="model m", candidate=None)
    assert change_words(gone) == "judge a is gone (model m)"
    assert (
        change_words(Change(what="judge", name="a", base=None, candidate="model m")) == "judge a is new (model m)"
    )


def test_the_headline_names_the_main_reason_and_counts_the_others() -> None:
    def check(kind: str, status: str, text: str) -> GateCheck:
        return GateCheck.model_validate({"name": text, "kind": kind, "status": status, "text": text})

    checks = [
        check("limit", "FAIL", "n_eq is low."),
        check("no_loss", "FAIL", "Major is worse."),
        check("margin", "FAIL", "Worse."),
        check("cost", "PASS", "Cheap."),
    ]
    assert gate_headline("FAIL", checks, "base") == "FAIL: Worse. (2 more reasons)"
    alone = gate_headline("PASS", checks[3:], None)
    assert (
        alone
        == "PASS: the run keeps to all that it was held to (1 check); there was no baseline to compare it with."
    )
