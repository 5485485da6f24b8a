"""Which items the explorer shows where there are more than it can hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.report.explorer.choosing import equal_shares, most_telling


def table(classes: str, distances: list[float], ids: list[str] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item_id": ids or [f"i{row}" for row in range(len(classes))],
            "human_class": list(classes),
            "kl_plugin_bits": distances,
        }
    )


def ids_of(items: pd.DataFrame, limit: int) -> list[str]:
    return items["item_id"].to_numpy()[most_telling(items, limit)].tolist()


def test_what_a_small_group_leaves_goes_to_the_others() -> None:
    # 11 places for 3, 10, 10: three each leaves 2 more for those who have more: 3 + 4 + 4.
    assert equal_shares([10, 3, 10], 11) == [4, 3, 4]
    assert equal_shares([2, 2], 9) == [2, 2]
    assert equal_shares([], 5) == []


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(0, 100))
def test_all_places_are_given_and_nobody_gets_two_more_than_one_who_wants_more(
    sizes: list[int], places: int
) -> None:
    shares = equal_shares(sizes, places)
    assert sum(shares) == min(sum(sizes), places)
    assert all(share <= size for share, size in zip(shares, sizes, strict=True))
    wanting = [share for share, size in zip(shares, sizes, strict=True) if share < size]
    assert not wanting or max(shares) <= min(wanting) + 1


def test_each_class_has_its_furthest_items_and_the_page_begins_with_the_furthest() -> None:
    items = table("aaaabb", [1.0, 4.0, 3.0, 2.0, 0.5, 0.1])
    assert ids_of(items, 4) == ["i1", "i2", "i4", "i5"]
    assert ids_of(items, 6) == ["i1", "i2", "i3", "i0", "i4", "i5"]


def test_items_without_a_forecast_come_last_and_infinite_ones_first() -> None:
    assert ids_of(table("aaaa", [np.nan, 1.5, np.inf, 2.0]), 9) == ["i2", "i3", "i1", "i0"]


def test_a_tenth_at_most_has_no_forecast_where_others_want_the_room() -> None:
    items = table("a" * 50, [np.nan] * 30 + [float(k) for k in range(20)])
    assert sum(int(one[1:]) < 30 for one in ids_of(items, 10)) == 1
    assert sum(int(one[1:]) < 30 for one in ids_of(items, 40)) == 20  # only 20 have a forecast


@pytest.mark.parametrize("limit", [1, 3, 7, 12])
def test_the_order_of_the_file_changes_nothing(limit: int) -> None:
    items = table("abcabcabcabc", [1.0, 1.0, 1.0, 2.0, np.nan, 2.0, 0.0, 0.0, np.nan, 1.0, 1.0, 3.0])
    mixed = items.sample(frac=1.0, random_state=3)
    assert ids_of(mixed, limit) == ids_of(items, limit)
