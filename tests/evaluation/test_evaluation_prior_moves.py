"""Numbers that the prior shapes, in resamples: as if the prior had been fitted to each of them."""

from dataclasses import replace

import numpy as np
import pytest
from kl_comparisons import compare, draw

from panel_eval.evaluation.human_panels import expected_ce_bits
from panel_eval.evaluation.means import segment_means
from panel_eval.evaluation.moving_columns import MovingColumns
from panel_eval.stats.dirichlet_multinomial import fit_dirichlet_multinomial
from panel_eval.stats.posterior_expectations import expected_entropy_bits

LABELS = ("a", "b", "c")


def drawn(make_humans, n_items, resamples=40, informed=True):
    generator = np.random.default_rng(21)
    populations, q_raw = draw(generator, n_items, informed=informed)
    return compare(make_humans(generator.multinomial(4, populations), LABELS), q_raw, resamples=resamples)


def scores(comparison):
    """What four fresh people lose against the population, and the population's own entropy."""
    loss = expected_ce_bits(comparison, 4, modelled=True)
    return {"loss": loss, "entropy": expected_entropy_bits(comparison.posterior.alpha)}


@pytest.mark.parametrize("informed", [True, False])
def test_means_move_as_if_the_prior_were_fitted_to_each_resample(make_humans, informed):
    comparison = drawn(make_humans, 400, informed=informed)
    fit, counts = comparison.posterior.fit, comparison.humans.counts
    means = MovingColumns.of(comparison, scores).means(comparison.everything)
    still = segment_means(scores(comparison), comparison.everything)
    refitted = {"loss": [], "entropy": []}
    for weights in comparison.everything.resampling.draws:
        theta = fit_dirichlet_multinomial(counts, fit.base, fit.contrast, weights).theta
        moved = replace(comparison, posterior=comparison.posterior.under(theta, counts))
        for name, values in scores(moved).items():
            refitted[name].append(weights @ values / weights.sum())
    for name, expected in refitted.items():
        assert means[name].value == still[name].value
        assert np.corrcoef(means[name].replicates, expected)[0, 1] > 0.98
        assert np.std(means[name].replicates) == pytest.approx(np.std(expected), rel=0.08)
        # Without moving the prior, the entropy would hardly vary at all.
        assert np.std(still[name].replicates) < 0.8 * np.std(expected)


def test_a_part_of_the_items_moves_with_the_prior_of_all(make_humans):
    comparison = drawn(make_humans, 400)
    rows = np.arange(0, 400, 2)
    part = MovingColumns.of(comparison.take(rows), scores).means(comparison.take(rows).everything)
    even = comparison.everything.take(np.arange(400) % 2 == 0)
    whole = MovingColumns.of(comparison, scores).means(even)
    for name in ("loss", "entropy"):
        assert part[name].value == pytest.approx(whole[name].value)
        assert part[name].replicates == pytest.approx(whole[name].replicates)


def test_of_many_items_some_stand_for_all(make_humans):
    comparison = drawn(make_humans, 6000, resamples=20)
    columns = MovingColumns.of(comparison, scores)
    assert columns.rows.size == 5000
    fit, counts = comparison.posterior.fit, comparison.humans.counts
    theta = comparison.prior_moves.nodes[0]
    everyone = scores(replace(comparison, posterior=comparison.posterior.under(theta, counts)))
    here = scores(comparison)
    for name, values in columns.under[0].items():
        added = (values - here[name][columns.rows]).mean()
        assert added == pytest.approx((everyone[name] - here[name]).mean(), rel=0.1)
    assert fit.theta == pytest.approx(comparison.prior_moves.thetas.mean(axis=0), abs=0.02)


def test_a_score_that_the_prior_does_not_shape_stays(make_humans):
    comparison = drawn(make_humans, 150)
    columns = MovingColumns.of(comparison, lambda c: {"votes": c.humans.counts[:, 0]})
    own = segment_means(columns.columns, comparison.everything)["votes"]
    assert np.array_equal(columns.means(comparison.everything)["votes"].replicates, own.replicates)


def test_a_fixed_prior_moves_nothing(make_humans):
    few = drawn(make_humans, 40)
    assert few.prior_moves is None
    columns = MovingColumns.of(few, scores)
    assert columns.under == []
    own = segment_means(columns.columns, few.everything)["loss"]
    assert np.array_equal(columns.means(few.everything)["loss"].replicates, own.replicates)
    with pytest.raises(ValueError, match="no prior was fitted"):
        few.posterior.under(np.array([0.2, 0.5]), few.humans.counts)
