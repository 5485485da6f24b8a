"""Digests of items: equal for the same text and the same human votes, however the file is laid out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from panel_eval.humans import HumanLabels, item_digests, load_soft_labels

ITEM: dict[str, Any] = {
    "item_id": "a", "task": "t", "counts": {"no": 1, "maybe": 2, "yes": 1}, "content": {"title": "x", "text": "y"}
}  # fmt: skip


def load(tmp_path, *records: dict[str, Any]) -> HumanLabels:
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return load_soft_labels(path)


def test_layout_and_order_of_keys_do_not_matter(tmp_path):
    turned = {key: ITEM[key] for key in reversed(ITEM)} | {"content": {"text": "y", "title": "x"}}
    assert item_digests(load(tmp_path, ITEM)) == item_digests(load(tmp_path, turned))


def test_votes_told_as_counts_or_as_shares_are_the_same_votes(tmp_path):
    shares = {key: value for key, value in ITEM.items() if key != "counts"}
    shares |= {"distribution": {"no": 0.25, "maybe": 0.5, "yes": 0.25}, "reviewer_count": 4}
    assert item_digests(load(tmp_path, ITEM)) == item_digests(load(tmp_path, shares))


def test_what_is_said_about_the_votes_does_not_matter(tmp_path):
    more = ITEM | {"cluster": "c", "split": "dev", "metadata": {"k": 1}}
    assert item_digests(load(tmp_path, ITEM)) == item_digests(load(tmp_path, more))


@pytest.mark.parametrize(
    ("change", "people", "content"),
    [
        ({"counts": {"no": 2, "maybe": 1, "yes": 1}}, False, True),
        ({"counts": {"no": 2, "maybe": 4, "yes": 2}}, False, True),  # the same shares of twice as many people
        ({"content": {"title": "x", "text": "z"}}, True, False),
        ({"content": {"title": "y", "text": "x"}}, True, False),
        ({"content": None}, True, False),
    ],
)
def test_other_votes_and_other_texts_are_told_apart(tmp_path, change, people, content):
    one, other = item_digests(load(tmp_path, ITEM)), item_digests(load(tmp_path, ITEM | change))
    assert (one.people == other.people, one.content == other.content) == (people, content)


def test_shares_of_people_that_cannot_be_counted_have_a_digest_of_their_own(tmp_path):
    shares = {
        "item_id": "a",
        "task": "t",
        "distribution": {"no": 0.3, "maybe": 0.5, "yes": 0.2},
        "reviewer_count": 4,
    }
    digests = item_digests(load(tmp_path, shares)), item_digests(load(tmp_path, shares | {"reviewer_count": 7}))
    assert digests[0].people != digests[1].people
    assert digests[0].content == [None]
