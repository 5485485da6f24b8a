"""The section on reliability: known populations, hand-made panels, and a hundred real votes an item."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from human_comparison import compare

from panel_eval import stats
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.human_panels import expected_ce_bits
from panel_eval.evaluation.human_reliability import reliability_section
from panel_eval.evaluation.references import base_rate
from panel_eval.schema import Smoothing

LABELS = ("a", "b", "c")
CONCENTRATION = np.array([0.8, 0.5, 0.3])
DATA = Path(os.environ.get("PANEL_EVAL_DATA") or Path(__file__).resolve().parents[2] / "../shared/data")


def simulated(n_items, n_votes, seed=4):
    generator = np.random.default_rng(seed)
    populations = generator.dirichlet(CONCENTRATION, size=n_items)
    return populations, generator.multinomial(n_votes, populations).astype(float), generator


@pytest.fixture(scope="module")
def perfect(make_humans):
    """A panel that says the very populations the reviewers come from."""
    populations, counts, _ = simulated(3000, 5)
    humans = make_humans(counts, LABELS, "ordinal")
    return compare(humans, populations, prior=CONCENTRATION, resamples=300)


def test_the_population_itself_has_no_skill_to_gain(perfect):
    section = reliability_section(perfect)
    assert set(section.skill.overall) == {"ce_bits", "brier_debiased", "rps"}
    for skill in section.skill.overall.values():
        assert skill.base_rate_to_noise_free.low < 1 < skill.base_rate_to_noise_free.high
        assert skill.uniform_to_noise_free.low < 1 < skill.uniform_to_noise_free.high
        # Five people are noisier than the population: better than they are.
        assert skill.base_rate_to_human_parity.low > 1
    # The judge says what the panel says.
    for loss, skill in section.skill_judges["judge"].overall.items():
        for rung, number in skill:
            own = getattr(section.skill.overall[loss], rung)
            assert (number.estimate, number.low, number.high) == pytest.approx((own.estimate, own.low, own.high))


def test_the_floor_has_no_skill(perfect):
    floor = compare(perfect.humans, base_rate(perfect.humans), prior=CONCENTRATION, resamples=50)
    tables = reliability_section(floor).skill
    for skill in (*tables.overall.values(), *tables.by_class["minor"].values()):
        assert skill.base_rate_to_noise_free.estimate == pytest.approx(0.0)
        assert skill.base_rate_to_human_parity.estimate == pytest.approx(0.0)


def test_a_second_panel_of_people_has_parity(make_humans):
    populations, counts, generator = simulated(4000, 5)
    people = (generator.multinomial(5, populations) + 0.5) / 6.5
    comparison = compare(make_humans(counts, LABELS), people, prior=CONCENTRATION, resamples=300)
    skill = reliability_section(comparison).skill.overall["ce_bits"].base_rate_to_human_parity
    assert skill.estimate == pytest.approx(1.0, abs=0.06)  # over 30 such draws: mean 1.001, sd .018
    assert skill.high - skill.low < 0.2
    worth = reliability_section(comparison).n_eq_ce
    assert worth.estimate == pytest.approx(5.0, abs=0.9)  # over 30: mean 4.99, sd .27


def test_skill_in_debiased_brier_is_a_ratio_of_its_means(perfect):
    humans, q = perfect.humans, 0.5 * perfect.panel.q + 0.5 / 3
    section = reliability_section(compare(humans, q, prior=CONCENTRATION, resamples=50))

    def distance(forecast):
        return stats.brier_debiased(humans.distribution, forecast, humans.reviewer_count).mean()

    floor = distance(base_rate(humans))
    skill = section.skill.overall["brier_debiased"]
    assert skill.base_rate_to_noise_free.estimate == pytest.approx((floor - distance(q)) / floor)
    people = stats.impurity(humans.distribution, humans.reviewer_count).mean() / 5
    assert skill.base_rate_to_human_parity.estimate == pytest.approx((floor - distance(q)) / (floor - people))


def test_skill_by_class_is_that_against_the_population(make_humans):
    # Populations scatter around what the panel says, and the prior is that very scatter.
    generator = np.random.default_rng(8)
    q = generator.dirichlet([1.0, 1.0, 1.0], size=20_000)
    populations = np.array([generator.dirichlet(4.0 * row + 1e-3) for row in q])
    counts = np.array([generator.multinomial(5, row) for row in populations], dtype=float)
    comparison = compare(make_humans(counts, LABELS), q, prior=4.0 * q + 1e-3, resamples=200)
    section = reliability_section(comparison)
    classes = np.array(comparison.humans.derived_class)
    for name in ("agreement", "minor", "major", "unresolved"):
        own = classes == name
        floor = stats.cross_entropy_bits(populations[own], np.full((own.sum(), 3), 1 / 3)).mean()
        loss = stats.cross_entropy_bits(populations[own], q[own]).mean()
        truth = (floor - loss) / (floor - stats.entropy_bits(populations[own]).mean())
        skill = section.skill.by_class[name]["ce_bits"].uniform_to_noise_free
        assert skill.estimate == pytest.approx(truth, abs=0.06), name
        assert "model-based" in skill.note


def test_classes_together_have_the_losses_that_need_no_model(make_humans):
    """A prior that is wrong on purpose: skill over a class that holds every item is that of the votes."""
    generator = np.random.default_rng(6)
    counts = generator.multinomial(4, [0.5, 0.25, 0.25], size=400).astype(float)
    q = np.tile([0.4, 0.3, 0.3], (400, 1))
    humans = replace(make_humans(counts, LABELS), derived_class=("major",) * 400)
    tables = reliability_section(compare(humans, q, prior=np.array([0.1, 0.1, 8.0]))).skill
    for loss, skill in tables.overall.items():
        own = tables.by_class["major"][loss]
        for rung in ("uniform_to_noise_free", "uniform_to_human_parity"):
            expected, found = getattr(skill, rung), getattr(own, rung)
            assert (found.estimate is None) == (expected.estimate is None)
            if expected.estimate is not None:
                assert found.estimate == pytest.approx(expected.estimate), (loss, rung)


def test_skill_is_refused_where_floor_and_ceiling_are_alike(make_humans):
    # Reviewers who answer at random: nothing can be known of an item beyond the base rate.
    counts = np.random.default_rng(5).multinomial(6, [1 / 3] * 3, size=200).astype(float)
    comparison = compare(make_humans(counts, LABELS), np.full((200, 3), 1 / 3), prior=np.full(3, 400.0))
    skill = reliability_section(comparison).skill.overall
    assert skill["ce_bits"].base_rate_to_human_parity.note.startswith(
        "refused: on these items a fresh panel of people"
    )
    assert skill["brier_debiased"].base_rate_to_noise_free.note.startswith("refused")
    assert skill["brier_debiased"].base_rate_to_noise_free.estimate is None


def test_skill_over_a_short_distance_says_so(make_humans):
    # Populations that differ little: an item's people know little beyond the base rate, and 300 items just show it.
    generator = np.random.default_rng(3)
    populations = generator.dirichlet([16.0, 16.0, 16.0], size=300)
    counts = generator.multinomial(6, populations).astype(float)
    comparison = compare(make_humans(counts, LABELS), populations, prior=np.full(3, 16.0))
    skill = reliability_section(comparison).skill.overall["brier_debiased"].base_rate_to_noise_free
    assert skill.note.startswith("floor and ceiling lie close")  # and no word of a model: votes are all it needs
    assert skill.high - skill.low > 0.5


def test_few_items_are_refused_not_guessed(make_humans):
    counts = [[4, 0, 0], [2, 2, 0], [2, 1, 1]]
    section = reliability_section(compare(make_humans(counts, LABELS), np.full((3, 3), 1 / 3)))
    assert section.skill.overall["ce_bits"].uniform_to_noise_free.note.startswith("refused: no interval")
    assert section.split_half.entropy.note.startswith("fewer than 10 items")
    assert section.entropy_correlation.corrected.estimate is None


def test_no_forecasts_at_all(make_humans):
    section = reliability_section(compare(make_humans([[4, 0, 0]] * 12, LABELS), np.full((12, 3), np.nan)))
    assert section.n_eq_ce.note == "no items"
    assert section.skill.overall["ce_bits"].uniform_to_noise_free.note == "no items"
    assert section.against_others.single_human.accuracy.estimate is None


def test_a_judge_is_held_against_the_items_it_answered(make_humans):
    _, counts, _ = simulated(80, 5)
    q = (counts + 1.0) / 8.0
    half = q.copy()
    half[40:] = np.nan
    humans = make_humans(counts, LABELS)
    comparison = replace(compare(humans, q), judges=(Forecaster("half", half),))
    skill = reliability_section(comparison).skill_judges["half"].overall["brier_debiased"].uniform_to_noise_free
    first = slice(0, 40)

    def distance(forecast):
        n = humans.reviewer_count[first]
        return stats.brier_debiased(humans.distribution[first], forecast[first], n).mean()

    floor = distance(np.full((80, 3), 1 / 3))
    assert skill.n == 40
    assert skill.estimate == pytest.approx((floor - distance(q)) / floor)


def test_label_shares_are_as_reliable_as_the_population_says(perfect):
    # Var(p_k) / Var(share of n votes), by the Dirichlet's variances: S = 1.6, n = 5: n / (n + S).
    for number in reliability_section(perfect).split_half.label_share.values():
        assert number.estimate == pytest.approx(5 / 6.6, abs=0.03)
        assert number.low < number.estimate < number.high


def test_single_reviewers_by_hand(make_humans):
    # Twelve items 3-1-0. Leaving out an "a": the others 2-1-0 choose a, right; leaving out the "b": 3-0-0, wrong.
    humans = make_humans([[3, 1, 0]] * 12, LABELS)
    q = np.tile([0.2, 0.5, 0.3], (12, 1))
    found = reliability_section(compare(humans, q, smoothing=Smoothing(alpha=0.5))).against_others
    assert found.single_human.accuracy.estimate == pytest.approx(0.75)
    assert found.panel_same_reference.accuracy.estimate == pytest.approx(0.0)
    assert found.panel_minus_human.accuracy.estimate == pytest.approx(-0.75)
    # An "a" says (1.5, .5, .5) / 2.5 of others 2/3, 1/3, 0; the "b" says (.5, 1.5, .5) / 2.5 of others 1, 0, 0.
    own = -0.75 * (2 / 3 * np.log2(0.6) + 1 / 3 * np.log2(0.2)) - 0.25 * np.log2(0.2)
    assert found.single_human.ce_bits.estimate == pytest.approx(own)
    # The others: (2.5, 1.5, .5) / 4.5 for an "a" left out, (3.5, .5, .5) / 4.5 for the "b".
    rest = -0.75 * np.log2(2.5 / 4.5) - 0.25 * np.log2(0.5 / 4.5)
    assert found.other_reviewers.ce_bits.estimate == pytest.approx(rest)
    panel = -0.75 * np.log2(0.2) - 0.25 * np.log2(0.5)
    assert found.panel_same_reference.ce_bits.estimate == pytest.approx(panel)


def test_panels_drawn_from_the_model_lose_what_real_reviewers_lose(perfect):
    """Leaving reviewers out needs no model: one of five stands for a panel of one, the others for one of four."""
    found = reliability_section(perfect).against_others
    assert found.single_human.ce_bits.estimate == pytest.approx(expected_ce_bits(perfect, 1).mean(), abs=0.02)
    assert found.other_reviewers.ce_bits.estimate == pytest.approx(expected_ce_bits(perfect, 4).mean(), abs=0.02)


def test_items_with_few_votes_are_left_out_and_counted(make_humans):
    _, counts, _ = simulated(40, 6)
    counts[:5] = [1, 1, 1]
    section = reliability_section(compare(make_humans(counts, LABELS), (counts + 1) / (counts + 1).sum(1)[:, None]))
    assert section.split_half.dispersion.n == 35
    assert "5 items left out" in section.split_half.dispersion.note
    assert section.against_others.single_human.accuracy.n == 40


def test_a_panel_outside_the_sizes_tried_has_no_n_eq_ce(make_humans):
    _, counts, _ = simulated(300, 6)
    humans = make_humans(counts, LABELS)
    worst = reliability_section(compare(humans, np.tile([0.01, 0.01, 0.98], (300, 1)))).n_eq_ce
    assert worst.note == "outside what is tried: worth fewer than one person"
    own = (counts + 1e-3) / (counts + 1e-3).sum(axis=1, keepdims=True)
    best = reliability_section(compare(humans, own)).n_eq_ce  # it has seen the very votes
    assert best.note == "outside what is tried: worth more than 50 people"


def test_n_eq_ce_is_one_of_the_sizes_where_losses_meet(make_humans):
    # A forecast that loses exactly what three fresh people are expected to lose, on every item.
    counts = np.array([[3.0, 1.0, 0.0]] * 30)
    humans = make_humans(counts, LABELS)
    flat = compare(humans, np.full((30, 3), 1 / 3))
    wanted = expected_ce_bits(flat, 3)[0]
    shares = np.linspace(0.34, 0.75, 100_000)
    losses = -(0.75 * np.log2(shares) + 0.25 * np.log2((1 - shares) * 0.6))
    best = shares[np.abs(losses - wanted).argmin()]
    q = np.tile([best, (1 - best) * 0.6, (1 - best) * 0.4], (30, 1))
    assert reliability_section(compare(humans, q)).n_eq_ce.estimate == pytest.approx(3.0, abs=0.01)


@pytest.fixture(scope="module")
def chaosnli():
    folder = DATA / "chaosnli"
    if not folder.is_dir():
        pytest.skip(f"no {folder}; set PANEL_EVAL_DATA to the folder that holds the data sets")

    def read(name):
        with (folder / name).open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    items = read("chaosNLI_snli.jsonl")
    logits = {r["uid"]: r["logits"] for split in ("dev", "test") for r in read(f"SNLI_{split}_roberta-base_0.json")}
    heat = np.array([np.array(logits[item["uid"]])[[0, 2, 1]] for item in items]) / 2.5
    shares = np.exp(heat - heat.max(axis=1, keepdims=True))
    return np.array([item["label_count"] for item in items]), shares / shares.sum(axis=1, keepdims=True)


def test_chaosnli_entropy_correlation_is_recovered_from_four_votes(chaosnli, make_humans):
    # METHODS §0.7: observed .195, reliability .285, with a hundred votes .370. Means over six subsamples of votes.
    counts, q = chaosnli
    found = []
    for seed in range(6):
        generator = np.random.default_rng(seed)
        few = np.array([generator.multivariate_hypergeometric(row, 4) for row in counts], dtype=float)
        number = reliability_section(compare(make_humans(few, LABELS), q, resamples=50)).entropy_correlation
        found.append([number.observed.estimate, number.reliability.estimate, number.corrected.estimate])
    observed, reliability, corrected = np.mean(found, axis=0)
    assert observed == pytest.approx(0.195, abs=0.02)
    assert reliability == pytest.approx(0.285, abs=0.05)
    assert corrected == pytest.approx(0.370, abs=0.05)


def test_chaosnli_worth_of_the_panel_in_cross_entropy(chaosnli, make_humans):
    # Between two and three people, as n_eq = 2.60 by squared distance (METHODS §0.9), and so with four votes only.
    counts, q = chaosnli
    all_votes = reliability_section(compare(make_humans(counts, LABELS), q, resamples=100)).n_eq_ce
    assert 1.8 < all_votes.low < all_votes.estimate < all_votes.high < 2.8
