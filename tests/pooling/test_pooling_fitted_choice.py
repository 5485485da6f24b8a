"""The choice among methods: on whole clusters, with what must be said of it, and one thread at a time."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import numpy as np
import pytest
from fitted_samples import forecasts_of, synthetic_sample
from threadpoolctl import threadpool_info

from panel_eval.pooling.fitted import METHODS, CannotFitError, TrainingSample, choose
from panel_eval.pooling.fitted.blas import one_blas_thread
from panel_eval.stats import cross_entropy_bits


def test_what_is_chosen_has_the_lowest_cross_entropy_of_all_that_were_tried():
    choice = choose(synthetic_sample())
    losses = {name: trial.ce_bits for name, trial in choice.trials.items()}
    assert set(losses) == set(METHODS)
    assert choice.method == min(losses, key=losses.__getitem__)
    assert choice.note is None


def test_what_a_method_promises_it_keeps_on_new_items():
    sample = synthetic_sample(3000, seed=8)
    taught, new = sample.take(np.arange(600)), sample.take(np.arange(600, 3000))
    choice = choose(taught, ("dirichlet", "stacking"))
    for name in choice.trials:
        loss = cross_entropy_bits(new.shares, choice.learner_of(name)(taught).forecast(new.forecasts))
        # The standard error of the 600 is about .03; fits in the trial had a fifth fewer items.
        assert choice.trials[name].ce_bits == pytest.approx(np.nanmean(loss), abs=0.1)


def test_clusters_are_kept_whole():
    """Forty items twelve times over, with judges that recognise each: parted, the copies give the answer away."""
    generator = np.random.default_rng(2)
    votes = np.repeat(np.eye(3)[generator.integers(3, size=40)], 12, axis=0)
    hints = np.repeat(generator.dirichlet(np.full(3, 0.4), size=(8, 40)), 12, axis=1)
    whole = TrainingSample(forecasts_of(hints, 20.0), votes, np.arange(480) // 12, False, 0)
    parted = replace(whole, cluster=np.arange(480))
    assert choose(parted, ("stacking",)).trials["stacking"].ce_bits < 1.2
    assert choose(whole, ("stacking",)).trials["stacking"].ce_bits > 1.5  # nothing to learn: log2 3 = 1.585


def test_one_cluster_is_fitted_with_the_usual_strength_and_that_is_said():
    choice = choose(replace(synthetic_sample(50), cluster=np.zeros(50, dtype=np.int64)))
    assert "one cluster" in choice.note
    assert choice.method == "linear_pool"


def test_a_cluster_of_most_items_leaves_others_to_judge_by():
    sample = synthetic_sample(4_500, n_judges=1, n_labels=2, missing=0.0)
    choice = choose(replace(sample, cluster=np.maximum(np.arange(4_500) - 4_489, 0)), ("linear_pool",))
    assert choice.fittable == ("linear_pool",)
    assert np.isfinite(choice.trials["linear_pool"].ce_bits)


def test_a_choice_on_some_of_the_items_says_so():
    sample = synthetic_sample(4_500, n_judges=1, n_labels=2)
    heard = len(sample.answered())
    choice = choose(sample, ("temperature", "linear_pool"))
    assert choice.note == f"method and strength were chosen on 4,000 random items of {heard:,}"


def test_methods_that_cannot_be_fitted_are_named_with_the_reason():
    nominal = synthetic_sample(ordinal=False)
    choice = choose(nominal, ("dirichlet", "cumulative_link"))
    assert choice.fittable == ("dirichlet",)
    assert choice.trials["cumulative_link"].refusal == "the labels do not stand in an order"
    with pytest.raises(CannotFitError, match="cumulative_link: the labels do not stand in an order"):
        choose(nominal, ("cumulative_link",))


def threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_threads_are_given_back_when_the_last_leaves():
    before, seen = threads(), []

    def work() -> None:
        with one_blas_thread():
            seen.append(threads())

    with one_blas_thread():
        other = Thread(target=work)
        other.start()
        other.join()
        seen.append(threads())
    assert all(number == 1 for found in seen for number in found)
    assert threads() == before
