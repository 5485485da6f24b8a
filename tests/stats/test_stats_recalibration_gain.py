"""A small recalibration map: found where it is known, and found again by a general optimiser."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from panel_eval.stats.divergence import cross_entropy_bits, kl_bits
from panel_eval.stats.recalibration_gain import Recalibration, cross_fitted, fit_recalibration, some_of

LN2 = np.log(2.0)


@pytest.fixture
def votes():
    """Shares of 6 reviewers, and a forecast that is too sharp and shifted."""
    generator = np.random.default_rng(6)
    truth = generator.dirichlet([0.8, 0.8, 0.8, 0.8], size=400)
    q = softmax(2.0 * np.log(truth) + np.array([0.5, 0.0, -0.5, 0.0]), axis=1)
    return generator.multinomial(6, truth) / 6, np.maximum(q, 1e-6) / np.maximum(q, 1e-6).sum(axis=1, keepdims=True)


def test_a_known_map_is_found():
    q = np.random.default_rng(7).dirichlet([1.0, 1.0, 1.0], size=20_000)
    bias = np.array([0.4, -0.1, -0.3])
    found = fit_recalibration(Recalibration(0.35, bias).apply(q), q)
    assert found.sharpness == pytest.approx(0.35, abs=1e-3)  # the penalty weighs one item of 20,000
    assert found.bias == pytest.approx(bias, abs=1e-3)


@pytest.mark.parametrize("with_bias", [True, False])
def test_a_general_optimiser_finds_the_same_map(votes, with_bias):
    p, q = votes

    def loss(x):
        a, b = x[0], x[1:] if with_bias else np.zeros(4)
        penalty = 0.5 * ((a - 1) ** 2 + (b**2).sum()) / len(p)
        return -(p * log_softmax(a * np.log(q) + b, axis=1)).sum(axis=1).mean() + penalty

    other = minimize(loss, np.r_[1.0, np.zeros(4)], method="BFGS", options={"gtol": 1e-8}).x
    found = fit_recalibration(p, q, with_bias=with_bias)
    assert found.sharpness == pytest.approx(other[0], abs=1e-5)
    assert found.bias == pytest.approx(other[1:] - other[1:].mean() if with_bias else np.zeros(4), abs=1e-5)


def test_labels_may_be_renamed(votes):
    p, q = votes
    order = np.array([2, 0, 3, 1])
    found, renamed = fit_recalibration(p, q), fit_recalibration(p[:, order], q[:, order])
    assert renamed.sharpness == pytest.approx(found.sharpness, abs=1e-7)
    assert renamed.bias == pytest.approx(found.bias[order], abs=1e-7)


def test_what_is_gained_is_gained_on_other_items(votes):
    p, q = votes
    fold = np.arange(len(p)) % 5
    recalibrated = cross_fitted(p, q, fold, np.random.default_rng(0))
    in_sample = fit_recalibration(p, q).apply(q)
    before, after, fitted = (cross_entropy_bits(p, rows).mean() for rows in (q, recalibrated, in_sample))
    assert fitted < after < before - 0.2
    # An item's own votes do not enter its own map.
    p_other = p.copy()
    p_other[fold == 2] = p[fold == 2][:, ::-1]
    again = cross_fitted(p_other, q, fold, np.random.default_rng(0))
    np.testing.assert_array_equal(again[fold == 2], recalibrated[fold == 2])


def test_a_calibrated_forecast_has_nothing_to_gain():
    generator = np.random.default_rng(8)
    q = generator.dirichlet([1.0, 1.0, 1.0], size=2000)
    p = generator.multinomial(5, q) / 5
    recalibrated = cross_fitted(p, q, np.arange(2000) % 5, generator)
    gain = (cross_entropy_bits(p, q) - cross_entropy_bits(p, recalibrated)).mean()
    assert -0.005 < gain < 0.001


def test_labels_that_nobody_chose_and_hopeless_forecasts_stay_finite():
    p = np.tile([1.0, 0.0, 0.0], (30, 1))
    for q in (np.tile([0.98, 0.01, 0.01], (30, 1)), np.tile([1e-9, 0.5, 0.5 - 1e-9], (30, 1))):
        found = fit_recalibration(p, q)
        assert np.isfinite([found.sharpness, *found.bias]).all()
        assert (found.apply(q)[:, 0] > 0.9).all()


def test_more_items_than_needed_are_thinned_out():
    rows = np.arange(0, 50_000, 2)
    chosen = some_of(rows, np.random.default_rng(1))
    assert chosen.size == np.unique(chosen).size == 20_000
    assert np.isin(chosen, rows).all()
    assert some_of(rows[:100], np.random.default_rng(1)) is not chosen
    assert (some_of(rows[:100], np.random.default_rng(1)) == rows[:100]).all()


def test_zeros_and_no_items_are_refused():
    with pytest.raises(ValueError, match="above 0"):
        fit_recalibration(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]]))
    with pytest.raises(ValueError, match="at least one item"):
        fit_recalibration(np.empty((0, 2)), np.empty((0, 2)))


@pytest.fixture(scope="module")
def chaosnli(data_folder):
    """100 human votes an item (entailment, neutral, contradiction) and the logits of RoBERTa, seed 0."""
    folder = data_folder / "chaosnli"
    logits = {}
    for split in ("dev", "test"):
        with (folder / f"SNLI_{split}_roberta-base_0.json").open(encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                logits[record["uid"]] = np.array(record["logits"])[[0, 2, 1]]
    with (folder / "chaosNLI_snli.jsonl").open(encoding="utf-8") as lines:
        items = [json.loads(line) for line in lines]
    counts = np.array([item["label_count"] for item in items], dtype=float)
    return counts / counts.sum(axis=1, keepdims=True), softmax(
        np.array([logits[item["uid"]] for item in items]), axis=1
    )


def test_chaosnli_temperature_buys_most_of_the_distance(chaosnli):
    # METHODS §8: vanilla KL .6173 nats; temperature fitted to soft labels 2.87, KL .2278 on other items.
    p, q = chaosnli
    found = fit_recalibration(p, q, with_bias=False)
    assert 1 / found.sharpness == pytest.approx(2.87, abs=0.01)
    assert kl_bits(p, q).mean() * LN2 == pytest.approx(0.6173, abs=2e-4)
    fold = np.random.default_rng(0).permutation(len(p)) % 5
    other_items = cross_fitted(p, q, fold, np.random.default_rng(0), with_bias=False)
    assert kl_bits(p, other_items).mean() * LN2 == pytest.approx(0.2278, abs=3e-4)
    assert kl_bits(p, found.apply(q)).mean() < kl_bits(p, other_items).mean()
