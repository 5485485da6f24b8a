"""The chance that a vote is a slip: worked by hand, and its parameters found again in simulated votes."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.stats.slips import slip_probability, slip_rates, vote_chance, vote_influence


def test_a_lone_vote_by_hand() -> None:
    # One item 4-1-0, prior one vote spread evenly, the model alone (worth without end is worth 1e12 votes):
    # for the lone vote m = (1 - 1 + 1/3) / (4 + 1) = 1/15, for one of the four (4 - 1 + 1/3) / 5 = 2/3.
    counts, prior = np.array([[4.0, 1.0, 0.0]]), np.full((1, 3), 1 / 3)
    chance = vote_chance(counts, prior, worth=1e12)
    assert chance[0, :2] == pytest.approx([2 / 3, 1 / 15])
    assert np.isnan(chance[0, 2])
    # rate .1 of three labels: (.1 / 3) / (.1 / 3 + .9 / 15) = 5 / 14
    assert slip_probability(chance[0, 1], 0.1, 3) == pytest.approx(5 / 14)


def test_what_came_beside_the_same_others_counts() -> None:
    # Nine items 3-0 and one item 2-1, next to no model: beside (2, 0) stand 27 + 1 votes, 27 of them for
    # the same label. The lone vote, itself left out: 0 of 27. One of the nine's: 26 of 27.
    counts = np.array([[3.0, 0.0]] * 9 + [[2.0, 1.0]])
    chance = vote_chance(counts, np.full((10, 2), 0.5), worth=1e-9)
    assert chance[9, 1] == pytest.approx(0, abs=1e-9)
    assert chance[0, 0] == pytest.approx(26 / 27)
    # with a model worth 3 votes that expects (0 + .5) / (2 + 1) = 1/6 of the lone vote: (0 + 3/6) / (27 + 3)
    assert vote_chance(counts, np.full((10, 2), 0.5), worth=3.0)[9, 1] == pytest.approx(0.5 / 30)


def test_labels_keep_their_places() -> None:
    # The same pattern at other labels is another pattern: beside (0, 2) stands this vote only, so that the model
    # alone speaks, (0 + .5) / (2 + 1), however little it is worth.
    counts = np.array([[3.0, 0.0]] * 9 + [[1.0, 2.0]])
    for worth in (1e-6, 1.0, 20.0):
        assert vote_chance(counts, np.full((10, 2), 0.5), worth)[9, 0] == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("counts", "moved"), [([4, 1], [0.05, 0.2]), ([2, 2], [1 / 6, 1 / 6]), ([99, 1], [1e-4 / 0.99, 0.01])]
)
def test_influence_is_the_total_variation_that_leaving_a_vote_out_makes(
    counts: list[int], moved: list[float]
) -> None:
    table = np.array([counts], dtype=float)
    found = vote_influence(table)[0]
    n = sum(counts)
    for label in range(2):
        without = (table[0] - np.eye(2)[label]) / (n - 1)
        assert found[label] == pytest.approx(0.5 * np.abs(without - table[0] / n).sum())
    assert found == pytest.approx(moved)


def test_slip_rates_are_found_again_and_few_votes_prove_little() -> None:
    # 20 reviewers of 400 votes on items whose honest chances are known: honest labels from Dirichlet(.3) chances,
    # slips uniform over four labels; reviewers 0-3 slip at .4, the rest at .02. Then one with five votes only.
    generator = np.random.default_rng(11)
    n, labels = 400, 4
    truth = np.where(np.arange(20) < 4, 0.4, 0.02)
    reviewer = np.repeat(np.arange(20), n)
    shares = generator.dirichlet(np.full(labels, 0.3), reviewer.size)
    honest = (shares.cumsum(axis=1) < generator.random(reviewer.size)[:, None]).sum(axis=1)
    slipped = generator.random(reviewer.size) < truth[reviewer]
    label = np.where(slipped, generator.integers(labels, size=reviewer.size), honest)
    chance = np.maximum(shares[np.arange(reviewer.size), label], 1e-12)
    rates = slip_rates(chance, reviewer, 20, labels, 0.02, 20.0)
    assert rates[:4] == pytest.approx([0.4] * 4, abs=0.12)
    assert rates[4:].max() < 0.1
    few = slip_rates(np.full(5, 0.01), np.zeros(5, dtype=int), 1, labels, 0.02, 20.0)
    many = slip_rates(np.full(100, 0.01), np.zeros(100, dtype=int), 1, labels, 0.02, 20.0)
    assert few[0] < 0.35 < many[0]
