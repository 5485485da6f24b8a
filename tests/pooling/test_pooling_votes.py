"""Votes to arrays: what counts, what is refused, and that the order of lines does not matter."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.errors import InputError
from panel_eval.pooling import collect_votes, pool_linear
from panel_eval.schema import OUTCOMES, Usage, Vote

LABELS = ("mild", "moderate", "severe")
FAILURES = [name for name in OUTCOMES if name != "ok"]


@pytest.fixture
def humans(make_humans):
    return make_humans([[1, 2, 1], [4, 0, 0], [0, 1, 3]], LABELS)


def vote(item: int, judge: str = "a", label: str | None = None, **more) -> Vote:
    return Vote(item_id=f"item-{item:04d}", judge=judge, label=label, **more)


def test_a_judge_is_the_mean_of_its_valid_votes(humans):
    votes = [
        vote(0, label="mild"),
        vote(0, label="severe", sample=1),
        vote(0, sample=2, distribution={"mild": 0.5, "moderate": 0.5}),
        vote(0, sample=3, outcome="refusal"),
    ]
    forecasts = collect_votes(votes, humans)
    # (1,0,0) + (0,0,1) + (.5,.5,0) over three valid votes
    assert forecasts.q_raw[0, 0] == pytest.approx([0.5, 1 / 6, 1 / 3])
    assert forecasts.strength[0, 0] == 1 + 1 + 20
    assert np.isnan(forecasts.q_raw[0, 1:]).all()
    assert (forecasts.strength[0, 1:] == 0).all()
    assert forecasts.outcomes[0, 0, OUTCOMES.index("ok")] == 3
    assert forecasts.outcomes[0, 0, OUTCOMES.index("refusal")] == 1


def test_confidence_is_the_mean_that_valid_votes_report(humans):
    votes = [
        vote(0, label="mild", confidence=0.9),
        vote(0, label="mild", sample=1, confidence=0.6),
        vote(0, label="mild", sample=2),
        vote(0, sample=3, outcome="abstain", confidence=0.1),
        vote(1, label="severe"),
        vote(2, "b", label="severe", confidence=0.0),
    ]
    forecasts = collect_votes(votes, humans)
    nan = np.nan
    np.testing.assert_allclose(forecasts.confidence, [[0.75, nan, nan], [nan, nan, 0.0]])
    np.testing.assert_allclose(forecasts.select(np.array([2, 0])).confidence, [[nan, 0.75], [0.0, nan]])


def test_judges_come_as_given_or_sorted(humans):
    votes = [vote(0, judge, "mild") for judge in ("b", "c", "a")]
    assert collect_votes(votes, humans).judge_ids == ("a", "b", "c")
    chosen = collect_votes(votes, humans, judge_ids=["c", "a", "silent"])
    assert chosen.judge_ids == ("c", "a", "silent")
    assert chosen.excluded_unknown_judges == {"count": 1, "judges": ["b"]}
    assert np.isnan(chosen.q_raw[2]).all()


def test_votes_for_unknown_items_are_left_out_and_counted(humans):
    strangers = [Vote(item_id=f"stranger-{n}", judge="a", label="no such label") for n in range(9)]
    forecasts = collect_votes([vote(0, label="mild"), *strangers], humans)
    assert forecasts.excluded_unknown_items["count"] == 9
    assert forecasts.excluded_unknown_items["item_ids"] == [f"stranger-{n}" for n in range(5)]
    assert forecasts.outcomes.sum() == 1


def test_all_unknown_labels_are_listed_with_the_nearest(humans):
    votes = [
        vote(0, label="sever"),
        vote(1, label="sever"),
        vote(2, "b", distribution={"mild": 0.5, "Moderate": 0.5}),
    ]
    with pytest.raises(InputError) as caught:
        collect_votes(votes, humans)
    text = str(caught.value)
    assert len(caught.value.problems) == 2
    assert "item-0000, item-0001" in text
    assert "'severe'" in text
    assert "'moderate'" in text
    assert "unparseable" in text


def test_two_votes_for_one_question_are_refused(humans):
    with pytest.raises(InputError, match="two votes for item 'item-0000', judge 'a', sample 0"):
        collect_votes([vote(0, label="mild"), vote(0, label="mild")], humans)
    with pytest.raises(InputError, match="two different answers under one vote_key"):
        collect_votes([vote(0, label="mild", vote_key="k"), vote(0, label="severe", vote_key="k")], humans)


def test_a_vote_asked_again_replaces_the_failure_but_its_cost_stays(humans):
    votes = [
        vote(0, outcome="error", vote_key="k", cost_usd=0.25, usage=Usage(input_tokens=10)),
        vote(0, label="mild", vote_key="k", cost_usd=0.5, usage=Usage(input_tokens=12, output_tokens=3)),
    ]
    for order in (votes, votes[::-1]):
        forecasts = collect_votes(order, humans)
        assert forecasts.q_raw[0, 0] == pytest.approx([1, 0, 0])
        assert forecasts.outcomes.sum() == 1
        assert forecasts.spending.total.cost_usd == 0.75
        assert forecasts.spending.total.tokens[:2] == (22, 3)


def test_of_two_failures_the_last_counts(humans):
    votes = [vote(0, outcome=outcome, vote_key="k") for outcome in ("error", "refusal")]
    outcomes = collect_votes(votes, humans).outcomes[0, 0]
    assert outcomes[OUTCOMES.index("refusal")] == 1
    assert outcomes[OUTCOMES.index("error")] == 0


def test_an_unknown_price_leaves_the_cost_unknown(humans):
    votes = [vote(0, label="mild", cost_usd=0.5), vote(1, label="mild"), vote(2, outcome="over_budget")]
    spending = collect_votes(votes, humans).spending.total
    assert spending.cost_usd is None
    assert spending.cost_known_usd == 0.5
    assert spending.unpriced == 1  # the vote that was never sent has cost nothing
    assert spending.metered == 0
    assert collect_votes(votes[1:2], humans).spending.total.cost_known_usd is None


@st.composite
def vote_sets(draw: st.DrawFn) -> list[Vote]:
    votes = []
    for item in range(3):
        for judge in "abc":
            for sample in range(draw(st.integers(0, 3))):
                kind = draw(st.sampled_from(["label", "distribution", "failed"]))
                if kind == "label":
                    answer = {"label": draw(st.sampled_from(LABELS))}
                elif kind == "distribution":
                    parts = draw(st.lists(st.integers(1, 97), min_size=3, max_size=3))
                    shares = (part / sum(parts) for part in parts)
                    answer = {"distribution": dict(zip(LABELS, shares, strict=True))}
                else:
                    answer = {"outcome": draw(st.sampled_from(FAILURES))}
                confidence = draw(st.none() | st.floats(0.0, 1.0))
                votes.append(vote(item, judge, sample=sample, confidence=confidence, **answer))
    return votes


@given(vote_sets(), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_bit(make_humans, votes: list[Vote], shuffler: random.Random):
    humans = make_humans([[1, 2, 1], [4, 0, 0], [0, 1, 3]], LABELS)
    shuffled = votes.copy()
    shuffler.shuffle(shuffled)
    one, other = collect_votes(votes, humans), collect_votes(shuffled, humans)
    assert one.judge_ids == other.judge_ids
    for name in ("q_raw", "strength", "outcomes", "confidence"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


@given(vote_sets())
def test_failed_votes_never_become_a_label(make_humans, votes: list[Vote]):
    humans = make_humans([[1, 2, 1], [4, 0, 0], [0, 1, 3]], LABELS)
    usable = [given_vote for given_vote in votes if given_vote.outcome == "ok"]
    everything = collect_votes(votes, humans, judge_ids="abc")
    only_usable = collect_votes(usable, humans, judge_ids="abc")
    assert everything.q_raw.tobytes() == only_usable.q_raw.tobytes()
    assert everything.strength.tobytes() == only_usable.strength.tobytes()
    assert everything.outcomes.sum() == len(votes)
    with_failures, without = pool_linear(everything), pool_linear(only_usable)
    assert np.array_equal(with_failures[0], without[0], equal_nan=True)


@given(vote_sets())
def test_valid_rows_are_distributions(make_humans, votes: list[Vote]):
    humans = make_humans([[1, 2, 1], [4, 0, 0], [0, 1, 3]], LABELS)
    forecasts = collect_votes(votes, humans)
    sums = forecasts.q_raw.sum(axis=2)
    assert sums[forecasts.answered] == pytest.approx(1.0)
    assert np.isnan(sums[~forecasts.answered]).all()


def test_thousands_of_votes_are_collected_fast(make_humans):
    humans = make_humans([[1, 2, 1]] * 1500, LABELS)
    votes = [vote(item, f"judge-{judge}", "mild") for item in range(1500) for judge in range(9)]
    started = time.process_time()
    collect_votes(votes, humans)
    assert time.process_time() - started < 0.3
