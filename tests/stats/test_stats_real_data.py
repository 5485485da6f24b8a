"""The statistics on public data sets, against figures computed elsewhere; skipped where there are no data."""

import json

import numpy as np
import pytest

from panel_eval import stats

LN2 = np.log(2.0)


def read(path):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def popquorn(data_folder):
    """Human distribution, reviewers and the smoothed forecast of nine LLMs with one vote each."""
    folder = data_folder / "popquorn_offensiveness"
    items = read(folder / "labels.jsonl")
    labels = list(items[0]["distribution"])
    row = {item["item_id"]: i for i, item in enumerate(items)}
    counts = np.array([[item["counts"][label] for label in labels] for item in items], dtype=float)
    votes = np.zeros_like(counts)
    for vote in read(folder / "votes.jsonl"):
        if vote["outcome"] == "ok":
            votes[row[vote["item_id"]], labels.index(vote["label"])] += 1
    n = counts.sum(axis=1)
    q = (votes + 0.5) / (votes.sum(axis=1, keepdims=True) + 0.5 * len(labels))
    return counts / n[:, None], q, n


@pytest.mark.parametrize(
    ("statistic", "mean"),
    [
        (stats.cross_entropy_bits, 2.4930),
        (stats.kl_bits, 1.2802),
        (stats.jsd_bits, 0.3108),
        (stats.total_variation, 0.5076),
        (stats.wasserstein_1, 1.1051),
        (stats.rps_divergence, 0.4736),
        (stats.mode_accuracy, 0.2635),
    ],
)
def test_popquorn_mean_over_items(statistic, mean, popquorn):
    p, q, _ = popquorn
    assert statistic(p, q).mean() == pytest.approx(mean, abs=1e-4)


def test_popquorn_against_its_reviewers_population(popquorn):
    p, q, n = popquorn
    distance, impurity = stats.brier_debiased(p, q, n), stats.impurity(p, n)
    assert distance.mean() == pytest.approx(0.2959, abs=1e-4)
    assert float(stats.human_equivalent_reviewers(impurity, distance)) == pytest.approx(1.7998, abs=1e-4)


def test_popquorn_entropies_hardly_correlate(popquorn):
    p, q, _ = popquorn
    r = stats.weighted_pearson(stats.entropy_bits(p), stats.entropy_bits(q))
    assert float(r) == pytest.approx(0.0617, abs=1e-4)


@pytest.fixture(scope="module")
def chaosnli(data_folder):
    """100 human votes an item (entailment, neutral, contradiction) and the logits of RoBERTa, seed 0."""
    folder = data_folder / "chaosnli"
    items = read(folder / "chaosNLI_snli.jsonl")
    logits = {}
    for split in ("dev", "test"):
        for record in read(folder / f"SNLI_{split}_roberta-base_0.json"):
            logits[record["uid"]] = np.array(record["logits"])[[0, 2, 1]]
    counts = np.array([item["label_count"] for item in items], dtype=float)
    return counts / counts.sum(axis=1, keepdims=True), np.array([logits[item["uid"]] for item in items])


def softmax(logits):
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


# Baan et al. 2022, Table 1: mean TVD (DistCE), mean |entropy error| in nats (EntCE), hard ECE in 10 equal bins.
@pytest.mark.parametrize(
    ("temperature", "tvd", "entropy", "ece"), [(1.0, 0.259, 0.310, 0.147), (2.0, 0.217, 0.208, 0.036)]
)
def test_chaosnli_calibration_as_published(temperature, tvd, entropy, ece, chaosnli):
    p, q = chaosnli[0], softmax(chaosnli[1] / temperature)
    assert stats.total_variation(p, q).mean() == pytest.approx(tvd, abs=5.1e-4)
    error = stats.entropy_bits(q) - stats.entropy_bits(p)
    assert np.abs(error).mean() * LN2 == pytest.approx(entropy, abs=5.1e-4)
    confidence, _, hard = stats.top_label_calibration(p, q)
    # 14 items have two human modes, which the paper gives to one of them and we share: at most 7/1514.
    assert float(
        stats.binned_calibration_error(confidence, hard, stats.equal_width_bins(confidence))
    ) == pytest.approx(ece, abs=5e-3)


def test_chaosnli_chance_row_as_published(chaosnli):
    p, uniform = chaosnli[0], np.full_like(chaosnli[0], 1 / 3)
    assert stats.js_distance(p, uniform).mean() == pytest.approx(0.3829, abs=5.1e-5)
    assert stats.kl_bits(p, uniform).mean() * LN2 == pytest.approx(0.5455, abs=5.1e-5)


def test_chaosnli_humans_as_forecast_look_uncalibrated_against_their_majority_only(chaosnli):
    confidence, soft, hard = stats.top_label_calibration(chaosnli[0], chaosnli[0])
    bins = stats.equal_width_bins(confidence)
    assert float(stats.binned_calibration_error(confidence, soft, bins)) == pytest.approx(0.0, abs=1e-12)
    assert float(stats.binned_calibration_error(confidence, hard, bins)) == pytest.approx(0.2454, abs=5e-3)


def test_chaosnli_forecasts_are_worth_so_many_people(chaosnli):
    p, logits = chaosnli
    n = np.full(len(p), 100)
    for temperature, reviewers in ((1.0, 1.58), (2.5, 2.60)):
        distance = stats.brier_debiased(p, softmax(logits / temperature), n)
        n_eq = float(stats.human_equivalent_reviewers(stats.impurity(p, n), distance))
        assert n_eq == pytest.approx(reviewers, abs=5.1e-3)


def test_chaosnli_entropy_correlation_and_ranking(chaosnli):
    p, q = chaosnli[0], softmax(chaosnli[1] / 2.5)
    assert float(stats.weighted_pearson(stats.entropy_bits(p), stats.entropy_bits(q))) == pytest.approx(
        0.370, abs=5.1e-4
    )
    # The published .625 breaks the ties of human votes by label order; where no votes tie it must be the same.
    untied = (np.abs(np.diff(np.sort(p, axis=1), axis=1)) > 1e-9).all(axis=1)
    same_order = (p.argsort(axis=1) == q.argsort(axis=1)).all(axis=1)
    assert (stats.rank_match(p, q)[untied] == same_order[untied]).all()
    assert stats.rank_match(p, q)[~untied].sum() == 0
    assert same_order.mean() == pytest.approx(0.625, abs=5.1e-4)
