"""Items that moved, forecasts that are missing, and pools that have seen the items."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_humans import humans_from_counts
from versions_examples import LABELS, drawn_forecasts, drawn_humans, facts, version

from panel_eval.evaluation.versions import ComparisonSettings, compare_versions, pair_versions
from panel_eval.evaluation.versions.missing import missing_items
from panel_eval.evaluation.versions.moved import moved_items
from panel_eval.pooling import VoteTable
from panel_eval.schema import SoftLabel, Vote

QUICK = ComparisonSettings(flips=199, resamples=100)
COUNTS = [[4, 0], [4, 0], [4, 0], [0, 4], [2, 2]]
OURS = [[0.5, 0.5]] * 5
# item 0 gets better by a bit, item 1 worse by two, item 2 stays, item 3 is infinitely worse, item 4 gets worse
THEIRS = [[1.0, 0.0], [0.125, 0.875], [0.5, 0.5], [1.0, 0.0], [0.25, 0.75]]


def votes_of(*records):
    return VoteTable.of([Vote.model_validate(record) for record in records])


def test_the_furthest_come_first_and_what_did_not_move_or_is_infinite_is_left_out():
    pair = pair_versions(
        version(humans_from_counts(COUNTS, LABELS), OURS), version(humans_from_counts(COUNTS, LABELS), THEIRS)
    )
    found = moved_items(pair, 20)
    assert [item.item_id for item in found] == ["item-0001", "item-0000", "item-0004"]
    assert [item.difference_bits for item in found] == pytest.approx([2.0, -1.0, 0.2075187])
    assert [item.item_id for item in moved_items(pair, 2)] == ["item-0001", "item-0000"]  # one of each kind
    first = found[0]
    assert first.base.forecast == {"no": 0.5, "yes": 0.5}
    assert first.candidate.forecast == {"no": 0.125, "yes": 0.875}
    assert (first.human_counts, first.human_class) == ({"no": 4.0, "yes": 0.0}, "agreement")


def test_votes_are_told_in_words_and_only_those_that_count():
    item = {"item_id": "item-0001"}
    ours = votes_of({**item, "judge": "j", "label": "no"}, {"item_id": "item-0002", "judge": "j", "label": "yes"})
    theirs = votes_of(
        {**item, "judge": "k", "distribution": {"no": 0.25, "yes": 0.75}},
        {**item, "judge": "j", "sample": 1, "outcome": "refusal"},
        {
            **item,
            "judge": "j",
            "outcome": "error",
            "error": {"kind": "timeout", "message": "late"},
            "vote_key": "x",
        },
        {**item, "judge": "j", "label": "yes", "vote_key": "x"},  # asked again
        {**item, "judge": "stranger", "label": "no"},
    )
    humans = humans_from_counts(COUNTS, LABELS)
    q = {"j": np.array(OURS), "k": np.array(OURS)}
    pair = pair_versions(
        version(humans, OURS, judge_q=q, votes=ours), version(humans, THEIRS, judge_q=q, votes=theirs)
    )
    first = moved_items(pair, 20)[0]
    assert first.base.votes == {"j": ["no"]}
    assert first.candidate.votes == {"j": ["yes", "refusal"], "k": ["yes 75%, no 25%"]}


def test_many_votes_and_long_texts_are_cut_and_hostile_text_is_data():
    evil = "<script>\x1b[31m" + "x" * 1000
    records = tuple(
        SoftLabel(item_id=f"item-{row:04d}", task="test", content={"text": evil}) for row in range(len(COUNTS))
    )
    humans = replace(humans_from_counts(COUNTS, LABELS), records=records)
    votes = votes_of(*({"item_id": "item-0001", "judge": "j", "label": "no", "sample": n} for n in range(30)))
    pair = pair_versions(version(humans, OURS), version(humans, THEIRS, judge_q={"j": np.array(OURS)}, votes=votes))
    first = moved_items(pair, 20)[0]
    assert first.candidate.votes["j"] == ["no"] * 10 + ["… 20 more"]
    assert first.content["text"] == evil[:299] + "…"


def test_missing_forecasts_are_counted_and_bounded():
    humans = humans_from_counts([[4, 0], [2, 2], [1, 3]], LABELS)
    ours, theirs = np.array([[0.5, 0.5]] * 3), np.array([[0.5, 0.5], [0.5, 0.5], [np.nan, np.nan]])
    runs = facts("one", votes={"ok": 3}), facts("two", votes={"ok": 2, "refusal": 2})
    found = missing_items(pair_versions(version(humans, ours), version(humans, theirs)), runs)
    assert (found.only_base_scored, found.only_candidate_scored, found.neither_scored) == (1, 0, 0)
    assert found.usable_votes == {"base": 1.0, "candidate": 0.5}
    # item 3: p = (.25, .75), the baseline's Brier score is .5; any forecast's lies between p's own .375 and
    # that of all mass on "no", 2 - 2 * .25 = 1.5
    assert (found.best, found.worst) == pytest.approx(((0.375 - 0.5) / 3, (1.5 - 0.5) / 3))
    # base rate of the other two items: (6 + .5, 2 + .5) / 9; -.25 log2 .7222 - .75 log2 .2778 - 1
    expected = -0.25 * np.log2(6.5 / 9) - 0.75 * np.log2(2.5 / 9) - 1.0
    assert found.as_base_rate.estimate == pytest.approx(expected / 3)
    assert (found.as_base_rate.n, found.as_base_rate.low) == (3, None)


def test_with_all_forecasts_there_nothing_can_hide():
    draw = np.random.default_rng(1)
    humans = drawn_humans(40, 5, draw)
    runs = facts("one"), facts("two")
    found = compare_versions(
        version(humans, drawn_forecasts(40, draw)), version(humans, drawn_forecasts(40, draw)), runs, QUICK
    )
    ce, brier = found.tests[0].difference, found.tests[5].difference
    assert found.missing.as_base_rate.estimate == pytest.approx(ce.estimate)
    assert (found.missing.as_base_rate.low, found.missing.as_base_rate.high) == pytest.approx((ce.low, ce.high))
    assert (found.missing.best, found.missing.worst) == pytest.approx((brier.estimate, brier.estimate))
