"""Losses, splits, people's own losses and decisions, by hand and by simulation."""

from dataclasses import replace

import numpy as np
import pytest
from policy_examples import example, judged, labelled

from panel_eval.errors import InputError
from panel_eval.evaluation.policy import PolicySplit, calibrate_policy, decide, split_items
from panel_eval.evaluation.policy.human_review import human_majority_loss
from panel_eval.evaluation.policy.losses import label_losses, loss_table, top_labels
from panel_eval.evaluation.policy.scores import above_any_score, deferral_scores
from panel_eval.evaluation.policy.splitting import one_of_each_cluster
from panel_eval.schema.deferral_policy import DeferralPolicy
from panel_eval.schema.deferral_settings import DeferralSettings
from panel_eval.stats.risk_control import ClopperPearson, control_risk

COUNTS = [[3, 1, 0], [2, 2, 0], [1, 1, 2], [4, 0, 0]]


def test_losses_by_hand(make_humans):
    humans = labelled(make_humans, np.array(COUNTS), scale="ordinal")
    assert loss_table(humans, "majority").tolist() == [[0, 1, 1], [1, 1, 1], [1, 1, 0], [0, 1, 1]]
    assert loss_table(humans, "disagreement") == pytest.approx(
        np.array([[0.25, 0.75, 1], [0.5, 0.5, 1], [0.75, 0.75, 0.5], [0, 1, 1]])
    )
    # Positions 0, 1, 2: (3 * 0 + 1 * 1) / 4 / 2 = .125 for the first label of the first item, and so on.
    assert loss_table(humans, "distance")[0] == pytest.approx([0.125, 0.375, 0.875])
    uneven = replace(humans, label_values=np.array([0.0, 1.0, 5.0]))
    assert loss_table(uneven, "distance")[2] == pytest.approx([(1 + 10) / 20, (1 + 8) / 20, (5 + 4) / 20])


def test_distance_needs_an_order(make_humans):
    with pytest.raises(InputError, match="order"):
        loss_table(labelled(make_humans, np.array(COUNTS)), "distance")


def test_the_first_of_tied_top_labels_counts():
    q = np.array([[0.2, 0.4, 0.4 + 1e-12], [0.5, 0.3, 0.2], [np.nan] * 3])
    labels = top_labels(q)
    assert labels.tolist() == [1, 0, -1]
    lost = label_losses(np.arange(9.0).reshape(3, 3), labels)
    assert lost[:2].tolist() == [1.0, 3.0]
    assert np.isnan(lost[2])


@pytest.mark.parametrize("score", ["entropy", "one_less_top", "margin", "between_judges", "judge_disagreement"])
def test_no_score_reaches_the_number_that_stands_for_everything(make_humans, score):
    # The least certain there is: three judges, each sure of another label.
    humans = labelled(make_humans, np.array([[1, 1, 1]]))
    forecasts = judged(humans, np.eye(3)[:, None, :])
    q = np.full((1, 3), 1 / 3)
    value = deferral_scores(score, q, forecasts)[0]
    assert 0.66 < value < above_any_score(score, 3, 3) - 0.9


def test_scores_of_judges_need_two_of_them(make_humans):
    humans = labelled(make_humans, np.array([[1, 1], [1, 1]]))
    forecasts = judged(humans, np.array([[[1.0, 0], [1, 0]], [[0, 1], [0, 0]]]))
    q = np.array([[0.5, 0.5], [0.8, 0.2]])
    found = deferral_scores("judge_disagreement", q, forecasts)
    assert found[0] == 1.0
    assert np.isnan(found[1])


def test_halves_keep_clusters_whole_and_do_not_depend_on_the_order_of_the_file(make_humans):
    clusters = tuple(f"c{row // 3}" for row in range(90))
    humans = labelled(make_humans, np.tile([2.0, 1.0], (90, 1)), clusters=clusters)
    split = split_items(humans, 4)
    assert not (split.calibration & split.test).any()
    assert (split.calibration | split.test).all()
    assert split.calibration.sum() == 45
    assert not set(np.array(clusters)[split.calibration]) & set(np.array(clusters)[split.test])
    shuffled = np.random.default_rng(0).permutation(90)
    assert (split_items(humans.select(shuffled), 4).calibration == split.calibration[shuffled]).all()
    part = np.arange(90) < 30
    some = split_items(humans, 4, part)
    assert ((some.calibration | some.test) == part).all()


def test_a_cluster_on_both_sides_is_refused(make_humans):
    made = example(make_humans, 40, clusters=tuple("ab" * 20))
    half = np.arange(40) < 20
    with pytest.raises(InputError, match="cluster"):
        calibrate_policy(
            made.q, made.forecasts, made.humans, DeferralSettings(), seed=0, split=PolicySplit(half, ~half)
        )


def test_one_usable_item_of_each_cluster_is_drawn(make_humans):
    clusters = tuple(f"c{row // 4}" for row in range(40))
    humans = labelled(make_humans, np.tile([2.0, 1.0], (40, 1)), clusters=clusters)
    usable = np.arange(40) >= 6
    drawn = one_of_each_cluster(humans, usable, 1)
    assert drawn.sum() == 9  # the first cluster has no usable item
    assert (drawn & ~usable).sum() == 0
    assert len(set(np.array(clusters)[drawn])) == 9
    positions = [int(np.flatnonzero(one_of_each_cluster(humans, usable, seed))[3] % 4) for seed in range(40)]
    assert set(positions) == {0, 1, 2, 3}


@pytest.mark.slow
def test_the_promise_needs_one_item_of_each_cluster(make_humans):
    # 30 clusters of 20 items that share one loss: 600 items pretend to know what 30 do. True risk .12 at every
    # threshold, target .1: the promise is broken whenever anything is decided.
    clusters = tuple(f"c{row // 20:03d}" for row in range(600))
    humans = labelled(make_humans, np.tile([2.0, 1.0], (600, 1)), clusters=clusters)
    everyone = np.ones(600, dtype=bool)
    rng = np.random.default_rng(2)
    broken = np.zeros((2, 2000), dtype=bool)
    for draw in range(2000):
        lost = np.repeat(rng.random(30) < 0.12, 20).astype(np.float64)
        score = rng.random(600)
        for row, used in enumerate((everyone, one_of_each_cluster(humans, everyone, draw))):
            found = control_risk(score[used], lost[used], 0.1, ClopperPearson(0.1), rng)
            broken[row, draw] = found.n > 0
    naive, honest = broken.mean(axis=1)
    assert honest <= 0.1 + 3 * np.sqrt(0.09 / 2000)
    assert naive > 0.15


def test_what_people_lose_is_found_from_few_votes(make_humans):
    # Three fresh people of each population, ties shared; the truth is drawn from it directly.
    made = example(make_humans, 3000, seed=1)
    rng = np.random.default_rng(9)
    truth = np.zeros(3000)
    for _ in range(40):
        votes = rng.multinomial(3, made.truth)
        best = votes == votes.max(axis=1, keepdims=True)
        truth += ((best / best.sum(axis=1, keepdims=True)) * (1 - made.truth)).sum(axis=1) / 40
    found = human_majority_loss(made.humans, made.forecasts, made.q, "disagreement", 3, 0)
    assert found.mean() == pytest.approx(truth.mean(), abs=0.01)
    assert np.corrcoef(found, truth)[0, 1] > 0.9
    # One person alone disagrees with another as often as two of the population do.
    alone = human_majority_loss(made.humans, made.forecasts, made.q, "disagreement", 1, 0)
    assert alone.mean() == pytest.approx((1 - (made.truth**2).sum(axis=1)).mean(), abs=0.01)
    assert found.mean() < alone.mean()


def test_people_cannot_settle_what_the_reviewers_left_tied(make_humans):
    humans = labelled(make_humans, np.tile([[2.0, 2.0, 0.0], [4.0, 0.0, 0.0]], (30, 1)))
    forecasts = judged(humans, np.ones((1, 60, 3)))
    lost = human_majority_loss(humans, forecasts, np.full((60, 3), 1 / 3), "majority", 3, 0)
    assert (lost[::2] == 1.0).all()
    assert (lost[1::2] < 0.5).all()


def policy(make_humans, **changes: object) -> DeferralPolicy:
    made = example(make_humans, 400, seed=2)
    found = calibrate_policy(
        made.q, made.forecasts, made.humans, DeferralSettings(loss="majority", risk=0.2), seed=0, resamples=100
    )
    return found.policy.model_copy(update=changes)


def test_why_items_are_handed_over(make_humans):
    humans = labelled(make_humans, np.array([[1.0, 0, 0]] * 4))
    # Sure, split, answered by one of three judges, answered by none.
    votes = np.zeros((3, 4, 3))
    votes[:, 0, 0] = votes[0, 2, 0] = 5
    votes[:, 1] = [2, 2, 1]
    forecasts = judged(humans, votes)
    q = np.array([[0.98, 0.01, 0.01], [0.4, 0.4, 0.2], [0.98, 0.01, 0.01], [np.nan] * 3])
    decisions = decide(policy(make_humans, threshold=0.7, fewest_judges=2), q, forecasts)
    assert decisions.reason == ("certain", "uncertain", "few_judges", "no_answer")
    assert decisions.decided.tolist() == [True, False, False, False]
    assert decisions.label.tolist() == [0, 0, 0, -1]
    assert decisions.sets[3].all()
    nothing = decide(policy(make_humans, threshold=None, fewest_judges=2), q, forecasts)
    assert nothing.reason == ("nothing_allowed", "nothing_allowed", "few_judges", "no_answer")
    assert not nothing.decided.any()


def test_an_item_at_the_threshold_is_handed_over(make_humans):
    humans = labelled(make_humans, np.array([[1.0, 0, 0]] * 2))
    forecasts = judged(humans, np.ones((3, 2, 3)))
    q = np.array([[0.7, 0.2, 0.1], [0.7 + 1e-8, 0.2, 0.1 - 1e-8]])
    at = float(deferral_scores("entropy", q, forecasts)[0])
    assert decide(policy(make_humans, threshold=at, fewest_judges=1), q, forecasts).decided.tolist() == [
        False,
        True,
    ]
