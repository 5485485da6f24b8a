"""The level of KL and the section `human_entropy`: identities, edges, what is null and why."""

from dataclasses import replace

import numpy as np
import pytest
from kl_comparisons import compare, draw, panel_of
from scored_tables import kl_of, level_of

from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.human_entropy import human_entropy_section
from panel_eval.evaluation.posterior import human_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.schema import CLASS_NAMES
from panel_eval.stats import cross_entropy_bits, kl_bits

LABELS = ("a", "b", "c")


@pytest.fixture(scope="module")
def simulated(make_humans):
    generator = np.random.default_rng(11)
    populations, q_raw = draw(generator, 400)
    q_raw[0, :50] = np.nan  # a judge that did not answer everything
    return compare(make_humans(generator.multinomial(4, populations), LABELS), q_raw)


@pytest.fixture(scope="module")
def level(simulated):
    return level_of(simulated)


def test_panels_differ_by_exactly_their_cross_entropy(simulated):
    # The reviewers' entropy is subtracted from both, in every resample.
    other = Forecaster("sharper", simulated.panel.q**2 / (simulated.panel.q**2).sum(axis=1, keepdims=True))
    p = simulated.humans.distribution
    one, two = (kl_of(simulated, who)["overall"] for who in (simulated.panel, other))
    gap = cross_entropy_bits(p, simulated.panel.q).mean() - cross_entropy_bits(p, other.q).mean()
    assert one.estimate - two.estimate == pytest.approx(gap, abs=1e-12)
    assert one.low < one.estimate < one.high


def test_classes_together_are_the_whole(simulated):
    for forecaster in (simulated.panel, simulated.judges[0]):
        table = kl_of(simulated, forecaster)
        classes = [table[name] for name in CLASS_NAMES if table[name].n]
        total = sum(number.estimate * number.n for number in classes)
        assert sum(number.n for number in classes) == table["overall"].n
        assert total / table["overall"].n == pytest.approx(table["overall"].estimate, abs=1e-9)
        assert all("model-based" in number.note for number in classes)
    assert table["overall"].n == 350
    assert table["insufficient"].note == "no items"


def test_plugin_row_is_the_plugin(simulated, level):
    section = human_entropy_section(level, simulated)
    plugin = kl_bits(simulated.humans.distribution, simulated.panel.q).mean()
    assert section.sensitivity["plugin"].kl_bits.estimate == pytest.approx(plugin)
    ours = kl_of(simulated)["overall"]
    for end in ("estimate", "low", "high"):
        assert getattr(section.sensitivity["empirical_bayes"].kl_bits, end) == pytest.approx(getattr(ours, end))
    levels = {name: row.kl_bits.estimate for name, row in section.sensitivity.items()}
    assert set(levels) == {"plugin", "miller_madow", "jeffreys", "nsb", "empirical_bayes"}
    assert (section.kl_bits_lowest, section.kl_bits_highest) == (min(levels.values()), levels["plugin"])
    assert section.estimator == "empirical_bayes"
    assert section.concentration.low < section.concentration.estimate < section.concentration.high
    assert (
        0 <= section.reference_weight.low <= section.reference_weight.estimate <= section.reference_weight.high <= 1
    )


def test_a_label_with_probability_zero_is_infinite(simulated):
    q = simulated.panel.q.copy()
    agreed = np.flatnonzero(np.array(simulated.humans.derived_class) == "agreement")[0]
    chosen = simulated.humans.distribution[agreed].argmax()
    q[agreed] = np.eye(3)[chosen]  # right about every vote, but sure of it
    table = kl_of(simulated, Forecaster("sure", q))
    assert table["overall"].estimate is not None
    assert table["agreement"].estimate is None
    assert "infinite on 1 item" in table["agreement"].note
    assert table["minor"].estimate is not None
    everywhere = kl_of(simulated, Forecaster("only c", np.tile([0.0, 0.0, 1.0], (400, 1))))
    assert all(number.estimate is None and number.note for number in everywhere.values())


def test_few_items_get_half_a_vote_a_label_and_a_reason(make_humans):
    humans = make_humans([[4, 0, 0], [2, 1, 1]] * 20, LABELS)
    few = compare(humans, np.tile([[0.6, 0.3, 0.1]], (1, 40, 1)))
    level = level_of(few)
    section, number = human_entropy_section(level, few), kl_of(few)["overall"]
    assert section.estimator == "jeffreys"
    assert "only 40 items" in section.note
    assert number.note == f"{section.note}; fewer than 50 items: the interval is rough"
    assert section.concentration.estimate is None
    # METHODS 2.2 at alpha 1/2: 4-0-0 has .468110 nats, 1-2-1 has .907937.
    assert section.human_entropy_bits.estimate == pytest.approx((0.468110 + 0.907937) / 2 / np.log(2), abs=1e-6)
    assert section.sensitivity["jeffreys"].kl_bits.estimate == pytest.approx(number.estimate)
    assert "empirical_bayes" not in section.sensitivity


def test_a_panel_that_never_answered(make_humans):
    silent = compare(make_humans([[4, 0, 0], [2, 1, 1]] * 60, LABELS), np.full((2, 120, 3), np.nan))
    level = level_of(silent)
    section = human_entropy_section(level, silent)
    assert section.sensitivity["nsb"].kl_bits.note == "no items"
    assert section.kl_bits_lowest is None
    assert section.reference_weight.estimate is None
    assert "label shares" in section.note
    assert kl_of(silent)["overall"].estimate is None


@pytest.mark.parametrize("row", [[4, 0, 0], [2, 1, 1]])
def test_items_that_are_all_alike_stay_finite(make_humans, row):
    alike = compare(make_humans([row] * 150, LABELS), np.tile([[0.5, 0.25, 0.25]], (2, 150, 1)))
    section = human_entropy_section(level_of(alike), alike)
    assert 0 <= section.human_entropy_bits.low <= section.human_entropy_bits.high <= np.log2(3)
    assert "bound" in section.concentration.note


def test_own_votes_do_not_shape_an_items_prior(simulated):
    humans = simulated.humans
    counts = humans.counts.copy()
    counts[7] = [0, 0, 9]
    turned = replace(humans, counts=counts)
    one, other = (
        human_posterior(h, simulated.forecasts, simulated.panel.q, base_rate(h), 0) for h in (humans, turned)
    )
    assert np.array_equal(one.fit.base[7], other.fit.base[7])
    assert np.array_equal(one.fit.contrast[7], other.fit.contrast[7])
    assert not np.array_equal(one.fit.contrast, other.fit.contrast)


def test_a_prior_learns_what_judges_are_worth(make_humans):
    generator = np.random.default_rng(5)
    weights = []
    for informed in (True, False):
        populations, q_raw = draw(generator, 2000, informed=informed)
        humans = make_humans(generator.multinomial(4, populations), LABELS)
        weights.append(compare(humans, q_raw, resamples=2).posterior)
    assert weights[0].reference_weight > 0.9
    assert weights[1].reference_weight < 0.5
    # Judges from a hat leave the populations as they are: three votes' worth around the base rate.
    assert weights[1].concentration == pytest.approx(3.0, rel=0.2)
    assert weights[0].concentration > 5.0


def test_votes_that_are_not_counted_teach_no_prior_but_get_one(simulated):
    known = np.arange(400) >= 100
    part = replace(simulated.humans, counts_known=known)
    posterior = human_posterior(part, simulated.forecasts, simulated.panel.q, simulated.base_rate, 0)
    assert not posterior.fit.likelihood.value[:100].any()
    assert (posterior.prior > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("informed", [True, False])
def test_the_level_is_unbiased_and_covered_where_the_plugin_is_neither(make_humans, informed):
    """300 items of 4 reviewers, 120 times: bias under .02 bits, the interval near its nominal 95 %."""
    populations, q_raw = draw(np.random.default_rng(1), 200_000, informed=informed)
    truth = kl_bits(populations, panel_of(q_raw)).mean()
    found, plugin = [], []
    for run in range(120):
        generator = np.random.default_rng([7, run])
        populations, q_raw = draw(generator, 300, informed=informed)
        humans = make_humans(generator.multinomial(4, populations), LABELS)
        comparison = compare(humans, q_raw, resamples=400, seed=run)
        found.append(kl_of(comparison)["overall"])
        plugin.append(kl_bits(humans.distribution, comparison.panel.q).mean())
    assert abs(np.mean([number.estimate for number in found]) - truth) < 0.02
    assert np.mean(plugin) - truth > 0.3
    # 95 % of 120 has a standard deviation of 2 %.
    assert 0.89 <= np.mean([number.low <= truth <= number.high for number in found]) <= 1.0
