"""What a judge says of its own certainty, against the reviewers."""

from __future__ import annotations

import numpy as np
import pytest
from calibration_comparisons import compare, shares_of_reviewers
from sklearn.metrics import roc_auc_score

from panel_eval.evaluation.self_confidence import self_confidence
from panel_eval.schema import Vote

LABELS = ("a", "b", "c")


def vote(item: int, judge: str, label: str | None = None, confidence: float | None = None, **more) -> Vote:
    return Vote(item_id=f"item-{item:04d}", judge=judge, label=label, confidence=confidence, **more)


def judged(humans, votes):
    return self_confidence(compare(humans, humans.distribution, votes, resamples=300))


def test_means_by_hand(make_humans):
    humans = make_humans([[3, 1, 0], [0, 4, 0], [1, 1, 2]], LABELS)
    votes = [
        vote(0, "x", "a", 0.9),  # 3 of 4 agree
        vote(1, "x", "a", 0.6),  # none
        vote(2, "x", "c", 0.8),  # 2 of 4; the second vote: 1 of 4
        vote(2, "x", "b", 0.4, sample=1),
        vote(0, "silent", "a"),
    ]
    found = judged(humans, votes)
    x = found["x"]
    assert x.mean_confidence.estimate == pytest.approx((0.9 + 0.6 + 0.6) / 3)
    assert x.mean_agreement.estimate == pytest.approx((0.75 + 0.0 + 0.375) / 3)
    assert x.overconfidence.estimate == pytest.approx(0.7 - 0.375)
    assert x.overconfidence.low is None  # three items
    assert x.soft_ece.estimate == pytest.approx(0.325)  # one bin
    assert x.auroc.note == "fewer than 10 items"
    for number in found["silent"].model_dump().values():
        assert number["estimate"] is None
        assert number["note"] == "this judge reported no confidence"


def test_a_distribution_is_agreed_with_by_its_top_label(make_humans):
    humans = make_humans([[3, 1, 0]], LABELS)
    shares = {"a": 0.6, "b": 0.4, "c": 0.0}
    found = judged(humans, [vote(0, "x", confidence=0.5, distribution=shares)])
    assert found["x"].mean_agreement.estimate == pytest.approx(0.75)


@pytest.fixture(scope="module")
def talkative(make_humans):
    """150 items; a judge that knows when it is right, and one that is always sure of itself."""
    generator = np.random.default_rng(4)
    populations, counts = shares_of_reviewers(generator, 150, 5)
    humans = make_humans(counts, LABELS)
    picks = populations.argmax(axis=1)
    votes = []
    for item, pick in enumerate(picks):
        said = float(np.round(populations[item, pick], 1))
        votes.append(vote(item, "aware", LABELS[pick], said))
        votes.append(vote(item, "sure", LABELS[pick], 0.95))
    stated = np.array([v.confidence for v in votes[::2]])
    return judged(humans, votes), stated, humans.distribution[np.arange(150), picks]


def test_auroc_counts_every_reviewer(talkative):
    found, stated, agreed = talkative
    expected = roc_auc_score(
        np.repeat([1, 0], 150), np.tile(stated, 2), sample_weight=np.concatenate([agreed, 1 - agreed])
    )
    auroc = found["aware"].auroc
    assert auroc.estimate == pytest.approx(expected)
    assert 0.5 < auroc.low < auroc.estimate < auroc.high
    assert found["sure"].auroc.estimate is None
    assert "same confidence everywhere" in found["sure"].auroc.note


def test_overconfidence_and_its_error_are_told_from_noise(talkative):
    found, _, agreed = talkative
    sure, aware = found["sure"], found["aware"]
    assert sure.overconfidence.estimate == pytest.approx(0.95 - agreed.mean())
    assert sure.overconfidence.low > 0
    assert sure.soft_ece.estimate == pytest.approx(sure.overconfidence.estimate)
    assert sure.soft_ece_squared_debiased.low > 0
    assert aware.soft_ece.low == 0.0
    assert aware.soft_ece_squared_debiased.low < 0 < aware.soft_ece_squared_debiased.high
    assert "cannot be told from 0" in aware.soft_ece.note
