"""The plan: every vote once, in an order that only votes and seed decide."""

from __future__ import annotations

import hashlib
import time
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from engine_panel import RUBRIC, items, judge, labels, plan_of
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from panel_eval.engine import make_plan, rubric_hash
from panel_eval.engine.key_index import KeyIndex, key_bytes, keys_array
from panel_eval.engine.plan import Shard
from panel_eval.errors import InputError
from panel_eval.judges.fake import FakeTransport
from panel_eval.judges.instrument import item_digest

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
    assert list(shuffled.tasks) == list(straight.tasks)
    assert shuffled.plan_hash == straight.plan_hash


def test_another_seed_gives_another_order_of_the_same_votes(tmp_path):
    judges = [judge(tmp_path, "a", QUIET)]
    first, second = plan_of(tmp_path, judges, 50, seed=0), plan_of(tmp_path, judges, 50, seed=1)
    assert first.vote_keys == second.vote_keys
    assert list(first.tasks) != list(second.tasks)
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


def test_a_judge_names_the_keys_that_the_plan_holds(tmp_path):
    judges = [judge(tmp_path, "a", QUIET, samples=4, seed=5), judge(tmp_path, "b", QUIET, label_orders="fixed")]
    plan = plan_of(tmp_path, judges, 6)
    by_id = {each.id: each for each in judges}
    for task in plan.tasks:
        asked = by_id[task.judge_id]
        assert asked.vote_key(task.question, rubric_hash(RUBRIC)) == task.vote_key
        assert (task.question.sample, task.question.label_order) in asked.orders(task.question.item_id)


def test_all_votes_of_an_item_stand_together_and_judges_take_turns(tmp_path):
    judges = [judge(tmp_path, "a", QUIET, samples=2), judge(tmp_path, "b", QUIET, samples=3)]
    plan = plan_of(tmp_path, judges, 40)
    blocks = [plan.tasks[start : start + 5] for start in range(0, 200, 5)]
    assert all(len({task.question.item_id for task in block}) == 1 for block in blocks)
    assert len({block[0].question.item_id for block in blocks}) == 40
    # Judge b has three of five votes: it comes first 24 times of 40, give or take three standard errors (3.1).
    assert 14 <= sum(block[0].judge_id == "b" for block in blocks) <= 34


def test_the_key_of_a_vote_stays_what_it_is(tmp_path):
    """Stored votes are found again by later versions. By hand: sha256 of three digests of texts led by lengths."""

    def of(*texts: str) -> bytes:
        return hashlib.sha256("".join(f"{len(text)}:{text}" for text in texts).encode()).digest()

    asked = judge(tmp_path, "a", QUIET, label_orders="fixed")
    (task,) = plan_of(tmp_path, [asked], 1).tasks
    head = of(asked.instrument_hash, rubric_hash(RUBRIC))
    item, tail = of("item-0", "text", "text number 0"), of("0", "kind", "rude", "flat")
    assert task.vote_key == hashlib.sha256(head + item + tail).hexdigest()


def test_texts_that_would_run_into_each_other_have_different_digests():
    digests = {
        item_digest("a", {"b": "c"}), item_digest("a", {"b": "c", "": ""}), item_digest("ab", {"": "c"}),
        item_digest("a", {}), item_digest("a1:b", {"": "c"}), item_digest("a", {"x": "1", "y": "2"}),
        item_digest("a", {"y": "2", "x": "1"}),
    }  # fmt: skip
    assert len(digests) == 7


def test_tasks_are_a_sequence_and_keys_a_set(tmp_path):
    plan = plan_of(tmp_path, [judge(tmp_path, "a", QUIET, samples=2)], 5)
    everything = list(plan.tasks)
    assert (plan.tasks[3], plan.tasks[-1], list(plan.tasks[2:8:3])) == (
        everything[3], everything[9], [everything[2], everything[5]],
    )  # fmt: skip
    with pytest.raises(IndexError):
        plan.tasks[10]
    assert [plan.position(task.vote_key) for task in everything] == list(range(10))
    assert everything[4].vote_key in plan
    for stranger in ("", "0" * 64, "z" * 64, everything[0].vote_key.upper(), everything[0].vote_key + " ", 7):
        assert stranger not in plan
        assert stranger not in plan.vote_keys


# Keys made of few different bytes share their first words, and hold zeros at either end.
few_keys = st.lists(st.lists(st.sampled_from([0, 1]), min_size=5, max_size=5).map(tuple), max_size=30)


def spread(keys):
    """Five bytes put into both ends of keys whose middle is empty."""
    return b"".join(bytes(key[:2]) + bytes(28) + bytes(key[3:]) for key in keys)


@given(known=few_keys, asked=few_keys)
@example(known=[], asked=[(0, 0, 0, 0, 0)])
def test_the_index_finds_what_a_dict_finds(known, asked):
    keys, queries = keys_array(spread(known)), keys_array(spread(asked))
    first: dict[bytes, int] = {}
    repeated = [
        (first[key.tobytes()], at) for at, key in enumerate(keys) if first.setdefault(key.tobytes(), at) != at
    ]
    index = KeyIndex(keys)
    assert index.positions(queries).tolist() == [first.get(key.tobytes(), -1) for key in queries]
    assert [index.position(key.tobytes()) for key in queries] == [first.get(key.tobytes()) for key in queries]
    assert sorted(index.repetitions()) == sorted(repeated)


@given(st.binary(min_size=32, max_size=32))
def test_a_key_has_one_spelling(key):
    assert key_bytes(key.hex()) == key
    assert key_bytes(key.hex()[:-2] + "  ") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(n_items=st.integers(1, 25), count=st.integers(1, 6), seed=st.integers(0, 3))
def test_shards_part_a_plan_by_items(tmp_path, n_items, count, seed):
    judges = [judge(tmp_path, "a", QUIET, samples=2), judge(tmp_path, "b", QUIET)]
    plan = plan_of(tmp_path, judges, n_items, seed)
    shards = [plan.shard(Shard(number, count)) for number in range(1, count + 1)]
    assert Counter(key for shard in shards for key in shard.vote_keys) == Counter(plan.vote_keys)
    homes = {task.question.item_id: number for number, shard in enumerate(shards) for task in shard.tasks}
    for number, shard in enumerate(shards):
        assert {homes[task.question.item_id] for task in shard.tasks} <= {number}
        assert list(shard.tasks) == [task for task in plan.tasks if task.vote_key in shard]  # the same order
    larger = plan_of(tmp_path, judges, n_items + 5, seed)
    for number, shard in enumerate(shards):
        assert shard.vote_keys <= larger.shard(Shard(number + 1, count)).vote_keys


def test_shards_are_about_equally_large(tmp_path):
    """400 items in 4 shards: each holds a binomial number, mean 100, standard deviation 8.7; four of them off."""
    plan = plan_of(tmp_path, [judge(tmp_path, "a", QUIET)], 400)
    assert all(65 < len(plan.shard(Shard(number, 4))) < 135 for number in (1, 2, 3, 4))


@pytest.mark.parametrize(("number", "count"), [(0, 3), (4, 3), (1, 0), (-1, -1)])
def test_there_are_no_other_shards(number, count):
    with pytest.raises(ValueError, match="there is no shard"):
        Shard(number, count)


@given(st.integers(1, 999_999), st.integers(0, 10**6))
def test_a_shard_is_read_as_it_is_written(number, more):
    shard = Shard(number, min(number + more, 999_999))
    assert Shard.parse(str(shard)) == shard


@pytest.mark.slow
def test_a_large_plan_is_made_quickly_and_takes_little_memory(tmp_path):
    """The bar is 8 s and 200 MB for a million votes; here 100,000 in a tenth of that, in processor time."""
    judges = [judge(tmp_path, f"j{number}", QUIET, samples=2) for number in range(5)]
    humans = labels(tmp_path, items(10_000))
    tracemalloc.start()
    try:
        plan = make_plan(judges, humans, RUBRIC, 0)
        plan.plan_hash  # noqa: B018
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    began = time.process_time()
    make_plan(judges, humans, RUBRIC, 0)
    assert time.process_time() - began < 0.8
    assert held < 20e6
