"""Metrics to look at: every one has a row or a reason, and intervals come from paired resamples."""

from __future__ import annotations

import numpy as np
import pytest
from made_humans import humans_from_counts
from scipy import stats as scipy_stats
from versions_examples import LABELS, drawn_forecasts, drawn_humans, facts, version

from panel_eval.evaluation.versions import ComparisonSettings, compare_versions, pair_versions
from panel_eval.evaluation.versions.display import NOT_SHOWN, display_differences
from panel_eval.schema import NOMINAL_METRICS, ORDINAL_METRICS
from panel_eval.stats import entropy_bits, total_variation

QUICK = ComparisonSettings(flips=299, resamples=400)


def shown(humans, ours, theirs, how=QUICK):
    pair = pair_versions(version(humans, ours), version(humans, theirs))
    return {(row.metric, row.segment): row for row in display_differences(pair, how)}


@pytest.fixture(scope="module")
def drawn():
    draw = np.random.default_rng(3)
    humans = drawn_humans(150, 5, draw)
    ours = drawn_forecasts(150, draw)
    theirs = 0.4 * ours + 0.6 * (humans.distribution + 0.1) / 1.3
    return humans, ours, theirs, shown(humans, ours, theirs)


def test_every_metric_has_a_row_or_a_reason(drawn):
    assert {name for name, segment in drawn[3] if segment == "overall"} == set(NOMINAL_METRICS) - set(NOT_SHOWN)
    draw = np.random.default_rng(4)
    humans = humans_from_counts(draw.multinomial(5, [0.3, 0.3, 0.4], size=60).tolist(), ["a", "b", "c"], "ordinal")
    found = shown(humans, drawn_forecasts(60, draw), drawn_forecasts(60, draw))
    every = set(NOMINAL_METRICS) | set(ORDINAL_METRICS)
    assert {name for name, segment in found if segment == "overall"} == every - set(NOT_SHOWN)


def test_total_variation_and_its_paired_interval(drawn):
    humans, ours, theirs, found = drawn
    row = found["tvd", "overall"]
    distances = [total_variation(humans.distribution, q) for q in (ours, theirs)]
    differences = distances[1] - distances[0]
    assert (row.base.estimate, row.candidate.estimate) == pytest.approx([d.mean() for d in distances])
    assert row.difference.estimate == pytest.approx(differences.mean())
    # a percentile end of 400 resamples has a Monte-Carlo error of about .13 standard errors
    error = scipy_stats.sem(differences)
    interval = scipy_stats.norm.interval(0.95, differences.mean(), error)
    assert (row.difference.low, row.difference.high) == pytest.approx(interval, abs=0.5 * error)
    assert row.better == "lower"


def test_pairing_makes_the_interval_of_a_small_difference_narrower_than_either_side(drawn):
    humans, ours, _, _ = drawn
    row = shown(humans, ours, 0.9 * ours + 0.1 / 3)["jsd_bits", "overall"]
    widths = [number.high - number.low for number in (row.base, row.candidate, row.difference)]
    assert widths[2] < min(widths[:2])


def test_classes_are_of_all_votes(drawn):
    humans, ours, theirs, found = drawn
    own = np.array(humans.derived_class) == "minor"
    distances = [total_variation(humans.distribution[own], q[own]) for q in (ours, theirs)]
    row = found["tvd", "minor"]
    assert row.difference.estimate == pytest.approx((distances[1] - distances[0]).mean())
    assert row.difference.n == own.sum()


def test_correlations_are_those_of_scipy(drawn):
    humans, ours, theirs, found = drawn
    human = entropy_bits(humans.distribution)
    for name, statistic in (("entropy_pearson", scipy_stats.pearsonr), ("entropy_spearman", scipy_stats.spearmanr)):
        row = found[name, "overall"]
        expected = [statistic(human, entropy_bits(q)).statistic for q in (ours, theirs)]
        assert (row.base.estimate, row.candidate.estimate) == pytest.approx(expected)
        assert row.difference.estimate == pytest.approx(expected[1] - expected[0])
        assert row.difference.low < row.difference.estimate < row.difference.high


def test_ratios_and_errors_differ_by_their_sides(drawn):
    found = drawn[3]
    for name in ("ce_skill", "soft_ece", "smooth_ece", "classwise_soft_ece", "soft_ece_squared_debiased"):
        row = found[name, "overall"]
        assert row.difference.estimate == pytest.approx(row.candidate.estimate - row.base.estimate)
        assert row.difference.low < row.difference.estimate < row.difference.high


def test_reviewers_that_cannot_be_bounded_have_no_upper_end(drawn):
    row = drawn[3]["n_eq", "overall"]
    assert row.difference.estimate == pytest.approx(row.candidate.estimate - row.base.estimate)
    assert (row.candidate.high, row.difference.high) == (None, None)
    assert "no end where" in row.difference.note


def test_kl_differs_as_cross_entropy_does(drawn):
    humans, ours, theirs, found = drawn
    expected = (humans.distribution * (np.log2(ours) - np.log2(theirs))).sum(axis=1).mean()
    assert found["kl_bits", "overall"].difference.estimate == pytest.approx(expected)
    assert found["kl_plugin_bits", "overall"].difference.estimate == pytest.approx(expected)


def test_swapping_the_sides_negates_every_row(drawn):
    humans, ours, theirs, found = drawn
    for key, back in shown(humans, theirs, ours).items():
        row = found[key]
        assert (row.base, row.candidate) == (back.candidate, back.base)
        if row.difference.estimate is not None:
            assert back.difference.estimate == pytest.approx(-row.difference.estimate)
        if row.difference.low is not None and row.metric != "n_eq":
            assert back.difference.high == pytest.approx(-row.difference.low)


def test_infinite_losses_are_told_and_not_left_out():
    humans = humans_from_counts([[3, 2]] * 20, LABELS)
    certain = np.array([[1.0, 0.0]] + [[0.5, 0.5]] * 19)
    row = shown(humans, certain, certain)["kl_plugin_bits", "overall"]
    assert row.difference.estimate is None
    assert "infinite on 1 item" in row.difference.note


def test_a_sharper_forecast_that_tvd_likes_and_cross_entropy_does_not_is_warned_of():
    # people split 7 to 3 on every item, seen through four of them: TVD prefers a forecast that is too sure
    draw = np.random.default_rng(2)
    humans = humans_from_counts(draw.multinomial(4, [0.85, 0.15], size=400).tolist(), LABELS)
    honest, sure = np.tile([0.85, 0.15], (400, 1)), np.tile([0.97, 0.03], (400, 1))
    runs = facts("one"), facts("two")
    found = compare_versions(version(humans, honest), version(humans, sure), runs, QUICK)
    assert found.verdict == "worse"
    warned = {warning.code: warning.text for warning in found.warnings}
    assert "tvd_disagrees" in warned
    assert "decide on ce_bits" in warned["tvd_disagrees"]
    assert {row.segment: row.difference.estimate < 0 for row in found.display if row.metric == "tvd"}["overall"]
    agreeing = compare_versions(version(humans, sure), version(humans, sure), runs, QUICK)
    assert not [warning for warning in agreeing.warnings if "disagrees" in warning.code]
