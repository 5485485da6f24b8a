"""Fitted pools: what each method must do on any panel, however odd, and what the files of their parameters hold."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from fitted_samples import forecasts_of, synthetic_sample, with_answers
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from panel_eval.errors import InputError
from panel_eval.pooling import pool_linear
from panel_eval.pooling.fitted import (
    METHODS,
    CannotFitError,
    automatic,
    fit_stacking,
    hardened,
    parameters_of,
    pool_of,
)
from panel_eval.schema.pool_parameters import PoolParameters
from panel_eval.stats import cross_entropy_bits

LABELS = ("none", "mild", "severe", "worst")
EVERY = pytest.mark.parametrize("method", METHODS)


def read_back(pool, judges, labels):
    text = parameters_of(pool, judges, labels).model_dump_json()
    return pool_of(TypeAdapter(PoolParameters).validate_json(text), judges, labels)


def odd_samples():
    plain = synthetic_sample(60)
    q = plain.forecasts.q_raw
    silent, alike, steady = q.copy(), np.repeat(q[:1], 3, axis=0), q.copy()
    silent[1] = np.nan
    steady[2] = np.eye(4)[0]
    nobody = plain.votes.copy()
    nobody[:, 3] = 0.0
    nobody[:, 0] += 1.0
    yield "a judge that never answers", with_answers(plain, silent)
    yield "judges that are all alike", with_answers(plain, alike)
    yield "a judge that always says the same", with_answers(plain, steady)
    yield "one judge", with_answers(plain, q[:1])
    yield "a label that no person chose", replace(plain, votes=nobody)
    yield "two labels", synthetic_sample(40, n_labels=2)
    yield "ten items", synthetic_sample(10)
    yield "one item", synthetic_sample(1, missing=0.0)
    yield "one cluster", replace(plain, cluster=np.zeros(60, dtype=np.int64))
    yield "two clusters", replace(plain, cluster=np.arange(60) // 30)
    yield "codes of clusters with gaps", replace(plain, cluster=7 * np.arange(60))
    yield (
        "everybody agrees with everybody",
        replace(with_answers(plain, steady[2:]), votes=5.0 * np.eye(4)[[0] * 60]),
    )
    yield "distributions with zeros", with_answers(plain, np.where(q > 0, 0.75, 0.25 * np.roll(q, 1, axis=2)))


ODD = pytest.mark.parametrize("sample", [pytest.param(sample, id=name) for name, sample in odd_samples()])


@EVERY
@ODD
def test_pools_of_odd_panels_forecast_distributions_whoever_answers_and_so_do_their_files(method, sample):
    pool = METHODS[method](sample)
    q = sample.forecasts.q_raw.copy()
    n_judges, n_items, n_labels = q.shape
    answers = np.random.default_rng(1).dirichlet(np.ones(n_labels), size=(n_judges, n_items))
    q[:, 0] = answers[:, 0]  # judges that were missing in training answer here
    if n_items > 2:
        q[: n_judges - 1, 1] = np.nan  # and here only one answers, there nobody
        q[:, 2] = np.nan
    forecast = pool.forecast(forecasts_of(q))
    again = read_back(pool, sample.forecasts.judge_ids, LABELS[:n_labels]).forecast(forecasts_of(q))
    assert np.array_equal(again, forecast, equal_nan=True)
    heard = ~np.isnan(q[:, :, 0]).all(axis=0)
    assert np.isnan(forecast[~heard]).all()
    assert (forecast[heard] > 0).all()
    assert forecast[heard].sum(axis=1) == pytest.approx(np.ones(heard.sum()))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(list(METHODS)), st.integers(1, 4), st.integers(2, 4), st.booleans())
def test_any_pool_read_back_forecasts_the_same(seed, method, n_judges, n_labels, distributions):
    sample = synthetic_sample(25, n_judges, n_labels, seed=seed, distributions=distributions, missing=0.3)
    pool = METHODS[method](sample)
    again = read_back(pool, sample.forecasts.judge_ids, LABELS[:n_labels])
    assert np.array_equal(again.forecast(sample.forecasts), pool.forecast(sample.forecasts), equal_nan=True)


@EVERY
@pytest.mark.parametrize("distributions", [False, True])
def test_judges_are_known_by_name_not_by_place(method, distributions):
    sample = synthetic_sample(distributions=distributions)
    parameters = parameters_of(METHODS[method](sample), ("a", "b", "c"), LABELS)
    turned = replace(
        sample.forecasts, q_raw=sample.forecasts.q_raw[[2, 0, 1]], strength=sample.forecasts.strength[[2, 0, 1]]
    )
    one = pool_of(parameters, ("a", "b", "c"), LABELS).forecast(sample.forecasts)
    other = pool_of(parameters, ("c", "a", "b"), LABELS).forecast(turned)
    assert one == pytest.approx(other, nan_ok=True, abs=1e-12)


@EVERY
def test_the_same_seed_gives_the_same_bytes_and_the_votes_alone_the_rest(method):
    texts = {
        parameters_of(METHODS[method](synthetic_sample()), ("a", "b", "c"), LABELS).model_dump_json()
        for _ in range(2)
    }
    assert len(texts) == 1


@EVERY
def test_fitting_beats_the_raw_panel_and_the_label_shares_on_new_items(method):
    """Judges with a common bias: 400 items teach, 2,000 judge; only the temperature cannot undo a bias."""
    sample = synthetic_sample(2400, seed=5)
    taught, new = sample.take(np.arange(400)), sample.take(np.arange(400, 2400))
    shares = np.where(
        new.forecasts.answered.any(axis=0)[:, None], taught.votes.sum(axis=0) / taught.votes.sum(), np.nan
    )
    raw, m = pool_linear(new.forecasts)
    raw = (m[:, None] * raw + 0.5) / (m[:, None] + 2.0)
    fitted = METHODS[method](taught).forecast(new.forecasts)
    ours, floor, base = (np.nanmean(cross_entropy_bits(new.shares, q)) for q in (fitted, raw, shares))
    assert ours < floor
    assert method == "temperature" or ours < base - 0.02


def test_a_judge_that_knows_gets_the_weight():
    sample = synthetic_sample(600, missing=0.0)
    knowing = np.concatenate([np.eye(4)[sample.votes.argmax(axis=1)][None], sample.forecasts.q_raw[1:]])
    for method in ("linear_pool", "log_pool"):
        weights = METHODS[method](with_answers(sample, knowing)).average.weights
        assert weights[0] > 0.6


def test_the_labels_of_a_nominal_scale_have_no_order():
    with pytest.raises(CannotFitError, match="do not stand in an order"):
        METHODS["cumulative_link"](synthetic_sample(ordinal=False))


@EVERY
def test_nothing_is_learned_from_silence(method):
    silent = np.full((2, 10, 4), np.nan)
    with pytest.raises(CannotFitError, match="no judge answered"):
        METHODS[method](with_answers(synthetic_sample(10), silent))


def test_the_majority_label_is_one_vote_and_ties_share_it():
    sample = replace(synthetic_sample(3), votes=np.array([[3.0, 1, 1, 0], [2, 2, 0, 1], [1, 1, 1, 1]]))
    assert hardened(sample).votes.tolist() == [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4]


def test_parameters_for_other_judges_or_labels_are_refused():
    sample = synthetic_sample()
    for method in ("linear_pool", "stacking", "cumulative_link", "dirichlet"):
        parameters = parameters_of(METHODS[method](sample), ("a", "b", "c"), LABELS)
        with pytest.raises(InputError, match="numbers for other names"):
            pool_of(parameters, ("a", "b", "c"), ("none", "mild", "severe", "other"))
        if method != "dirichlet":  # which knows the panel as a whole only
            with pytest.raises(InputError, match="numbers for other names"):
                pool_of(parameters, ("a", "b", "x"), LABELS)


def test_parameters_that_no_fit_gives_are_refused():
    parameters = parameters_of(METHODS["cumulative_link"](synthetic_sample()), ("a", "b", "c"), LABELS)
    with pytest.raises(InputError, match="ascend"):
        pool_of(
            parameters.model_copy(update={"thresholds": {"none": 1.0, "mild": 0.0, "severe": 2.0}}),
            ("a", "b", "c"),
            LABELS,
        )
    weights = parameters_of(METHODS["linear_pool"](synthetic_sample()), ("a", "b", "c"), LABELS).model_dump()
    for bad in ({"a": 0.0, "b": 0.0, "c": 0.0}, {"a": -1.0, "b": 1.0, "c": 1.0}):
        with pytest.raises(ValueError, match=r"weight|greater than or equal"):
            TypeAdapter(PoolParameters).validate_python(weights | {"weights": bad})


@EVERY
def test_numbers_too_large_to_reckon_with_are_refused(method):
    """1e308 times a logarithm is infinite, and infinity less infinity no forecast."""
    judges = ("a", "b", "c")
    text = parameters_of(METHODS[method](synthetic_sample()), judges, LABELS).model_dump_json()
    numbers = re.findall(r":(-?[0-9.e-]+)[,}]", text)
    for number in (numbers[0], numbers[-1]):
        for huge in ("1e308", "-1e308"):
            with pytest.raises(ValidationError, match=r"1000000000|greater than or equal"):
                TypeAdapter(PoolParameters).validate_json(text.replace(f":{number}", f":{huge}"))


@pytest.mark.parametrize("method", ["stacking", "cumulative_link"])
def test_coefficients_of_logarithms_are_not_passed_over_where_their_means_are_lacking(method):
    judges = ("a", "b", "c")
    sample = synthetic_sample(distributions=True)
    edited = parameters_of(METHODS[method](sample), judges, LABELS).model_dump()
    for judge in edited["judges"].values():
        judge["mean"]["log_answer"] = None
    with pytest.raises(InputError, match=r"judges\.mean\.log_answer"):
        pool_of(TypeAdapter(PoolParameters).validate_python(edited), judges, LABELS)


def test_the_automatic_pool_is_one_of_the_methods():
    sample = synthetic_sample()
    made = automatic(sample).forecast(sample.forecasts)
    assert any(
        np.array_equal(made, learner(sample).forecast(sample.forecasts), equal_nan=True)
        for learner in METHODS.values()
    )


def test_stacking_with_a_given_ridge_shrinks_to_the_mean_of_the_shares():
    sample = synthetic_sample(200, missing=0.0)
    forecast = fit_stacking(sample, 1e9).forecast(sample.forecasts)
    shares = (sample.shares.sum(axis=0) + 0.5) / (200 + 2.0)  # half a vote for each of four labels
    assert forecast == pytest.approx(np.tile(shares, (200, 1)), abs=1e-4)
