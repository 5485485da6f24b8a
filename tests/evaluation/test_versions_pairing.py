"""Which items of two versions are the same, and which runs cannot be compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_humans import humans_from_counts
from versions_examples import LABELS, version

from panel_eval.errors import NotComparableError
from panel_eval.evaluation.versions import pair_versions
from panel_eval.schema import SoftLabel

COUNTS = [[4, 0], [2, 2], [1, 3], [0, 4]]
Q = np.full((4, 2), 0.5)


def humans_with(texts: list[str | None], counts=COUNTS, ids: str = "abcd"):
    humans = humans_from_counts(counts, LABELS)
    records = tuple(
        SoftLabel(item_id=name, task="test", content=None if text is None else {"text": text})
        for name, text in zip(ids, texts, strict=True)
    )
    return replace(humans, item_ids=tuple(ids), records=records)


def test_relabelled_rewritten_and_lost_items_are_left_out_and_counted():
    before = humans_with(["one", "two", "three", "four"])
    after = humans_with(["one", "2", "three", "five"], [[4, 0], [2, 2], [0, 4], [0, 4]], "abce")
    pair = pair_versions(version(before, Q), version(after, Q))
    assert pair.humans.item_ids == ("a",)
    told = pair.overlap
    assert (told.shared, told.compared, told.same_data) == (1, 1, False)
    assert (told.only_base, told.only_candidate, told.other_votes, told.other_content) == (1, 1, 1, 1)
    assert told.examples == {
        "only_base": ["d"], "only_candidate": ["e"], "other_votes": ["c"], "other_content": ["b"]
    }  # fmt: skip


def test_an_item_whose_text_one_side_does_not_know_is_the_same():
    pair = pair_versions(version(humans_with([None] * 4), Q), version(humans_with(list("wxyz")), Q))
    assert (pair.overlap.shared, pair.overlap.same_data) == (4, True)


def test_clusters_that_one_side_only_names_are_the_clusters():
    plain = humans_with(list("wxyz"))
    named = replace(plain, clusters=("c", "c", "d", "d"))
    turned = plain.select(np.array([3, 1, 0, 2]))
    for base, candidate in ((plain, named), (named, turned)):
        pair = pair_versions(version(base, Q), version(candidate, Q))
        assert pair.humans.item_ids == ("a", "b", "c", "d")
        assert pair.unit.tolist() == [0, 0, 1, 1]
    assert pair_versions(version(plain, Q), version(plain, Q)).unit.tolist() == [0, 1, 2, 3]


def test_items_are_matched_by_id_and_not_by_their_place():
    humans = humans_with(list("wxyz"))
    turned = np.array([2, 0, 3, 1])
    ours, theirs = np.arange(8).reshape(4, 2) / 8, np.arange(8, 16).reshape(4, 2) / 16
    pair = pair_versions(version(humans, ours), version(humans.select(turned), theirs[turned]))
    assert pair.humans.item_ids == ("a", "b", "c", "d")
    assert (pair.base_q == ours).all()
    assert (pair.candidate_q == theirs).all()


def test_items_that_one_side_did_not_score_are_shared_and_not_compared():
    gap = Q.copy()
    gap[1] = np.nan
    pair = pair_versions(version(humans_with([None] * 4), Q), version(humans_with([None] * 4), gap))
    assert (pair.overlap.shared, pair.overlap.compared) == (4, 3)
    assert pair.both.tolist() == [True, False, True, True]


def test_runs_without_a_shared_item_cannot_be_compared():
    with pytest.raises(NotComparableError, match=r"share no item: 4 only in the baseline, 4 only in the candidate"):
        pair_versions(version(humans_with([None] * 4), Q), version(humans_with([None] * 4, ids="efgh"), Q))


def test_runs_without_a_shared_forecast_cannot_be_compared():
    one, other = Q.copy(), Q.copy()
    one[:2], other[2:] = np.nan, np.nan
    with pytest.raises(NotComparableError, match="no shared item has a forecast of both panels"):
        pair_versions(version(humans_with([None] * 4), one), version(humans_with([None] * 4), other))


@pytest.mark.parametrize(
    ("field", "value"), [("task", "another"), ("labels", ("no", "maybe")), ("scale", "ordinal")]
)
def test_another_question_cannot_be_compared(field, value):
    humans = humans_with([None] * 4)
    with pytest.raises(NotComparableError, match=f"the {field} differ"):
        pair_versions(version(humans, Q), version(replace(humans, **{field: value}), Q))
