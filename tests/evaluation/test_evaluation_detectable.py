"""What a sample can show, by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from panel_eval.evaluation.detectable import SD_BITS, detectable_differences

LABELS = ("mild", "moderate", "severe")


def test_overall_and_by_class(make_humans):
    # agreement 285 items, major (2 of 4, alone on top) 15 items
    humans = make_humans([[4, 0, 0]] * 285 + [[2, 1, 1]] * 15, LABELS)
    overall, agreement, major = detectable_differences(humans)
    assert (overall.name, overall.items, overall.testable) == ("overall", 300, True)
    # METHODS 3.4: .0446 nats at 300 items, about .2 nats at 15, which is not testable
    assert overall.difference_bits * math.log(2) == pytest.approx(0.0446, abs=5e-5)
    assert (agreement.name, agreement.items) == ("agreement", 285)
    assert (major.name, major.items, major.testable) == ("major", 15, False)
    assert major.difference_bits * math.log(2) == pytest.approx(0.1997, abs=1e-4)


def test_the_spread_is_that_of_the_methods():
    assert pytest.approx(0.3982, abs=5e-5) == SD_BITS


def test_clusters_make_items_count_less(make_humans):
    humans = make_humans([[4, 0, 0]] * 100, LABELS)
    clustered = replace(humans, clusters=tuple(f"doc-{n // 5}" for n in range(100)))
    (alone, _), (together, _) = detectable_differences(humans), detectable_differences(clustered)
    # clusters of 5, correlation .2: design effect 1 + 4 x .2 = 1.8
    assert together.design_effect == pytest.approx(1.8)
    assert together.difference_bits == pytest.approx(alone.difference_bits * math.sqrt(1.8))
    # one cluster of 50 and 50 of one: an item is in a cluster of (50^2 + 50) / 100 = 25.5 on average
    uneven = replace(humans, clusters=tuple(f"doc-{max(n - 49, 0)}" for n in range(100)))
    assert detectable_differences(uneven)[0].design_effect == pytest.approx(1 + 24.5 * 0.2)
