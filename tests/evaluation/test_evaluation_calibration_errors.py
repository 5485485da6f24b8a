"""The calibration numbers of a forecaster and the diagram, as they go into metrics.json."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibration_comparisons import compare, shares_of_reviewers
from scored_tables import level_of

from panel_eval import stats
from panel_eval.evaluation import item_choice
from panel_eval.evaluation.binned_errors import binned_errors
from panel_eval.evaluation.calibration import calibration_estimates, calibration_section
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.stats.calibration_errors import binned_gaps

LABELS = ("a", "b", "c")


@pytest.fixture(scope="module")
def calibrated(make_humans):
    """300 items of 5 reviewers, drawn from the panel's own forecast."""
    populations, counts = shares_of_reviewers(np.random.default_rng(5), 300, 5)
    return compare(make_humans(counts, LABELS), populations)


def estimates(comparison, segment=None):
    return calibration_estimates(comparison.humans, comparison.panel, segment or comparison.everything)


def test_the_numbers_are_those_of_the_statistics(calibrated):
    p, q, table = calibrated.humans.distribution, calibrated.panel.q, estimates(calibrated)
    errors, top = stats.calibration_errors(p, q), stats.top_label_calibration(p, q)
    assert table["soft_ece"].estimate == pytest.approx(float(errors.soft))
    assert table["classwise_soft_ece"].estimate == pytest.approx(float(errors.classwise))
    assert table["hard_ece"].estimate == pytest.approx(float(errors.hard))
    smooth = stats.smooth_calibration_error(top.confidence, top.soft_hit)
    assert table["smooth_ece"].estimate == pytest.approx(float(smooth))
    gap, bins = top.confidence - top.soft_hit, stats.equal_mass_bins(top.confidence)
    squared = sum(
        own.size * (own.mean() ** 2 - own.var(ddof=1) / own.size) for own in (gap[bins == b] for b in set(bins))
    )
    assert table["soft_ece_squared_debiased"].estimate == pytest.approx(squared / gap.size)


def test_a_calibrated_forecast_cannot_be_told_from_no_error(calibrated):
    table = estimates(calibrated)
    for name in ("soft_ece", "smooth_ece", "classwise_soft_ece"):
        assert table[name].low == 0.0
        assert table[name].estimate <= table[name].high
    assert table["soft_ece"].estimate > 0.01
    squared = table["soft_ece_squared_debiased"]
    assert squared.low < 0 < squared.high
    root = table["soft_ece_rms_debiased"]
    if squared.estimate > 0:
        assert root.estimate == pytest.approx(squared.estimate**0.5)
    else:
        assert "noise" in root.note


def test_replicates_of_the_binned_errors_follow_the_weights(calibrated):
    # One resample by hand: the percentiles come from bins that stay and items that are drawn again.
    part = calibrated.everything
    w = part.sums(np.eye(300))
    errors = stats.calibration_errors(calibrated.humans.distribution, calibrated.panel.q, w=w)
    binned = binned_gaps(calibrated.humans.distribution, calibrated.panel.q)
    soft, hard, *labels = binned_errors(binned.gaps, binned.bins, part, sharing=2)
    np.testing.assert_allclose(soft.replicates, errors.soft, atol=1e-12)
    np.testing.assert_allclose(hard.replicates, errors.hard, atol=1e-12)
    np.testing.assert_allclose(np.mean([x.replicates for x in labels], axis=0), errors.classwise, atol=1e-12)


def test_an_overconfident_forecast_is_found_out_in_every_number(make_humans):
    populations, counts = shares_of_reviewers(np.random.default_rng(6), 300, 5)
    sharp = populations**3 / (populations**3).sum(axis=1, keepdims=True)
    table = estimates(compare(make_humans(counts, LABELS), sharp))
    for name in ("soft_ece", "smooth_ece", "classwise_soft_ece", "soft_ece_squared_debiased"):
        assert 0 < table[name].low < table[name].estimate < table[name].high
    rms = table["soft_ece_rms_debiased"]
    assert 0 < rms.low < rms.estimate < rms.high


def test_small_segments_say_so_and_empty_ones_are_null(calibrated):
    few = replace(calibrated.everything, rows=np.arange(5))
    table = estimates(calibrated, few)
    assert table["soft_ece"].low is None
    assert "fewer than 100 items" in table["soft_ece"].note
    assert "no interval" in table["soft_ece"].note
    empty = estimates(calibrated, replace(calibrated.everything, rows=np.arange(0)))
    assert {number.note for number in empty.values()} == {"no items"}
    a_class = estimates(calibrated, calibrated.segments[2])
    assert a_class["smooth_ece"].low is None
    assert "over all items only" in a_class["smooth_ece"].note


def test_a_constant_forecaster_has_one_bin(calibrated):
    # Its forecasts differ only by the votes left out: binned, they would mirror them.
    forecaster = Forecaster("base", calibrated.base_rate, constant=True)
    number = calibration_estimates(calibrated.humans, forecaster, calibrated.everything)["soft_ece"]
    top = stats.top_label_calibration(calibrated.humans.distribution, calibrated.base_rate)
    assert number.estimate == pytest.approx(abs((top.confidence - top.soft_hit).mean()))


def test_large_segments_are_estimated_from_a_random_choice(calibrated, monkeypatch):
    monkeypatch.setattr(item_choice, "MOST_ITEMS", 120)
    number = estimates(calibrated)["soft_ece"]
    assert number.n == 120
    assert "from 120 random items of 300" in number.note
    assert estimates(calibrated)["soft_ece"] == number


def test_the_diagram_has_bars_from_a_hundred_items_on(calibrated, make_humans):
    section = calibration_section(calibrated, level_of(calibrated), estimates(calibrated))
    assert len(section.reliability) == 15
    for each in section.reliability:
        assert each.consistency_low < each.confidence < each.consistency_high
        assert each.soft_accuracy_low <= each.soft_accuracy <= each.soft_accuracy_high
    inside = [x.consistency_low <= x.soft_accuracy <= x.consistency_high for x in section.reliability]
    assert sum(inside) >= 12  # 95 % of 15
    small = compare(make_humans(calibrated.humans.counts[:99], LABELS), calibrated.panel.q[:99])
    section = calibration_section(small, level_of(small), estimates(small))
    assert {each.consistency_low for each in section.reliability} == {None}
    assert {each.soft_accuracy_low for each in section.reliability} == {None}
    assert "no bin of it should be read alone" in section.binning


def test_the_section_has_what_the_table_lacks(calibrated):
    table = estimates(calibrated)
    short = {name: number for name, number in table.items() if "debiased" not in name}
    section = calibration_section(calibrated, level_of(calibrated), short)
    assert section.soft_ece_squared_debiased == table["soft_ece_squared_debiased"]
    assert section == calibration_section(calibrated, level_of(calibrated), table)


def test_a_panel_that_never_answered_has_an_empty_diagram(make_humans):
    silent = compare(make_humans([[2, 1, 0]] * 3, LABELS), np.full((3, 3), np.nan))
    section = calibration_section(silent, level_of(silent), estimates(silent))
    assert section.reliability == []
    assert section.soft_ece.note == "no items"
    assert section.decomposition.refinement_bits.note == "no items"
