"""Labelled items from arrays."""

from __future__ import annotations

import pytest

from panel_eval.humans import labels_from_counts


def test_counts_become_shares_and_classes():
    humans = labels_from_counts([[1, 2, 1], [0, 3, 0]], ["mild", "moderate", "severe"], scale="ordinal")
    assert humans.distribution.tolist() == [[0.25, 0.5, 0.25], [0, 1, 0]]
    assert humans.derived_class == ("major", "agreement")  # METHODS 7.2: 2-1-1 and 3-0
    assert humans.item_ids == ("item-0000000", "item-0000001")


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1, 2, 3]], "shape"),
        ([[1, 0.5]], "whole numbers"),
        ([[-1, 2]], "whole numbers"),
        ([[float("nan"), 2]], "whole numbers"),
        ([[1, 1], [0, 0]], "item 1 has no vote"),
    ],
)
def test_what_is_no_votes_is_refused(counts: list[list[float]], message: str):
    with pytest.raises(ValueError, match=message):
        labels_from_counts(counts, ["a", "b"])


def test_ids_must_differ():
    with pytest.raises(ValueError, match="2 different names"):
        labels_from_counts([[1, 0], [0, 1]], ["a", "b"], item_ids=["x", "x"])
