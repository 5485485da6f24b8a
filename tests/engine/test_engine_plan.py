"""The plan: every vote once, in an order that only votes and seed decide."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from engine_panel import RUBRIC, items, judge, labels, plan_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel_eval.engine import make_plan
from panel_eval.errors import InputError
from panel_eval.judges.fake import FakeTransport

QUIET = FakeTransport({})


def test_plan_holds_every_item_judge_and_sample_once(tmp_path):
    judges = [judge(tmp_path, "a", QUIET, samples=3), judge(tmp_path, "b", QUIET)]
    plan = plan_of(tmp_path, judges, 5)
    asked = Counter((task.judge_id, task.question.item_id, task.question.sample) for task in plan.tasks)
    expected = {("a", f"item-{i}", s) for i in range(5) for s in range(3)} | {
        ("b", f"item-{i}", 0) for i in range(5)
    }
    assert set(asked) == expected
    assert set(asked.values()) == {1}
    assert len(plan.vote_keys) == len(plan) == 20


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(order=st.permutations(range(8)), swap=st.booleans(), seed=st.integers(0, 2**32 - 1))
def test_order_depends_on_neither_line_order_nor_judge_order(tmp_path, order, swap, seed):
    judges = [judge(tmp_path, "a", QUIET, samples=2), judge(tmp_path, "b", QUIET)]
    straight = make_plan(judges, labels(tmp_path, items(8)), RUBRIC, seed)
    shuffled = make_plan(judges[::-1] if swap else judges, labels(tmp_path, items(8, order)), RUBRIC, seed)
    assert shuffled.tasks == straight.tasks
    assert shuffled.plan_hash == straight.plan_hash


def test_another_seed_gives_another_order_of_the_same_votes(tmp_path):
    judges = [judge(tmp_path, "a", QUIET)]
    first, second = plan_of(tmp_path, judges, 50, seed=0), plan_of(tmp_path, judges, 50, seed=1)
    assert first.vote_keys == second.vote_keys
    assert first.tasks != second.tasks
    assert first.plan_hash != second.plan_hash


def test_a_prefix_is_a_random_sample_of_items(tmp_path):
    """Over 400 seeds an item's mean place is the middle: the mean of 400 uniform places on 0..29 has standard error
    8.66 / 20 = 0.43, so 30 such means stay within 4.5 standard errors of 14.5 (they miss once in 5,000 times)."""
    judges, humans = [judge(tmp_path, "a", QUIET)], labels(tmp_path, items(30))
    places = np.zeros((400, 30))
    for seed in range(400):
        for place, task in enumerate(make_plan(judges, humans, RUBRIC, seed).tasks):
            places[seed, humans.index[task.question.item_id]] = place
    assert np.abs(places.mean(axis=0) - 14.5).max() < 4.5 * 0.43


def test_new_items_leave_the_order_of_the_others_as_it_was(tmp_path):
    judges = [judge(tmp_path, "a", QUIET)]
    few, many = plan_of(tmp_path, judges, 10), plan_of(tmp_path, judges, 14)
    assert [task for task in many.tasks if task.vote_key in few.vote_keys] == list(few.tasks)


def test_changed_content_changes_the_vote(tmp_path):
    judges = [judge(tmp_path, "a", QUIET)]
    before = plan_of(tmp_path, judges, 3)
    records = items(3)
    records[1] = records[1].model_copy(update={"content": {"text": "another text"}})
    after = make_plan(judges, labels(tmp_path, records), RUBRIC, 0)
    assert len(before.vote_keys & after.vote_keys) == 2


def test_changed_rubric_wording_changes_every_vote(tmp_path):
    judges = [judge(tmp_path, "a", QUIET)]
    humans = labels(tmp_path, items(3))
    reworded = RUBRIC.model_copy(update={"description": "Which tone?"})
    assert not (make_plan(judges, humans, RUBRIC, 0).vote_keys & make_plan(judges, humans, reworded, 0).vote_keys)


def test_items_without_content_are_all_named(tmp_path):
    records = items(3)
    records[0] = records[0].model_copy(update={"content": None})
    records[2] = records[2].model_copy(update={"content": {}})
    with pytest.raises(InputError) as caught:
        make_plan([judge(tmp_path, "a", QUIET)], labels(tmp_path, records), RUBRIC, 0)
    assert ["item-0" in str(caught.value), "item-1" in str(caught.value), "item-2" in str(caught.value)] == [
        True,
        False,
        True,
    ]


def test_two_judges_that_would_give_the_same_votes_are_refused(tmp_path):
    first = judge(tmp_path, "a", QUIET)
    twin = judge(tmp_path, "a", QUIET)
    twin.id = "b"
    with pytest.raises(InputError, match="'a' and 'b' would be asked 4 identical questions"):
        plan_of(tmp_path, [first, twin], 4)
