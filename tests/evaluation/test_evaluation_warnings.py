"""Warnings claim no more than the intervals do, and say how much of the plan is there."""

from __future__ import annotations

import pytest

from panel_eval.evaluation import evaluate
from panel_eval.schema import Vote

LABELS = ("no", "yes")


def forecasts(shares: list[float]) -> list[Vote]:
    """One judge that gives `yes` these shares, an item each."""
    return [
        Vote(item_id=f"item-{i:04d}", judge="j", distribution={"no": 1.0 - share, "yes": share})
        for i, share in enumerate(shares)
    ]


def codes(votes: list[Vote], humans, **more) -> dict[str, str]:
    metrics = evaluate(votes, humans, smoothing="none", **more).metrics
    return {warning.code: warning.text for warning in metrics.warnings}


def test_a_panel_that_is_wrong_everywhere_is_surely_worse(make_humans):
    humans = make_humans([[3, 1]] * 20 + [[1, 3]] * 20, LABELS)
    found = codes(forecasts([0.9] * 20 + [0.1] * 20), humans)
    assert {"worse_than_uniform", "worse_than_base_rate"} <= set(found)


def test_a_panel_right_and_wrong_about_as_often_is_only_not_better(make_humans):
    """Humans 3-1. Right (.9): CE .75·.152 + .25·3.322 = .944 bits; wrong (.1): 2.529; mean of 22 and 2: 1.077.

    That is above the 1 bit of uniform, but leaving out the two wrong items would bring it below: the interval
    holds 1.
    """
    humans = make_humans([[1, 3]] * 12 + [[3, 1]] * 12, LABELS)
    found = codes(forecasts([0.9] * 11 + [0.1] + [0.1] * 11 + [0.9]), humans)
    assert "not_better_than_uniform" in found
    assert not {"worse_than_uniform", "worse_than_base_rate"} & set(found)
    assert "1.077" in found["not_better_than_uniform"]


@pytest.mark.parametrize(("planned", "partial"), [(None, False), (40, False), (50, True)])
def test_a_run_that_was_cut_short_says_how_many_votes_are_there(make_humans, planned, partial):
    humans = make_humans([[1, 3]] * 40, LABELS)
    found = codes(forecasts([0.7] * 40), humans, votes_planned=planned)
    assert ("partial" in found) == partial
    assert not partial or "40 of 50 planned votes" in found["partial"]


def test_a_judge_that_was_never_heard_stands_in_the_counts(make_humans):
    humans = make_humans([[1, 3]] * 10, LABELS)
    evaluation = evaluate(
        forecasts([0.7] * 10), humans, judge_ids=["j", "mute"], weights={"j": 1.0, "mute": 2.0}, votes_planned=20
    )
    assert sum(evaluation.metrics.coverage.by_judge["mute"].values()) == 0
    assert evaluation.metrics.judges["mute"].overall["ce_bits"].estimate is None
    assert evaluation.metrics.n_scored == 10


def test_judges_that_always_say_the_same_count_as_one(make_humans):
    humans = make_humans([[3, 2], [2, 3]] * 30, LABELS)
    votes = [
        Vote(item_id=f"item-{i:04d}", judge=judge, label=LABELS[i % 3 == 0]) for i in range(60) for judge in "abc"
    ]
    assert "worth 1.0 independent ones" in codes(votes, humans)["redundant_judges"]


def test_what_few_items_and_few_reviewers_cannot_tell_is_said(make_humans):
    few = codes(forecasts([0.7] * 40), make_humans([[2, 1], [1, 2]] * 20, LABELS))
    assert "only 40 items" in few["no_learnt_prior"]
    assert "no_crossfit" in few  # three reviewers: two are left
    many = codes(forecasts([0.7] * 120), make_humans([[3, 1], [1, 3]] * 60, LABELS))
    assert not {"no_learnt_prior", "no_crossfit"} & set(many)


def test_a_judge_surer_than_it_is_right_is_named(make_humans):
    """Three of four reviewers choose `yes` on every item; the judge does too, and is always 95 % sure."""
    humans = make_humans([[1, 3]] * 40, LABELS)
    votes = [Vote(item_id=f"item-{i:04d}", judge="j", label="yes", confidence=0.95) for i in range(40)]
    assert "by 0.20" in codes(votes, humans)["overconfident_judge"]
    modest = [vote.model_copy(update={"confidence": 0.7}) for vote in votes]
    assert "overconfident_judge" not in codes(modest, humans)


def test_failures_that_follow_disagreement_are_said(make_humans):
    humans = make_humans([[0, 4]] * 150 + [[2, 2]] * 150, LABELS)
    votes = forecasts([0.7] * 300)
    votes[200:250] = [Vote(item_id=vote.item_id, judge="j", outcome="refusal") for vote in votes[200:250]]
    assert (
        "33.3% of those on items of class unresolved, 0.0% on agreement" in codes(votes, humans)["uneven_failures"]
    )


def test_votes_that_were_never_bought_are_no_failures(make_humans):
    humans = make_humans([[0, 4]] * 150 + [[2, 2]] * 150, LABELS)
    votes = forecasts([0.7] * 300)
    votes[200:250] = [Vote(item_id=vote.item_id, judge="j", outcome="over_budget") for vote in votes[200:250]]
    found = codes(votes, humans)
    assert "uneven_failures" not in found
    assert "The budget had no room for 50" in found["partial"]
