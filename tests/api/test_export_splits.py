"""Random splits of an export: no cluster is parted, and none moves when items are added."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.api.exporting.rows import TrainingRows
from panel_eval.api.exporting.splits import check_shares, drawn_splits, file_names
from panel_eval.errors import InputError

SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}


def rows_of(clusters: list[str], from_panel: list[bool]) -> TrainingRows:
    n = len(clusters)
    return TrainingRows(
        item_ids=tuple(f"i{row}" for row in range(n)),
        target=np.full((n, 2), 0.5),
        from_panel=np.array(from_panel, dtype=bool),
        reviewers=np.ones(n, dtype=np.int64),
        weight=np.ones(n),
        disagreement_class=(None,) * n,
        clusters=tuple(clusters),
        place=np.arange(n),
    )


items = st.lists(st.tuples(st.sampled_from("abcdefghij"), st.booleans()), min_size=1, max_size=40)


@given(items, st.integers(0, 2**32 - 1))
def test_no_cluster_is_parted_and_held_out_rows_are_peoples(drawn, seed):
    rows = rows_of([cluster for cluster, _ in drawn], [panel for _, panel in drawn])
    splits, kept = drawn_splits(rows, SHARES, seed)
    for cluster in set(rows.clusters):
        own = {split for split, name in zip(splits, rows.clusters, strict=True) if name == cluster}
        assert len(own) == 1
    held_out = np.array(splits) != "train"
    assert not (rows.from_panel & held_out & kept).any()
    assert kept[~rows.from_panel].all()


@given(items, items, st.integers(0, 2**32 - 1))
def test_items_that_are_added_move_no_people_to_another_split(first, more, seed):
    before = rows_of([cluster for cluster, _ in first], [False] * len(first))
    after = rows_of(
        [cluster for cluster, _ in (*first, *more)], [False] * len(first) + [panel for _, panel in more]
    )
    assert drawn_splits(after, SHARES, seed)[0][: len(first)] == drawn_splits(before, SHARES, seed)[0]


def test_shares_hold_on_average():
    n = 20_000
    rows = rows_of([f"c{number}" for number in range(n)], [False] * n)
    splits, _ = drawn_splits(rows, SHARES, 11)
    for name, share in SHARES.items():
        assert splits.count(name) / n == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / n))


def test_seeds_draw_differently():
    rows = rows_of([f"c{number}" for number in range(200)], [False] * 200)
    assert drawn_splits(rows, SHARES, 1)[0] != drawn_splits(rows, SHARES, 2)[0]


@given(st.lists(st.text(max_size=40), max_size=8))
def test_file_names_are_plain_and_differ_in_any_file_system(splits):
    names = file_names(splits)
    assert set(names) == set(splits)
    assert len({name.casefold() for name in names.values()}) == len(set(splits))
    assert all(
        name and set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
        for name in names.values()
    )


@pytest.mark.parametrize(
    "shares", [{}, {"a": 0.5}, {"a": 1.5, "b": -0.5}, {"a": math.nan}, {"a/b": 1.0}, {"": 1.0}]
)
def test_shares_that_make_no_splits_are_refused(shares):
    with pytest.raises(InputError):
        check_shares(shares)
