"""Ceilings: fresh human panels in a simulation whose truth is known, and on a hundred real votes an item."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from human_comparison import compare

from panel_eval import stats
from panel_eval.evaluation import subset
from panel_eval.evaluation.human_panels import PANEL_SIZES, expected_ce_bits, fresh_panels, human_panel_scores
from panel_eval.evaluation.metric_tables import metric_names
from panel_eval.evaluation.subset import drawn_items
from panel_eval.schema import CLASS_NAMES, Smoothing

LABELS = ("a", "b", "c")
DATA = Path(os.environ.get("PANEL_EVAL_DATA") or Path(__file__).resolve().parents[2] / "../shared/data")
LN2 = math.log(2.0)


def simulated(n_items, n_votes, concentration=(0.8, 0.5, 0.3), seed=3):
    generator = np.random.default_rng(seed)
    populations = generator.dirichlet(concentration, size=n_items)
    return populations, generator.multinomial(n_votes, populations).astype(float), generator


@pytest.fixture(scope="module")
def small(make_humans):
    _, counts, _ = simulated(60, 5)
    humans = make_humans(counts, LABELS, "ordinal")
    return compare(humans, np.full((60, 3), 1 / 3))


def test_every_size_has_every_metric_in_every_class(small):
    scores = human_panel_scores(small)
    assert list(scores) == ["human_panel", *(f"human_panel_{n}" for n in PANEL_SIZES)]
    for reference in scores.values():
        assert tuple(reference.by_class) == CLASS_NAMES
        for table in (reference.overall, *reference.by_class.values()):
            assert tuple(table) == metric_names("ordinal")
        assert all(number.estimate is None for number in reference.by_class["insufficient"].values())


def test_n_people_are_worth_n_people(small):
    scores = human_panel_scores(small)
    humans = small.humans
    impurity = stats.impurity(humans.distribution, humans.reviewer_count)
    for n in PANEL_SIZES:
        table = scores[f"human_panel_{n}"].overall
        assert table["n_eq"].estimate == pytest.approx(n)
        assert table["brier_debiased"].estimate == pytest.approx(impurity.mean() / n)
        # Unanimous items as well: their class tells nothing of the population, their posterior does.
        assert scores[f"human_panel_{n}"].by_class["agreement"]["n_eq"].estimate == pytest.approx(n)
    assert scores["human_panel"].overall["n_eq"].estimate == pytest.approx(5)


def test_the_ceiling_of_cross_entropy_rises_with_the_people(small):
    scores = human_panel_scores(small)
    losses = [scores[f"human_panel_{n}"].overall["ce_bits"].estimate for n in PANEL_SIZES]
    assert losses == sorted(losses, reverse=True)
    assert scores["human_panel"].overall["ce_bits"].estimate == pytest.approx(losses[2])  # 5 people as well


def test_drawn_panels_have_the_expected_cross_entropy(small):
    panels = {panel.name: panel for panel in fresh_panels(small)}
    for name in ("human_panel_3", "human_panel_20"):
        panel = panels[name]
        drawn = np.mean([stats.cross_entropy_bits(small.humans.distribution, q) for q in panel.draws])
        assert drawn == pytest.approx(expected_ce_bits(small, panel.n).mean(), abs=0.02)


def test_a_larger_panel_holds_the_smaller_one(small):
    panels = {panel.name: panel for panel in fresh_panels(small)}
    three, five = (panels[f"human_panel_{n}"].draws[0] * (n + 1.5) - 0.5 for n in (3, 5))
    assert (three <= five + 1e-9).all()
    assert three.sum(axis=1) == pytest.approx(3.0)


@pytest.mark.parametrize("metric", ["tvd", "jsd_bits", "mode_accuracy", "rps", "entropy_error_abs_bits"])
def test_the_ceiling_is_what_a_second_panel_scores(make_humans, metric):
    """Where the prior is right, a second panel of real people scores what the fresh one is expected to."""
    populations, counts, generator = simulated(6000, 4)
    comparison = compare(
        make_humans(counts, LABELS, "ordinal"), populations, prior=np.array([0.8, 0.5, 0.3]), resamples=50
    )
    number = human_panel_scores(comparison)["human_panel"].overall[metric]
    second = (generator.multinomial(4, populations) + 0.5) / 5.5
    p = counts / 4
    truth = {
        "tvd": stats.total_variation,
        "jsd_bits": stats.jsd_bits,
        "mode_accuracy": stats.mode_accuracy,
        "rps": stats.rps,
        "entropy_error_abs_bits": lambda p, q: np.abs(stats.entropy_bits(q) - stats.entropy_bits(p)),
    }[metric](p, second)
    assert number.estimate == pytest.approx(truth.mean(), abs=4 * truth.std() / math.sqrt(6000))
    assert number.low < number.estimate < number.high


def test_the_ceiling_of_an_entropy_correlation_is_that_of_a_second_panel(make_humans):
    populations, counts, generator = simulated(6000, 4)
    comparison = compare(make_humans(counts, LABELS), populations, prior=np.array([0.8, 0.5, 0.3]), resamples=50)
    table = human_panel_scores(comparison)["human_panel"].overall
    h, second = (
        stats.entropy_bits(counts / 4),
        stats.entropy_bits((generator.multinomial(4, populations) + 0.5) / 5.5),
    )
    assert table["entropy_pearson"].estimate == pytest.approx(float(stats.weighted_pearson(h, second)), abs=0.035)
    assert table["entropy_spearman"].estimate == pytest.approx(float(stats.weighted_spearman(h, second)), abs=0.035)


def test_one_person_has_the_same_entropy_on_every_item(small):
    number = human_panel_scores(small)["human_panel_1"].overall["entropy_pearson"]
    assert number.estimate is None
    assert "same entropy" in number.note


def test_people_are_smoothed_as_the_panel_is(make_humans):
    counts = [[4, 0, 0], [3, 1, 0], [2, 1, 1]] * 4
    humans = make_humans(counts, LABELS)
    q = np.full((12, 3), 1 / 3)
    none = human_panel_scores(compare(humans, q, smoothing="none"))["human_panel"].overall["ce_bits"]
    assert none.estimate is None
    assert none.note.startswith("infinite on 12 items")
    towards = Smoothing(alpha=2.0, base={"a": 0.5, "b": 0.25, "c": 0.25})
    flat, skewed = (
        expected_ce_bits(compare(humans, q, smoothing=s), 3)[0] for s in (Smoothing(alpha=2.0), towards)
    )
    assert skewed < flat  # item 0 is all "a"


def test_items_without_a_forecast_are_left_out(make_humans):
    counts = np.array([[4, 0, 0], [2, 1, 1]] * 8, dtype=float)
    q = np.full((16, 3), 1 / 3)
    q[1::2] = np.nan
    comparison = compare(make_humans(counts, LABELS), q)
    assert human_panel_scores(comparison)["human_panel_5"].overall["tvd"].n == 8
    silent = human_panel_scores(compare(make_humans(counts, LABELS), np.full((16, 3), np.nan)))
    assert silent["human_panel"].overall["tvd"].note == "no items"


def test_part_of_the_items_keeps_its_resamples(make_humans):
    _, counts, _ = simulated(50, 4)
    comparison = compare(make_humans(counts, LABELS), counts / 4)
    rows = np.arange(0, 50, 3)
    part = comparison.take(rows)
    values = np.random.default_rng(0).normal(size=(50, 1))
    mask = np.isin(np.arange(50), rows)
    by_mask = comparison.everything.take(mask).means(values[mask])
    assert part.everything.means(values[rows]) == pytest.approx(by_mask)
    for segment, whole in zip(part.segments, comparison.segments, strict=True):
        kept = whole.rows[np.isin(whole.rows, rows)]
        assert [part.humans.item_ids[i] for i in segment.rows] == [comparison.humans.item_ids[i] for i in kept]


def test_too_many_items_are_sampled_and_it_is_said(make_humans, monkeypatch):
    _, counts, _ = simulated(90, 4)
    comparison = compare(make_humans(counts, LABELS), np.full((90, 3), 1 / 3))
    monkeypatch.setattr(subset, "MAX_DRAWN", 40)
    part, note = drawn_items(comparison)
    assert len(part.humans) == 40
    assert note == "from 40 random items of 90"
    number = human_panel_scores(comparison)["human_panel_3"].overall["tvd"]
    assert number.n == 40
    assert "40 random items of 90" in number.note


def test_the_same_seed_gives_the_same_ceiling(small):
    assert human_panel_scores(small) == human_panel_scores(small)


# METHODS §2.4: people of the same hundred votes, smoothed with half a vote a label, against the remaining votes.
# Its one draw of n = 3, 10, 20 votes an item; ours are posterior draws against all hundred.
@pytest.mark.parametrize(
    ("n", "kl_nats", "tvd", "accuracy", "r"),
    [
        (3, 0.190, 0.204, 0.818, 0.428),
        (5, 0.134, 0.161, 0.854, 0.562),
        (10, 0.082, 0.117, 0.885, 0.702),
        (20, 0.051, 0.088, 0.916, 0.798),
    ],
)
def test_chaosnli_people(chaosnli_people, n, kl_nats, tvd, accuracy, r):
    table = chaosnli_people[f"human_panel_{n}"].overall
    assert table["kl_plugin_bits"].estimate * LN2 == pytest.approx(kl_nats, abs=0.004)
    assert table["tvd"].estimate == pytest.approx(tvd, abs=0.005)
    assert table["mode_accuracy"].estimate == pytest.approx(accuracy, abs=0.01)
    assert table["entropy_pearson"].estimate == pytest.approx(r, abs=0.03)


@pytest.fixture(scope="module")
def chaosnli_people(make_humans):
    path = DATA / "chaosnli" / "chaosNLI_snli.jsonl"
    if not path.is_file():
        pytest.skip(f"no {path}; set PANEL_EVAL_DATA to the folder that holds the data sets")
    with path.open(encoding="utf-8") as lines:
        counts = [json.loads(line)["label_count"] for line in lines]
    humans = make_humans(counts, ("entailment", "neutral", "contradiction"))
    return human_panel_scores(compare(humans, np.full(humans.counts.shape, 1 / 3), resamples=100))


def test_a_file_that_claims_a_billion_reviewers_ends_in_time(make_humans):
    humans = make_humans([[500_000_000, 500_000_000], [3, 1]], ("a", "b"))
    comparison = compare(humans, np.full((2, 2), 0.5))
    # Of a coin's population 1,000 fresh people tell all but (K - 1) / (2 n ln 2) = .0007 of its 1 bit.
    assert expected_ce_bits(comparison, humans.reviewer_count)[0] == pytest.approx(1.0, abs=0.001)
