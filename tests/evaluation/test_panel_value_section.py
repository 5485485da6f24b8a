"""What judges are worth: copies, noise and knowledge told apart; shares that add up; prices; fewer votes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from vote_examples import LABELS, ROTATIONS, drawn, shuffled, votes_of

from panel_eval.evaluation.panel_value import panel_value_section
from panel_eval.evaluation.panel_value.choice import best, chosen_elsewhere, front, smallest
from panel_eval.pooling import VoteTable, collect_votes
from panel_eval.pooling.fitted import fit_stacking


class World:
    """Invented items: their populations, eight reviewers each, and judges who know more or less of them."""

    def __init__(self, make_humans, n_items=300, seed=0):
        self.generator = np.random.default_rng(seed)
        self.populations = self.generator.dirichlet([0.6, 0.6, 0.6], n_items)
        self.humans = make_humans(self.generator.multinomial(8, self.populations), LABELS)

    def judge(self, name, knows=1.0, samples=1, order=None, **fields):
        """Votes of a judge who draws from the population with chance `knows`, else any label."""
        item = np.repeat(np.arange(len(self.populations)), samples)
        chance = knows * self.populations[item] + (1 - knows) / 3
        sample = np.tile(np.arange(samples), len(self.populations))
        return votes_of(name, drawn(chance, self.generator), item, sample, order, **fields)

    def value(self, *judges, resamples=300, seed=0, humans=None):
        votes = [vote for judge in judges for vote in judge]
        people = humans or self.humans
        return panel_value_section(
            people, collect_votes(votes, people), VoteTable.of(votes), fit_stacking, seed=seed, resamples=resamples
        )


@pytest.fixture
def world(make_humans):
    return World(make_humans)


def renamed(votes, judge):
    return [vote.model_copy(update={"judge": judge}) for vote in votes]


def test_knowledge_noise_and_a_copy_are_told_apart(world):
    known = world.judge("known")
    found = world.value(known, world.judge("other"), world.judge("noise", knows=0.0), renamed(known, "twin"))
    standing = {name: judge.standing for name, judge in found.judges.items()}
    # Learning from noise costs a little: whether that can be told from nothing is a matter of chance.
    assert standing.pop("noise") in ("adds_nothing", "harms")
    assert standing == {"known": "copy", "other": "adds", "twin": "copy"}
    assert found.judges["twin"].same_as == ["known"]
    assert found.judges["known"].same_as == ["twin"]
    for name in ("known", "twin"):
        number = found.judges[name].left_out_bits
        assert (number.estimate, number.low, number.high) == (0, 0, 0)
    assert found.judges["known"].shapley_bits.estimate == pytest.approx(found.judges["twin"].shapley_bits.estimate)
    assert found.judges["noise"].shapley_bits.estimate < 0.02
    assert found.smallest.judges == ["known", "other"]
    assert "twin says the same as known on every item" in found.advice or "twin (says" in found.advice
    assert any("copies another" in note for note in found.notes)


def test_shares_add_up_to_what_the_panel_is_worth(world):
    found = world.value(world.judge("a"), world.judge("b", knows=0.5), world.judge("c", knows=0.7))
    shares = [judge.shapley_bits.estimate for judge in found.judges.values()]
    assert sum(shares) == pytest.approx(found.value_bits.estimate, abs=1e-12)
    assert found.value_bits.estimate == pytest.approx(
        found.base_rate_ce_bits.estimate - found.panel_ce_bits.estimate
    )
    assert found.shapley == "exact"
    assert found.n_sub_panels == 7
    assert found.greedy[0].ce_bits == found.base_rate_ce_bits
    assert found.greedy[-1].ce_bits == found.panel_ce_bits


def test_two_judges_share_what_they_have_in_common(world):
    found = world.value(world.judge("a"), world.judge("b", knows=0.6))
    a, b = found.judges["a"], found.judges["b"]
    both, one, other = found.value_bits.estimate, a.alone_bits.estimate, b.alone_bits.estimate
    assert a.shapley_bits.estimate == pytest.approx((one + both - other) / 2)
    assert a.left_out_bits.estimate == pytest.approx(both - other)


def test_random_orders_agree_with_all_sub_panels(make_humans, monkeypatch):
    world = World(make_humans, n_items=100)
    judges = [world.judge(f"judge {place}", knows=0.2 + 0.1 * place) for place in range(7)]
    exact = world.value(*judges, resamples=20, seed=2)
    monkeypatch.setattr("panel_eval.evaluation.panel_value.judge_values.EXACT_JUDGES", 6)
    monkeypatch.setattr("panel_eval.evaluation.panel_value.judge_values._FEWEST_SUBSETS", 100)
    monkeypatch.setattr("panel_eval.evaluation.panel_value.judge_values._FITS", 120)
    sampled = world.value(*judges, resamples=20, seed=2)
    assert sampled.shapley == "sampled"
    assert sampled.n_sub_panels < exact.n_sub_panels == 127
    assert any("random orders" in note for note in sampled.notes)
    for name, judge in sampled.judges.items():
        # Of seven judges one is beyond four errors in 3 % of 400 seeds tried: few orders, far from normal.
        wanted = exact.judges[name].shapley_bits.estimate
        assert judge.shapley_bits.estimate == pytest.approx(wanted, abs=4 * judge.shapley_error_bits)
        assert judge.left_out_bits == exact.judges[name].left_out_bits
    shares = [judge.shapley_bits.estimate for judge in sampled.judges.values()]
    assert sum(shares) == pytest.approx(sampled.value_bits.estimate, abs=1e-12)


def test_no_sub_panel_of_few_that_were_fitted_holds_a_judge_twice(make_humans, monkeypatch):
    world = World(make_humans, n_items=200, seed=4)
    known = world.judge("known")
    others = [world.judge(name, knows=0.8) for name in "abcdefghijkl"]
    for name, few in (("EXACT_JUDGES", 2), ("_FEWEST_SUBSETS", 10), ("_FITS", 10), ("_FEWEST_PAIRS", 1)):
        monkeypatch.setattr(f"panel_eval.evaluation.panel_value.judge_values.{name}", few)
    found = world.value(known, renamed(known, "twin"), *others, resamples=20, seed=4)
    assert found.shapley == "sampled"
    # Without its copy the best sub-panel is as good and smaller, though random orders never met it.
    assert not {"known", "twin"} <= set(found.best.judges)
    assert "known" in found.best.judges


def test_a_panel_of_noise_is_worth_nothing(world):
    found = world.value(*(world.judge(name, knows=0.0) for name in "abc"))
    assert found.value_bits.low <= 0
    assert "cannot be told that the fitted panel is better than the base rate" in found.advice
    assert found.smallest.judges == []


def test_value_for_money(world):
    # a: two votes of .01 on each item; b: one of .002 that an earlier run paid; c: nobody knows.
    judges = (
        world.judge("a", samples=2, cost_usd=0.01),
        world.judge("b", cost_usd=0.002, reused_from="earlier"),
        world.judge("c"),
    )
    found = world.value(*judges)
    a, b, c = found.judges.values()
    assert (a.votes_per_item, a.cost_per_item_usd) == (2, pytest.approx(0.02))
    assert (b.votes_per_item, b.cost_per_item_usd) == (1, pytest.approx(0.002))
    for end in ("estimate", "low", "high"):
        assert getattr(a.shapley_bits_per_usd, end) == pytest.approx(getattr(a.shapley_bits, end) / 0.02)
        assert getattr(a.shapley_bits_per_vote, end) == pytest.approx(getattr(a.shapley_bits, end) / 2)
    assert (c.cost_per_item_usd, c.shapley_bits_per_usd.estimate) == (None, None)
    assert c.shapley_bits_per_usd.note == "what its votes cost is not known"
    assert found.front_cost == "votes"
    priced = world.value(*judges[:2])
    assert priced.front_cost == "usd"
    assert priced.best.cost_per_item_usd == pytest.approx(0.022)
    free = world.value(judges[0], renamed(world.judge("d", cost_usd=0.0, attempts=0), "d"))
    assert free.judges["d"].shapley_bits_per_usd.note == "its votes cost nothing"


def test_a_front_rises_in_cost_and_falls_in_loss(world):
    found = world.value(
        *(world.judge(name, knows=knows) for name, knows in zip("abcd", (1, 0.8, 0.3, 0), strict=True))
    )
    costs = [panel.votes_per_item for panel in found.front]
    losses = [panel.ce_bits.estimate for panel in found.front]
    assert found.front[0].judges == []
    assert costs == sorted(set(costs))
    assert losses == sorted(losses, reverse=True)
    assert found.front[-1] == found.best
    assert [len(panel.judges) for panel in found.greedy] == [0, 1, 2, 3, 4]
    for fewer, more in zip(found.greedy, found.greedy[1:], strict=False):
        assert set(fewer.judges) < set(more.judges)


def test_more_samples_are_worth_what_they_add(world):
    found = world.value(world.judge("a", samples=4), world.judge("b", samples=4))
    assert [row.samples for row in found.samples] == [1, 2, 3, 4]
    assert [row.votes_per_item for row in found.samples] == [2, 4, 6, 8]
    losses = [row.ce_bits.estimate for row in found.samples]
    assert losses == sorted(losses, reverse=True)
    assert found.samples[0].behind_all_bits.low > 0
    assert found.samples[-1].behind_all_bits.estimate == 0
    assert found.samples[-1].ce_bits.estimate == pytest.approx(found.panel_ce_bits.estimate)
    assert found.label_orders_note == "the votes do not say in which order labels were listed"


def test_one_vote_each_says_nothing_of_more(world):
    found = world.value(world.judge("a"), world.judge("b"))
    assert found.samples is None
    assert found.samples_note == "each judge voted once on each item"


def test_mixing_orders_helps_judges_that_like_the_first_label(make_humans):
    """Half of all answers take the first of the list; in mixed orders what the list did is anybody's guess, in one
    order the fitted panel learns it and is as good: the gain of mixing is then below 0, and said to be."""
    world = World(make_humans, n_items=400)
    votes = []
    for judge in "ab":
        item, order = np.repeat(np.arange(400), 3), np.tile(np.arange(3), 400)
        honest = drawn(world.populations[item], world.generator)
        choices = np.where(world.generator.random(1200) < 0.5, ROTATIONS[order, 0], honest)
        votes.append(votes_of(judge, choices, item, order, order))
    found = world.value(*votes).label_orders
    assert found.orders == 3
    assert set(found.by_order) == {
        "mild > moderate > severe",
        "moderate > severe > mild",
        "severe > mild > moderate",
    }
    mean = np.mean([number.estimate for number in found.by_order.values()])
    assert found.one_order_ce_bits.estimate == pytest.approx(mean)
    gain = found.one_order_ce_bits.estimate - found.mixed_orders_ce_bits.estimate
    assert found.gain_of_mixing_bits.estimate == pytest.approx(gain)
    assert found.gain_of_mixing_bits.high < 0.01


def test_orders_are_compared_for_the_judges_that_saw_several(world):
    item, order = np.repeat(np.arange(300), 3), np.tile(np.arange(3), 300)
    votes = votes_of("a", drawn(world.populations[item], world.generator), item, order, order)
    found = world.value(votes, world.judge("b", order=np.arange(300) % 3))
    assert found.label_orders.orders == 3
    # b's single votes stay: with one of a's three votes the panel has still something of both.
    b_alone = found.base_rate_ce_bits.estimate - found.judges["b"].alone_bits.estimate
    assert found.panel_ce_bits.estimate < found.label_orders.one_order_ce_bits.estimate < b_alone


def test_one_order_for_each_item_cannot_be_compared(world):
    order = np.arange(300) % 3
    found = world.value(world.judge("a", order=order), world.judge("b", order=order))
    assert found.label_orders is None
    assert "the same two label orders or more" in found.label_orders_note


def test_items_that_nobody_answered_are_left_out_and_counted(world):
    votes = [vote for vote in world.judge("a") if vote.item_id >= "item-0025"]
    found = world.value(votes, [vote for vote in world.judge("b") if vote.item_id >= "item-0050"])
    assert (found.n_items, found.n_left_out) == (275, 25)
    assert found.value_bits.n == 275
    assert "25 items that no judge answered are left out" in found.notes


def test_a_judge_that_never_answered_is_worth_nothing(world):
    refusals = [vote.model_copy(update={"outcome": "refusal", "label": None}) for vote in world.judge("mute")]
    found = world.value(world.judge("a"), refusals)
    mute = found.judges["mute"]
    assert mute.alone_bits.estimate == 0
    assert mute.shapley_bits.estimate == pytest.approx(0, abs=0.005)
    assert mute.standing == "adds_nothing"


def test_of_two_copies_the_cheaper_is_kept(world):
    cheap = world.judge("z", cost_usd=0.001)
    dear = [vote.model_copy(update={"judge": "a", "cost_usd": 0.01}) for vote in cheap]
    found = world.value(dear, cheap, world.judge("other", cost_usd=0.001))
    assert found.smallest.judges == found.best.judges == ["other", "z"]
    assert found.advice.startswith("Drop a (says the same as z on every item)")


def test_a_mute_judge_is_dropped_whatever_else_cannot_be_told(make_humans):
    world = World(make_humans, n_items=60)
    refusals = [vote.model_copy(update={"outcome": "refusal", "label": None}) for vote in world.judge("mute")]
    known = world.judge("known")
    found = world.value(known, renamed(known, "twin"), *(world.judge(name, knows=0.6) for name in "abcd"), refusals)
    assert found.choice_cost_bits.high > 0.05 * found.value_bits.low
    kept, dropped = found.advice.split("nothing is lost by that; but keep ")
    assert "twin (says the same as known on every item)" in kept
    assert "mute (gave no answers to learn from)" in kept
    assert not {"known", "mute", "twin"} & set(dropped.replace(",", " ").split())


def test_what_may_be_a_large_loss_is_not_called_none(make_humans):
    """Sixty items: the loss without one judge may be 0 or a third of all; neither "replaceable" nor "nothing"."""
    world = World(make_humans, n_items=60)
    found = world.value(*(world.judge(name, knows=0.7) for name in "abcd"))
    bearable = 0.05 * found.value_bits.low
    wide = [judge for judge in found.judges.values() if judge.left_out_bits.low <= 0 < judge.left_out_bits.high]
    assert any(judge.left_out_bits.high > 4 * bearable for judge in wide)
    assert {judge.standing for judge in wide if judge.left_out_bits.high > bearable} == {"not_told"}


def test_one_judge_is_spoken_of_as_one(world):
    found = world.value(world.judge("a"))
    assert found.advice == "Keep the judge: fitted, it is better than the base rate."


def test_too_few_items_are_refused_with_words(make_humans):
    found = World(make_humans, n_items=19).value(World(make_humans, n_items=19).judge("a"))
    assert found.value_bits.note == "only 19 items were answered: 20 are needed to fit and judge a panel"
    assert found.judges == {}
    assert found.advice.startswith("Nothing can be told of the judges' value: only 19 items")


def test_one_label_leaves_nothing_to_tell(make_humans):
    humans = make_humans([[3]] * 30, ("mild",))
    votes = votes_of("a", [0] * 30)
    found = panel_value_section(humans, collect_votes(votes, humans), None, fit_stacking, seed=0, resamples=20)
    assert found.advice == "Nothing can be told of the judges' value: there is only one label."


def test_clusters_are_kept_whole(make_humans):
    # Ten copies of each item: out of fold nothing of an item may be learned from its copies.
    world = World(make_humans, n_items=200)
    clusters = tuple(f"source {row // 20:02d}" for row in range(200))
    grouped = replace(world.humans, clusters=clusters)
    found = world.value(world.judge("a"), humans=grouped)
    assert found.value_bits.note == "only 10 clusters were answered: 20 are needed to fit and judge a panel"


def test_shuffled_labels_make_judges_worthless(world):
    """Leakage would show as value: with people's votes dealt to other items no judge can have any."""
    dealt = np.random.default_rng(5).permutation(300)
    counts = world.humans.counts[dealt]
    shuffled_humans = replace(world.humans, counts=counts, distribution=counts / counts.sum(axis=1, keepdims=True))
    found = world.value(*(world.judge(name) for name in "abc"), humans=shuffled_humans)
    assert found.value_bits.estimate < 0
    assert all(judge.alone_bits.low <= 0 for judge in found.judges.values())


def test_the_order_of_lines_and_items_changes_no_byte(world):
    votes = [*world.judge("a", samples=2, cost_usd=0.003), *world.judge("b"), *world.judge("c", knows=0.3)]
    rows = np.random.default_rng(3).permutation(300)

    def value(table, humans):
        return panel_value_section(
            humans, collect_votes(table, humans), table, fit_stacking, seed=1, resamples=50
        ).model_dump_json()

    wanted = value(VoteTable.of(votes), world.humans)
    assert value(shuffled(votes), world.humans.select(rows)) == wanted


def test_large_panels_use_a_part_of_the_items(world, monkeypatch):
    monkeypatch.setattr("panel_eval.evaluation.panel_value.section._FEWEST_ITEMS", 100)
    monkeypatch.setattr("panel_eval.evaluation.panel_value.section._ITEMS_FITTED", 400)
    found = world.value(world.judge("a"), world.judge("b"))
    assert found.n_items == 100
    assert "from 100 random items of 300" in found.notes


# Sub-panels 0, {a}, {b}, {a, b} by hand on eight items.
MASKS = [0, 1, 2, 3]
LOSSES = np.array(
    [
        [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0],
        [1.2, 0.9, 1.2, 0.9, 1.2, 0.9, 1.2, 0.9],
        [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5],
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    ]
)


def test_the_smallest_within_one_standard_error_by_hand():
    # {a} is .05 behind {a, b}; its differences .2, -.1 have standard deviation .1604 (7 degrees of freedom), so the
    # error of their mean is .0567: within. {b} is .5 behind without any spread.
    assert best(LOSSES, MASKS) == 3
    assert smallest(LOSSES, MASKS, np.arange(8)) == 1
    # Each item twice says no more than once if copies are of one cluster; taken for 16 items, {a} would be refused.
    twice = np.repeat(LOSSES, 2, axis=1)
    assert smallest(twice, MASKS, np.arange(16) // 2) == 1
    assert smallest(twice, MASKS, np.arange(16)) == 3
    nearer = LOSSES.copy()
    nearer[1] += 0.01  # .06 behind: no longer within .0567
    assert smallest(nearer, MASKS, np.arange(8)) == 3


def test_a_choice_is_scored_where_it_was_not_made():
    # On the items of fold 1 alone {a} is as good as both; on those of fold 0 it is worse.
    losses = np.array([[2.0] * 20, [1.5] * 10 + [1.0] * 10, [2.0] * 20, [1.0] * 20])
    fold = np.repeat([0, 1], 10)
    chosen = chosen_elsewhere(losses, MASKS, np.arange(20), fold)
    assert chosen.tolist() == [1.5] * 10 + [1.0] * 10  # {a}, chosen on fold 1, costs .5 on fold 0


def test_the_front_by_hand():
    means, costs = np.array([2.0, 1.2, 1.1, 1.15, 1.1, 0.9]), np.array([0, 1, 1, 2, 3, 3.0])
    assert front(means, costs) == [0, 2, 5]
