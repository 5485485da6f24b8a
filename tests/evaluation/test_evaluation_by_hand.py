"""Small cases worked by hand, and what must be null with a reason."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from panel_eval.errors import InputError
from panel_eval.evaluation import evaluate
from panel_eval.schema import CLASS_NAMES, NOMINAL_METRICS, ORDINAL_METRICS, Metrics, Smoothing, Vote

LABELS = ("mild", "moderate", "severe")


def said(item: int, judge: str = "a", **answer) -> Vote:
    return Vote(item_id=f"item-{item:04d}", judge=judge, **answer)


def mri_votes() -> list[Vote]:
    return [said(0, distribution={"mild": 0.1, "moderate": 0.6, "severe": 0.3})]


def test_the_mri_item(make_humans):
    # METHODS §1.1: humans 1-2-1 against (.10, .60, .30), unsmoothed.
    evaluation = evaluate(mri_votes(), make_humans([[1, 2, 1]], LABELS, "ordinal"), smoothing="none", resamples=10)
    table = evaluation.metrics.panel.overall
    expected = {
        "ce_bits": 1.1320522862 / math.log(2),
        "kl_plugin_bits": 0.1332062193,
        "jsd_bits": 0.0288789760,
        "js_distance": 0.1414827934,
        "tvd": 0.15,
        "hellinger": 0.1424860721,
        "brier": 0.66,
        "brier_debiased": 0.035 - 0.625 / 3,
        "mode_accuracy": 1.0,
        "w1": 0.20,
        "rps": 0.400,
        "rps_divergence": 0.025,
        "entropy_error_bits": 1.2954618442 - 1.5,
        "entropy_error_abs_bits": 1.5 - 1.2954618442,
    }
    for metric, value in expected.items():
        assert table[metric].estimate == pytest.approx(value, abs=1e-9), metric
        assert table[metric].low is None  # one item gives no interval
    row = evaluation.items.iloc[0]
    assert row["human_class"] == "major"
    assert row["uncertainty"] == pytest.approx(1.2954618442)
    assert row["soft_loss"] == pytest.approx(0.5)  # two of four reviewers chose another label than moderate
    assert row["mode_hit"] == 1.0


def test_the_mri_item_smoothed_as_twenty_votes(make_humans):
    evaluation = evaluate(mri_votes(), make_humans([[1, 2, 1]], LABELS), resamples=10)
    # (20 q + .5) / 21.5
    assert evaluation.panel_q[0] == pytest.approx([2.5 / 21.5, 12.5 / 21.5, 6.5 / 21.5])
    ce = -(0.25 * math.log2(2.5 / 21.5) + 0.5 * math.log2(12.5 / 21.5) + 0.25 * math.log2(6.5 / 21.5))
    assert evaluation.metrics.panel.overall["ce_bits"].estimate == pytest.approx(ce)


def test_base_rate_leaves_the_item_out(make_humans):
    # Two items of 4-0-0 and 0-4-0: each is forecast from the other alone, (4 + .5) / 5.5 on the wrong label.
    humans = make_humans([[4, 0, 0], [0, 4, 0]], LABELS)
    metrics = evaluate([said(0, label="mild"), said(1, label="mild")], humans, resamples=10).metrics
    assert metrics.references["base_rate"].overall["ce_bits"].estimate == pytest.approx(math.log2(11))


def test_hard_label_shares_ties_and_is_smoothed_as_the_reviewers(make_humans):
    humans = make_humans([[2, 2, 0]], LABELS)
    metrics = evaluate([said(0, label="mild")], humans, resamples=10).metrics
    # q = (4 (.5, .5, 0) + .5) / 5.5: 2.5 / 5.5 on both labels chosen
    assert metrics.references["hard_label"].overall["ce_bits"].estimate == pytest.approx(math.log2(2.2))
    assert metrics.references["hard_label"].overall["n_eq"].estimate is None


def test_every_table_is_complete_and_every_null_explained(make_humans):
    counts = [[4, 0, 0], [3, 1, 0], [2, 1, 1], [2, 2, 0]] * 3
    votes = [said(item, judge, label=LABELS[item % 3]) for item in range(12) for judge in "ab"]
    metrics = evaluate(votes, make_humans(counts, LABELS, "ordinal"), resamples=50).metrics
    people = ["human_panel", *(f"human_panel_{n}" for n in (1, 3, 5, 10, 20))]
    assert list(metrics.references) == ["uniform", "base_rate", "hard_label", *people]
    tables = [metrics.panel, *metrics.judges.values(), *metrics.references.values()]
    for scores in tables:
        assert tuple(scores.by_class) == CLASS_NAMES
        for table in (scores.overall, *scores.by_class.values()):
            assert tuple(table) == NOMINAL_METRICS + ORDINAL_METRICS
        assert scores.by_class["insufficient"]["ce_bits"].note == "no items"
    text = metrics.model_dump_json()
    assert "NaN" not in text
    assert "Infinity" not in text
    assert Metrics.model_validate_json(text) == metrics
    assert json.loads(text)["schema_version"] == 1


def test_a_judge_without_a_valid_vote_changes_nothing_but_the_counts(make_humans):
    humans = make_humans([[4, 0, 0], [3, 1, 0], [2, 1, 1]] * 5, LABELS)
    votes = [said(item, label=LABELS[item % 3]) for item in range(15)]
    silent = [said(item, "mute", outcome="refusal") for item in range(15)]
    alone, beside = (evaluate(given, humans, resamples=50).metrics for given in (votes, votes + silent))
    assert alone.panel == beside.panel
    assert alone.deferral == beside.deferral
    assert beside.coverage.by_judge["mute"]["refusal"] == 15
    assert beside.judges["mute"].overall["ce_bits"].note == "no items"
    assert "unusable_votes" in {warning.code for warning in beside.warnings}


def test_items_nobody_answered_are_not_scored_but_said(make_humans):
    humans = make_humans([[4, 0, 0], [3, 1, 0], [2, 1, 1]], LABELS)
    metrics = evaluate([said(0, label="mild"), said(1, outcome="error")], humans, resamples=10).metrics
    assert (metrics.n_items, metrics.n_scored) == (3, 1)
    assert metrics.panel.overall["tvd"].n == 1
    assert metrics.references["uniform"].overall["tvd"].n == 1
    text = {warning.code: warning.text for warning in metrics.warnings}
    assert "2 of 3 items" in text["items_without_votes"]


@pytest.mark.parametrize("votes", [[], [said(0, outcome="error")]], ids=["no votes", "only failures"])
def test_a_panel_that_said_nothing_has_no_numbers(make_humans, votes):
    metrics = evaluate(votes, make_humans([[4, 0, 0], [2, 1, 1]], LABELS), resamples=10).metrics
    assert metrics.n_scored == 0
    assert all(number.estimate is None for number in metrics.panel.overall.values())
    assert metrics.deferral.soft.coverage == []
    assert metrics.calibration.reliability == []


def test_effective_counts_and_single_reviewers_have_no_debiased_score(make_humans):
    from dataclasses import replace

    humans = make_humans([[1, 2, 1], [1, 0, 0], [2, 1, 1]], LABELS)
    humans = replace(humans, counts_known=np.array([True, True, False]))
    metrics = evaluate(
        [said(item, label="mild") for item in range(3)], humans, smoothing="none", resamples=10
    ).metrics
    number = metrics.panel.overall["brier_debiased"]
    # Item 0 alone: (.75² + .5² + .25²) - .625 / 3
    assert number.estimate == pytest.approx(0.875 - 0.625 / 3)
    assert number.n == 1
    assert number.note is not None
    assert "2 items left out" in number.note


def test_unbounded_human_equivalent(make_humans):
    # The forecast equals the counts on every item: the debiased distance is below zero.
    humans = make_humans([[1, 2, 1]] * 12, LABELS)
    votes = [said(i, distribution={"mild": 0.25, "moderate": 0.5, "severe": 0.25}) for i in range(12)]
    number = evaluate(votes, humans, smoothing="none", resamples=50).metrics.panel.overall["n_eq"]
    assert number.estimate is None
    assert number.note is not None
    assert number.note.startswith("unbounded")


def test_constant_entropy_has_no_correlation(make_humans):
    humans = make_humans([[4, 0, 0], [2, 1, 1]] * 6, LABELS)
    votes = [said(item, label=LABELS[item % 3]) for item in range(12)]
    table = evaluate(votes, humans, resamples=20).metrics.panel.overall
    # One smoothed vote has the same entropy whatever its label.
    assert table["entropy_pearson"].estimate is None
    assert "same entropy" in (table["entropy_pearson"].note or "")


def test_few_items_have_no_correlation(make_humans):
    humans = make_humans([[4, 0, 0], [2, 1, 1], [1, 2, 1]] * 3, LABELS)
    number = evaluate([said(item, label="mild") for item in range(9)], humans, resamples=20).metrics.panel
    assert number.overall["entropy_spearman"].note == "fewer than 10 items"


def test_cost_is_null_beside_its_known_part(make_humans):
    humans = make_humans([[4, 0, 0], [2, 1, 1]], LABELS)
    votes = [said(0, label="mild", cost_usd=0.25, latency_s=1.0), said(1, label="mild", latency_s=3.0)]
    economics = evaluate(votes, humans, resamples=10).metrics.economics
    assert economics.cost_usd is None
    assert economics.cost_known_usd == 0.25
    assert economics.latency_mean_s == 2.0
    assert economics.input_tokens is None


def test_bad_arguments(make_humans):
    humans = make_humans([[4, 0, 0]], LABELS)
    with pytest.raises(InputError, match="no labelled items"):
        evaluate([], humans.select([]))
    with pytest.raises(InputError, match="resamples"):
        evaluate([], humans, resamples=0)
    with pytest.raises(InputError, match=r"smoothing\.base"):
        evaluate([said(0, label="mild")], humans, smoothing=Smoothing(base={"mild": 1.0}))
