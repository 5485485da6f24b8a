"""Where people and panel put their mass: means by hand, and intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from class_comparisons import comparison_of

from panel_eval.evaluation.masses import MAX_LABELS, mass_section

LABELS = ("a", "b", "c")


def test_means_are_those_of_the_items_that_have_a_forecast(make_humans):
    # Shares 1 0 0, .5 .5 0 and (unanswered) 0 0 1; the panel says .25 .25 .5 and .75 .25 0.
    humans = make_humans([[4, 0, 0], [2, 2, 0], [0, 0, 4]], LABELS)
    forecast = np.array([[0.25, 0.25, 0.5], [0.75, 0.25, 0.0], [np.nan] * 3])
    found = mass_section(comparison_of(humans, forecast))
    means = {name: (of.people.estimate, of.panel.estimate, of.difference.estimate) for name, of in
             found.overall.labels.items()}  # fmt: skip
    assert means == {"a": (0.75, 0.5, -0.25), "b": (0.25, 0.25, 0.0), "c": (0.0, 0.25, 0.25)}
    assert found.overall.labels["a"].people.n == 2
    # Entropies of the people 0 and 1 bit; of the panel 1.5 and H(.75, .25) = .8113 bits.
    bits = found.overall.entropy_bits
    assert (bits.people.estimate, bits.panel.estimate) == pytest.approx((0.5, 1.1556), abs=1e-4)
    assert set(found.by_class) == {"agreement", "unresolved"}  # the third item has no forecast
    assert found.by_class["unresolved"].labels["a"].difference.estimate == pytest.approx(0.25)


def test_the_interval_of_a_difference_is_that_of_differences_item_by_item(make_humans):
    rng = np.random.default_rng(4)
    people = rng.multinomial(10, rng.dirichlet(np.ones(3), size=400))
    shares = people / 10
    panel = 0.9 * shares + 0.1 * np.array([1.0, 0.0, 0.0])  # tied to the people's: differences vary little
    found = mass_section(comparison_of(make_humans(people, LABELS), panel, resamples=1000)).overall.labels["a"]
    gap = panel[:, 0] - shares[:, 0]
    half = 1.96 * gap.std(ddof=1) / 20  # sqrt(400) = 20
    assert found.difference.estimate == pytest.approx(gap.mean())
    assert found.difference.high - found.difference.low == pytest.approx(2 * half, rel=0.12)
    assert found.people.high - found.people.low > 5 * (found.difference.high - found.difference.low)


def test_of_many_labels_those_that_reviewers_choose_least_are_left_out(make_humans):
    names = tuple(f"l{k:03d}" for k in range(MAX_LABELS + 2))
    counts = np.ones((9, len(names)), dtype=int)
    counts[:, [3, 50]] = 0
    found = mass_section(comparison_of(make_humans(counts, names), np.full(counts.shape, 1 / len(names))))
    assert set(names) - set(found.overall.labels) == {"l003", "l050"}
    assert found.note == "the 2 labels that reviewers choose least are left out"


def test_a_panel_that_answers_nothing_has_no_means(make_humans):
    humans = make_humans([[4, 0, 0], [2, 2, 0]], LABELS)
    found = mass_section(comparison_of(humans, np.full((2, 3), np.nan)))
    assert found.overall.labels["a"].panel.estimate is None
    assert found.overall.labels["a"].panel.note
    assert found.by_class == {}
