"""The learning curve: against the same folds fitted by hand, planted laws, shuffled labels, simulated pilots."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
from simulated_curves import answers, simulate

from panel_eval.evaluation.learning_curve import learning_curve_section
from panel_eval.evaluation.learning_curve.draws import Labelling, draws
from panel_eval.evaluation.learning_curve.points import make_points
from panel_eval.pooling.fitted import fit_stacking
from panel_eval.stats import cross_entropy_bits


def curve_of(simulated, learner=fit_stacking, **settings):
    return learning_curve_section(
        simulated.humans, simulated.forecasts, learner, seed=0, **{"resamples": 200, "n_draws": 4} | settings
    )


@pytest.fixture(scope="module")
def simulated(make_humans):
    return simulate(make_humans, 400, 6, np.random.default_rng(0))


@pytest.fixture(scope="module")
def curve(simulated):
    return curve_of(simulated)


def test_the_full_size_is_plain_cross_fitting(simulated, curve):
    sample, humans = simulated.sample, simulated.humans
    losses = []
    for drawn in draws(sample, curve.draws):
        q = np.full(humans.counts.shape, np.nan)
        for number in range(5):
            own = drawn.fold == number
            pool = fit_stacking(sample.take(np.flatnonzero(~own)))
            q[own] = pool.forecast(simulated.forecasts.select(np.flatnonzero(own)))
        losses.append(cross_entropy_bits(humans.distribution, q).mean())
    assert curve.by_items[-1].ce_bits.estimate == pytest.approx(np.mean(losses), rel=1e-12)
    # All votes of all items again, as the last point by reviewers.
    assert curve.by_reviewers[-1].ce_bits == curve.by_items[-1].ce_bits
    assert (curve.by_items[-1].items, curve.by_items[-1].reviewers) == (320, 6.0)


def test_more_labels_help_where_judges_know_something(curve):
    for points in (curve.by_items, curve.by_reviewers):
        losses = [point.ce_bits.estimate for point in points]
        assert losses == sorted(losses, reverse=True)
        worth = [point.n_eq.estimate for point in points]
        assert worth == sorted(worth)
    assert [point.items for point in curve.by_items] == [25, 35, 50, 71, 100, 141, 200, 283, 320]
    assert [point.reviewers for point in curve.by_reviewers] == [1.0, 2.0, 3.0, 5.0, 6.0]
    assert curve.beats_base_rate_from is not None
    assert curve.by_items[-1].gain_over_base_rate_bits.low > 0.1


@pytest.mark.slow
def test_a_band_holds_what_pools_of_other_samples_score(make_humans):
    # 40 pilots of 200 items; each band is asked to hold the loss, on 6,000 other items, of 20 other samples.
    others = simulate(make_humans, 6000, 1, np.random.default_rng(99))
    generator = np.random.default_rng(1)
    losses = {
        n: np.array(
            [others.loss_bits(fit_stacking, simulate(make_humans, n, 4, generator).sample) for _ in range(20)]
        )
        for n in (50, 100, 160)
    }
    held = []
    for pilot in range(40):
        own = simulate(make_humans, 200, 4, np.random.default_rng([2, pilot]))
        for point in curve_of(own, n_draws=8, resamples=300).by_items:
            if point.items in losses:
                held.append(
                    (losses[point.items] >= point.ce_bits.low) & (losses[point.items] <= point.ce_bits.high)
                )
    assert len(held) == 120
    # .95 hoped for; a pilot's items move all it is asked at once, so 40 pilots know the share to about .034.
    assert np.mean(held) > 0.95 - 2 * 0.034


def test_shuffled_labels_gain_nothing_over_the_base_rate(simulated):
    shuffled = np.random.default_rng(3).permutation(len(simulated.humans))
    unrelated = replace(simulated, forecasts=simulated.forecasts.select(shuffled))
    found = curve_of(unrelated)
    for point in found.by_items + found.by_reviewers:
        assert point.gain_over_base_rate_bits.low <= 0
        assert point.gain_over_base_rate_bits.estimate < 0.003
    assert found.beats_base_rate_from is None
    assert found.advice.startswith(("Do not use a pool fitted so", "Do not rely on the fitted panel"))


def test_fewer_items_are_some_of_more_and_never_those_that_are_scored(simulated):
    for drawn in draws(simulated.sample, 3):
        for number in range(5):
            small, large = (set(drawn.known(number, Labelling(n)).tolist()) for n in (25, 200))
            assert len(small) == 25
            assert small < large
            assert not large & set(np.flatnonzero(drawn.fold == number).tolist())


def test_clusters_are_scored_whole_by_pools_that_saw_none_of_them(make_humans):
    # 40 origins, 10 copies of each with the same answers and votes: a pool that saw a copy would know the rest.
    once = simulate(make_humans, 40, 3, np.random.default_rng(4), knowing=0.0)
    copies = np.repeat(np.arange(40), 10)
    humans = make_humans(once.humans.counts[copies], once.humans.labels)
    leaking = replace(once, humans=humans, forecasts=once.forecasts.select(copies))
    whole = replace(leaking, humans=replace(humans, clusters=tuple(f"origin-{row}" for row in copies)))
    gains = [curve_of(x).by_items[-1].gain_over_base_rate_bits for x in (leaking, whole)]
    assert gains[0].low > 0.1
    assert gains[1].low < 0
    assert gains[1].estimate < 0.2 * gains[0].estimate


def test_votes_are_drawn_without_replacement(simulated):
    sample, counts = simulated.sample, simulated.humans.counts
    wanted = np.full(len(counts), 2)
    kept = np.array([drawn.votes(sample, Labelling(votes=wanted)) for drawn in draws(sample, 200)])
    assert (kept.sum(axis=2) == 2).all()
    assert (kept <= counts).all()
    # Each vote has the same chance of 2 in 6; an item's mean over 200 draws has a standard error of at most .06.
    assert np.abs(kept.mean(axis=0) - counts / 3.0).max() < 0.3
    assert np.abs(kept.mean(axis=0) - counts / 3.0).mean() < 0.05


@dataclass(frozen=True)
class EvenItemsForecast:
    """Forecasts (1/2 + d, 1/2 - d, 0): a cross-entropy of 1 + excess bits on items voted 3 : 3 : 0."""

    excess: float

    def forecast(self, forecasts):
        # CE = -1/2 log2((1/2 + d)(1/2 - d)) = 1 - 1/2 log2(1 - 4 d^2)
        half = 0.5 * np.sqrt(1.0 - 4.0**-self.excess)
        return np.tile([0.5 + half, 0.5 - half, 0.0], (forecasts.q_raw.shape[1], 1))


@pytest.fixture(scope="module")
def even_items(make_humans):
    humans = make_humans(np.tile([3.0, 3.0, 0.0], (1000, 1)), ("a", "b", "c"))
    return humans, answers(humans, np.full((1, 1000, 3), 1 / 3))


def test_a_planted_law_is_found(even_items):
    # 1 + 4 / n bits: within .01 of 1 from 400 items on; 4 / 800 = .005 left at the largest, half of it next.
    found = learning_curve_section(
        *even_items, lambda sample: EvenItemsForecast(4.0 / len(sample)), seed=0, resamples=200
    )
    law = found.law
    assert law.items_needed.estimate == 400
    assert law.asymptote_bits.estimate == pytest.approx(1.0, abs=1e-6)
    assert law.exponent.estimate == pytest.approx(1.0)
    assert law.left_to_gain_bits.estimate == pytest.approx(0.005, abs=1e-6)
    assert law.next_doubling_bits.estimate == pytest.approx(0.0025, abs=1e-6)
    # Uniform, the panel as it is, has log2(3) bits on every item.
    assert found.panel_ce_bits.estimate == pytest.approx(np.log2(3))
    assert found.by_items[0].gain_over_panel_bits.estimate == pytest.approx(np.log2(3) - 1 - 4 / 25)


def test_a_law_that_has_not_come_near_its_end_asks_for_more(even_items):
    # The base rate of items voted 1 : 1 is the best forecast there is; only the advice on more items is looked at.
    found = learning_curve_section(
        *even_items, lambda sample: EvenItemsForecast(20.0 / len(sample)), seed=0, resamples=200
    )
    assert found.law.items_needed.estimate == 2000
    assert found.advice.startswith("Do not use a pool fitted so: with 800 items it is worse than the base rate")


def test_a_law_without_an_end_in_sight_tells_the_next_doubling_only(even_items):
    found = learning_curve_section(
        *even_items, lambda sample: EvenItemsForecast(0.2 * len(sample) ** -0.3), seed=0, resamples=200
    ).law
    assert found.items_needed.estimate is None
    assert "more slowly than any law tried" in found.items_needed.note
    assert "more may be left to gain" in found.left_to_gain_bits.note
    assert found.next_doubling_bits.estimate == pytest.approx(0.2 * (800**-0.3 - 1600**-0.3), rel=0.02)


def test_pure_noise_has_no_law(even_items):
    def noisy(sample):
        generator = np.random.default_rng(int(sample.forecasts.strength.size + 1000 * sample.cluster.sum()))
        return EvenItemsForecast(0.05 + 0.02 * generator.random())

    found = learning_curve_section(*even_items, noisy, seed=0, resamples=200)
    assert found.law.items_needed.estimate is None
    assert "does not fall" in found.law.items_needed.note or "do not tell" in found.law.items_needed.note


def test_items_or_reviewers_spends_as_many_votes_either_way(make_humans):
    own = simulate(make_humans, 200, 40, np.random.default_rng(5))
    found = curve_of(own).items_or_reviewers
    items, reviewers = found.more_items, found.more_reviewers
    assert (items.items, items.reviewers) == (160, 20.0)
    assert (reviewers.items, reviewers.reviewers) == (80, 40.0)
    assert found.votes == 3200
    gap = reviewers.ce_bits.estimate - items.ce_bits.estimate
    assert found.difference_bits.estimate == pytest.approx(gap)
    # With forty reviewers an item tells nearly all it can: other items tell more.
    assert found.better == "items"
    assert found.difference_bits.low > 0
    assert "spend the next hour on new items" in found.advice


def test_a_panel_that_needs_no_fitting_is_left_as_it_is(simulated):
    # The populations themselves: no pool of noisy judges comes as near.
    found = curve_of(simulated, panel_q=simulated.populations)
    assert found.beats_panel_from is None
    assert found.advice.startswith("Keep the panel as it is: fitted to 320 items it is worse, by 0.")


class JudgesMean:
    """A pool that learned nothing: the mean of the judges' answers."""

    def forecast(self, forecasts):
        return forecasts.q_raw.mean(axis=0)


def test_fitting_is_not_said_to_pay_where_the_panel_is_as_good_without(simulated):
    # The fitted panel is the panel as it is: it gains 0 bits on that, whatever it gains on the base rate.
    found = learning_curve_section(
        simulated.humans, simulated.forecasts, lambda sample: JudgesMean(), seed=0, resamples=200,
        panel_q=JudgesMean().forecast(simulated.forecasts),
    )  # fmt: skip
    assert found.by_items[-1].gain_over_base_rate_bits.low > 0
    assert found.by_items[-1].gain_over_panel_bits.high == pytest.approx(0)
    assert found.advice.startswith("Keep the panel as it is for now: fitted to 320 items it cannot be told to be")


def test_single_votes_leave_nothing_to_choose(make_humans):
    found = curve_of(simulate(make_humans, 150, 1, np.random.default_rng(6)))
    assert found.items_or_reviewers.better is None
    assert found.items_or_reviewers.difference_bits.estimate is None
    assert found.by_items[-1].n_eq.estimate is None
    assert found.by_items[-1].ce_bits.low is not None


def test_items_of_effective_counts_are_not_fitted_on_where_votes_are_drawn(simulated):
    known = np.arange(400) >= 100
    humans = replace(simulated.humans, counts_known=known)
    found = curve_of(replace(simulated, humans=humans))
    assert [point.items for point in found.by_reviewers] == [240] * 5
    assert found.by_items[-1].items == 320
    assert found.by_items[-1].n_eq.n == 300
    assert any("100 items with effective counts only" in note for note in found.notes)


def test_items_that_no_judge_answered_are_left_out_and_counted(simulated):
    q_raw = simulated.forecasts.q_raw.copy()
    q_raw[:, ::10] = np.nan
    found = curve_of(replace(simulated, forecasts=answers(simulated.humans, q_raw)))
    assert (found.n_items, found.items_left_out) == (360, 40)
    assert found.by_items[-1].ce_bits.n == 360


def test_a_panel_that_was_infinitely_wrong_is_said_to_be(simulated):
    panel = np.tile([1.0, 0.0, 0.0], (400, 1))
    found = curve_of(simulated, panel_q=panel)
    assert found.panel_ce_bits.estimate is None
    assert "infinite" in found.by_items[-1].gain_over_panel_bits.note
    assert found.beats_panel_from is None
    assert found.by_items[-1].gain_over_base_rate_bits.low > 0


@pytest.mark.parametrize("n_items", [0, 1, 69])
def test_too_few_items_make_no_curve(make_humans, n_items):
    own = simulate(make_humans, 80, 4, np.random.default_rng(7))
    rows = np.arange(n_items)
    found = curve_of(replace(own, humans=own.humans.select(rows), forecasts=own.forecasts.select(rows)))
    assert found.by_items == []
    assert found.law.items_needed.note == f"{n_items} items with answers are too few: a curve takes 70"
    assert found.advice == f"No learning curve: {found.law.items_needed.note}."


def test_too_few_clusters_make_no_curve(simulated):
    clustered = replace(simulated.humans, clusters=tuple(f"origin-{row % 19}" for row in range(400)))
    found = curve_of(replace(simulated, humans=clustered))
    assert "19 clusters of items are too few" in found.advice


def test_one_label_makes_no_curve(make_humans):
    humans = make_humans(np.full((100, 1), 3.0), ("a",))
    found = learning_curve_section(
        humans, answers(humans, np.ones((1, 100, 1))), fit_stacking, seed=0, resamples=50
    )
    assert found.advice == "No learning curve: there is only one label to choose."


def test_people_who_all_say_the_same_leave_nothing_to_learn(make_humans):
    humans = make_humans(np.tile([5.0, 0.0], (100, 1)), ("a", "b"))
    said = np.random.default_rng(0).dirichlet([1.0, 1.0], size=(3, 100))
    found = learning_curve_section(humans, answers(humans, said), fit_stacking, seed=0, resamples=50)
    assert found.by_items[-1].ce_bits.estimate < 0.05
    assert "agree on every item" in found.by_items[-1].n_eq.note


def test_the_smallest_pilot_has_a_curve(make_humans):
    found = curve_of(simulate(make_humans, 70, 4, np.random.default_rng(8)))
    assert [point.items for point in found.by_items] == [25, 35, 50, 56]
    assert found.by_items[0].ce_bits.low < found.by_items[0].ce_bits.estimate < found.by_items[0].ce_bits.high


def test_the_same_seed_gives_the_same_curve(simulated, curve):
    assert curve_of(simulated).model_dump_json() == curve.model_dump_json()
    other = learning_curve_section(
        simulated.humans, simulated.forecasts, fit_stacking, seed=1, resamples=200, n_draws=4
    )
    assert json.loads(other.model_dump_json())["by_items"] != json.loads(curve.model_dump_json())["by_items"]


def test_the_order_of_items_does_not_matter(simulated):
    rows = np.random.default_rng(9).permutation(400)
    shuffled = replace(simulated, humans=simulated.humans.select(rows), forecasts=simulated.forecasts.select(rows))
    panel = simulated.populations
    assert curve_of(shuffled, panel_q=panel[rows], resamples=50) == curve_of(simulated, panel_q=panel, resamples=50)


def test_sizes_double_up_to_what_a_fold_leaves(make_humans):
    humans = make_humans(np.tile([3.0, 5.0], (1500, 1)), ("a", "b"))
    points = make_points(humans, [0])
    assert [point.items for point in points.by_items] == [25, 50, 100, 200, 400, 800, None]
    assert [int(point.votes.max()) for point in points.by_reviewers] == [1, 2, 3, 5, 8]
