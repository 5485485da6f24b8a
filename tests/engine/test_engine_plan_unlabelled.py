"""A plan over labelled and unlabelled items: which of them people labelled changes no vote and no place."""

from __future__ import annotations

import pytest
from engine_panel import RUBRIC, items, judge, labels
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel_eval.engine import make_plan
from panel_eval.engine.plan import Shard
from panel_eval.errors import InputError
from panel_eval.humans import UnlabelledItems, load_unlabelled
from panel_eval.judges.fake import FakeTransport

QUIET = FakeTransport({})
N_ITEMS = 12


def pool(folder, numbers) -> UnlabelledItems:
    """The same items as in `engine_panel.items`, without their labels."""
    if not numbers:
        return UnlabelledItems()
    path = folder / "pool.jsonl"
    lines = (f'{{"item_id": "item-{n}", "content": {{"text": "text number {n}"}}}}\n' for n in numbers)
    path.write_text("".join(lines))
    return load_unlabelled(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(labelled=st.sets(st.integers(0, N_ITEMS - 1), min_size=1), seed=st.integers(0, 2**32 - 1))
def test_votes_and_their_order_are_those_of_a_plan_in_which_all_are_labelled(tmp_path, labelled, seed):
    """Keys, places, questions and shards; only the counts of the two kinds tell them apart."""
    judges = [judge(tmp_path, "a", QUIET, samples=2), judge(tmp_path, "b", QUIET)]
    everything = make_plan(judges, labels(tmp_path, items(N_ITEMS)), RUBRIC, seed)
    humans = labels(tmp_path, items(N_ITEMS, sorted(labelled)))
    plan = make_plan(judges, humans, RUBRIC, seed, pool(tmp_path, sorted(set(range(N_ITEMS)) - labelled)))
    assert list(plan.tasks) == list(everything.tasks)
    assert plan.plan_hash == everything.plan_hash
    assert (plan.n_items, plan.n_unlabelled) == (len(labelled), N_ITEMS - len(labelled))
    assert plan.votes_on_labelled == 3 * len(labelled)
    for number in (1, 2):
        shard = Shard(number, 2)
        part, whole = plan.shard(shard), everything.shard(shard)
        assert list(part.vote_keys) == list(whole.vote_keys)
        assert part.n_items + part.n_unlabelled == whole.n_items
        assert part.n_items == sum(shard.holds(f"item-{n}") for n in labelled)


def test_records_are_found_by_row_from_either_end(tmp_path):
    humans, others = labels(tmp_path, items(2)), pool(tmp_path, [2, 3, 4])
    records = make_plan([judge(tmp_path, "a", QUIET)], humans, RUBRIC, 0, others).records
    assert [record.item_id for record in records] == [f"item-{n}" for n in range(5)]
    assert [records[row].item_id for row in (1, 2, 4, -1, -5)] == ["item-1", "item-2", "item-4", "item-4", "item-0"]
    assert [record.item_id for record in records[1:3]] == ["item-1", "item-2"]
    with pytest.raises(IndexError):
        records[5]


def test_an_item_without_text_is_refused(tmp_path):
    (tmp_path / "bare.jsonl").write_text('{"item_id": "p"}\n')
    with pytest.raises(InputError, match="item 'p' lacks any content"):
        make_plan(
            [judge(tmp_path, "a", QUIET)],
            labels(tmp_path, items(2)),
            RUBRIC,
            0,
            load_unlabelled(tmp_path / "bare.jsonl"),
        )
