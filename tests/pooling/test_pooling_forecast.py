"""The linear pool and the smoothing of its forecast."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.errors import InputError
from panel_eval.pooling import collect_votes, pool_linear, smooth
from panel_eval.schema import Smoothing, Vote

LABELS = ("mild", "moderate", "severe")


@pytest.fixture
def humans(make_humans):
    return make_humans([[1, 2, 1], [4, 0, 0]], LABELS)


def votes_of(**labels: str) -> list[Vote]:
    return [Vote(item_id="item-0000", judge=judge, label=label) for judge, label in labels.items()]


def test_the_pool_averages_the_judges_that_answered(humans):
    votes = [*votes_of(a="mild", b="mild", c="severe"), Vote(item_id="item-0000", judge="d", outcome="abstain")]
    pooled, m = pool_linear(collect_votes(votes, humans))
    assert pooled[0] == pytest.approx([2 / 3, 0, 1 / 3])
    assert m.tolist() == [3.0, 0.0]
    assert np.isnan(pooled[1]).all()


def test_weights_count_per_judge_not_per_vote(humans):
    repeated = [Vote(item_id="item-0000", judge="c", label="severe", sample=n) for n in range(1, 8)]
    votes = votes_of(a="mild", c="severe") + repeated
    pooled, m = pool_linear(collect_votes(votes, humans), {"a": 3.0})
    assert pooled[0] == pytest.approx([3 / 4, 0, 1 / 4])
    assert m[0] == 9.0


def test_a_judge_of_weight_zero_takes_no_part(humans):
    pooled, m = pool_linear(collect_votes(votes_of(a="mild", b="severe"), humans), {"b": 0.0})
    assert pooled[0] == pytest.approx([1, 0, 0])
    assert m[0] == 1.0


def test_splitting_a_judge_into_two_copies_leaves_the_pool_unchanged(humans):
    one, _ = pool_linear(collect_votes(votes_of(a="mild", b="severe"), humans))
    halves = {"b": 0.5, "b-copy": 0.5}
    copied = collect_votes(votes_of(a="mild", b="severe", **{"b-copy": "severe"}), humans)
    assert pool_linear(copied, halves)[0][0] == pytest.approx(one[0])


def test_bad_weights_are_all_named(humans):
    forecasts = collect_votes(votes_of(gpt="mild"), humans)
    with pytest.raises(InputError) as caught:
        pool_linear(forecasts, {"gtp": 1.0, "gpt": -1.0})
    assert len(caught.value.problems) == 2
    assert "did you mean 'gpt'?" in str(caught.value)


def test_jeffreys_smoothing_of_five_votes():
    # METHODS 1.2: q = (1, 0, 0) from m = 5 votes under alpha = 1/2: (5 + .5, .5, .5) / 6.5
    q = smooth(np.array([[1.0, 0.0, 0.0]]), np.array([5.0]), Smoothing(), LABELS)
    assert q[0] == pytest.approx([5.5 / 6.5, 0.5 / 6.5, 0.5 / 6.5])
    p = np.array([0.5, 0.5, 0.0])
    assert (p[:2] * np.log(p[:2] / q[0, :2])).sum() == pytest.approx(0.672855, abs=1e-6)


def test_twenty_votes_and_laplace():
    # METHODS 1.2: the same forecast with m = 20: .920086 nats under alpha = 1
    q = smooth(np.array([[1.0, 0.0, 0.0]]), np.array([20.0]), Smoothing(alpha=1.0), LABELS)
    p = np.array([0.5, 0.5])
    assert (p * np.log(p / q[0, :2])).sum() == pytest.approx(0.920086, abs=1e-6)


def test_smoothing_towards_a_base_measure():
    base = {"severe": 0.5, "mild": 0.3, "moderate": 0.2}  # by name, in any order
    q = smooth(np.array([[0.0, 1.0, 0.0]]), np.array([1.0]), Smoothing(alpha=1.0, base=base), LABELS)
    assert q[0] == pytest.approx([0.9 / 4, 1.6 / 4, 1.5 / 4])


def test_no_smoothing_and_no_votes():
    raw = np.array([[1.0, 0.0, 0.0], [np.nan] * 3])
    assert np.array_equal(smooth(raw, np.array([5.0, 0.0]), "none", LABELS), raw, equal_nan=True)
    assert np.isnan(smooth(raw, np.array([5.0, 0.0]), Smoothing(), LABELS)[1]).all()


@pytest.mark.parametrize("base", [{"mild": 1.0}, {"mild": 0.5, "moderate": 0.2, "severe": 0.2}, {"x": 1.0}])
def test_a_base_measure_must_cover_the_labels(base):
    with pytest.raises(InputError, match=r"smoothing\.base"):
        smooth(np.array([[1.0, 0.0, 0.0]]), np.array([1.0]), Smoothing(base=base), LABELS)
