"""The judges' side, and what both sides say together."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from diagnosed_items import EXPECTED, LABELS, diagnosed_humans, diagnosed_votes
from made_humans import humans_from_counts

from panel_eval.evaluation import evaluate
from panel_eval.evaluation.diagnosis.judging import WITHIN_CUT, between_cut_bits, judges_side
from panel_eval.pooling import collect_votes
from panel_eval.schema import Vote
from panel_eval.schema.diagnosis import DIAGNOSES, JUDGE_QUADRANTS
from panel_eval.stats import between_judge_bits, within_judge_bits


def quadrant_of(votes: list[str | dict[str, float]], labels: str = "abc", samples: int = 1) -> str:
    """The judges' quadrant of one item; `samples` votes in a row are of one judge."""
    humans = humans_from_counts([[3] + [0] * (len(labels) - 1)], labels)
    cast = [
        Vote(item_id="item-0000", judge=f"j{place // samples}", sample=place % samples, **_said(said))
        for place, said in enumerate(votes)
    ]
    return JUDGE_QUADRANTS[judges_side(collect_votes(cast, humans)).quadrant[0]]


def _said(said: str | dict[str, float]) -> dict[str, object]:
    return {"label" if isinstance(said, str) else "distribution": said}


@pytest.mark.parametrize(
    ("votes", "quadrant"),
    [
        (["a", "a", "b"], "judges_contradict"),  # log2 3 - 2/3 = 0.918 bits, two to one
        (["a", "a", "a", "b"], "judges_agree"),  # 0.811 bits
        (["a", "b"], "judges_contradict"),
        (["a"], "judges_agree"),
        ([{"a": 0.6, "b": 0.4}] * 3, "judges_unsure"),  # 0.971 bits each, none between
        ([{"a": 0.6, "b": 0.4}], "judges_unsure"),
        ([{"a": 0.7, "b": 0.3}] * 3, "judges_agree"),  # 0.881 bits: surer than two to one
        # two of three at 0.9, one at 0.1: the border itself, 0.948 - 0.469 bits between them
        ([{"a": 0.9, "b": 0.1}, {"a": 0.9, "b": 0.1}, {"a": 0.1, "b": 0.9}], "judges_contradict"),
        ([{"a": 0.9, "b": 0.1}, {"a": 0.9, "b": 0.1}, {"a": 0.35, "b": 0.65}], "judges_agree"),  # pool 0.717
        # pool (0.65, 0.35), 0.934 bits together, though 0.870 within (0.95 of its cut-off) and 0.064 between
        ([{"a": 0.8, "b": 0.2}, {"a": 0.6, "b": 0.4}, {"a": 0.55, "b": 0.45}], "judges_unsure"),
        # judges who know nearly nothing do not contradict: the cut-off has a floor
        ([{"a": 0.52, "b": 0.48}, {"a": 0.52, "b": 0.48}, {"a": 0.48, "b": 0.52}], "judges_unsure"),
    ],
)
def test_quadrants_of_two_labels_by_hand(votes: list[str | dict[str, float]], quadrant: str) -> None:
    assert quadrant_of(votes, "ab") == quadrant


def test_opposed_judges_contradict_however_unsure_they_are() -> None:
    # 1 bit within each, 1 bit between them
    assert quadrant_of([{"a": 0.5, "b": 0.5}, {"c": 0.5, "d": 0.5}], "abcd") == "judges_contradict"


def test_the_worked_panel_of_three_lies_between_by_as_much_as_two_to_one() -> None:
    # METHODS 6.2: 1.2594513 bits within, 0.1996966 between. Judges with 0.66, 0.17, 0.17 spread as much, and two of
    # them against one lie 0.2000 apart.
    q = np.array([[[0.8, 0.1, 0.1]], [[0.2, 0.6, 0.2]], [[0.5, 0.3, 0.2]]])
    assert between_judge_bits(q)[0] == pytest.approx(0.1996966, abs=1e-7)
    assert between_cut_bits(within_judge_bits(q), 3)[0] == pytest.approx(0.20, abs=0.005)


@pytest.mark.parametrize("labels", [2, 3, 5])
@pytest.mark.parametrize("p", [0.7, 0.8, 0.95, 1.0])
def test_the_cut_is_what_one_in_three_makes(labels: int, p: float) -> None:
    own = np.full(labels, (1 - p) / (labels - 1))
    first, other = own.copy(), own.copy()
    first[0], other[1] = p, p
    q = np.stack([first, first, other])[:, None]
    expected = between_judge_bits(q)
    assert between_cut_bits(within_judge_bits(q), labels) == pytest.approx(expected, abs=1e-4)


def test_cut_offs_by_hand() -> None:
    assert pytest.approx(math.log2(3) - 2 / 3) == WITHIN_CUT
    least = -(5 / 9) * math.log2(5 / 9) - (4 / 9) * math.log2(4 / 9) - WITHIN_CUT
    assert between_cut_bits(np.array([0.0, 1.0]), 2) == pytest.approx([WITHIN_CUT, least])
    assert np.isnan(between_cut_bits(np.array([np.nan]), 2)[0])


def test_few_samples_of_judges_who_agree_do_not_look_like_contradiction() -> None:
    # Five judges of four samples each from one distribution (0.6, 0.4), 400 synthetic items: plain, 39 % of the
    # items lie above the uncorrected cut-off's place; corrected, few do.
    generator = np.random.default_rng(6)
    humans = humans_from_counts([[3, 0]] * 400, ("a", "b"))
    votes = [
        Vote(item_id=item, judge=f"j{j}", sample=s, label="ab"[int(generator.random() < 0.4)])
        for item in humans.item_ids
        for j in range(5)
        for s in range(4)
    ]
    side = judges_side(collect_votes(votes, humans))
    assert side.between.mean() < 0.08  # uncorrected about (K - 1)(M - 1) / (2 M R) nats = 0.144 bits
    assert side.note is None


def test_every_diagnosis_of_the_table() -> None:
    found = evaluate(diagnosed_votes(), diagnosed_humans(), resamples=100)
    assert found.items["diagnosis"].tolist() == [diagnosis for *_, diagnosis in EXPECTED]
    section = found.metrics.diagnosis
    assert section is not None
    counts = {name: tally.items for name, tally in section.diagnoses.items()}
    assert counts == {name: sum(row[-1] == name for row in EXPECTED) for name in DIAGNOSES}
    assert set(counts) == set(DIAGNOSES)


def test_counts_are_those_of_the_table_of_items() -> None:
    found = evaluate(diagnosed_votes(), diagnosed_humans(), resamples=100)
    section = found.metrics.diagnosis
    assert section is not None
    for column, tallies in (
        ("human_quadrant", section.humans.quadrants),
        ("judge_quadrant", section.judges.quadrants),
        ("diagnosis", section.diagnoses),
    ):
        for name, tally in tallies.items():
            here = found.items[column] == name
            assert tally.items == here.sum()
            assert tally.share.estimate == pytest.approx(here.mean())
            assert tally.meaning.endswith(".")
            for own, part in tally.by_class.items():
                assert part.items == (here & (found.items["human_class"] == own)).sum()


def test_reviewers_judges_and_items_in_another_order_change_nothing() -> None:
    found = evaluate(diagnosed_votes(), diagnosed_humans(), resamples=100)
    order = np.random.default_rng(1).permutation(len(EXPECTED))
    moved = evaluate(diagnosed_votes()[::-1], diagnosed_humans("FDBECA").select(order), resamples=100)
    assert moved.metrics.diagnosis == found.metrics.diagnosis
    assert moved.items["diagnosis"].tolist() == found.items["diagnosis"].iloc[order].tolist()
    renamed = evaluate(diagnosed_votes("312"), diagnosed_humans(), resamples=100)
    assert renamed.items["diagnosis"].tolist() == found.items["diagnosis"].tolist()


def test_the_human_side_does_not_depend_on_the_judges() -> None:
    counts = np.random.default_rng(4).multinomial(5, [0.5, 0.3, 0.2], size=150)
    humans = humans_from_counts(counts.tolist(), "abc")
    panels = [
        [Vote(item_id=item, judge="j", label=said) for item, said in zip(humans.item_ids, own, strict=True)]
        for own in ("a" * 150, "abc" * 50)
    ]
    first, second = (evaluate(votes, humans, resamples=100) for votes in panels)
    assert first.items["expected_entropy"].equals(second.items["expected_entropy"])
    assert first.items["expected_entropy"].between(0, 1).all()


def test_intervals_of_shares_are_wider_for_clusters() -> None:
    humans = diagnosed_humans()
    paired = replace(humans, clusters=tuple(f"c{row // 6}" for row in range(len(humans))))
    alone, together = (evaluate(diagnosed_votes(), people, resamples=100).metrics for people in (humans, paired))
    assert alone.diagnosis is not None
    assert together.diagnosis is not None
    widths = [
        (found.diagnoses["rubric_problem"].share.high or 0) - (found.diagnoses["rubric_problem"].share.low or 0)
        for found in (alone.diagnosis, together.diagnosis)
    ]
    assert widths[1] >= widths[0]


def test_single_labels_are_said_to_hide_what_a_judge_is_unsure_of() -> None:
    humans = humans_from_counts([[3, 0]] * 3, LABELS)
    votes = [Vote(item_id=item, judge=judge, label="no") for item in humans.item_ids for judge in "ab"]
    section = evaluate(votes, humans, resamples=100).metrics.diagnosis
    assert section is not None
    assert "one label an item" in (section.judges.note or "")
    assert section.judges.quadrants["judges_unsure"].items == 0
