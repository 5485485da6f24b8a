"""What a single label loses: hand values, enumeration of known populations, properties, and what is left unsaid."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from panel_eval.errors import InputError
from panel_eval.evaluation.label_quality.people import people_alone
from panel_eval.evaluation.pilot import pilot_report
from panel_eval.evaluation.pilot.forecasts import face_value, label_forecast, ties_apart, ties_broken
from panel_eval.evaluation.pilot.information import held_out_forecasts
from panel_eval.evaluation.pilot.left_out_votes import LeftOutVotes
from panel_eval.evaluation.pilot.usable import Votes
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import make_segments
from panel_eval.humans import HumanLabels, labels_from_counts
from panel_eval.schema.pilot import HeldOutForecasts, PilotReport

LABELS = ("a", "b", "c")


def drawn(n: int, items: int, seed: int, alpha: tuple[float, ...] = (0.9, 0.5, 0.3)) -> np.ndarray:
    """Counts of n people on items whose populations are Dirichlet."""
    generator = np.random.default_rng([seed, n])
    return generator.multinomial(n, generator.dirichlet(alpha, size=items)).astype(float)


def report(counts: np.ndarray, scale: str = "nominal", resamples: int = 200) -> PilotReport:
    return pilot_report(labels_from_counts(counts, LABELS[: counts.shape[1]], scale=scale), resamples=resamples)


@pytest.fixture(scope="module")
def three() -> PilotReport:
    return report(drawn(3, 200, 1))


@pytest.fixture(scope="module")
def five() -> PilotReport:
    return report(drawn(5, 200, 1))


def test_optimism_of_eight_items_by_hand() -> None:
    # Four items a a b, four a a a. One vote left out of a a b: 2/3 of the time a, whose others a b tie: half right;
    # 1/3 b, whose others a a: wrong. So 1/3 right; a a a: 1. Mean 2/3.
    # Of all but one, on a a b: 2/3 * 1/2 + 1/3 * 1.
    found = report(np.array([[2.0, 1.0]] * 4 + [[3.0, 0.0]] * 4)).accuracy
    assert found is not None
    assert found.next_vote_one_less.estimate == pytest.approx(2 / 3)
    assert found.own_votes_one_less.estimate == pytest.approx((2 / 3 + 1) / 2)
    assert found.own_votes.estimate == pytest.approx((2 / 3 + 1) / 2)
    assert found.optimism_one_less.estimate == pytest.approx(1 / 6)
    # Others agree on a a a always and on a a b a third of the time, where the vote left out is b.
    agreed = found.by_class["agreement"]
    assert agreed.share.estimate == pytest.approx(2 / 3)
    assert agreed.next_vote.estimate == pytest.approx(3 / 4)
    assert found.by_class["unresolved"].next_vote.estimate == pytest.approx(1 / 2)


def test_a_label_at_face_value_by_hand() -> None:
    # Two people: (2 + .5, .5, .5) / 3.5.
    assert face_value(np.eye(3)[:1], np.array([2.0]))[0] == pytest.approx([2.5 / 3.5, 0.5 / 3.5, 0.5 / 3.5])


def test_every_vote_is_left_out_once() -> None:
    humans = labels_from_counts(np.array([[2.0, 1.0], [0.0, 4.0]] * 4), ("a", "b"))
    left = LeftOutVotes.of(people_alone(humans, base_rate(humans), make_segments(humans, 10, 0), 0), 2)
    assert left.item[:3].tolist() == [0, 0, 1]
    assert left.others.counts[:3].tolist() == [[1.0, 1.0], [2.0, 0.0], [0.0, 3.0]]
    assert left.weight[:3] == pytest.approx([2 / 3, 1 / 3, 1.0])
    # Jeffreys' prior, as eight items teach none: (1 + .5) / (2 + 1).
    assert left.expected[0] == pytest.approx([0.5, 0.5])


def test_with_two_other_votes_a_tie_told_apart_tells_both() -> None:
    humans = labels_from_counts(drawn(3, 300, 4), LABELS)
    left = LeftOutVotes.of(people_alone(humans, base_rate(humans), make_segments(humans, 10, 0), 0), 3)
    q = label_forecast(ties_apart(left.others), left.expected, left.prior, left.weight, left.unit)
    seen = left.weight > 0.5  # 2-1 and 3-0 items; tied sets that few items have are started from one vote
    assert np.abs(q - left.expected)[seen & (left.others.modes.sum(axis=1) == 1)].max() < 0.01


def held_out(counts: np.ndarray, fewest: int = 4) -> HeldOutForecasts:
    """Forecasts of held-out votes, without what needs a model."""
    humans = labels_from_counts(counts, LABELS)
    people = people_alone(humans, base_rate(humans), make_segments(humans, 50, 0), 0)
    return held_out_forecasts(people, fewest, "too few")


def test_where_all_items_are_alike_no_bits_are_said_to_be_lost() -> None:
    """95 of 100 people agree on every item: other votes tell nothing that their label does not."""
    generator = np.random.default_rng(1)
    for _ in range(12):
        lost = held_out(np.pad(generator.multinomial(4, [0.95, 0.05], size=60), ((0, 0), (0, 1))).astype(float))
        low = lost.lost_bits["single_label"].low
        assert low is None or low <= 0.0


@pytest.mark.slow
def test_held_out_bits_are_those_of_known_populations() -> None:
    """Two kinds of items, so that every chance can be enumerated: the estimates meet them on average."""
    populations, n = np.array([[0.8, 0.15, 0.05], [0.1, 0.3, 0.6]]), 4
    exact = enumerated_bits(populations, n - 1)
    assert exact == pytest.approx({"apart": 0.0252, "broken": 0.0524}, abs=1e-4)
    generator = np.random.default_rng(8)
    found = [
        held_out(generator.multinomial(n, populations[generator.integers(2, size=1500)]).astype(float)).lost_bits
        for _ in range(12)
    ]
    for name, kind in (("single_label", "apart"), ("ties_broken", "broken")):
        values = np.array([lost[name].estimate for lost in found], dtype=float)
        assert values.mean() == pytest.approx(exact[kind], abs=0.006)


def enumerated_bits(populations: np.ndarray, n: int) -> dict[str, float]:
    """I(next vote; all n votes) less I(next vote; label), in bits, over every way to vote."""
    n_labels = populations.shape[1]
    joint: dict[tuple[int, ...], np.ndarray] = {}
    for votes in itertools.product(range(n + 1), repeat=n_labels):
        if sum(votes) == n:
            ways = math.factorial(n) / math.prod(math.factorial(v) for v in votes)
            joint[votes] = (ways * (populations ** np.array(votes)).prod(axis=1)) @ populations / len(populations)
    known: dict[str, dict[object, np.ndarray]] = {"all": {}, "apart": {}, "broken": {}}
    for votes, mass in joint.items():
        best = tuple(k for k, v in enumerate(votes) if v == max(votes))
        known["all"][votes] = mass
        known["apart"][best] = known["apart"].get(best, 0) + mass
        for k in best:
            known["broken"][k] = known["broken"].get(k, 0) + mass / len(best)
    entropy = {
        name: -sum(float(mass @ np.log2(mass / mass.sum())) for mass in table.values())
        for name, table in known.items()
    }
    return {name: entropy[name] - entropy["all"] for name in ("apart", "broken")}


def test_the_single_label_tells_less_than_all_votes_and_more_than_nothing(five: PilotReport) -> None:
    held = five.information
    assert held is not None
    lost = {name: number.estimate for name, number in held.held_out.lost_bits.items()}
    assert all(value is not None for value in lost.values())
    assert 0 < lost["single_label"] <= lost["ties_broken"] < lost["base_rate"] < lost["uniform"]
    assert 0 < (held.held_out.kept_share.estimate or 0.0) < 1


def test_three_reviewers_have_no_number_where_ties_tell_all(three: PilotReport) -> None:
    assert three.information is not None
    assert three.information.held_out.lost_bits["single_label"].estimate is None
    assert "4 or more reviewers" in (three.information.held_out.kept_share.note or "")
    assert three.information.held_out_of_three.lost_bits["ties_broken"].estimate is not None


def test_more_reviewers_make_the_fit_surer_and_all_votes_better(three: PilotReport) -> None:
    gaps = [one.gap.estimate or 0.0 for one in three.by_reviewers]
    kept = [one.all_votes_bits.estimate or 0.0 for one in three.by_reviewers]
    label = [one.single_label_bits.estimate or 0.0 for one in three.by_reviewers]
    assert gaps[0] == pytest.approx(0.0, abs=1e-12)
    assert gaps == sorted(gaps)
    assert kept == sorted(kept, reverse=True)
    assert all(a <= b + 0.005 for a, b in zip(kept, label, strict=True))


def test_half_panels_of_one_are_two_votes_that_agree() -> None:
    """With two or three people a half is one vote; four people split into twos: same label as enumerated."""
    found = report(np.array([[4.0, 0.0], [2.0, 2.0], [3.0, 1.0], [0.0, 4.0]] * 10)).accuracy
    assert found is not None
    # 4-0: 1. 3-1: halves aa, ab: (1/2). 2-2: aa|bb 1/3 of splits: 0; ab|ab 2/3: 1/2. Mean (1 + 1/3 + 1/2 + 1) / 4.
    assert found.halves.estimate == pytest.approx((1 + 1 / 3 + 1 / 2 + 1) / 4, abs=0.03)


@pytest.mark.parametrize("order", [(1, 2, 0), (2, 1, 0)])
def test_the_order_of_the_labels_changes_nothing_held_out(order: tuple[int, ...]) -> None:
    counts = drawn(4, 150, 3)
    first, second = held_out(counts), held_out(counts[:, order])
    for name, number in first.lost_bits.items():
        assert second.lost_bits[name].estimate == pytest.approx(number.estimate, abs=1e-9)


def test_unanimous_items_lose_nothing() -> None:
    counts = np.zeros((120, 3))
    counts[np.arange(120), np.arange(120) % 3] = 5
    found = report(counts)
    assert found.information is not None
    assert found.accuracy is not None
    assert found.information.held_out.lost_bits["single_label"].estimate == pytest.approx(0.0, abs=0.01)
    assert found.accuracy.optimism_one_less.estimate == pytest.approx(0.0)
    assert found.items == []
    assert "nearly all there is" in found.headline
    assert any("a single label is enough" in line for line in found.advice)


@pytest.mark.parametrize("counts", [[[3.0, 0.0]] * 8, [[3.0, 0.0]] * 15 + [[0.0, 3.0]] * 15], ids=["8", "30"])
def test_a_few_items_that_all_agree_on_show_little(counts: list[list[float]]) -> None:
    """Resamples of them never differ, yet 0 of 8 items leave room for 1 - .025^(1/8) = 37 %, 0 of 30 for 12 %.

    Wilson: z² / (n + z²) = 3.84 / 11.84 = 32 % and 3.84 / 33.84 = 11 %.
    """
    found = report(np.array(counts))
    assert found.accuracy is not None
    agree = found.accuracy.next_vote_one_less
    assert agree.estimate == 1.0
    assert agree.low == pytest.approx(len(counts) / (len(counts) + 3.8415), abs=1e-4)
    said = " ".join([found.headline, *found.findings, *found.advice])
    assert f"up to {100 * 3.8415 / (len(counts) + 3.8415):.0f}% of all votes may differ" in found.headline
    assert "No item is split" in said
    assert "a single label is enough." not in said
    assert "by the model" not in said
    assert all(check.fits is None for check in found.checks if check.held_out.low == check.held_out.high)


def test_agreement_near_the_bar_is_called_neither_enough_nor_too_little() -> None:
    found = report(np.array([[3.0, 0.0]] * 50 + [[0.0, 3.0]] * 50 + [[2.0, 1.0]] * 10))
    assert found.accuracy is not None
    agreed = found.accuracy.by_class["agreement"].next_vote
    assert agreed.low is not None
    assert agreed.high is not None
    assert agreed.low < 0.95 < agreed.high
    assert any("cannot show whether a single label is enough" in line for line in found.advice)


def test_most_votes_against_the_others_are_said_in_good_english() -> None:
    found = report(np.array([[1.0, 1.0]] * 60))
    assert found.headline.startswith("Most votes (100%, 94 to 100) are not what the item's other reviewer chose")
    assert not any("Majority labels" in line for line in found.findings)  # of one other vote


def test_slips_on_clear_items_are_within_what_three_votes_allow() -> None:
    """98 of 100 agree on every item: second panels keep the label on 99.9 % of them, 3 x .98 x .02^2 + .02^3 apart.

    A Dirichlet takes the few splits for items on which people differ, and says 97 %.
    """
    generator = np.random.default_rng(3)
    votes = generator.binomial(3, np.where(np.arange(300) % 2, 0.98, 0.02))
    found = report(np.column_stack([votes, 3.0 - votes]))
    assert found.accuracy is not None
    assert found.information is not None
    again, split = found.accuracy.second_panel, found.information.discards_more_than["0.25"]
    flip = 3 * 0.98 * 0.02**2 + 0.02**3
    assert again.high is not None
    assert again.estimate is not None
    assert again.estimate < 0.99 < 1 - 2 * flip <= again.high
    assert split.low == pytest.approx(0.0, abs=0.01)


def test_items_that_lose_most_come_first_and_equals_are_counted(five: PilotReport) -> None:
    lost = [item.lost_bits for item in five.items]
    assert lost == sorted(lost, reverse=True)
    assert len(lost) == 20
    assert sum(five.items[0].votes.values()) == 5
    few = report(np.array([[2.0, 1.0]] * 30 + [[3.0, 0.0]] * 30))
    assert "10 more items lose as much as the last of those that the page and the JSON list" in few.notes


@pytest.mark.parametrize(
    ("humans", "why"),
    [
        (labels_from_counts(np.eye(3)[np.arange(60) % 3], LABELS), "two or more reviewers"),
        (labels_from_counts(np.array([[2.0, 1.0]] * 7), ("a", "b")), "fewer than 8 items"),
        (labels_from_counts(np.full((20, 1), 3.0), ("a",)), "only one label"),
    ],
    ids=["one reviewer", "seven items", "one label"],
)
def test_where_nothing_can_be_said_it_is_said_why(humans: HumanLabels, why: str) -> None:
    found = pilot_report(humans, resamples=100)
    assert found.information is None
    assert found.nothing_bits.estimate is None
    assert why in found.headline
    assert found.advice


def test_items_with_one_reviewer_are_left_out_and_counted() -> None:
    counts = np.vstack([drawn(3, 50, 2), np.eye(3)[[0, 1]]])
    found = report(counts, resamples=100)
    assert (found.size.items, found.size.used, found.size.one_reviewer) == (52, 50, 2)
    assert found.notes[0].startswith("2 items have one reviewer")


def test_no_items_or_resamples_are_refused() -> None:
    humans = labels_from_counts(np.ones((8, 2)), ("a", "b"))
    with pytest.raises(InputError, match="resamples"):
        pilot_report(humans, resamples=0)
    with pytest.raises(InputError, match="no labelled items"):
        pilot_report(humans.select([]), resamples=10)


def test_the_same_labels_in_another_order_give_the_same_document() -> None:
    humans = labels_from_counts(drawn(3, 60, 6), LABELS)
    turned = humans.select(np.arange(60)[::-1])
    assert pilot_report(humans, resamples=100) == pilot_report(turned, resamples=100)


def test_a_coin_is_fair_and_a_tie_a_set() -> None:
    votes = Votes(np.array([[2.0, 2.0, 0.0], [0.0, 1.0, 3.0]]))
    assert ties_apart(votes).known.tolist() == [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    broken = ties_broken(votes)
    assert broken.row.tolist() == [0, 0, 1]
    assert broken.weight.tolist() == [0.5, 0.5, 1.0]
    assert broken.code.tolist() == [0, 1, 2]
