"""Why a panel is unsure: planted parts are found, what cannot be told is not told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from vote_examples import LABELS, ROTATIONS, drawn, shuffled, votes_of

from panel_eval.evaluation.uncertainty import uncertainty_section
from panel_eval.pooling import VoteTable, collect_votes
from panel_eval.schema import Vote

JUDGES = ("a", "b", "c", "d")


def sticky_votes(stickiness, seed, n_items=250, orders=3, samples=2, judges=JUDGES, models=None):
    """Votes that repeat an opinion of the model, judge or order with the chances given, else are drawn afresh.

    All opinions of an item come from one population of impurity G = 1 - Σπ². Two votes that share only the model
    agree beyond chance if both repeat its opinion: the part of the models is chance² · G, and so on; the samples'
    is the rest of G. There are no orders but those asked, so that a judge's mean over them keeps a share of theirs.
    """
    generator = np.random.default_rng(seed)
    populations = generator.dirichlet([2.0, 2.0, 2.0], n_items)
    impurity = 1 - np.square(populations).sum(axis=1)
    item = np.repeat(np.arange(n_items), orders * samples)
    order = np.tile(np.repeat(np.arange(orders), samples), n_items)
    opinion_of = {model: drawn(populations, generator) for model in sorted(set((models or {}).values()))}
    votes = []
    for judge in judges:
        opinions = [drawn(populations, generator)[item], None, drawn(populations[item], generator)]
        opinions[1] = np.stack([drawn(populations, generator) for _ in range(orders)])[order, item]
        if models:
            opinions = [opinion_of[models[judge]][item], *opinions]
        which = np.searchsorted(np.cumsum(stickiness), generator.random(item.size))
        choices = np.array(opinions)[which, np.arange(item.size)]
        sample = np.tile(np.arange(orders * samples), n_items)
        votes += votes_of(judge, choices, item, sample, order)
    parts = np.append(np.square(stickiness), 1 - np.square(stickiness).sum()) * impurity.mean()
    kept = parts[-2] / orders
    return votes, parts + np.array([*[0.0] * (len(parts) - 3), kept, -kept, 0.0])


def section(votes, make_humans, n_items=250, models=None, resamples=400, seed=0):
    humans = make_humans(np.tile([2, 1, 1], (n_items, 1)), LABELS)
    table = votes if isinstance(votes, VoteTable) else VoteTable.of(votes)
    return uncertainty_section(
        humans, table, collect_votes(table, humans), seed=seed, resamples=resamples, models=models
    )


def test_planted_parts_are_found(make_humans):
    votes, planted = sticky_votes([0.7, 0.2], seed=1)
    found = section(votes, make_humans)
    assert [part.sources for part in found.parts] == [["judges"], ["label_orders"], ["samples"]]
    for part, wanted in zip(found.parts, planted, strict=True):
        error = (part.variance.high - part.variance.low) / 3.92
        assert part.variance.estimate == pytest.approx(wanted, abs=4 * error)
        assert error < 0.02
    assert found.total.estimate == pytest.approx(sum(part.variance.estimate for part in found.parts))
    assert sum(part.share.estimate for part in found.parts) == pytest.approx(1)
    assert found.not_told == {"prompts": "which judges share a model is not known"}


def test_prompts_of_one_model_have_a_part(make_humans):
    models = {"a": "large", "b": "large", "c": "small", "d": "small"}
    votes, planted = sticky_votes([0.5, 0.5, 0.0], seed=2, models=models)
    found = section(votes, make_humans, models=models)
    assert [part.sources for part in found.parts] == [["judges"], ["prompts"], ["label_orders"], ["samples"]]
    for part, wanted in zip(found.parts, planted, strict=True):
        assert part.variance.estimate == pytest.approx(
            wanted, abs=4 * (part.variance.high - part.variance.low) / 3.92
        )


def test_intervals_hold_what_was_planted(make_humans):
    """Of 60 panels each interval of the shares should miss about 3; ten or more come up once in 1,300 times."""
    missed = np.zeros(3)
    for seed in range(60):
        votes, planted = sticky_votes([0.5, 0.4], seed=100 + seed, n_items=60, judges=("a", "b", "c"), samples=2)
        found = section(votes, make_humans, n_items=60, resamples=300)
        wanted = planted / planted.sum()
        missed += [
            not part.share.low <= own <= part.share.high for part, own in zip(found.parts, wanted, strict=True)
        ]
    assert (missed <= 9).all()


def test_a_part_below_zero_is_left_so_and_explained(make_humans):
    # Judges draw every vote afresh: what lies between them is 0, and its estimate below 0 about every other time.
    found = [section(sticky_votes([0.0, 0.0], seed=seed)[0], make_humans) for seed in range(4)]
    below = [own for own in found if own.parts[0].variance.estimate < 0]
    assert below
    assert all(any("not cut off" in note for note in own.notes) for own in below)
    assert all("answers of one judge to one and the same question" in own.advice for own in found)


def test_single_votes_tell_nothing_apart(make_humans):
    votes, planted = sticky_votes([0.6, 0.0], seed=3, orders=1, samples=1)
    found = section(votes, make_humans)
    assert [part.sources for part in found.parts] == [["judges", "samples"]]
    assert found.parts[0].variance.estimate == pytest.approx(planted.sum(), abs=0.05)
    assert set(found.not_told) == {"prompts", "label_orders", "samples"}
    assert found.not_told["label_orders"] == "all votes were asked in one label order, or name none"
    assert found.advice == (
        "Judges that contradict each other and answers of one judge to one and the same question look the same in "
        "these votes: to tell these apart, ask each judge for two samples or more."
    )


def test_orders_asked_once_each_go_with_the_samples(make_humans):
    found = section(sticky_votes([0.6, 0.5], seed=4, samples=1)[0], make_humans)
    assert [part.sources for part in found.parts] == [["judges"], ["label_orders", "samples"]]
    assert found.parts[1].remedy.endswith(
        "ask each judge for more samples than there are labels, in balanced orders"
    )


def stated_votes(judge, pull, populations):
    """Distributions of a judge that moves `pull` of its mass to the label listed first; three orders once each."""
    votes = []
    for item, own in enumerate(populations):
        for sample, order in enumerate(ROTATIONS):
            mass = (1 - pull) * own + pull * np.eye(3)[order[0]]
            votes.append(
                Vote(
                    item_id=f"item-{item:04d}",
                    judge=judge,
                    sample=sample,
                    distribution=dict(zip(LABELS, mass / mass.sum(), strict=True)),
                    label_order=[LABELS[place] for place in order],
                )
            )
    return votes


def test_judges_that_lean_the_same_way_do_not_contradict_each_other(make_humans):
    """Two judges say the same but for how much they like the first label: all lies in the order of labels.

    Each pull p moves mass p around three labels: variance p² · (1 - 1/3). Single votes of a third judge say
    nothing of what they repeat: it is left out, not blamed on the others.
    """
    generator = np.random.default_rng(11)
    populations = generator.dirichlet([2.0, 2.0, 2.0], 100)
    votes = stated_votes("a", 0.6, populations) + stated_votes("b", 0.3, populations)
    found = section(
        votes + votes_of("lone", drawn(populations, generator), order=np.zeros(100, int)), make_humans, 100
    )
    judges, orders = found.parts
    assert orders.sources == ["label_orders", "samples"]
    assert orders.variance.estimate == pytest.approx((0.6**2 + 0.3**2) / 2 * 2 / 3)
    shift = np.square(0.3 * (populations - 1 / 3)).sum(axis=1).mean() / 2
    assert judges.variance.estimate == pytest.approx(shift)  # what their means over the orders differ by
    assert "judges with one vote an item are left out of the parts: lone" in found.notes
    assert found.position_bias["a"].first.estimate == pytest.approx(0.6 * 2 / 3)


def test_one_judge_has_no_part_between(make_humans):
    found = section(sticky_votes([0.6, 0.3], seed=5, judges=("a",))[0], make_humans)
    assert [part.sources for part in found.parts] == [["label_orders"], ["samples"]]
    assert found.not_told["judges"] == "too few items were answered by two judges"


def test_the_mean_of_more_votes_keeps_less(make_humans):
    # Balanced: 4 judges, 3 orders each, 2 samples each, so a 4th, 12th and 24th is left.
    found = section(sticky_votes([0.5, 0.5], seed=6)[0], make_humans)
    left = [part.left_in_panel.estimate / part.variance.estimate for part in found.parts]
    assert left == pytest.approx([1 / 4, 1 / 12, 1 / 24])


def biased_votes(liking, seed, n_items=250, orders=3):
    """Judge a takes the first label of the list with the chance given; judge b never cares."""
    generator = np.random.default_rng(seed)
    populations = generator.dirichlet([2.0, 1.0, 1.0], n_items)
    item = np.repeat(np.arange(n_items), orders)
    order = (np.tile(np.arange(orders), n_items) + generator.integers(3, size=n_items)[item]) % 3
    sample = np.tile(np.arange(orders), n_items)
    votes = []
    for judge, chance in (("a", liking), ("b", 0.0)):
        honest = drawn(populations[item], generator)
        choices = np.where(generator.random(item.size) < chance, ROTATIONS[order, 0], honest)
        votes += votes_of(judge, choices, item, sample, order)
    return votes


@pytest.mark.parametrize(("orders", "control"), [(3, "same_item"), (1, "other_items")])
def test_a_liking_for_the_first_label_is_found(make_humans, orders, control):
    # .3 of the answers take the first label: .3 · (1 - 1/3) more often than without, and the last is chosen
    # .3 · 1/3 less often.
    found = section(biased_votes(0.3, 7, n_items=600, orders=orders), make_humans, n_items=600).position_bias
    assert found["a"].control == control
    for number, planted in ((found["a"].first, 0.2), (found["a"].last, -0.1)):
        assert number.low < planted < number.high
        assert number.low > 0 or number.high < 0
    assert found["b"].first.low < 0 < found["b"].first.high
    assert found["b"].last.low < 0 < found["b"].last.high


def test_no_bias_is_found_where_there_is_none(make_humans):
    """400 intervals of judges without bias: 20 of them should miss 0; 36 or more come up once in 1,700 times."""
    missed = 0
    for seed in range(50):
        for orders in (3, 1):
            found = section(
                biased_votes(0.0, 200 + seed, n_items=80, orders=orders), make_humans, n_items=80, resamples=200
            )
            numbers = [number for own in found.position_bias.values() for number in (own.first, own.last)]
            missed += sum(not number.low <= 0 <= number.high for number in numbers)
    assert missed < 36


def test_nobody_knows_the_order(make_humans):
    generator = np.random.default_rng(1)
    votes = votes_of("a", generator.integers(3, size=40)) + votes_of("b", generator.integers(3, size=40))
    found = section(votes, make_humans, n_items=40)
    assert found.position_bias == {}
    assert found.position_note == "the votes do not say in which order labels were listed"


def test_orders_that_are_no_orders_of_the_labels_are_not_used(make_humans):
    generator = np.random.default_rng(1)
    votes = votes_of("a", generator.integers(3, size=40), order=np.arange(40) % 3)
    bad = [vote.model_copy(update={"label_order": ["mild", "mild", "\x1b[31m"]}) for vote in votes]
    assert section(bad, make_humans, n_items=40).position_bias == {}


def test_spread_is_that_of_the_metrics(make_humans):
    found = section(sticky_votes([0.6, 0.2], seed=8)[0], make_humans)
    parts = found.spread.mean
    assert parts.within_judge_bits.estimate + parts.between_judge_bits.estimate == pytest.approx(
        parts.total_spread_bits.estimate
    )


def test_the_order_of_lines_changes_no_byte(make_humans):
    votes = sticky_votes([0.6, 0.2], seed=9)[0]
    assert section(shuffled(votes), make_humans).model_dump_json() == section(votes, make_humans).model_dump_json()


def test_nothing_answered_is_said(make_humans):
    votes = [vote.model_copy(update={"outcome": "refusal", "label": None}) for vote in votes_of("a", [0, 1, 2])]
    found = section(votes, make_humans, n_items=3)
    assert found.total.note == "no judge answered any item"
    assert found.advice == "Why the panel is unsure cannot be told: no judge answered any item."


def test_items_that_never_differ_have_no_shares(make_humans):
    votes = votes_of("a", [0] * 30) + votes_of("b", [0] * 30)
    found = section(votes, make_humans, n_items=30)
    assert found.parts[0].variance.estimate == 0
    assert found.parts[0].share.note == "the votes on an item never differ"
    assert found.advice == "The panel is never unsure: the votes on an item never differ."


def test_without_intervals_the_reason_is_said_and_no_part_is_blamed(make_humans):
    votes, _ = sticky_votes([0.7, 0.0], seed=1, orders=1, n_items=40)
    humans = replace(make_humans(np.tile([2, 1, 1], (40, 1)), LABELS), clusters=("one source",) * 40)
    table = VoteTable.of(votes)
    found = uncertainty_section(humans, table, collect_votes(table, humans), seed=0, resamples=100)
    assert [part.sources for part in found.parts] == [["judges"], ["samples"]]
    assert found.advice == "What makes the panel unsure cannot be told: no interval: fewer than 8 clusters."
