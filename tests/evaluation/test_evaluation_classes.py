"""Classes without circularity: cross-fitting by hand, and against populations that a simulation knows."""

from dataclasses import replace

import numpy as np
import pytest
from class_comparisons import comparison_of, with_prior
from scored_tables import modelled

from panel_eval.evaluation import class_populations
from panel_eval.evaluation.class_crossfit import crossfit_estimates, leave_one_out
from panel_eval.evaluation.class_populations import (
    class_certainty,
    class_probability_columns,
    draw_population_classes,
    population_estimates,
)
from panel_eval.evaluation.classes import classes_section
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.schema import CLASS_NAMES
from panel_eval.stats import cross_entropy_bits, kl_bits, squared_distance
from panel_eval.stats.class_probability import POPULATION_CLASSES, population_class

LABELS = ("a", "b", "c")


def crossfit(comparison, forecaster=None):
    return crossfit_estimates(comparison, leave_one_out(comparison), forecaster or comparison.panel)


def section_of(comparison):
    return classes_section(comparison, leave_one_out(comparison), draw_population_classes(comparison))


@pytest.fixture
def three_items(make_humans):
    # 4-1-0: leaving an a out (4 in 5) makes 3-1-0, minor; leaving the b out makes 4-0-0, agreement.
    # 5-0-0: always 4-0-0, agreement. 2-1-0: two votes are left, insufficient.
    humans = make_humans([[4, 1, 0], [5, 0, 0], [2, 1, 0]], LABELS)
    return comparison_of(humans, [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.5, 0.25, 0.25]], resamples=20)


def test_crossfit_by_hand(three_items):
    numbers = crossfit(three_items)
    bits = {name: own["ce_crossfit_bits"].estimate for name, own in numbers.items()}
    assert bits["agreement"] == pytest.approx((0.2 * 2 + 1.0 * 2) / 1.2)  # b of item 1, every a of item 2
    assert bits["minor"] == pytest.approx(1.0)  # the a's of item 1
    assert bits["insufficient"] == pytest.approx(2 / 3 * 1 + 1 / 3 * 2)
    assert numbers["major"]["ce_crossfit_bits"].estimate is None
    assert "once one of its reviewers is left out" in numbers["major"]["ce_crossfit_bits"].note
    assert [numbers[name]["ce_crossfit_bits"].n for name in CLASS_NAMES] == [2, 1, 0, 0, 1]


def test_skill_is_against_the_base_rate_on_the_same_votes(three_items):
    # Base rate of item 1 from the others' 7-1-0: (7.5, 1.5, .5) / 9.5. In class minor its a's are left out.
    base = -np.log2(7.5 / 9.5)
    assert crossfit(three_items)["minor"]["ce_crossfit_skill"].estimate == pytest.approx(1 - 1.0 / base)


def test_overall_is_the_plain_cross_entropy(three_items):
    humans, panel = three_items.humans, three_items.panel
    overall = crossfit(three_items)["overall"]["ce_crossfit_bits"]
    assert overall.estimate == pytest.approx(cross_entropy_bits(humans.distribution, panel.q).mean())
    assert overall.n == 3


def test_items_whose_votes_are_not_known_and_items_without_a_forecast_take_no_part(three_items):
    unknown = replace(three_items.humans, counts_known=np.array([False, True, True]))
    numbers = crossfit(replace(three_items, humans=unknown))
    assert numbers["agreement"]["ce_crossfit_bits"].estimate == pytest.approx(2.0)
    assert numbers["minor"]["ce_crossfit_bits"].estimate is None
    assert numbers["overall"]["ce_crossfit_bits"].n == 2
    silent = Forecaster("silent", np.where([[False], [True], [False]], np.nan, three_items.panel.q))
    numbers = crossfit(three_items, silent)
    assert numbers["agreement"]["ce_crossfit_bits"].estimate == pytest.approx(2.0)
    assert numbers["agreement"]["ce_crossfit_bits"].n == 1


def test_a_vote_that_was_given_probability_zero_is_told(three_items):
    never_b = Forecaster("never b", np.tile([[0.5, 0.0, 0.5]], (3, 1)))
    numbers = crossfit(three_items, never_b)
    assert numbers["agreement"]["ce_crossfit_bits"].note.startswith("infinite on 1 item")
    assert numbers["minor"]["ce_crossfit_bits"].estimate == pytest.approx(1.0)
    assert numbers["overall"]["ce_crossfit_bits"].note.startswith("infinite on 2 items")


def test_crossfit_intervals_resample_the_whole_ratio(make_humans):
    rng = np.random.default_rng(5)
    counts = rng.multinomial(5, rng.dirichlet(np.ones(3), size=40))
    comparison = comparison_of(make_humans(counts, LABELS), rng.dirichlet(np.ones(3), size=40), resamples=300)
    number = crossfit(comparison)["minor"]["ce_crossfit_skill"]
    own = leave_one_out(comparison)["minor"]
    drawn = comparison.everything.sums(np.eye(40))  # how often each item is drawn
    rows, part = own.segment.rows, own.part
    loss = np.where(part > 0, part * -np.log2(comparison.panel.q[rows]), 0).sum(axis=1)
    base = np.where(part > 0, part * -np.log2(comparison.base_rate[rows]), 0).sum(axis=1)
    replicates = 1 - (drawn[:, rows] @ loss) / (drawn[:, rows] @ base)
    assert (number.low, number.high) == pytest.approx(tuple(np.quantile(replicates, [0.025, 0.975])))


@pytest.fixture(scope="module")
def known_populations(make_humans):
    """Five votes each from populations around a forecast that is right on average, and the populations."""
    rng = np.random.default_rng(11)
    q = rng.dirichlet([0.8, 0.6, 0.4], size=20_000) * 0.94 + 0.02
    prior = 3.0 * q
    gamma = rng.standard_gamma(prior) + 1e-300
    p = gamma / gamma.sum(axis=1, keepdims=True)
    humans = make_humans(rng.multinomial(5, p), LABELS)
    return with_prior(comparison_of(humans, q, resamples=100), prior), p


def test_crossfit_tells_what_the_votes_of_the_class_hide(known_populations):
    comparison, p = known_populations
    truth = cross_entropy_bits(p, comparison.panel.q)
    numbers, membership = crossfit(comparison), leave_one_out(comparison)
    for name in ("agreement", "minor", "major", "unresolved"):
        own = membership[name]
        weight = own.part.sum(axis=1)
        number = numbers[name]["ce_crossfit_bits"]
        # Truth for the very items and weights of the class: what is left is the noise of single votes.
        expected = (weight @ truth[own.segment.rows]) / weight.sum()
        assert number.estimate == pytest.approx(expected, abs=0.04), name
    agreed = np.array(comparison.humans.derived_class) == "agreement"
    naive = cross_entropy_bits(comparison.humans.distribution, comparison.panel.q)[agreed].mean()
    assert naive < truth[agreed].mean() - 0.1  # five who agree are asked again about their own agreement


def test_model_based_scores_by_class_meet_the_populations_and_the_naive_ones_do_not(known_populations):
    comparison, p = known_populations
    humans, q = comparison.humans, comparison.panel.q
    distance, kl, plugin = squared_distance(p, q), kl_bits(p, q), kl_bits(humans.distribution, q)
    impurity = 1 - (p**2).sum(axis=1)
    numbers = modelled(comparison)
    for segment in comparison.segments[1:5]:
        rows, own = segment.rows, numbers[segment.name]
        assert own["brier_debiased"].estimate == pytest.approx(distance[rows].mean(), abs=0.01)
        assert own["n_eq"].estimate == pytest.approx(impurity[rows].mean() / distance[rows].mean(), rel=0.1)
        bias = plugin[rows].mean() - kl[rows].mean()
        assert own["kl_naive_bias_bits"].estimate == pytest.approx(bias, abs=0.03)
    assert numbers["agreement"]["kl_naive_bias_bits"].low > 0.1
    assert all("model-based" in number.note for number in numbers["major"].values())
    assert all(number.estimate is None for number in numbers["insufficient"].values())


def test_classes_of_populations_together_have_the_cross_entropy_of_the_votes(known_populations):
    # Even under a prior that is wrong about every item: by how much it is off on average is known from the votes.
    comparison, _ = known_populations
    wrong = with_prior(comparison, np.tile([0.3, 0.3, 6.0], (len(comparison.humans), 1)))
    numbers = population_estimates(draw_population_classes(wrong))
    together = sum(own.share.estimate * own.ce_bits.estimate for own in numbers.values())
    votes = cross_entropy_bits(comparison.humans.distribution, comparison.panel.q).mean()
    centre = wrong.posterior.alpha / wrong.posterior.alpha.sum(axis=1)[:, None]
    expected = cross_entropy_bits(centre, wrong.panel.q).mean()
    assert together == pytest.approx(votes, abs=0.01)
    assert abs(expected - votes) > 0.5


def test_population_classes_meet_the_populations(known_populations):
    comparison, p = known_populations
    drawn = draw_population_classes(comparison)
    numbers = population_estimates(drawn)
    true_class, kl = population_class(p), kl_bits(p, comparison.panel.q)
    ce = cross_entropy_bits(p, comparison.panel.q)
    for code, name in enumerate(POPULATION_CLASSES):
        rows = true_class == code
        assert numbers[name].share.estimate == pytest.approx(rows.mean(), abs=0.012), name
        assert numbers[name].ce_bits.estimate == pytest.approx(ce[rows].mean(), abs=0.04), name
        assert numbers[name].kl_bits.estimate == pytest.approx(kl[rows].mean(), abs=0.04), name
    certainty = class_certainty(drawn)
    observed = np.array(comparison.humans.derived_class)
    for name in POPULATION_CLASSES:
        truth = [(true_class[observed == name] == code).mean() for code in range(4)]
        assert list(certainty.probability[name].values()) == pytest.approx(truth, abs=0.03), name
    same = np.array(POPULATION_CLASSES)[true_class] == observed
    assert certainty.observed_is_population.estimate == pytest.approx(same.mean(), abs=0.012)
    assert "insufficient" not in certainty.probability


def test_insufficient_items_have_rows_of_their_own(make_humans):
    humans = make_humans([[4, 0, 0]] * 10 + [[1, 1, 0]] * 5, LABELS)
    comparison = comparison_of(humans, np.tile([[0.6, 0.3, 0.1]], (15, 1)))
    section = section_of(comparison)
    assert section.crossfit_weight == {
        "agreement": 10.0, "minor": 0.0, "major": 0.0, "unresolved": 0.0, "insufficient": 5.0,
    }  # fmt: skip
    assert section.crossfit_left_out == 0
    assert crossfit(comparison)["agreement"]["ce_crossfit_bits"].estimate == pytest.approx(-np.log2(0.6))
    assert modelled(comparison)["insufficient"]["brier_debiased"].n == 5
    assert set(section.certainty.probability) == {"agreement", "insufficient"}
    assert section.certainty.observed_is_population.n == 10  # a class that says nothing cannot be right
    assert section.certainty.observed_is_population.estimate == pytest.approx(0.378, abs=0.03)  # METHODS 7.4: 4-0-0


def test_everything_is_null_with_a_reason_where_nothing_was_answered(make_humans):
    comparison = comparison_of(make_humans([[4, 0, 0], [2, 1, 1]], LABELS), np.full((2, 3), np.nan))
    numbers = [
        *(number for own in crossfit(comparison).values() for number in own.values()),
        *(number for own in modelled(comparison).values() for number in own.values()),
        *(number for own in section_of(comparison).population.values() for number in dict(own).values()),
    ]
    assert len(numbers) == 12 + 15 + 12
    assert all(number.estimate is None and number.n == 0 and number.note for number in numbers)


def test_a_forecast_with_an_impossible_label_has_no_model_based_kl(make_humans):
    comparison = comparison_of(make_humans([[4, 0, 0]] * 10, LABELS), np.tile([[0.5, 0.5, 0.0]], (10, 1)))
    agreement = modelled(comparison)["agreement"]
    assert agreement["kl_naive_bias_bits"].note.startswith("infinite")
    assert agreement["brier_debiased"].estimate is not None
    assert section_of(comparison).population["agreement"].kl_bits.note.startswith("infinite")
    assert crossfit(comparison)["agreement"]["ce_crossfit_bits"].estimate == pytest.approx(1.0)


def test_more_items_than_can_be_drawn_are_sampled_and_the_rest_left_open(make_humans, monkeypatch):
    monkeypatch.setattr(class_populations, "MAX_ITEMS", 30)
    rng = np.random.default_rng(1)
    humans = make_humans(rng.multinomial(4, rng.dirichlet(np.ones(3), size=80)), LABELS)
    comparison = comparison_of(humans, rng.dirichlet(np.ones(3), size=80))
    drawn = draw_population_classes(comparison)
    columns = class_probability_columns(drawn, 80)
    assert list(columns) == [f"class_prob_{name}" for name in POPULATION_CLASSES]
    known = np.isfinite(columns["class_prob_major"])
    assert known.sum() == 30
    assert sum(column[known] for column in columns.values()) == pytest.approx(np.ones(30))
    assert section_of(comparison).population["major"].share.n == 30


def test_equal_votes_have_equal_probabilities_and_the_seed_decides(make_humans):
    humans = make_humans([[2, 1, 1], [4, 0, 0], [2, 1, 1]], LABELS)
    comparison = comparison_of(humans, np.full((3, 3), 1 / 3))
    one, again = draw_population_classes(comparison), draw_population_classes(comparison)
    assert (one.moments.probability == again.moments.probability).all()
    assert (one.moments.probability[0] == one.moments.probability[2]).all()
    other = draw_population_classes(replace(comparison, seed=1))
    assert (one.moments.probability != other.moments.probability).any()
