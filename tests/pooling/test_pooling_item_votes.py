"""Votes on items that no human labelled become the same arrays as on items that humans did."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.errors import InputError
from panel_eval.pooling import collect_item_votes, collect_votes
from panel_eval.schema import Vote

LABELS = ("none", "mild", "severe")
VOTES = [
    Vote(item_id="item-0001", judge="b", label="mild", sample=0, cost_usd=0.25),
    Vote(item_id="item-0001", judge="b", label="none", sample=1),
    Vote(item_id="item-0000", judge="a", distribution={"mild": 0.5, "severe": 0.5}, confidence=0.75),
    Vote(item_id="item-0000", judge="b", outcome="refusal"),
    Vote(item_id="elsewhere", judge="a", label="mild"),
]


def test_people_play_no_part_in_what_judges_said(make_humans) -> None:
    """The same votes on the same items, once with labels of people and once without any."""
    humans = make_humans([[3, 1, 0], [0, 2, 2]], LABELS)
    labelled = collect_votes(VOTES, humans)
    bare = collect_item_votes(VOTES, humans.item_ids, LABELS)
    assert bare.judge_ids == labelled.judge_ids == ("a", "b")
    for name in ("q_raw", "strength", "outcomes", "confidence"):
        np.testing.assert_array_equal(getattr(bare, name), getattr(labelled, name))
    assert bare.excluded_unknown_items == {"count": 1, "item_ids": ["elsewhere"]}
    assert bare.spending.total.known_usd == labelled.spending.total.known_usd == 0.25
    assert set(bare.spending.by_class(["unlabelled"])) == {"unlabelled"}


def test_items_stand_in_the_order_they_are_named_in() -> None:
    """item-0001 first: b said mild and none, one vote each; item-0000: a gave halves, which count as 20 votes."""
    found = collect_item_votes(VOTES, ["item-0001", "unheard", "item-0000"], LABELS, ("b", "a"))
    np.testing.assert_allclose(found.q_raw[0, 0], [0.5, 0.5, 0.0])
    np.testing.assert_allclose(found.q_raw[1, 2], [0.0, 0.5, 0.5])
    assert found.strength.tolist() == [[2.0, 0.0, 0.0], [0.0, 0.0, 20.0]]


def test_no_items_give_no_forecasts() -> None:
    found = collect_item_votes(VOTES, [], LABELS, ("a", "b"))
    assert found.q_raw.shape == (2, 0, 3)
    assert found.excluded_unknown_items["count"] == len(VOTES)


def test_a_label_that_is_not_in_the_set_is_refused() -> None:
    with pytest.raises(InputError, match="mlid"):
        collect_item_votes([Vote(item_id="x", judge="a", label="mlid")], ["x"], LABELS)


def test_two_votes_in_one_place_are_refused() -> None:
    with pytest.raises(InputError, match="two votes for item 'x', judge 'a', sample 0"):
        collect_item_votes([Vote(item_id="x", judge="a", label="mild")] * 2, ["x"], LABELS)


def test_votes_kept_aside_are_in_the_costs_and_nowhere_else(make_humans) -> None:
    """As without them, but for a dollar and a half: one for an answer on p, a half for a refusal on it."""
    humans = make_humans([[3, 1, 0], [0, 2, 2]], LABELS)
    pool = [
        Vote(item_id="p", judge="a", label="mild", cost_usd=1.0, attempts=1),
        Vote(item_id="p", judge="b", outcome="refusal", cost_usd=0.5, attempts=1),
    ]
    without, beside = collect_votes(VOTES, humans), collect_votes([*VOTES, *pool], humans, aside=["p", "unheard"])
    for name in ("q_raw", "strength", "outcomes", "confidence"):
        np.testing.assert_array_equal(getattr(beside, name), getattr(without, name))
    assert beside.excluded_unknown_items == without.excluded_unknown_items
    assert beside.kept_aside == {"ok": 1, "refusal": 1}
    assert beside.spending.total.known_usd == pytest.approx(without.spending.total.known_usd + 1.5)
    assert beside.spending.by_class(["unlabelled"])["unlabelled"].known_usd == pytest.approx(1.5)


def test_a_judge_that_only_voted_on_items_kept_aside_is_no_judge_of_the_panel(make_humans) -> None:
    humans = make_humans([[3, 1, 0], [0, 2, 2]], LABELS)
    pool = [Vote(item_id="p", judge="c", label="mild")]
    found = collect_votes([*VOTES, *pool], humans, aside=["p"])
    assert found.judge_ids == ("a", "b")
    assert found.excluded_unknown_judges["count"] == 0


def test_an_unknown_label_is_refused_on_items_kept_aside_too(make_humans) -> None:
    humans = make_humans([[3, 1, 0], [0, 2, 2]], LABELS)
    with pytest.raises(InputError, match="mlid"):
        collect_votes([*VOTES, Vote(item_id="p", judge="a", label="mlid")], humans, aside=["p"])
