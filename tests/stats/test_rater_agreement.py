"""One reviewer against the others of the same items, by hand, by brute force and by other libraries."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from panel_eval.stats.correlation import weighted_auroc
from panel_eval.stats.rater_agreement import against_others, auroc_interval, group_means


def test_the_mri_item_by_hand() -> None:
    # moderate A, B; severe C; mild D. A: one of three others agrees; the others B, C, D have no agreeing pair.
    # C: none of three agrees; of the pairs AB, AD, BD of the others one agrees.
    counts = np.array([[1.0, 2.0, 1.0]])
    found = against_others(counts, np.zeros(4, dtype=int), np.array([1, 1, 2, 0]))
    assert found.agreement == pytest.approx([1 / 3, 1 / 3, 0, 0])
    assert found.expected == pytest.approx([0, 0, 1 / 3, 1 / 3])


def test_without_others_there_is_no_agreement_and_with_one_no_expectation() -> None:
    alone, pair = np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])
    first, zero = np.zeros(1, dtype=int), np.zeros(1, dtype=int)
    assert np.isnan(against_others(alone, first, zero).agreement[0])
    assert against_others(pair, first, zero).agreement[0] == 0
    assert np.isnan(against_others(pair, first, zero).expected[0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=3, max_size=7))
def test_agreement_and_expectation_are_means_over_pairs(labels: list[int]) -> None:
    counts = np.bincount(labels, minlength=4)[None].astype(float)
    found = against_others(counts, np.zeros(len(labels), dtype=int), np.array(labels))
    for me, label in enumerate(labels):
        others = labels[:me] + labels[me + 1 :]
        pairs = [a == b for a, b in permutations(others, 2)]
        assert found.agreement[me] == pytest.approx(np.mean([label == other for other in others]))
        assert found.expected[me] == pytest.approx(np.mean(pairs))
    # everyone against everyone: what is above expectation for one is below it for another
    assert (found.agreement - found.expected).sum() == pytest.approx(0, abs=1e-12)


def test_means_by_group_are_those_of_a_t_test_with_one_more_score_of_zero_in_the_error() -> None:
    generator = np.random.default_rng(5)
    score = generator.normal(0.1, 1, 40)
    found = group_means(score, np.repeat([0, 1], 20), np.arange(40), 2)
    own = score[20:]
    error = np.hypot(own.std(ddof=1) / np.sqrt(20), own.mean() / 20)
    assert found.error[1] == pytest.approx(error)
    low, high = stats.t.interval(0.95, 19, own.mean(), error)
    assert (found.low[1], found.high[1]) == (pytest.approx(low), pytest.approx(high))
    assert found.p_value[1] == pytest.approx(2 * stats.t.sf(abs(own.mean()) / error, 19))


def test_one_who_always_disagrees_is_not_beyond_testing() -> None:
    found = group_means(np.full(12, -1.0), np.zeros(12, dtype=int), np.arange(12), 1)
    assert found.error[0] == pytest.approx(1 / 12)
    assert 0 < found.p_value[0] < 1e-6


def test_scores_of_one_cluster_count_once() -> None:
    score, cluster = np.tile([1.0, 0.0, 0.5, 0.2], 5), np.tile(np.arange(4), 5)
    repeated = group_means(score, np.zeros(20, dtype=int), cluster, 1)
    once = group_means(score[:4], np.zeros(4, dtype=int), np.arange(4), 1)
    # the spread between clusters is the same; only the further score of zero weighs less among twenty
    between = repeated.error[0] ** 2 - (repeated.mean[0] / 20) ** 2
    assert between == pytest.approx(once.error[0] ** 2 - (once.mean[0] / 4) ** 2)


def test_two_groups_with_the_same_codes_of_clusters_do_not_mix() -> None:
    together = group_means(np.array([1.0, 0.0, 3.0, 5.0]), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), 3)
    assert together.mean[:2] == pytest.approx([0.5, 4.0])
    assert np.isnan(together.mean[2])
    assert together.n.tolist() == [2, 2, 0]


@settings(max_examples=40, deadline=None)
@given(arrays(float, 24, elements=st.sampled_from([0.1, 0.5, 0.9])), st.integers(2, 22))
def test_auroc_is_that_of_the_library_and_lies_in_its_interval(score: np.ndarray, positives: int) -> None:
    positive = np.arange(24) < positives
    value, low, high = auroc_interval(score, positive)
    assert value == pytest.approx(float(weighted_auroc(score, positive)))
    if np.isfinite(low):
        assert 0 < low <= value <= high < 1


def test_auroc_interval_holds_its_promise() -> None:
    # d' = 1 between two normals: AUROC = Phi(1 / sqrt 2) = .7602; 500 draws of 30 + 30, standard error .0097
    truth, generator, held = stats.norm.cdf(1 / np.sqrt(2)), np.random.default_rng(2), 0
    positive = np.arange(60) < 30
    for _ in range(500):
        _, low, high = auroc_interval(generator.normal(size=60) + positive, positive)
        held += low <= truth <= high
    assert abs(held / 500 - 0.95) < 3 * 0.0097
