"""The section `agreement`: what it says of cases whose answer is known, and where it says nothing."""

import json

import numpy as np
import pytest

from panel_eval.evaluation.agreement import agreement_section
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.posterior import jeffreys_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import make_segments
from panel_eval.humans import load_soft_labels
from panel_eval.pooling import collect_votes, pool_linear, smooth
from panel_eval.schema import Smoothing, Vote
from panel_eval.stats.krippendorff import krippendorff_alpha
from panel_eval.stats.vote_pairs import coincidences

LABELS = ("mild", "moderate", "severe")
JUDGES = ("x", "y", "z")


def compare(humans, votes, judge_ids=None, resamples=200):
    forecasts = collect_votes(votes, humans, judge_ids)
    raw, strength = pool_linear(forecasts, None)
    smoothing = Smoothing()
    panel = Forecaster("panel", smooth(raw, strength, smoothing, humans.labels))
    judges = [
        Forecaster(judge, smooth(forecasts.q_raw[row], forecasts.strength[row], smoothing, humans.labels))
        for row, judge in enumerate(forecasts.judge_ids)
    ]
    segments = make_segments(humans, resamples, 0)
    floor, posterior = base_rate(humans), jeffreys_posterior(humans)
    return Comparison(humans, forecasts, panel, judges, floor, segments, posterior, smoothing, 0)


def said(humans, q, judges=JUDGES):
    """Votes from distributions (n_judges, n_items, n_labels); a judge with all mass on one label casts it."""
    for judge, rows in zip(judges, q, strict=True):
        for item_id, row in zip(humans.item_ids, rows, strict=True):
            if row.max() == 1.0:
                yield Vote(item_id=item_id, judge=judge, label=humans.labels[int(row.argmax())])
            else:
                yield Vote(item_id=item_id, judge=judge, distribution=dict(zip(humans.labels, row, strict=True)))


@pytest.fixture(scope="module")
def drawn(make_humans):
    """2,000 items, 5 reviewers and 3 one-vote judges drawn alike: the judges are as good as reviewers."""
    draw = np.random.default_rng(11)
    populations = draw.dirichlet([0.7, 0.7, 0.7], size=2000)
    humans = make_humans(draw.multinomial(5, populations), LABELS, "ordinal")
    q = np.array([draw.multinomial(1, populations) for _ in JUDGES], dtype=float)
    return humans, agreement_section(compare(humans, said(humans, q)))


def test_judges_drawn_like_reviewers_agree_like_reviewers(drawn):
    section = drawn[1]
    human, judge = section.human.coefficients, section.judge.coefficients
    for level in ("nominal", "ordinal", "interval"):
        people, machines = human[f"alpha_{level}"], judge[f"alpha_{level}"]
        across = section.cross.together[f"alpha_{level}"]
        assert people.low < people.estimate < people.high
        assert machines.estimate == pytest.approx(people.estimate, abs=0.05)
        assert across.estimate == pytest.approx(people.estimate, abs=0.05)
        allowed = section.cross.together[f"normalised_{level}"]
        assert allowed.low < 1 < allowed.high
    assert "No sign" in section.cross.note


def test_human_alpha_is_that_of_the_counts(drawn):
    humans, section = drawn
    table = coincidences(humans.counts).sum(axis=0)
    for level in ("nominal", "ordinal", "interval"):
        expected = float(krippendorff_alpha(table, level))
        assert section.human.coefficients[f"alpha_{level}"].estimate == pytest.approx(expected)


def test_errors_of_judges_drawn_alone_do_not_correlate(drawn):
    numbers = drawn[1].redundancy.numbers
    assert numbers["error_correlation"].low < 0 < numbers["error_correlation"].high
    assert numbers["effective_judges"].low < 3 < numbers["effective_judges"].high
    # Left in, the noise of five reviewers alone would give Σp(1-p)/5 over Σp(1-p)(1 + 1/5), one sixth.
    assert numbers["error_correlation_uncorrected"].estimate == pytest.approx(1 / 6, abs=0.03)


def test_weighted_alphas_only_on_ordinal_scales(drawn, make_humans):
    ordinal = drawn[1].human.coefficients
    assert [name for name in ordinal if name.startswith("gwet_ac2")] == [
        "gwet_ac2_ordinal",
        "gwet_ac2_linear",
        "gwet_ac2_quadratic",
    ]
    humans = make_humans([[2, 1, 0], [0, 3, 0]] * 6, LABELS)
    section = agreement_section(compare(humans, said(humans, np.tile(np.eye(3)[0], (3, 12, 1)))))
    assert list(section.human.coefficients) == ["pair_agreement", "alpha_nominal", "fleiss_kappa", "gwet_ac1"]
    assert section.redundancy.weighted_kappa is None


def test_a_bias_that_all_judges_share_is_named(make_humans):
    draw = np.random.default_rng(4)
    humans = make_humans(draw.multinomial(4, draw.dirichlet([0.5] * 3, size=400)), LABELS)
    own_view = np.eye(3)[draw.integers(0, 3, 400)]  # nothing to do with the people, and the same for all judges
    section = agreement_section(compare(humans, said(humans, np.array([own_view] * 3))))
    assert section.judge.coefficients["alpha_nominal"].estimate == pytest.approx(1.0)
    assert section.cross.together["alpha_nominal"].estimate == pytest.approx(0.0, abs=0.06)
    assert "share something that the people do not" in section.cross.note
    numbers = section.redundancy.numbers
    assert numbers["error_correlation"].estimate == pytest.approx(1.0)
    assert numbers["effective_judges"].estimate == pytest.approx(1.0)
    assert numbers["effective_judges_eigen"].estimate == pytest.approx(1.0)
    assert section.redundancy.cohen_kappa["x"] == pytest.approx({"y": 1.0, "z": 1.0})


def test_skewed_labels_show_kappa_ac1_and_the_prevalence(make_humans):
    # METHODS 5: 45 items 4-0, four 3-1, one 0-4.
    humans = make_humans([[4, 0]] * 45 + [[3, 1]] * 4 + [[0, 4]], ("fine", "broken"))
    human = agreement_section(compare(humans, said(humans, np.tile([1.0, 0.0], (3, 50, 1))))).human
    assert human.coefficients["fleiss_kappa"].estimate == pytest.approx(0.4792, abs=5e-5)
    assert human.coefficients["gwet_ac1"].estimate == pytest.approx(0.9567, abs=5e-5)
    assert human.prevalence == pytest.approx({"fine": 0.96, "broken": 0.04})


def test_kappa_with_the_majority_shares_ties(make_humans):
    humans = make_humans([[2, 0], [0, 2], [1, 1], [2, 0]] * 3, ("a", "b"))
    answers = np.tile(np.eye(2)[[0, 1, 0, 0]], (3, 1))
    table = agreement_section(compare(humans, said(humans, [answers], ["x"]))).cross.judges["x"]
    # Of 4 items 2 are a/a, 1 b/b, the tie is half a/a, half b/a: p_o = .875, p_e = .625 * .75 + .375 * .25 = .5625.
    assert table["kappa_majority"].estimate == pytest.approx((0.875 - 0.5625) / (1 - 0.5625))
    assert table["kappa_majority"].n == 12


def test_what_cannot_be_said_is_null_with_a_reason(make_humans):
    humans = make_humans([[1, 0, 0], [0, 1, 0]] * 5, LABELS)  # one reviewer an item
    section = agreement_section(compare(humans, said(humans, np.tile(np.eye(3)[0], (2, 10, 1)), ["x", "y"])))
    assert section.human.coefficients["alpha_nominal"].note == "no item has two or more reviewers with known counts"
    alpha = section.judge.coefficients["alpha_nominal"]  # both judges always say mild
    assert alpha.estimate is None
    assert "same label" in alpha.note
    assert section.judge.coefficients["gwet_ac1"].estimate is None
    assert section.redundancy.numbers["error_correlation"].estimate is None
    assert section.redundancy.cohen_kappa == {"x": {"y": None}, "y": {"x": None}}
    assert section.cross.note is None
    assert section.alt_test is None
    assert "does not name" in section.alt_test_note


def test_one_judge_has_nobody_to_agree_with(make_humans):
    humans = make_humans([[2, 1, 0], [0, 1, 2]] * 5, LABELS, "ordinal")
    section = agreement_section(compare(humans, said(humans, np.tile(np.eye(3)[0], (1, 10, 1)), ["x"])))
    assert section.judge is None
    assert section.redundancy is None
    assert section.cross.together["normalised_ordinal"].note == "one judge: there is nobody to agree with"


def test_judges_that_never_met_and_judges_that_said_nothing(make_humans):
    humans = make_humans([[2, 1, 0], [0, 1, 2]] * 10, LABELS)
    votes = [Vote(item_id=humans.item_ids[i], judge="xy"[i % 2], label=LABELS[i % 3]) for i in range(20)]
    section = agreement_section(compare(humans, votes, ["x", "y", "silent"]))
    assert section.judge.coefficients["alpha_nominal"].note == "no item has votes of two or more judges"
    assert section.redundancy.kappa_p["x"]["y"] is None
    assert section.redundancy.numbers["kappa_p"].estimate is None
    assert section.cross.judges["silent"]["alpha_nominal"].note == "no item has votes of both"
    assert section.cross.judges["x"]["alpha_nominal"].n == 10


def test_effective_counts_are_no_votes(tmp_path):
    lines = [
        {"item_id": f"i{row}", "task": "t", "distribution": {"a": 0.55, "b": 0.45}, "reviewer_count": 3}
        for row in range(12)
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    humans = load_soft_labels(path)
    section = agreement_section(compare(humans, said(humans, np.tile([1.0, 0.0], (2, 12, 1)), ["x", "y"])))
    assert section.human.coefficients["alpha_nominal"].n == 0
    assert section.redundancy.numbers["error_correlation"].estimate is None
    assert section.cross.judges["x"]["alpha_nominal"].n == 12  # shares can be held against answers


def test_the_interval_of_human_alpha_covers_the_truth(make_humans):
    """Alpha of the population: D_o and D_e from p* itself; nominal 95 % of 150 samples of 150 items."""
    draw = np.random.default_rng(8)
    concentration = np.array([1.0, 0.6, 0.4])
    total = concentration.sum()
    mean = concentration / total
    # E Σ p_k² = Σ m_k (1 + a_k) / (1 + A); α = 1 - (1 - E Σ p²) / (1 - Σ m²) = 1 / (1 + A).
    truth = 1 / (1 + total)
    agree = (mean * (1 + concentration)).sum() / (1 + total)
    assert truth == pytest.approx(1 - (1 - agree) / (1 - (mean**2).sum()))
    inside = 0
    for _ in range(150):
        counts = draw.multinomial(4, draw.dirichlet(concentration, size=150))
        humans = make_humans(counts, LABELS)
        table = agreement_section(
            compare(humans, said(humans, np.tile(np.eye(3)[0], (1, 150, 1)), ["x"]), resamples=200)
        )
        alpha = table.human.coefficients["alpha_nominal"]
        inside += alpha.low <= truth <= alpha.high
    # 150 samples tell the coverage to about three points twice over; a percentile interval of 150 items loses one.
    assert 0.89 <= inside / 150 <= 0.99


def reviewed(tmp_path, n_items, n_reviewers, spread, seed=0):
    """A label file whose reviewers are named, each near the item's own value on a scale of five."""
    draw = np.random.default_rng(seed)
    labels = [str(k) for k in range(5)]
    values = draw.integers(0, 5, n_items)
    lines = []
    for row, value in enumerate(values):
        chosen = np.clip(value + np.rint(draw.normal(0, spread, n_reviewers)), 0, 4).astype(int)
        counts = np.bincount(chosen, minlength=5)
        rationales = [{"reviewer": f"r{j}", "label": labels[k]} for j, k in enumerate(chosen)]
        lines.append(
            {
                "item_id": f"i{row:04}",
                "task": "t",
                "counts": dict(zip(labels, counts.tolist(), strict=True)),
                "rationales": rationales,
            }
        )
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return load_soft_labels(path, scale="ordinal"), values


def test_the_replacement_test_passes_good_judges_only(tmp_path):
    humans, values = reviewed(tmp_path, 120, 4, 0.8)
    random = np.random.default_rng(1).integers(0, 5, 120)
    votes = said(humans, np.eye(5)[np.array([values, random])], ["good", "random"])
    test = agreement_section(compare(humans, votes)).alt_test
    assert (test.score, test.epsilon, test.fewest_items) == ("neg_rmse", 0.15, 30)
    assert test.judges["good"].passes is True
    assert test.judges["good"].n_won == test.judges["good"].n_reviewers == 4
    assert test.judges["random"].passes is False
    assert test.judges["random"].advantage < 0.5 < test.judges["good"].advantage


def test_the_replacement_test_with_few_items_or_people_says_so(tmp_path):
    humans, values = reviewed(tmp_path, 15, 2, 0.8)
    test = agreement_section(compare(humans, said(humans, np.eye(5)[[values]], ["x"]))).alt_test
    assert test.fewest_items == 10
    assert test.panel.note == (
        "2 reviewers tested; three or more are advised; "
        "2 of them with fewer than 30 items, by Wilcoxon's signed ranks"
    )
    few, values = reviewed(tmp_path, 8, 3, 0.8)
    nothing = agreement_section(compare(few, said(few, np.eye(5)[[values]], ["x"]))).alt_test.panel
    assert nothing.winning_rate is None
    assert "no reviewer shares 10 items" in nothing.note
