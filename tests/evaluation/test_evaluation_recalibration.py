"""Where the cross-entropy comes from: sums that must add up, and a gain that is known."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from calibration_comparisons import compare, shares_of_reviewers
from scipy.special import softmax
from scored_tables import level_of

from panel_eval.evaluation.calibration import calibration_estimates, calibration_section
from panel_eval.evaluation.recalibration import decompositions
from panel_eval.stats.divergence import cross_entropy_bits
from panel_eval.stats.mode import rank_match_argsort

LABELS = ("a", "b", "c")


def decomposed(comparison):
    return decompositions(comparison, level_of(comparison))


@pytest.fixture(scope="module")
def overconfident(make_humans):
    """400 items of 6 reviewers; the panel sharpens the populations threefold, the judge reports them as is."""
    populations, counts = shares_of_reviewers(np.random.default_rng(0), 400, 6)
    sharp = softmax(3.0 * np.log(np.clip(populations, 1e-3, None)), axis=1)
    return compare(make_humans(counts, LABELS), sharp, judges={"honest": populations})


def test_the_parts_add_up_to_the_cross_entropy(overconfident):
    parts = decomposed(overconfident).panel
    whole = cross_entropy_bits(overconfident.humans.distribution, overconfident.panel.q).mean()
    assert parts.cross_entropy_bits.estimate == pytest.approx(whole)
    total = parts.human_entropy_bits.estimate + parts.recalibration_gain_bits.estimate
    assert total + parts.refinement_bits.estimate == pytest.approx(whole)
    gain, rest = parts.recalibration_gain_bits, parts.refinement_bits
    assert parts.miscalibrated_share.estimate == pytest.approx(gain.estimate / (gain.estimate + rest.estimate))
    assert gain.low < gain.estimate < gain.high


def test_a_sharpened_forecast_is_flattened_and_an_honest_one_left_alone(overconfident):
    found = decomposed(overconfident)
    assert found.panel.temperature == pytest.approx(3.0, rel=0.15)
    assert found.panel.recalibration_gain_bits.low > 0.3
    assert found.panel.miscalibrated_share.low > 0.5
    honest = found.judges["honest"]
    assert honest.temperature == pytest.approx(1.0, abs=0.1)
    assert honest.recalibration_gain_bits.estimate == pytest.approx(0.0, abs=0.01)


def test_folds_hold_whole_clusters(make_humans):
    # 40 origins, 10 copies of each: a map that has seen the copies of an item knows the item's own votes.
    generator = np.random.default_rng(1)
    counts = np.repeat(generator.multinomial(3, [1 / 3] * 3, size=40), 10, axis=0)
    q = np.repeat(generator.dirichlet([1.0, 1.0, 1.0], size=40), 10, axis=0)
    leaking = make_humans(counts, LABELS)
    clustered = replace(leaking, clusters=tuple(f"origin-{row // 10}" for row in range(400)))
    gains = [decomposed(compare(x, q)).panel.recalibration_gain_bits.estimate for x in (leaking, clustered)]
    # Three parameters fitted to 32 origins cost about 2 * 3 / (2 * 32) nats = .13 bits out of sample at most.
    assert 0.02 < gains[0] - gains[1] < 0.2


def test_missing_items_are_left_out(overconfident, make_humans):
    q = overconfident.panel.q.copy()
    q[::3] = np.nan
    kept = ~np.isnan(q[:, 0])
    parts = decomposed(replace(overconfident, panel=replace(overconfident.panel, q=q))).panel
    assert parts.recalibration_gain_bits.n == kept.sum()
    whole = cross_entropy_bits(overconfident.humans.distribution, q)
    assert parts.cross_entropy_bits.estimate == pytest.approx(np.nanmean(whole))


def test_what_cannot_be_fitted_is_null_with_a_reason(make_humans):
    populations, counts = shares_of_reviewers(np.random.default_rng(2), 30, 4)
    hard = np.eye(3)[populations.argmax(axis=1)]
    parts = decomposed(compare(make_humans(counts, LABELS), hard)).panel
    assert "probability 0" in parts.recalibration_gain_bits.note
    few = decomposed(compare(make_humans(counts[:19], LABELS), populations[:19])).panel
    assert few.recalibration_gain_bits.estimate is None
    assert "fewer than 20 items" in few.recalibration_gain_bits.note
    silent = decomposed(compare(make_humans(counts, LABELS), np.full((30, 3), np.nan))).panel
    assert silent.refinement_bits.note == "no items"
    assert (
        "fewer than 100"
        in decomposed(compare(make_humans(counts, LABELS), populations)).panel.recalibration_gain_bits.note
    )


@pytest.fixture(scope="module")
def chaosnli(make_humans):
    data = Path(os.environ.get("PANEL_EVAL_DATA") or Path(__file__).resolve().parents[2] / "../shared/data")
    folder = data / "chaosnli"
    if not folder.is_dir():
        pytest.skip(f"no data sets in {data}; set PANEL_EVAL_DATA to the folder that holds them")
    logits = {}
    for split in ("dev", "test"):
        with (folder / f"SNLI_{split}_roberta-base_0.json").open(encoding="utf-8") as lines:
            logits |= {r["uid"]: np.array(r["logits"])[[0, 2, 1]] for r in map(json.loads, lines)}
    with (folder / "chaosNLI_snli.jsonl").open(encoding="utf-8") as lines:
        items = [json.loads(line) for line in lines]
    humans = make_humans([item["label_count"] for item in items], ("entailment", "neutral", "contradiction"))
    return compare(humans, softmax(np.array([logits[item["uid"]] for item in items]), axis=1))


def test_chaosnli_is_mostly_miscalibration(chaosnli):
    # METHODS §8: KL .6173 -> .2278 nats by temperature, 63 % of the distance.
    parts = decomposed(chaosnli).panel
    assert parts.temperature == pytest.approx(2.87, abs=0.01)
    assert parts.temperature_gain_bits.estimate * np.log(2) == pytest.approx(0.6173 - 0.2278, abs=1e-3)
    # 100 votes an item: the posterior's entropy is .015 nats above that of the votes themselves.
    distance = parts.cross_entropy_bits.estimate - parts.human_entropy_bits.estimate
    assert distance * np.log(2) == pytest.approx(0.6173, abs=0.02)
    assert parts.temperature_gain_bits.estimate / distance == pytest.approx(0.63, abs=0.02)
    assert parts.miscalibrated_share.low > 0.63  # with a bias for each label a little more


def test_chaosnli_ranks_as_published_and_hard_ece_is_called_misleading(chaosnli):
    # Baan et al. 2022, Table 1: RankCS .625.
    matches = rank_match_argsort(chaosnli.humans.distribution, chaosnli.panel.q)
    assert matches.mean() == pytest.approx(0.625, abs=5.1e-4)
    oracle = replace(chaosnli.panel, q=chaosnli.humans.distribution)
    table = calibration_estimates(chaosnli.humans, oracle, chaosnli.everything)
    assert table["soft_ece"].estimate == pytest.approx(0.0, abs=1e-12)
    assert table["hard_ece"].estimate > 0.2  # METHODS 0.4
    assert "misleading" in table["hard_ece"].note
    errors = calibration_estimates(chaosnli.humans, chaosnli.panel, chaosnli.everything)
    section = calibration_section(chaosnli, level_of(chaosnli), errors)
    assert section.soft_ece.estimate == pytest.approx(0.2294, abs=2e-3)
    assert section.soft_ece.low < section.soft_ece.estimate < section.soft_ece.high
