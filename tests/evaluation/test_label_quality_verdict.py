"""Verdicts on deliveries that are known to be good, random or nearly of one label."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from labelled_by_names import named_labels

from panel_eval.evaluation.label_quality import label_quality
from panel_eval.humans import HumanLabels
from panel_eval.schema.label_quality import LabelQuality

MRI = ("mild", "moderate", "severe")


def codes(quality: LabelQuality) -> list[str]:
    return [ground.code for ground in quality.verdict.grounds]


def honest_delivery(seed: int, reviewers: int, items: int = 200) -> HumanLabels:
    """Synthetic: a third of the items split 50:35:15, the others 97 % one label; nobody makes other slips.

    All reviewers see all items and are less sure of split ones, as honest people are.
    """
    generator = np.random.default_rng([seed, 81])
    votes, sure = [], []
    for row in range(items):
        split = row % 3 == 0
        shares = generator.permutation([0.5, 0.35, 0.15] if split else [0.97, 0.02, 0.01])
        chosen = generator.choice(3, reviewers, p=shares)
        told = np.clip(generator.normal(0.65 if split else 0.9, 0.1, reviewers), 0, 1)
        votes.append({f"r{who}": MRI[label] for who, label in enumerate(chosen.tolist())})
        sure.append({f"r{who}": value for who, value in enumerate(told.tolist())})
    return named_labels(votes, MRI, confidence=sure)


@pytest.mark.parametrize("reviewers", [3, 4, 10])
def test_honest_labels_whose_reviewers_say_where_they_are_unsure_are_sound(reviewers: int) -> None:
    quality = label_quality(honest_delivery(1, reviewers), resamples=100)
    assert quality.review.flagged > 20  # of 200: unsure where split, which is worth a look
    assert quality.review.pressing == 0
    assert (quality.verdict.level, codes(quality)) == ("sound", [])


def test_many_items_against_which_the_file_speaks_are_a_reservation() -> None:
    votes = [{"ann": x, "bob": x, "cy": x} for x in ("a", "b") * 50]
    # 12 of 100 unanimous items are adjudicated to the other label
    collapsed: list[object] = [("b" if row % 2 == 0 else "a") if row < 12 else None for row in range(100)]
    why: list[object] = ["senior reviewer" if label else None for label in collapsed]
    humans = named_labels(votes, ("a", "b"), adjudicated_label=collapsed, adjudication_reason=why)
    quality = label_quality(humans, resamples=50)
    assert quality.review.pressing == 12
    assert codes(quality) == ["many_flagged"]
    assert quality.verdict.level == "reservations"


@pytest.mark.parametrize("items", [1000, 3000])
def test_labels_dealt_at_random_are_not_usable(make_humans: Any, items: int) -> None:
    dealt = np.random.default_rng(items).multinomial(4, [0.4, 0.35, 0.25], items).tolist()
    quality = label_quality(make_humans(dealt, MRI), resamples=200)
    assert quality.verdict.level == "not_usable"
    assert codes(quality)[0] == "no_agreement"


@pytest.mark.parametrize(("items", "stray"), [(40, 1), (200, 3), (1000, 10)])
def test_a_few_stray_votes_beside_one_label_condemn_nothing(make_humans: Any, items: int, stray: int) -> None:
    # At least 99 % of the votes are for one label. No two strays share an item, so that alpha lies below 0 on every
    # resample: chance would have agreed as often. Random slips and honest doubt look the same here.
    counts = [[2, 1]] * stray + [[3, 0]] * (items - stray)
    quality = label_quality(make_humans(counts, ("safe", "unsafe")), resamples=200)
    assert quality.agreement.coefficients["alpha_nominal"].high <= 0  # type: ignore[operator]
    assert (quality.verdict.level, codes(quality)[0]) == ("undecided", "one_label")


def test_one_label_for_everything_has_no_reliability(make_humans: Any) -> None:
    found = label_quality(make_humans([[3, 0]] * 200, ("safe", "unsafe")), resamples=50).agreement.share_reliability
    assert (found.estimate, found.low, found.high) == (None, None, None)
    assert "same label" in (found.note or "")


def test_few_gold_items_that_all_pass_are_no_worse_than_none() -> None:
    votes = [{"ann": x, "bob": x, "cy": x} for x in ("a", "b") * 50]
    gold: list[object] = ["a" if row % 2 == 0 and row < 16 else None for row in range(100)]
    without = label_quality(named_labels(votes, ("a", "b")), resamples=50)
    with_gold = label_quality(named_labels(votes, ("a", "b"), gold_label=gold), resamples=50)
    # 8 of 8 items passed: Clopper and Pearson's lower bound is .025^(1/8) = .63
    assert (with_gold.gold.overall.status, with_gold.gold.overall.passed) == ("too_few", 24)
    assert with_gold.verdict.level == without.verdict.level == "sound"
    assert any("8 gold items are too few to tell (24 of 24" in text for text in with_gold.verdict.not_checked)


def test_items_with_one_reviewer_say_nothing_of_slips() -> None:
    # ann labels five items alone beside 40 with bob and cy; zoe labels only alone
    together: list[dict[str, str]] = [{"ann": x, "bob": x, "cy": x} for x in ("a", "b") * 20]
    alone: list[dict[str, str]] = [{"ann": "a"}] * 5 + [{"zoe": "b"}] * 5
    with_them = label_quality(named_labels(together + alone, ("a", "b")), resamples=20).reviewers.reviewers
    rates = {one.reviewer: one.slip_rate for one in with_them}
    assert rates["ann"] == pytest.approx(rates["bob"])
    assert rates["zoe"] == pytest.approx(0.02)  # nothing is known of her


def test_one_reviewer_an_item_is_undecided() -> None:
    quality = label_quality(named_labels([{"ann": x} for x in ("a", "b") * 20], ("a", "b")), resamples=20)
    assert quality.verdict.level == "undecided"


def test_two_of_four_are_no_consensus() -> None:
    # the primer's item 2-1-1, "honest disagreement": C was unsure and D gave no evidence; beside it one 3-1
    votes = [
        {"A": "moderate", "B": "moderate", "C": "severe", "D": "mild"},
        {"A": "moderate", "B": "moderate", "C": "moderate", "D": "mild"},
    ]
    evidence = [{"A": "size", "B": "location", "C": "edema"}] * 2
    sure = [{"A": 0.9, "B": 0.9, "C": 0.2, "D": 0.9}] * 2
    quality = label_quality(named_labels(votes, MRI, confidence=sure, evidence=evidence), resamples=20)
    found = {item.item_id: item.reason_codes for item in quality.review.items}
    assert "unsupported_vote" not in found.get("item-00000", [])
    assert "unsupported_vote" in found["item-00001"]
