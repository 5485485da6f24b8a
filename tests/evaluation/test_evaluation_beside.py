"""Models beside the panel: scored like judges, compared with the panel item by item, and without a part in it."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from panel_eval.errors import InputError
from panel_eval.evaluation import evaluate
from panel_eval.pooling import collect_votes
from panel_eval.schema import Vote

LABELS = ("a", "b")
DATA = Path(os.environ.get("PANEL_EVAL_DATA", "../shared/data")) / "chaosnli"
NLI = ("entailment", "neutral", "contradiction")


def forecasts(name: str, q: list[list[float]] | np.ndarray, labels: tuple[str, ...] = LABELS) -> list[Vote]:
    """A model's distributions as votes; items with NaN get none."""
    return [
        Vote(item_id=f"item-{row:04d}", judge=name, distribution=dict(zip(labels, map(float, shares), strict=True)))
        for row, shares in enumerate(np.asarray(q))
        if not np.isnan(shares).any()
    ]


def test_the_difference_is_that_of_two_cross_entropies(make_humans):
    """All say a; the panel gives it .5: 1 bit; the model .8: log2(1/.8) = .3219. Ten equal items: no spread."""
    humans = make_humans([[4, 0]] * 10, LABELS)
    votes = forecasts("panelist", [[0.5, 0.5]] * 10) + forecasts("classifier", [[0.8, 0.2]] * 10)
    metrics = evaluate(votes, humans, smoothing="none", beside=["classifier"], resamples=100).metrics
    found = metrics.beside["classifier"]
    assert found.behind_panel_bits.estimate == pytest.approx(-1.0 - math.log2(0.8))
    assert found.behind_panel_bits.low == pytest.approx(found.behind_panel_bits.high)
    assert found.scores.overall["ce_bits"].estimate == pytest.approx(-math.log2(0.8))
    assert metrics.panel.overall["ce_bits"].estimate == pytest.approx(1.0)
    assert found.outcomes == {"ok": 10}
    assert "classifier is closer to the reviewers than the panel, by 0.678 bits" in found.advice
    turned = evaluate(votes, humans, smoothing="none", beside=["panelist"], resamples=100).metrics.beside[
        "panelist"
    ]
    assert turned.behind_panel_bits.estimate == pytest.approx(1.0 + math.log2(0.8))
    assert turned.advice.endswith("of the two, use the panel.")


def test_the_panel_is_scored_as_if_nobody_stood_beside_it(make_humans):
    """Every number but the section itself; and the model's own are those it gets as a judge."""
    rng = np.random.default_rng(7)
    humans = make_humans(rng.multinomial(6, [0.5, 0.5], size=30), LABELS)
    panel = [*forecasts("j", rng.dirichlet([1, 1], 30)), *forecasts("k", rng.dirichlet([1, 1], 30))]
    model = forecasts("m", rng.dirichlet([1, 1], 30))
    alone = evaluate(panel, humans, resamples=50).metrics
    joined = evaluate([*model, *panel], humans, beside=["m"], resamples=50).metrics
    assert joined.model_copy(update={"beside": {}}) == alone
    as_judge = evaluate([*panel, *model], humans, resamples=50).metrics.judges["m"].overall
    for name in ("ce_bits", "ce_skill", "brier_debiased", "n_eq", "mode_accuracy", "entropy_pearson"):
        assert joined.beside["m"].scores.overall[name] == as_judge[name]


def test_a_model_that_says_what_the_panel_says_is_neither_ahead_nor_behind(make_humans):
    humans = make_humans([[4, 0], [1, 3], [2, 2]] * 5, LABELS)
    q = [[0.6, 0.4], [0.3, 0.7], [0.5, 0.5]] * 5
    metrics = evaluate(forecasts("j", q) + forecasts("m", q), humans, beside=["m"], resamples=100).metrics
    behind = metrics.beside["m"].behind_panel_bits
    assert (behind.estimate, behind.low, behind.high) == (0.0, 0.0, 0.0)
    assert "do not tell whether m or the panel" in metrics.beside["m"].advice


def test_only_items_that_both_forecast_are_compared(make_humans):
    """Twelve items: the panel has no vote on two, the model none on three others."""
    humans = make_humans([[4, 0]] * 12, LABELS)
    panel, model = np.full((12, 2), 0.5), np.tile([0.8, 0.2], (12, 1))
    panel[:2], model[9:] = np.nan, np.nan
    votes = forecasts("j", panel) + forecasts("m", model)
    found = evaluate(votes, humans, smoothing="none", beside=["m"], resamples=100).metrics.beside["m"]
    assert found.behind_panel_bits.n == 7
    assert found.scores.overall["ce_bits"].n == 9
    assert found.behind_panel_bits.low is None  # fewer than eight items
    assert found.advice.startswith("How m compares with the panel cannot be told: no interval")


def test_a_forecast_of_zero_for_a_chosen_label_is_said_to_be_infinite(make_humans):
    humans = make_humans([[4, 0], [3, 1]] * 10, LABELS)
    votes = forecasts("j", [[0.5, 0.5]] * 20) + forecasts("m", [[1.0, 0.0]] * 20)
    found = evaluate(votes, humans, smoothing="none", beside=["m"], resamples=100).metrics.beside["m"]
    assert found.behind_panel_bits.estimate is None
    assert "infinite on 10 items" in (found.behind_panel_bits.note or "")
    assert "cannot be told" in found.advice


def test_names_that_cast_no_vote_are_refused(make_humans):
    humans = make_humans([[4, 0]] * 3, LABELS)
    votes = forecasts("classifier", [[0.8, 0.2]] * 3) + forecasts("judge", [[0.5, 0.5]] * 3)
    with pytest.raises(InputError, match="did you mean 'classifier'"):
        evaluate(votes, humans, beside=["clasifier"])
    with pytest.raises(InputError, match="no votes are left for the panel"):
        evaluate(votes, humans, beside=["classifier", "judge"])
    with pytest.raises(InputError, match="give votes, not forecasts"):
        evaluate(collect_votes(votes, humans), humans, beside=["judge"])


def _roberta(ids: list[str], seed: int) -> np.ndarray:
    """RoBERTa-base's probabilities in the order of `NLI` (in the files: entailment, contradiction, neutral)."""
    files = [DATA / f"SNLI_{split}_roberta-base_{seed}.json" for split in ("dev", "test")]
    probs = {r["uid"]: r["probs"] for path in files for r in map(json.loads, path.read_text().splitlines())}
    return np.array([probs[uid] for uid in ids])[:, [0, 2, 1]]


@pytest.mark.slow
def test_a_classifier_beside_others_on_real_items(make_humans):
    """RoBERTa seed 2 beside seeds 0 and 1 on ChaosNLI-SNLI, 100 people an item.

    Oracles: accuracy .752 (Baan et al. 2022, Table 1; ties are counted otherwise there), cross-entropies by hand
    from the smoothing's formula, and the standard error of a mean of paired differences.
    """
    path = DATA / "chaosNLI_snli.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not there; set PANEL_EVAL_DATA to the folder that holds chaosnli")
    records = [json.loads(line) for line in path.read_text().splitlines()]
    counts = [[r["label_counter"].get(key, 0) for key in "enc"] for r in records]
    humans = make_humans(counts, NLI)
    q = [_roberta([r["uid"] for r in records], seed) for seed in range(3)]
    votes = [vote for seed in range(3) for vote in forecasts(f"seed-{seed}", q[seed], NLI)]
    metrics = evaluate(votes, humans, beside=["seed-2"], resamples=1000).metrics
    found = metrics.beside["seed-2"]
    assert found.scores.overall["mode_accuracy"].estimate == pytest.approx(0.752, abs=0.003)

    def cross_entropy(shares: np.ndarray, strength: float) -> np.ndarray:
        smoothed = (strength * shares + 0.5) / (strength + 1.5)
        return -(humans.distribution * np.log2(smoothed)).sum(axis=1)

    difference = cross_entropy(q[2], 20.0) - cross_entropy((q[0] + q[1]) / 2, 40.0)
    behind = found.behind_panel_bits
    assert behind.estimate == pytest.approx(difference.mean(), abs=1e-9)
    half = 1.96 * difference.std(ddof=1) / math.sqrt(len(difference))
    assert behind.low == pytest.approx(difference.mean() - half, abs=0.1 * half)
    assert behind.high == pytest.approx(difference.mean() + half, abs=0.1 * half)
