"""The human side: how split, how sure, and whether the two go together."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from diagnosed_items import with_confidences
from hypothesis import given, settings
from hypothesis import strategies as st
from made_humans import humans_from_counts

from panel_eval.errors import InputError
from panel_eval.evaluation.diagnosis import confidences, human_quadrants
from panel_eval.evaluation.diagnosis.confidence_test import confidence_test
from panel_eval.evaluation.diagnosis.confidences import item_confidences, standardised, stated_confidences
from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.humans import load_soft_labels
from panel_eval.schema import Rationale, SoftLabel
from panel_eval.schema.diagnosis import HUMAN_QUADRANTS

EXPECTED_OF_SIX, EXPECTED_OF_TWELVE = 0.294, 0.950
MRI = Path(__file__).parents[1] / "humans" / "mri-2031.jsonl"


def test_three_of_three_agree_and_two_of_three_are_on_the_border() -> None:
    # Jeffreys' prior: A = counts + 1/2, S = 4. E[H] = psi(5) - sum (A/S) psi(A + 1), and with
    # psi(m + 1/2) = -gamma - 2 ln 2 + 2 (1 + 1/3 + ... + 1/(2m - 1)), psi(5) = 25/12 - gamma:
    # 3-0: 25/12 - (3.5/4 * 352/105 + 0.5/4 * 2) + 2 ln 2 = 0.286294 nats
    # 2-1: 25/12 - (2.5/4 * 46/15 + 1.5/4 * 8/3) + 2 ln 2 = 0.552961 nats, which is the cut-off of three votes too
    section, side = human_quadrants(humans_from_counts([[3, 0], [0, 3], [2, 1]], ("a", "b")), resamples=100)
    agreed, border = (25 / 12 - shares + 2 * math.log(2) for shares in (3.5 / 4 * 352 / 105 + 0.25, 35 / 12))
    assert side.expected_entropy * math.log(2) == pytest.approx([agreed, agreed, border])
    assert side.cut * math.log(2) == pytest.approx([border] * 3)
    assert side.agreed.tolist() == [True, True, False]
    assert not side.split.any()
    assert section.splits["between"].items == 1
    assert section.entropy_estimator == "jeffreys"


def test_the_mri_item_is_split_and_its_reason_cannot_be_told() -> None:
    section, side = human_quadrants(load_soft_labels(MRI), resamples=100)
    assert side.expected_entropy[0] * math.log(3) == pytest.approx(0.907937, abs=1e-6)  # METHODS 2.2, alpha = 1/2
    assert section.quadrants["no_confidence"].items == section.splits["split"].items == 1
    assert section.quadrants["genuine_ambiguity"].by_class["major"].items == 0
    assert section.confidence_test is None
    assert "cannot be told apart" in (section.note or "")


@pytest.mark.parametrize(("sure", "quadrant"), [(0.9, "genuine_ambiguity"), (0.2, "rubric_problem")])
def test_the_mri_item_among_items_of_the_same_reviewers(sure: float, quadrant: str) -> None:
    # Three reviewers of mri-2031 are as sure as stated; the other items are unanimous, at confidence 0.5 and 0.6.
    counts = np.array([[1, 2, 1], [4, 0, 0], [0, 4, 0], [0, 4, 0], [0, 0, 4]])
    stated = [[(name, sure) for name in "ABCD"]] + [
        [(name, 0.5 + 0.1 * (row % 2)) for name in "ABCD"] for row in range(4)
    ]
    section, side = human_quadrants(with_confidences(counts, stated), resamples=100)
    assert HUMAN_QUADRANTS[side.quadrant[0]] == quadrant
    assert section.n_with_confidence == 5
    assert section.n_standardised == 0  # five statements each
    assert "fewer than 20" in (section.note or "")


def test_reviewers_who_draw_lots_neither_agree_nor_split() -> None:
    # No more spread between the items than five fair coins have (9, 47 and 94 of 300 are expected each way): the
    # votes teach that all items have one and the same population. That some come out as 5 : 0 is chance.
    counts = [
        pair for heads, n in ((0, 5), (1, 45), (2, 100)) for pair in [(heads, 5 - heads), (5 - heads, heads)] * n
    ]
    section, side = human_quadrants(humans_from_counts(counts, ["a", "b"]), resamples=10)
    assert not side.split.any()
    assert not side.agreed.any()
    assert section.splits["between"].items == 300


def test_one_reviewer_neither_agrees_nor_splits() -> None:
    section, side = human_quadrants(humans_from_counts([[1, 0], [3, 0]], ("a", "b")), resamples=100)
    assert not side.agreed[0]
    assert not side.split[0]
    assert "single reviewer" in (section.note or "")


def test_reviewers_with_twenty_statements_are_compared_with_their_own() -> None:
    # A: 0.9 and 0.7 in turn, so mean 0.8 and deviation 0.1; B: 0.5 and 0.1, mean 0.3 and deviation 0.2.
    # C says 0.2 and 0.4 once each: of those who are not compared with themselves, mean 0.3 and deviation 0.1.
    stated = [[("A", 0.9 if row % 2 else 0.7), ("B", 0.5 if row % 2 else 0.1)] for row in range(20)]
    stated[0].append(("C", 0.2))
    stated[1].append(("C", 0.4))
    found = stated_confidences(with_confidences(np.tile([2, 1], (20, 1)), stated), 0)
    assert found is not None
    values = dict(
        zip(zip(found.item.tolist(), found.reviewer.tolist(), strict=True), standardised(found), strict=True)
    )
    assert {key: round(float(value), 9) for key, value in values.items() if key[0] < 2} == {
        (0, 0): -1.0, (0, 1): -1.0, (0, 2): -1.0, (1, 0): 1.0, (1, 1): 1.0, (1, 2): 1.0,
    }  # fmt: skip


def test_who_is_always_equally_sure_tells_nothing() -> None:
    section, side = human_quadrants(with_confidences(np.tile([3, 1], (30, 1)), [[("A", 0.7)]] * 30), resamples=100)
    assert (side.confidence == 0).all()
    assert section.n_placed == 0
    assert "do not differ" in (section.note or "")


def test_confidences_are_read_from_names_numbers_and_rationales() -> None:
    by = [Rationale(reviewer=name, label="a", confidence=0.5) for name in "AB"]
    both = SoftLabel(item_id="i", task="t", rationales=by, confidence=[{"reviewer": "A", "value": 0.9}])
    assert list(item_confidences(both)) == [("A", 0.9), ("B", 0.5)]
    in_order = both.model_copy(update={"confidence": [0.1, 0.2]})
    assert list(item_confidences(in_order)) == [("A", 0.1), ("B", 0.2)]
    nameless = both.model_copy(update={"confidence": [0.1, 0.2, 0.3]})
    assert list(item_confidences(nameless)) == [("", 0.1), ("", 0.2), ("", 0.3)]


def test_of_very_many_items_only_those_read_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    # Three sure reviewers agree on half of 40 items and three unsure ones split on the other half; 10 are read.
    monkeypatch.setattr(confidences, "MAX_ITEMS", 10)
    counts = np.array([[3, 0, 0], [1, 1, 1]] * 20)
    stated = [[(name, value) for name in "ABC"] for value in (0.9, 0.1) * 20]
    section, side = human_quadrants(with_confidences(counts, stated), resamples=10)
    assert side.read.sum() == section.n_with_confidence == 10
    assert sum(tally.items for tally in section.quadrants.values()) == 10
    assert section.quadrants["no_confidence"].items == 0
    assert section.quadrants["clear"].share.n == 10
    assert section.splits["split"].items + section.splits["agreed"].items == 40
    assert section.note is not None
    assert "10 random items of 40" in section.note


def test_a_few_confidences_among_very_many_items_are_found() -> None:
    counts = np.tile([2, 1], (5_000, 1))
    stated: list[list[tuple[str, float]]] = [[] for _ in counts]
    stated[1_234] = [("A", 0.3)]
    found = stated_confidences(with_confidences(counts, stated), 0)
    assert found is not None
    assert found.item.tolist() == [1_234]
    assert found.read.all()


def test_items_in_another_order_stand_where_they_stood() -> None:
    generator = np.random.default_rng(5)
    counts = generator.multinomial(4, [0.5, 0.3, 0.2], size=150)
    stated = [[(name, float(round(generator.random(), 2))) for name in "ABCD"] for _ in range(150)]
    humans = with_confidences(counts, stated)
    order = generator.permutation(150)
    section, side = human_quadrants(humans, resamples=200)
    again, moved = human_quadrants(humans.select(order), resamples=200)
    assert again == section
    assert moved.quadrant.tolist() == side.quadrant[order].tolist()
    turned = replace(humans, records=tuple(_turned(record) for record in humans.records))
    assert human_quadrants(turned, resamples=200)[0] == section


def _turned(record: SoftLabel) -> SoftLabel:
    return record.model_copy(update={"confidence": list(reversed(record.confidence or []))})


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 5)), min_size=1, max_size=12))
def test_labels_in_another_order_change_nothing(rows: list[tuple[int, int, int]]) -> None:
    counts = np.array(rows)
    _, side = human_quadrants(humans_from_counts(counts.tolist(), "abc"), resamples=100)
    _, turned = human_quadrants(humans_from_counts(counts[:, ::-1].tolist(), "cba"), resamples=100)
    assert turned.expected_entropy == pytest.approx(side.expected_entropy)
    assert turned.cut == pytest.approx(side.cut)
    assert (turned.split == side.split).all()
    assert not (side.split & side.agreed).any()


def test_no_items_are_refused() -> None:
    with pytest.raises(InputError, match="no labelled items"):
        human_quadrants(humans_from_counts([[1, 1]], ("a", "b")).select([]))


@pytest.mark.parametrize(
    ("asked", "split", "expected", "error"),
    # Means of 20 runs of 300 honest splits, with their standard errors.
    # Six votes of an even split between two labels are 3-3 in 20 of 64 cases: 5-1 looks like agreement, and 4-2 is
    # the border itself, so that most honest splits cannot be told with six votes.
    [(6, (0.5, 0.5, 0.0), EXPECTED_OF_SIX, 0.007), (12, (0.4, 0.35, 0.25), EXPECTED_OF_TWELVE, 0.003)],
)
def test_honest_splits_with_sure_reviewers_come_out_as_genuine_ambiguity(
    asked: int, split: tuple[float, ...], expected: float, error: float
) -> None:
    shares = np.array([_simulated(seed, asked, split) for seed in range(2)]).mean(axis=0)
    one_run = error * math.sqrt(20 / 2)
    assert shares[HUMAN_QUADRANTS.index("genuine_ambiguity")] == pytest.approx(expected, abs=3 * one_run)
    assert shares[HUMAN_QUADRANTS.index("rubric_problem")] < 0.01


def _simulated(seed: int, asked: int, split: tuple[float, ...]) -> np.ndarray:
    """Share of each quadrant among items that are honestly split.

    300 synthetic items each: split and surer by one deviation; split and less sure by one; clear (0.97) and as sure
    as usual. Twenty reviewers, each with a scale of confidence of their own.
    """
    generator = np.random.default_rng([seed, 75])
    populations = np.repeat([split, split, (0.97, 0.02, 0.01)], 300, axis=0)
    counts = generator.multinomial(asked, populations)
    shift = np.repeat([1.0, -1.0, 0.0], 300)
    low, width = generator.uniform(0.4, 0.6, 20), generator.uniform(0.05, 0.12, 20)
    stated = []
    for own in shift:
        who = generator.choice(20, asked, replace=False)
        sure = np.clip(low[who] + width[who] * (own + generator.normal(size=asked)), 0, 1)
        stated.append([(f"r{r}", float(value)) for r, value in zip(who, sure, strict=True)])
    _, side = human_quadrants(with_confidences(counts, stated), resamples=100)
    return np.bincount(side.quadrant[:300], minlength=len(HUMAN_QUADRANTS)) / 300


def _tested(generator: np.random.Generator, slope: float, clusters: int | None) -> float:
    """p-value over 120 items whose confidence goes with their disagreement by `slope`."""
    counts = generator.multinomial(4, [0.6, 0.3, 0.1], size=120)
    humans = humans_from_counts(counts.tolist(), "abc")
    own = np.arange(120) if clusters is None else np.repeat(np.arange(clusters), 120 // clusters)
    shared = generator.normal(size=own.max() + 1)[own]
    confidence = generator.normal(size=120) + shared + slope * humans.distribution.max(axis=1)
    if clusters is not None:
        humans = replace(humans, clusters=tuple(f"c{c:03d}" for c in own))
    everything = Segment(OVERALL, np.arange(120), make_resampling(humans, 100, 0))
    p = confidence_test(humans, confidence, everything, 3).p_value
    assert p is not None
    return p


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [None, 30])
def test_without_a_relation_the_test_holds_its_level(clusters: int | None) -> None:
    generator = np.random.default_rng(11)
    found = np.array([_tested(generator, 0.0, clusters) for _ in range(400)])
    # 400 data sets: the standard error of a share of 0.05 is 0.011
    assert abs((found <= 0.05).mean() - 0.05) < 3 * 0.011


def test_a_relation_is_found() -> None:
    assert _tested(np.random.default_rng(12), 6.0, None) < 0.01


def test_less_sure_where_they_disagree_is_a_correlation_below_0() -> None:
    generator = np.random.default_rng(13)
    counts = generator.multinomial(4, [0.6, 0.4], size=60)
    sure = counts.max(axis=1) / 4 - 0.1 * generator.random(60)
    stated = [[(name, float(value)) for name in "AB"] for value in sure]
    test = human_quadrants(with_confidences(counts, stated), resamples=200)[0].confidence_test
    assert test is not None
    assert test.spearman.estimate is not None
    assert test.spearman.estimate < -0.8
    assert test.spearman.high is not None
    assert test.spearman.high < -0.5
    assert test.p_value is not None
    assert test.p_value <= 0.001
