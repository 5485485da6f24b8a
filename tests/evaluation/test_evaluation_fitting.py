"""Fitting a panel: what is reported of it was never seen by what it is reported of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from simulated_curves import LABELS, simulate

from panel_eval.errors import InputError
from panel_eval.evaluation.fitting import FitSettings, cross_fitted_pool, fit_panel
from panel_eval.evaluation.fitting.advice import fitting_advice
from panel_eval.evaluation.references import base_rate
from panel_eval.pooling import PanelPooling
from panel_eval.pooling.fitted import METHODS, TrainingSample, automatic, fit_stacking, parameters_of
from panel_eval.schema import Estimate
from panel_eval.schema.fitting_metrics import FITTING_METRICS, Fitting
from panel_eval.stats import cross_entropy_bits

QUICK = FitSettings(resamples=200)


@pytest.fixture(scope="module")
def panel(make_humans):
    return simulate(make_humans, 150, 6, np.random.default_rng(3))


@pytest.fixture(scope="module")
def fit(panel):
    return fit_panel(panel.humans, panel.forecasts, QUICK)


def test_the_scores_are_those_of_the_out_of_fold_forecast(panel, fit):
    p, q = panel.humans.distribution, fit.out_of_fold
    table = fit.section.fitted["soft"]
    assert list(table) == list(FITTING_METRICS)
    assert table["ce_bits"].estimate == pytest.approx(-(p * np.log2(q)).sum(axis=1).mean())
    change = fit.section.ce_change_bits
    raw = PanelPooling().forecast(panel.forecasts, LABELS)
    paired = cross_entropy_bits(p, q) - cross_entropy_bits(p, raw)
    assert change.estimate == pytest.approx(paired.mean())
    # Normal approximation of a paired difference of means; the bootstrap has 200 draws.
    half = 1.96 * paired.std() / np.sqrt(150)
    assert [change.low, change.high] == pytest.approx([paired.mean() - half, paired.mean() + half], abs=0.3 * half)


def test_soft_beats_hard_beats_nothing_and_all_are_there(fit):
    section = fit.section
    ce = {name: table["ce_bits"].estimate for name, table in section.candidates.items()}
    assert section.fitted["soft"]["ce_bits"].estimate < section.fitted["hard"]["ce_bits"].estimate
    assert section.fitted["soft"]["ce_bits"].estimate < section.base_rate["ce_bits"].estimate
    assert set(ce) == set(METHODS) - {"cumulative_link", "blend"}  # the labels of this scale have no order
    assert sum(section.chosen_in_folds.values()) == section.folds == 5
    assert section.method == fit.fitted.method
    assert any("cumulative_link was not tried" in note for note in section.notes)
    assert Fitting.model_validate_json(section.model_dump_json()) == section


def test_votes_do_not_shape_the_forecasts_of_their_own_fold(panel, fit):
    """Other votes for the items that share a fold with item 0 leave all forecasts of that fold as they are."""
    learned = cross_fitted_folds(panel, fit)
    humans = panel.humans
    own = learned == learned[0]
    votes = np.where(own[:, None], humans.counts[:, ::-1], humans.counts)
    other = replace(humans, counts=votes, distribution=votes / votes.sum(axis=1, keepdims=True))
    again = fit_panel(other, panel.forecasts, QUICK).out_of_fold
    assert np.array_equal(again[own], fit.out_of_fold[own])
    assert not np.allclose(again[~own], fit.out_of_fold[~own])


def cross_fitted_folds(panel, fit):
    """The fold of each item, found from outside: a change of one item's votes moves all folds but its own."""
    counts = panel.humans.counts
    fold, n_folds = np.full(150, -1), 0
    while (fold < 0).any():
        first = int(np.flatnonzero(fold < 0)[0])
        votes = counts.copy()
        votes[first] = votes[first, ::-1] + [3.0, 0.0, 1.0]
        other = replace(panel.humans, counts=votes, distribution=votes / votes.sum(axis=1, keepdims=True))
        settings = replace(QUICK, method="temperature", resamples=1)
        one = fit_panel(panel.humans, panel.forecasts, settings).out_of_fold
        moved = (fit_panel(other, panel.forecasts, settings).out_of_fold != one).any(axis=1)
        fold[~moved] = n_folds
        n_folds += 1
    assert n_folds == 5
    return fold


def test_the_order_of_items_is_of_no_consequence(panel, fit):
    order = np.random.default_rng(1).permutation(150)
    turned = fit_panel(panel.humans.select(order), panel.forecasts.select(order), QUICK)
    assert turned.section == fit.section
    assert np.array_equal(turned.out_of_fold, fit.out_of_fold[order])
    judges = panel.forecasts.judge_ids
    assert parameters_of(turned.fitted.pool, judges, LABELS) == parameters_of(fit.fitted.pool, judges, LABELS)


def test_clusters_are_kept_whole(panel):
    """Each item five times over: parted, stacking on judges that name the item would forecast its people."""
    some = np.repeat(np.arange(30), 5)
    humans, forecasts = panel.humans.select(some), panel.forecasts.select(some)
    ids = tuple(f"{item}-{copy}" for item in range(30) for copy in range(5))
    parted = replace(humans, item_ids=ids)
    whole = replace(parted, clusters=tuple(f"c{item}" for item in some))
    settings = FitSettings(method="stacking", resamples=20)
    losses = [
        fit_panel(people, forecasts, settings).section.fitted["soft"]["ce_bits"].estimate
        for people in (parted, whole)
    ]
    assert losses[0] < losses[1] - 0.05


@pytest.mark.slow
def test_labels_of_other_items_teach_nothing(make_humans):
    """People's rows dealt out anew: in a dozen of panels the fitted one is not better than the label shares."""
    gains = []
    for seed in range(12):
        panel = simulate(make_humans, 100, 5, np.random.default_rng(seed))
        dealt = make_humans(panel.humans.counts[np.random.default_rng([seed, 1]).permutation(100)], LABELS)
        sample = TrainingSample(panel.forecasts, dealt.counts, np.arange(100), False, seed)
        q = cross_fitted_pool(sample, np.arange(100) % 5, automatic)
        base, ours = (cross_entropy_bits(dealt.distribution, some).mean() for some in (base_rate(dealt), q))
        gains.append(base - ours)
    # A leak would show as a gain: its mean over the panels is below 0 but for 2 standard errors.
    assert np.mean(gains) < 2.0 * np.std(gains) / np.sqrt(12)
    assert max(gains) < 0.05


def test_one_cluster_gives_a_pool_and_no_scores(panel):
    humans = replace(panel.humans, clusters=("all",) * 150)
    fit = fit_panel(humans, panel.forecasts, QUICK)
    assert np.isnan(fit.out_of_fold).all()
    assert fit.section.fitted["soft"]["ce_bits"].estimate is None
    assert "one cluster" in " ".join(fit.section.notes)
    assert fit.section.advice.startswith("Nothing can be said of the fitted panel: all items are of one cluster")
    assert not np.isnan(fit.fitted.pool.forecast(panel.forecasts)).any()


def test_ten_items_and_a_judge_that_hardly_answers(panel):
    rows = np.arange(10)
    forecasts = panel.forecasts.select(rows)
    q, strength = forecasts.q_raw.copy(), forecasts.strength.copy()
    q[1:, 2:], strength[1:, 2:] = np.nan, 0.0
    q[:, 9], strength[:, 9] = np.nan, 0.0
    fit = fit_panel(panel.humans.select(rows), replace(forecasts, q_raw=q, strength=strength), QUICK)
    assert fit.section.n_fitted == 9
    assert np.isnan(fit.out_of_fold[9]).all()
    assert fit.section.raw_panel["ce_bits"].n == fit.section.base_rate["ce_bits"].n == 9
    assert (fit.out_of_fold[:9] > 0).all()


def test_settings_that_make_no_sense_are_refused(panel):
    with pytest.raises(InputError, match="did you mean stacking"):
        fit_panel(panel.humans, panel.forecasts, FitSettings(method="staking"))
    with pytest.raises(InputError, match="folds must be at least 2"):
        fit_panel(panel.humans, panel.forecasts, FitSettings(folds=1))
    with pytest.raises(InputError, match="do not stand in an order"):
        fit_panel(panel.humans, panel.forecasts, FitSettings(method="cumulative_link"))
    silent = replace(panel.forecasts, strength=0.0 * panel.forecasts.strength, q_raw=np.nan * panel.forecasts.q_raw)
    with pytest.raises(InputError, match="no judge answered"):
        fit_panel(panel.humans, silent, QUICK)


def test_the_other_target_is_the_one_that_was_not_asked_for(panel, fit):
    hard = fit_panel(panel.humans, panel.forecasts, replace(QUICK, target="hard"))
    assert hard.section.fitted == fit.section.fitted
    loss = -(panel.humans.distribution * np.log2(hard.out_of_fold)).sum(axis=1).mean()
    assert hard.section.fitted["hard"]["ce_bits"].estimate == pytest.approx(loss)


def test_cross_fitting_leaves_what_nobody_taught_empty(panel):
    sample = TrainingSample(panel.forecasts, panel.humans.counts, np.arange(150), False, 0)
    assert np.isnan(cross_fitted_pool(sample, np.zeros(150, dtype=np.int64), fit_stacking)).all()


def estimate(value, low=None, high=None):
    return Estimate(estimate=value, low=low, high=high, n=50, note=None if value is not None else "no items")


WORTH = ({"n_eq": estimate(12.0, 9.0, 16.0)}, {"n_eq": estimate(2.0, 1.5, 2.5)})


@pytest.mark.parametrize(
    ("from_raw", "from_base", "words"),
    [
        ((-0.4, -0.5, -0.3), (-0.2, -0.3, -0.1), "Use the fitted panel (stacking) in place of the raw one"),
        ((-0.4, -0.5, -0.3), (0.0, -0.1, 0.1), "Do not use this panel in place of people"),
        ((-0.1, -0.2, 0.1), (-0.2, -0.3, -0.1), "fitting is not shown to change it"),
        ((0.2, 0.1, 0.3), (-0.2, -0.3, -0.1), "fitted, it is worse"),
        ((-0.4, None, None), (-0.2, None, None), "Nothing can be said of the fitted panel"),
        ((None, None, None), (-0.2, -0.3, -0.1), "the raw panel's cross-entropy is no items"),
    ],
)
def test_advice_says_what_the_intervals_carry(from_raw, from_base, words):
    advice = fitting_advice("stacking", estimate(*from_raw), estimate(*from_base), *WORTH)
    assert words in advice
    assert ("12.0 reviewers an item (9.0 to 16.0) instead of 2.0" in advice) == (
        words.startswith("Use the fitted panel (stacking) in")
    )
