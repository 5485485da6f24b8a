"""The tested family: hand-computed differences, what must hold for any input, the level where nothing differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_humans import humans_from_counts
from scipy import stats as scipy_stats
from scipy.optimize import brentq
from versions_examples import LABELS, drawn_forecasts, drawn_humans, version

from panel_eval.evaluation.versions import ComparisonSettings, pair_versions, paired_tests
from panel_eval.evaluation.versions.losses import TESTED_CLASSES, TOO_FEW_REVIEWERS
from panel_eval.evaluation.versions.paired import adjust_together
from panel_eval.stats import brier_debiased, kl_bits
from panel_eval.stats.multiplicity import holm

QUICK = ComparisonSettings(flips=499)
COUNTS = [[4, 0], [2, 2], [1, 3]]
EVEN = [[0.5, 0.5]] * 3
SHARP = [[0.8, 0.2], [0.5, 0.5], [0.25, 0.75]]


def family_of(humans, base_q, candidate_q, how=QUICK):
    pair = pair_versions(version(humans, base_q, "one"), version(humans, candidate_q, "two"))
    return {(test.metric, test.segment): test for test in paired_tests(pair, how)}


def test_three_items_by_hand():
    found = family_of(humans_from_counts(COUNTS, LABELS), EVEN, SHARP)
    ce = found["ce_bits", "overall"]
    # -log2 .8 = .3219; 1; .25 * 2 + .75 * .4150 = .8113; the baseline has 1 bit on each item
    assert ce.base == pytest.approx(1.0)
    assert ce.difference.estimate == pytest.approx((-0.6780719 + 0.0 - 0.1887219) / 3, abs=1e-6)
    # two items differ, both the same way: 2 of 4 sign patterns are as far out, all are at least as high
    assert (ce.p, ce.p_worse) == (0.5, 1.0)
    brier = found["brier_debiased", "overall"]
    # |p - q|^2 - (1 - sum p^2) / 3: .5, -1/6, .125 - .125 for the baseline; .08, -1/6, -.125 for the candidate
    assert brier.base == pytest.approx((0.5 - 1 / 6 + 0.0) / 3)
    assert brier.candidate == pytest.approx((0.08 - 1 / 6 - 0.125) / 3)
    assert brier.difference.estimate == pytest.approx(brier.candidate - brier.base)
    assert (ce.testable, ce.verdict, ce.difference.low) == (False, "not testable", None)  # three items are too few


def test_a_class_is_made_without_the_vote_that_scores():
    # 4-0: any vote left out leaves 3-0, agreement. 3-1: a vote on "no" leaves 2-1, minor; that on "yes" leaves 3-0.
    found = family_of(humans_from_counts([[4, 0], [3, 1]], LABELS), EVEN[:2], [[0.8, 0.2], [0.6, 0.4]])
    agreement, minor = found["ce_bits", "agreement"], found["ce_bits", "minor"]
    # agreement: the whole of item 1 (-log2 .8 - 1), and a quarter of item 2, its vote on "yes" (-log2 .4 - 1)
    assert agreement.difference.estimate == pytest.approx((-0.6780719 + 0.25 * 0.3219281) / 1.25, abs=1e-6)
    assert minor.difference.estimate == pytest.approx(-0.2630344, abs=1e-6)  # -log2 .6 - 1
    assert (agreement.difference.n, minor.difference.n) == (2, 1)


def test_differences_equal_those_of_plugin_kl_and_debiased_brier():
    draw = np.random.default_rng(5)
    humans = drawn_humans(60, 5, draw)
    ours, theirs = drawn_forecasts(60, draw), drawn_forecasts(60, draw)
    found = family_of(humans, ours, theirs)
    p, n = humans.distribution, humans.reviewer_count
    assert found["ce_bits", "overall"].difference.estimate == pytest.approx(
        (kl_bits(p, theirs) - kl_bits(p, ours)).mean()
    )
    brier = found["brier_debiased", "overall"]
    assert brier.base == pytest.approx(brier_debiased(p, ours, n).mean())
    assert brier.difference.estimate == pytest.approx(
        (brier_debiased(p, theirs, n) - brier_debiased(p, ours, n)).mean()
    )


def test_the_interval_is_that_of_a_t_test_on_items():
    draw = np.random.default_rng(6)
    humans = drawn_humans(40, 5, draw)
    ours, theirs = drawn_forecasts(40, draw), drawn_forecasts(40, draw)
    found = family_of(humans, ours, theirs)["ce_bits", "overall"]
    differences = (humans.distribution * (np.log2(ours) - np.log2(theirs))).sum(axis=1)
    expected = scipy_stats.ttest_1samp(differences, 0.0)
    interval = expected.confidence_interval(0.95)
    assert (found.difference.low, found.difference.high) == pytest.approx((interval.low, interval.high))
    assert found.detectable == pytest.approx(2.8016 * differences.std(ddof=1) / 40**0.5, rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(9, 40), st.integers(3, 6))
def test_swapping_the_sides_negates_differences_and_keeps_p(seed, n_items, people):
    draw = np.random.default_rng(seed)
    humans = drawn_humans(n_items, people, draw)
    ours, theirs = drawn_forecasts(n_items, draw), drawn_forecasts(n_items, draw)
    one, other = family_of(humans, ours, theirs), family_of(humans, theirs, ours)
    turned = {"better": "worse", "worse": "better"}
    for key, test in one.items():
        back = other[key]
        assert (test.p, test.p_holm, test.units, test.testable) == (back.p, back.p_holm, back.units, back.testable)
        assert back.verdict == turned.get(test.verdict, test.verdict)
        if test.difference.estimate is not None:
            assert back.difference.estimate == pytest.approx(-test.difference.estimate)
            assert (test.base, test.candidate) == (back.candidate, back.base)
        if test.difference.low is not None:
            assert back.difference.high == pytest.approx(-test.difference.low)


def test_the_order_of_items_and_of_clusters_names_does_not_matter():
    draw = np.random.default_rng(8)
    humans = drawn_humans(50, 5, draw)
    humans = replace(humans, clusters=tuple(f"c{row // 3}" for row in range(50)))
    ours, theirs = drawn_forecasts(50, draw), drawn_forecasts(50, draw)
    turned = draw.permutation(50)
    first = paired_tests(pair_versions(version(humans, ours), version(humans, theirs)), QUICK)
    again = pair_versions(version(humans.select(turned), ours[turned]), version(humans, theirs))
    assert paired_tests(again, QUICK) == first


def test_with_three_reviewers_no_class_calls_equal_panels_different():
    # People split .7, .15, .15 on every item; both panels cost .7 lb(1/.5) + .3 lb(1/.25) = 1.3 bits on each, the
    # candidate by being sharper than they are. Among 3-0 items alone it would look better, among the others worse.
    people = np.random.default_rng(9).multinomial(3, [0.7, 0.15, 0.15], size=600)
    top = brentq(lambda x: 0.7 * np.log2(x) + 0.3 * np.log2((1 - x) / 2) + 1.3, 0.7, 0.99)
    flat, sharp = [[0.5, 0.25, 0.25]] * 600, [[top, (1 - top) / 2, (1 - top) / 2]] * 600
    found = family_of(humans_from_counts(people.tolist(), ("a", "b", "c")), flat, sharp)
    for name in TESTED_CLASSES:
        own = found["ce_bits", name]
        assert (own.verdict, own.difference.estimate, own.p, own.p_worse) == ("not testable", None, None, None)
        assert own.difference.note == TOO_FEW_REVIEWERS
    assert found["ce_bits", "overall"].p_holm == found["ce_bits", "overall"].p  # alone in its family


def test_votes_that_are_not_known_one_by_one_make_no_class():
    draw = np.random.default_rng(3)
    humans = drawn_humans(60, 5, draw)
    shares = replace(humans, counts_known=np.zeros(60, dtype=bool))
    ours, theirs = drawn_forecasts(60, draw), drawn_forecasts(60, draw)
    known, found = family_of(humans, ours, theirs), family_of(shares, ours, theirs)
    assert found["ce_bits", "overall"].difference == known["ce_bits", "overall"].difference
    assert found["ce_bits", "agreement"].difference.note == TOO_FEW_REVIEWERS
    assert known["ce_bits", "agreement"].difference.note is None


def test_scores_over_fewer_items_than_their_difference_say_so():
    # One reviewer tells no spread: the scores are of items 1 and 2, the difference is of all three.
    humans = humans_from_counts([[4, 0], [2, 2], [0, 1]], LABELS)
    own = family_of(humans, EVEN, SHARP)["brier_debiased", "overall"]
    assert (own.base, own.candidate) == pytest.approx(((0.5 - 1 / 6) / 2, (0.08 - 1 / 6) / 2))
    assert own.difference.estimate == pytest.approx((-0.42 + 0.0 + (0.125 - 0.5)) / 3)
    assert "both scores are over the 2 of 3 items with two known votes" in own.difference.note
    all_known = family_of(humans_from_counts(COUNTS, LABELS), EVEN, SHARP)["brier_debiased", "overall"]
    assert "both scores" not in all_known.difference.note


def test_a_class_of_few_items_is_not_testable_and_not_in_the_family():
    counts = [[5, 0]] * 40 + [[3, 2]] * 4
    draw = np.random.default_rng(1)
    found = family_of(
        humans_from_counts(counts, LABELS), drawn_forecasts(44, draw, 2), drawn_forecasts(44, draw, 2)
    )
    lost = [test for test in found.values() if not test.testable]
    assert {test.segment for test in lost} >= {"unresolved"}
    assert all((test.verdict, test.p_holm) == ("not testable", None) for test in lost)
    family = [test for (metric, _), test in found.items() if metric == "ce_bits" and test.testable]
    assert [test.p_holm for test in family] == pytest.approx(holm([test.p for test in family]).tolist())


@pytest.mark.parametrize(("items", "verdict"), [(20, "worse"), (19, "not testable")])
def test_a_large_loss_of_a_class_does_not_hide_behind_its_own_noise(items, verdict):
    noisy = np.where(np.arange(items)[:, None] % 2, [[0.01, 0.99]], [[0.4, 0.6]])
    found = family_of(humans_from_counts([[5, 0]] * items, LABELS), [[0.9, 0.1]] * items, noisy)
    assert found["ce_bits", "agreement"].detectable > 0.25
    assert found["ce_bits", "agreement"].verdict == verdict  # (2.8016 * .276 / ln 2 / .25)² = 19.9 items
    assert found["ce_bits", "overall"].verdict == "worse"


def test_infinite_losses_give_no_number_and_name_the_side():
    humans = humans_from_counts([[3, 2]] * 20, LABELS)
    certain = np.array([[1.0, 0.0]] + [[0.5, 0.5]] * 19)
    found = family_of(humans, np.full((20, 2), 0.5), certain)
    lost = found["ce_bits", "overall"]
    assert lost.difference.estimate is None
    assert lost.p is None
    assert "infinite on 0 items of the baseline and 1 of the candidate" in lost.difference.note
    # of item 1: .4 * 2 = .8 (the vote on "no" costs 0) less .5; the others are alike
    assert found["brier_debiased", "overall"].difference.estimate == pytest.approx(0.3 / 20)


def test_several_candidates_are_one_family():
    draw = np.random.default_rng(12)
    humans = drawn_humans(300, 5, draw)
    base = drawn_forecasts(300, draw)
    several = [
        list(family_of(humans, base, 0.8 * base + 0.2 * drawn_forecasts(300, draw)).values()) for _ in range(3)
    ]
    together = adjust_together(several, 0.05)
    for metric in ("ce_bits", "brier_debiased"):
        own = [test for tests in together for test in tests if test.metric == metric and test.testable]
        assert [test.p_holm for test in own] == pytest.approx(holm([test.p for test in own]).tolist())
    alone = several[0][0]
    assert together[0][0].p_holm >= alone.p_holm


def _level(n_pairs: int, clustered: bool, use_clusters: bool) -> tuple[float, float]:
    """Shares of pairs of alike panels with a raw p of at most .05, and with any adjusted one in ce_bits."""
    overall = family = 0
    for seed in range(n_pairs):
        draw = np.random.default_rng([seed, 5])
        humans = drawn_humans(120, 5, draw)
        noise = draw.normal(0.0, 1.0, size=(2, 24, 3)).repeat(5, axis=1) if clustered else 0.0
        logits = np.log(humans.distribution + 0.3) + noise + draw.normal(0.0, 0.5, size=(2, 120, 3))
        q = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
        if use_clusters:
            humans = replace(humans, clusters=tuple(f"c{row // 5}" for row in range(120)))
        found = family_of(humans, q[0], q[1], ComparisonSettings(flips=399, seed=seed))
        overall += found["ce_bits", "overall"].p <= 0.05
        family += any(
            test.p_holm is not None and test.p_holm <= 0.05 for test in found.values() if test.metric == "ce_bits"
        )
    return overall / n_pairs, family / n_pairs


@pytest.mark.slow
@pytest.mark.parametrize("clustered", [False, True])
def test_alike_panels_are_called_different_as_often_as_alpha_says(clustered):
    raw, family = _level(600, clustered, use_clusters=clustered)
    error = (0.05 * 0.95 / 600) ** 0.5  # .009: Monte-Carlo error of a share of 600
    assert raw == pytest.approx(0.05, abs=3.5 * error)
    assert family <= 0.05 + 3.5 * error


@pytest.mark.slow
def test_leaving_out_clusters_that_there_are_calls_differences_that_there_are_not():
    raw, _ = _level(200, clustered=True, use_clusters=False)
    assert raw > 0.15  # Monte-Carlo error .025
