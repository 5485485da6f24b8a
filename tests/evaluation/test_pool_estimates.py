"""Severity and rates of a pool: by hand, in simulation, and what is said where little can be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from panel_eval.evaluation.prediction_powered import PoolSample, cross_predicted, pool_clusters, pool_mean
from panel_eval.humans import HumanLabels, UnlabelledItems
from panel_eval.pooling import JudgeForecasts, collect_item_votes
from panel_eval.pooling.fitted import CannotFitError, StackedPool, TrainingSample, fit_stacking
from panel_eval.schema import Vote

MakeHumans = Callable[..., HumanLabels]
LABELS = ("ok", "bad", "worse")


def distributions(rate: np.ndarray) -> np.ndarray:
    """Forecasts of two labels by the chance of the second."""
    return np.column_stack([1 - rate, rate])


@pytest.fixture
def twelve(make_humans: MakeHumans) -> PoolSample:
    draw = np.random.default_rng(1)
    counts = draw.multinomial(10, [0.5, 0.3, 0.2], size=12)
    return PoolSample(
        make_humans(counts, LABELS, "ordinal"), draw.dirichlet([2, 1, 1], 12), draw.dirichlet([2, 1, 1], 40)
    )


def test_severity_is_the_mean_label_value_and_a_rate_the_share_of_votes(twelve: PoolSample) -> None:
    severity, rate = pool_mean(twelve, None), pool_mean(twelve, (1, 2))
    p = twelve.humans.distribution
    assert severity.classical.estimate == pytest.approx((p[:, 1] + 2 * p[:, 2]).mean())
    assert rate.classical.estimate == pytest.approx(1 - p[:, 0].mean())
    assert rate.labels == ["bad", "worse"]
    assert severity.panel_only.estimate == pytest.approx((twelve.pool_q @ [0, 1, 2]).mean())
    assert severity.panel_error.estimate == pytest.approx(((twelve.labelled_q - p) @ [0, 1, 2]).mean())
    gap = twelve.labelled_q.mean(axis=0) - twelve.pool_q.mean(axis=0)
    assert severity.sample_gap.estimate == pytest.approx(gap @ [0, 1, 2])


def test_the_estimate_is_the_pool_mean_less_the_panels_error(twelve: PoolSample) -> None:
    found = pool_mean(twelve, None)
    f, u, y = (q @ [0, 1, 2] for q in (twelve.labelled_q, twelve.pool_q, twelve.humans.distribution))
    assert found.estimate.estimate == pytest.approx(found.power * u.mean() + (y - found.power * f).mean())


def test_an_unanswered_item_counts_as_an_average_one(twelve: PoolSample) -> None:
    """Leaving it out would estimate something else: severity of the items that judges answer."""
    own, pool = twelve.labelled_q.copy(), twelve.pool_q.copy()
    own[3], pool[:5] = np.nan, np.nan
    gaps = replace(twelve, labelled_q=own, pool_q=pool)
    average = pool[5:].mean(axis=0)
    own_filled, pool_filled = own.copy(), pool.copy()
    own_filled[3], pool_filled[:5] = average, average
    filled = replace(twelve, labelled_q=own_filled, pool_q=pool_filled)
    assert gaps.n_unanswered == 6
    assert pool_mean(gaps, None).estimate.estimate == pytest.approx(pool_mean(filled, None).estimate.estimate)


def test_without_any_answer_it_is_the_classical_estimate(twelve: PoolSample) -> None:
    nothing = replace(twelve, labelled_q=np.full((12, 3), np.nan), pool_q=np.full((40, 3), np.nan))
    found = pool_mean(nothing, None)
    assert found.power == 0
    assert found.estimate.estimate == pytest.approx(found.classical.estimate)


def test_rare_violations_give_no_false_certainty(make_humans: MakeHumans) -> None:
    """No violation among 20 items: a t interval would be of width 0."""
    draw = np.random.default_rng(2)
    q, pool = distributions(draw.uniform(0, 0.1, 20)), distributions(draw.uniform(0, 0.1, 200))
    none = pool_mean(PoolSample(make_humans([[5, 0]] * 20, ("ok", "bad")), q, pool), (1,))
    assert none.estimate.low is None
    assert "all labelled items have the same value" in str(none.estimate.note)
    assert "Label more" in none.advice
    few = pool_mean(PoolSample(make_humans([[5, 0]] * 18 + [[4, 1]] * 2, ("ok", "bad")), q, pool), (1,))
    assert few.estimate.low is not None
    assert few.estimate.low >= 0
    assert "all but 2 labelled items" in str(few.estimate.note)
    assert few.advice.startswith("Label more items drawn at random before you rely on the interval: all but 2")


def test_seven_items_have_no_interval(twelve: PoolSample) -> None:
    seven = replace(twelve, humans=twelve.humans.select(np.arange(7)), labelled_q=twelve.labelled_q[:7])
    found = pool_mean(seven, None)
    assert found.estimate.estimate is not None
    assert found.estimate.low is None
    assert found.effective_labels is None
    assert "fewer than 8" in str(found.estimate.note)


def test_a_sample_that_was_not_drawn_at_random_is_noticed(make_humans: MakeHumans) -> None:
    draw = np.random.default_rng(3)
    rate = draw.uniform(size=400)
    worst = np.argsort(-rate)[:60]
    votes = draw.binomial(5, rate)
    humans = make_humans(np.column_stack([5 - votes, votes])[worst], ("ok", "bad"))
    found = pool_mean(PoolSample(humans, distributions(rate[worst]), distributions(np.delete(rate, worst))), (1,))
    assert found.sample_gap.low is not None
    assert found.sample_gap.low > 0.3
    assert "random sample" in found.advice


def test_a_good_panel_saves_labels_and_a_noisy_one_does_not(make_humans: MakeHumans) -> None:
    draw = np.random.default_rng(4)
    rate = draw.uniform(size=3100)
    votes = draw.binomial(20, rate[:100])
    humans = make_humans(np.column_stack([20 - votes, votes]), ("ok", "bad"))
    good = pool_mean(PoolSample(humans, distributions(rate[:100]), distributions(rate[100:])), (1,))
    assert good.effective_labels is not None
    assert good.effective_labels > 500
    assert f"about {good.effective_labels:.0f}" in good.advice
    noise = draw.uniform(size=3100)
    bad = pool_mean(PoolSample(humans, distributions(noise[:100]), distributions(noise[100:])), (1,))
    assert bad.effective_labels is not None
    assert bad.effective_labels < 110
    assert "hardly more exact" in bad.advice
    assert "fit it to human labels" in bad.advice
    fitted = PoolSample(humans, distributions(noise[:100]), distributions(noise[100:]), fitted=True)
    assert "it is fitted to human labels already" in pool_mean(fitted, (1,)).advice


def test_a_pool_smaller_than_the_sample_is_said_to_be_the_hindrance(make_humans: MakeHumans) -> None:
    """A perfect panel takes off at most the share N / (n + N) of the variance: 9 unlabelled items, 100 labelled."""
    draw = np.random.default_rng(4)
    rate = draw.uniform(size=109)
    votes = draw.binomial(20, rate[:100])
    humans = make_humans(np.column_stack([20 - votes, votes]), ("ok", "bad"))
    found = pool_mean(PoolSample(humans, distributions(rate[:100]), distributions(rate[100:])), (1,))
    assert found.effective_labels is not None
    assert found.effective_labels <= 109
    assert found.advice.endswith("ask it about more than the 9 unlabelled items, or label more.")


def test_clusters_are_numbered_together(make_humans: MakeHumans) -> None:
    humans = replace(make_humans([[1, 1]] * 3, ("a", "b")), clusters=("cluster:x", "cluster:y", "item:item-0002"))
    items = UnlabelledItems(("u0", "u1"), ("cluster:y", "item:u1"))
    codes = pool_clusters(humans, items)
    assert codes is not None
    own, others = codes
    assert own[1] == others[0]
    assert len({*own.tolist(), *others.tolist()}) == 4
    assert pool_clusters(make_humans([[1, 1]], ("a", "b")), UnlabelledItems(("u0",))) is None


def judged(draw: np.random.Generator, rate: np.ndarray, n_judges: int) -> JudgeForecasts:
    """Votes of judges that know nothing of the items."""
    said = draw.random((n_judges, rate.size)) < 0.5
    ids = [f"{number:04d}" for number in range(rate.size)]
    votes = [
        Vote(item_id=ids[item], judge=f"j{judge:02d}", label="bad" if said[judge, item] else "ok")
        for judge in range(n_judges)
        for item in range(rate.size)
    ]
    return collect_item_votes(votes, ids, ("ok", "bad"))


def test_cross_prediction_never_shows_a_pool_its_own_people() -> None:
    """Each labelled item by the pool that its fold was held out of; unlabelled ones by the mean of all folds."""
    draw = np.random.default_rng(5)
    rate = draw.uniform(size=60)
    forecasts = judged(draw, rate, 3)
    votes = np.column_stack([5 - draw.binomial(5, rate[:30]), draw.binomial(5, rate[:30])]) + 0.1
    cluster = np.arange(30) // 2
    sample = TrainingSample(forecasts.select(np.arange(30)), votes, cluster, False, 0)
    pool = forecasts.select(np.arange(30, 60))
    learned: list[tuple[set[int], StackedPool]] = []

    def learner(part: TrainingSample) -> StackedPool:
        fitted = fit_stacking(part)
        learned.append((set(part.cluster.tolist()), fitted))
        return fitted

    pool_cluster = np.where(np.arange(30) < 10, np.arange(30), 100 + np.arange(30))
    own, others = cross_predicted(sample, pool, learner, pool_cluster=pool_cluster)
    assert len(learned) == 5
    for item in range(30):
        (without,) = [fitted for seen, fitted in learned if cluster[item] not in seen]
        assert own[item] == pytest.approx(without.forecast(sample.forecasts)[item])
    mean = np.mean([fitted.forecast(pool) for _, fitted in learned], axis=0)
    assert others[15:] == pytest.approx(mean[15:])
    for item in range(10):  # an unlabelled item of a labelled cluster: by the pool that did not see the cluster
        (without,) = [fitted for seen, fitted in learned if pool_cluster[item] not in seen]
        assert others[item] == pytest.approx(without.forecast(pool)[item])


@pytest.mark.slow
def test_of_one_cluster_nothing_can_be_forecast_out_of_fold() -> None:
    votes = [Vote(item_id=f"{n}", judge="j", label=("ok", "bad")[n % 2]) for n in range(12)]
    forecasts = collect_item_votes(votes, [f"{n}" for n in range(12)], ("ok", "bad"), ("j",), 20.0)
    sample = TrainingSample(
        forecasts.select(np.arange(10)), np.tile([[3, 2], [1, 4]], (5, 1)), np.zeros(10, int), False, 0
    )
    with pytest.raises(CannotFitError, match="one cluster of them"):
        cross_predicted(sample, forecasts.select(np.arange(10, 12)), fit_stacking)


def test_a_panel_that_saw_the_labels_gives_intervals_that_are_too_short(make_humans: MakeHumans) -> None:
    """Twenty judges of pure chance, fitted to 60 items: out of fold intervals hold, in the sample they do not."""
    draw, repeats, held = np.random.default_rng(6), 150, np.zeros(2)
    shape = judged(draw, np.zeros(360), 20)
    for _ in range(repeats):
        rate = draw.uniform(size=360)
        yes = draw.binomial(5, rate[:60])
        humans = make_humans(np.column_stack([5 - yes, yes]), ("ok", "bad"))
        forecasts = replace(shape, q_raw=np.eye(2)[draw.integers(2, size=(20, 360))])
        sample = TrainingSample(forecasts.select(np.arange(60)), humans.counts, np.arange(60), False, 0)
        pool = forecasts.select(np.arange(60, 360))
        seen = fit_stacking(sample)
        both = cross_predicted(sample, pool, fit_stacking), (seen.forecast(sample.forecasts), seen.forecast(pool))
        for column, (own, others) in enumerate(both):
            found = pool_mean(PoolSample(humans, own, others), (1,)).estimate
            assert found.low is not None
            assert found.high is not None
            held[column] += found.low <= 0.5 <= found.high
    error = math.sqrt(0.95 * 0.05 / repeats)
    assert held[0] / repeats > 0.95 - 3 * error
    assert held[1] / repeats < 0.90
