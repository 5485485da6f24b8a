"""Plans of further reviews: who gets them, what they buy, and who could give them."""

from __future__ import annotations

import numpy as np
import pytest
from labelled_by_names import named_labels

from panel_eval.errors import InputError
from panel_eval.evaluation.allocation import plan_reviews
from panel_eval.evaluation.posterior import labels_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.humans import HumanLabels, labels_from_counts
from panel_eval.stats.posterior_expectations import expected_entropy_bits, posterior_mean

LABELS = ("a", "b", "c")


def drawn_labels(n: int, reviewers: int, seed: int, concentration: float = 2.0) -> tuple[HumanLabels, np.ndarray]:
    """Labels whose populations are known: Dirichlet, concentrated or not."""
    generator = np.random.default_rng(seed)
    populations = generator.dirichlet(np.array([0.5, 0.3, 0.2]) * concentration, n)
    return labels_from_counts(generator.multinomial(reviewers, populations), LABELS), populations


def test_the_gain_of_one_more_vote_is_the_kl_that_is_expected_before_it():
    # For the shares: H(posterior mean) - E[H(p)], worked from the posterior of each planned item.
    humans, _ = drawn_labels(150, 4, 1)
    plan = plan_reviews(humans, 20, most=1, resamples=200)
    alpha = labels_posterior(humans, base_rate(humans), 0).alpha
    mean = posterior_mean(alpha)
    kl = -(mean * np.log2(mean)).sum(axis=1) - expected_entropy_bits(alpha)
    assert [item.gain_bits for item in plan.items] == pytest.approx(sorted(kl, reverse=True)[:20])
    row = humans.index[plan.items[0].item_id]
    assert plan.items[0].unknown_now_bits == pytest.approx(kl[row])
    assert plan.unknown.now == pytest.approx(kl.mean())
    assert plan.one_more_everywhere.gain_bits.estimate == pytest.approx(kl.sum())
    assert plan.gain.even_bits.estimate == pytest.approx(kl.sum() * 20 / 150)  # to random items
    assert plan.gain.random_bits.estimate == pytest.approx(kl.sum() * 20 / 150)


def test_the_expected_kl_is_the_true_one():
    # Populations and votes are drawn from the model that the plan assumes: before and after buying the planned
    # votes, the KL of the known populations from the estimates is what the plan said, within sampling error.
    humans, populations = drawn_labels(3000, 3, 2)
    plan = plan_reviews(humans, 3000, most=4, resamples=200)
    generator = np.random.default_rng(3)
    prior = labels_posterior(humans, base_rate(humans), 0).prior
    counts = humans.counts.copy()

    def kl() -> float:
        q = posterior_mean(counts + prior)
        return float(np.where(populations > 0, populations * np.log2(populations / q), 0.0).sum(axis=1).mean())

    assert kl() == pytest.approx(plan.unknown.now, abs=0.012)
    for item in plan.items:
        row = humans.index[item.item_id]
        counts[row] += generator.multinomial(item.reviews, populations[row])
    assert kl() == pytest.approx(plan.unknown.after_plan, abs=0.012)
    assert plan.unknown.after_plan < plan.unknown.now


def test_a_split_item_comes_before_a_unanimous_one_and_a_lone_vote_before_ten():
    counts = [[5, 5, 0]] * 10 + [[10, 0, 0]] * 10 + [[1, 0, 0]] * 10
    plan = plan_reviews(labels_from_counts(counts, LABELS), 10, most=1)
    assert [item.reviewers_so_far for item in plan.items] == [1] * 10
    twenty = plan_reviews(labels_from_counts(counts, LABELS), 20, most=1)
    assert [item.votes["b"] for item in twenty.items[10:]] == [5.0] * 10


@pytest.mark.parametrize("aim", ["distribution", "class"])
def test_totals_fit_together(aim):
    humans, _ = drawn_labels(300, 3, 4)
    plan = plan_reviews(humans, 250, aim=aim, most=3, cost=0.4, resamples=200)
    assert plan.reviews == sum(item.reviews for item in plan.items) == 250
    assert plan.cost == pytest.approx(100.0)
    assert max(item.reviews for item in plan.items) <= 3
    bits = sum(item.gain_bits for item in plan.items)
    assert plan.gain.plan_bits.estimate == pytest.approx(bits)
    assert plan.gain.plan_bits.low <= bits <= plan.gain.plan_bits.high
    assert plan.gain.plan_bits.estimate > plan.gain.even_bits.estimate >= plan.gain.random_bits.estimate
    for item in plan.items:
        assert sum(item.steps_bits) == pytest.approx(item.gain_bits)
        assert item.unknown_after_bits < item.unknown_now_bits
    lost = (plan.unknown.now - plan.unknown.after_plan) * 300
    if aim == "class":  # information about the class is exactly what its entropy loses
        assert lost == pytest.approx(bits)
    points = {point.reviews: point for point in plan.curve}
    assert points[250].plan_bits == pytest.approx(bits + plan.gain.short_of_best_bits)
    assert [point.plan_bits for point in plan.curve] == sorted(point.plan_bits for point in plan.curve)
    assert plan.returns.half_at < plan.returns.ninety_percent_at <= plan.returns.most_reviews <= 900
    assert plan.returns.first_review_bits >= plan.returns.last_review_bits >= plan.returns.next_review_bits


def test_the_order_of_the_file_changes_nothing():
    humans, _ = drawn_labels(200, 4, 5)
    other = humans.select(np.random.default_rng(0).permutation(200))
    for aim in ("distribution", "class"):
        plans = [plan_reviews(labels, 77, aim=aim, resamples=200) for labels in (humans, other)]
        assert plans[0].model_dump_json() == plans[1].model_dump_json()


def test_ties_go_to_the_first_ids():
    humans = labels_from_counts([[2, 2, 0]] * 9, LABELS, item_ids=[f"i{9 - row}" for row in range(9)])
    plan = plan_reviews(humans, 3)
    assert [item.item_id for item in plan.items] == ["i1", "i2", "i3"]


def test_nobody_is_suggested_who_has_labelled_the_item_and_loads_stay_even():
    # Six reviewers, items labelled by three of them in turn: three others could take each.
    people = [f"r{k}" for k in range(6)]
    votes = [{people[(row + k) % 6]: "ab"[k % 2] for k in range(3)} for row in range(60)]
    humans = named_labels(votes, LABELS)
    plan = plan_reviews(humans, 60, most=1)
    for item in plan.items:
        own = votes[humans.index[item.item_id]]
        assert item.n_could_review == 3
        assert not set(item.could_review) & set(own)
        assert not set(item.suggested) & set(own)
        assert (len(item.suggested), item.new_reviewers_needed, item.votes_without_name) == (1, 0, 0)
    assert [one.items_so_far for one in plan.reviewers] == [30] * 6
    assert max(one.suggested for one in plan.reviewers) - min(one.suggested for one in plan.reviewers) <= 1
    assert sum(one.suggested for one in plan.reviewers) == 60


def test_where_everyone_known_has_labelled_an_item_new_people_are_needed():
    votes = [{"ann": "a", "bob": "b", "cy": "c"}, {"ann": "a", "bob": "a"}]
    plan = plan_reviews(named_labels(votes, LABELS), 4, most=2)
    need = {item.item_id: (item.suggested, item.new_reviewers_needed) for item in plan.items}
    assert need == {"item-00000": ([], 2), "item-00001": (["cy"], 1)}


def test_what_cannot_be_planned_is_refused():
    humans, _ = drawn_labels(5, 3, 0)
    for wrong in (
        {"budget": -1},
        {"budget": 1, "most": 21},
        {"budget": 1, "cost": -2.0},
        {"budget": 1, "aim": "x"},
    ):
        with pytest.raises(InputError):
            plan_reviews(humans, **wrong)
    nothing = plan_reviews(humans, 0)
    assert (nothing.reviews, nothing.items) == (0, [])
    assert nothing.one_more_everywhere.reviews == 5


def test_a_plan_of_one_item_and_of_single_votes_can_be_made():
    for counts in ([[1, 0, 0]], [[0, 7, 0]] * 30, [[1, 0, 0], [0, 1, 0]]):
        for aim in ("distribution", "class"):
            plan = plan_reviews(labels_from_counts(counts, LABELS), 2, aim=aim)
            assert plan.reviews <= 2
            assert plan.gain.plan_bits.estimate >= 0


def test_a_budget_beyond_what_was_allowed_is_told_from_reviews_that_buy_nothing() -> None:
    humans, _ = drawn_labels(20, 3, 7)
    plan = plan_reviews(humans, 1000, most=2, resamples=100)
    assert plan.sentences[0] == "40 reviews: 20 of 20 items get 2 more reviewers each."
    assert "960 of 1,000 reviews are not spent: every item gets 2 more, the most that was allowed" in plan.notes


@pytest.mark.slow
def test_a_hundred_thousand_items_take_seconds():
    import time

    generator = np.random.default_rng(0)
    counts = generator.multinomial(5, generator.dirichlet(np.full(5, 0.5), 100_000))
    humans = labels_from_counts(counts, [f"l{k}" for k in range(5)])
    for aim in ("distribution", "class"):
        start = time.process_time()
        plan_reviews(humans, 30_000, aim=aim)
        assert time.process_time() - start < 20
