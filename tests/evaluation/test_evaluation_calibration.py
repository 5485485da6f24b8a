"""Bins, curves and forecasters by hand."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval import stats
from panel_eval.evaluation import evaluate
from panel_eval.schema import Vote

LABELS = ("a", "b", "c")


def test_no_forecast_has_no_calibration():
    errors = stats.calibration_errors(np.array([[0.5, 0.5]]), np.full((1, 2), np.nan))
    assert np.isnan([errors.soft, errors.hard, errors.classwise]).all()


def forecast(item: int, *shares: float) -> Vote:
    return Vote(item_id=f"item-{item:04d}", judge="x", distribution=dict(zip(LABELS, shares, strict=True)))


def test_reliability_and_ece_of_one_bin(make_humans):
    # Top label a with .6 and .8; shares of reviewers 3/4 and 1/4; majorities a and b.
    humans = make_humans([[3, 1, 0], [1, 3, 0]], LABELS)
    votes = [forecast(0, 0.6, 0.2, 0.2), forecast(1, 0.8, 0.1, 0.1)]
    calibration = evaluate(votes, humans, smoothing="none", resamples=10).metrics.calibration
    (only,) = calibration.reliability
    assert (only.n, only.low, only.high) == (2, pytest.approx(0.6), pytest.approx(0.8))
    assert only.confidence == pytest.approx(0.7)
    assert only.soft_accuracy == pytest.approx(0.5)
    assert only.hard_accuracy == pytest.approx(0.5)
    assert calibration.soft_ece.estimate == pytest.approx(0.2)
    assert calibration.hard_ece.estimate == pytest.approx(0.2)


def test_an_oracle_is_calibrated_softly_but_not_against_the_majority(make_humans):
    # METHODS 0.4: the reviewers' own distribution has soft ECE 0, and a hard ECE far from it.
    counts = [[4, 0, 0], [3, 1, 0], [2, 1, 1], [0, 3, 1]] * 10
    votes = [forecast(item, *(count / 4 for count in row)) for item, row in enumerate(counts)]
    table = evaluate(votes, make_humans(counts, LABELS), smoothing="none", resamples=50).metrics.panel.overall
    assert table["soft_ece"].estimate == pytest.approx(0)
    # Gaps 0, .25, .5, .25 of a quarter of the items each; one or two bins cannot cancel gaps of one sign.
    assert table["hard_ece"].estimate == pytest.approx(0.25)


def test_deferral_by_hand(make_humans):
    # Ranked by certainty: item 0 (soft loss 0), item 1 (1/4), item 2 (1/2).
    humans = make_humans([[4, 0, 0], [3, 1, 0], [2, 1, 1]], LABELS)
    votes = [forecast(0, 0.9, 0.05, 0.05), forecast(1, 0.7, 0.2, 0.1), forecast(2, 0.5, 0.3, 0.2)]
    deferral = evaluate(votes, humans, smoothing="none", resamples=10).metrics.deferral
    assert deferral.soft.coverage == pytest.approx([1 / 3, 2 / 3, 1])
    assert deferral.soft.selective_risk == pytest.approx([0, 1 / 8, 1 / 4])
    assert deferral.soft.oracle_risk == pytest.approx([0, 1 / 8, 1 / 4])
    assert deferral.soft.aurc.estimate == pytest.approx((0 + 1 / 8 + 1 / 4) / 3)
    assert deferral.hard.selective_risk == pytest.approx([0, 0, 0])
    assert deferral.n_disagreement == 1
    assert deferral.auroc_disagreement.note == "fewer than 10 items"


def test_oracle_is_never_above_the_panel_and_curves_are_short(make_humans):
    rng = np.random.default_rng(3)
    counts = rng.multinomial(5, [0.5, 0.3, 0.2], size=450)
    votes = [forecast(item, *row) for item, row in enumerate(rng.dirichlet([1, 1, 1], 450))]
    deferral = evaluate(votes, make_humans(counts, LABELS), resamples=20).metrics.deferral
    for curve in (deferral.soft, deferral.hard):
        assert len(curve.coverage) == 200
        assert curve.coverage[-1] == 1
        assert (np.array(curve.oracle_risk) <= np.array(curve.selective_risk) + 1e-12).all()
        assert curve.oracle_risk[-1] == pytest.approx(curve.selective_risk[-1])


def test_deferral_finds_the_split_items(make_humans):
    # The panel is unsure exactly on the split items: every split item ranks above every agreed one.
    counts = [[4, 0, 0]] * 6 + [[2, 1, 1]] * 6
    votes = [forecast(i, 0.9, 0.05, 0.05) if i < 6 else forecast(i, 0.4, 0.3, 0.3) for i in range(12)]
    deferral = evaluate(votes, make_humans(counts, LABELS), resamples=50).metrics.deferral
    assert deferral.auroc_disagreement.estimate == 1.0
    assert deferral.spearman_human_entropy.estimate == pytest.approx(1.0)
    assert deferral.n_disagreement == 6
