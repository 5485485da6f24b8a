"""The section on deferral, on items whose numbers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from deferral_examples import comparison_of

from panel_eval.evaluation import alignment
from panel_eval.evaluation.deferral import deferral_section
from panel_eval.evaluation.risk_curves import MAX_POINTS

# METHODS 6.1: confidence falls from item to item; items 2, 5, 7 and 9 are wrong.
WORKED_TOP = np.array([0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.51])
WRONG = np.array([0, 0, 1, 0, 0, 1, 0, 1, 0, 1])


def worked(make_humans):
    """Three reviewers who agree, on the panel's label or on the other."""
    panel = np.column_stack([WORKED_TOP, 1 - WORKED_TOP])
    counts = np.where(WRONG[:, None], [0, 3], [3, 0])
    return comparison_of(make_humans, counts, np.ones((1, 10, 2)), panel=panel)


def crowd(n_items=400, reviewers=5, n_judges=5, votes=1, seed=2):
    """Reviewers and judges who draw from the same populations."""
    generator = np.random.default_rng(seed)
    populations = generator.dirichlet([0.6, 0.6, 0.6], n_items)
    people = generator.multinomial(reviewers, populations)
    return people, np.stack([generator.multinomial(votes, populations) for _ in range(n_judges)])


def test_the_worked_ranking(make_humans):
    section = deferral_section(worked(make_humans))
    for curve in (section.hard, section.soft):  # where reviewers agree, both losses are the same
        assert curve.aurc.estimate == pytest.approx(0.2510714286)
        assert curve.aurc_trapezoid.estimate == pytest.approx(0.2310714286)
        assert curve.augrc.estimate == pytest.approx(0.15)
        assert curve.e_augrc.estimate == pytest.approx(0.07)
        assert curve.auroc_failure.estimate == pytest.approx(0.7083333333)
        accuracy = {point.coverage: point.accuracy.estimate for point in curve.accuracy_at_coverage}
        assert accuracy[0.5] == pytest.approx(0.8)
        assert accuracy[0.8] == pytest.approx(0.625)
        # Risk 1/5 after five items and never again as low.
        assert [point.coverage.estimate for point in curve.coverage_at_risk] == pytest.approx([0.2, 0.2, 0.5])
    best = sum(k / (6 + k) for k in (1, 2, 3, 4)) / 10
    assert section.hard.e_aurc_oracle.estimate == pytest.approx(0.2510714286 - best)
    assert section.hard.e_aurc_asymptotic.estimate == pytest.approx(0.1375668028)
    assert section.soft.e_aurc_asymptotic.estimate is None


def test_unanimous_items_cannot_be_told_from_split_ones(make_humans):
    section = deferral_section(worked(make_humans))
    assert section.auroc_disagreement.estimate is None
    assert section.auprc_disagreement.estimate is None
    assert section.prevalence_disagreement.estimate == 0.0
    assert all(ceiling.relative_alignment.estimate is None for ceiling in section.human_ceiling)
    assert all(rate.wasted.estimate == pytest.approx(1.0) for rate in section.rates)


def test_no_coverage_within_a_risk_says_so(make_humans):
    panel = np.column_stack([WORKED_TOP, 1 - WORKED_TOP])
    comparison = comparison_of(make_humans, [[0, 3]] * 10, np.ones((1, 10, 2)), panel=panel)
    point = deferral_section(comparison).hard.coverage_at_risk[0]
    assert point.coverage.estimate == 0.0
    assert point.coverage.note.startswith("no coverage")


def test_what_deferral_wastes_and_misses(make_humans):
    # 20 items in the panel's order of doubt; of the two it doubts most one is split 2-1-1, one unanimous.
    counts = np.tile([4, 0, 0], (20, 1))
    counts[[0, 5, 6]] = [2, 1, 1]
    counts[7] = [2, 2, 0]
    top = np.linspace(0.4, 0.9, 20)
    panel = np.column_stack([top, (1 - top) / 2, (1 - top) / 2])
    section = deferral_section(comparison_of(make_humans, counts, np.ones((1, 20, 3)), panel=panel))
    by_rate = {rate.rate: rate for rate in section.rates}
    assert by_rate[0.1].wasted.estimate == pytest.approx(1 / 2)
    assert by_rate[0.1].missed_major.estimate == pytest.approx(2 / 18)
    assert by_rate[0.1].missed_disagreement.estimate == pytest.approx(3 / 18)
    assert by_rate[0.3].wasted.estimate == pytest.approx(4 / 6)
    assert by_rate[0.3].missed_major.estimate == pytest.approx(1 / 14)
    assert section.random.wasted.estimate == pytest.approx(16 / 20)
    assert section.random.missed_major.estimate == pytest.approx(3 / 20)
    assert section.random.missed_disagreement.estimate == pytest.approx(4 / 20)
    assert section.prevalence_disagreement.estimate == pytest.approx(4 / 20)


def test_items_with_too_few_reviewers_are_neither_wasted_nor_missed(make_humans):
    people, votes = crowd(60)
    people[:20] = [1, 1, 0]
    section = deferral_section(comparison_of(make_humans, people, votes))
    assert section.random.wasted.n == 40
    assert section.auroc_disagreement.n == 40
    assert section.hard.aurc.n == 60


def test_a_panel_that_draws_as_people_do_is_as_good_as_as_many_of_them(make_humans):
    # Five judges' single votes are five people's: pooled, they find what five fresh people find.
    people, votes = crowd(3000, reviewers=25)
    section = deferral_section(comparison_of(make_humans, people, votes))
    ceilings = {ceiling.reviewers: ceiling for ceiling in section.human_ceiling}
    relative = ceilings[5].relative_alignment
    assert relative.low < 1.0 < relative.high
    assert relative.high - relative.low < 0.3
    assert ceilings[3].relative_alignment.low > 1.0
    assert ceilings[20].relative_alignment.high < 1.0
    aurocs = [ceilings[n].auroc.estimate for n in (3, 4, 5, 10, 20, None)]
    assert aurocs == sorted(aurocs)
    ratio = (section.auroc_disagreement.estimate - 0.5) / (ceilings[5].auroc.estimate - 0.5)
    assert relative.estimate == pytest.approx(ratio)


def test_people_at_chance_are_no_yardstick(make_humans):
    # Every item comes from one population, and the prior knows: fresh votes cannot tell the items apart.
    generator = np.random.default_rng(8)
    people = generator.multinomial(4, [0.5, 0.3, 0.2], 60)
    comparison = comparison_of(make_humans, people, generator.multinomial(1, [0.5, 0.3, 0.2], (3, 60)))
    same = np.broadcast_to(1000 * np.array([0.5, 0.3, 0.2]), people.shape)
    posterior = replace(comparison.posterior, prior=same, alpha=people + same)
    section = deferral_section(replace(comparison, posterior=posterior))
    assert section.human_ceiling[1].auroc.low < 0.5
    assert section.human_ceiling[1].relative_alignment.note.startswith("refused")


def test_many_items_get_a_random_part_of_fresh_people(make_humans, monkeypatch):
    monkeypatch.setattr(alignment, "MAX_ITEMS", 150)
    section = deferral_section(comparison_of(make_humans, *crowd(400)))
    assert section.human_ceiling[0].auroc.n == 150
    assert "150 random items of 400" in section.human_ceiling[0].auroc.note
    assert section.auroc_disagreement.n == 400


def test_scores_to_defer_by(make_humans):
    people, votes = crowd(400)
    by_score = deferral_section(comparison_of(make_humans, people, votes)).auroc_by_score
    names = ["entropy", "one_less_top", "one_less_margin", "between_judge_bits", "judge_disagreement_rate"]
    assert list(by_score) == names
    # Of single hard votes the spread between judges is the entropy of the pool: the same order, smoothed or not.
    assert by_score["between_judge_bits"].estimate == pytest.approx(by_score["entropy"].estimate)
    assert by_score["entropy"].low < by_score["one_less_top"].estimate < by_score["entropy"].high


def test_scores_of_judges_need_two_of_them(make_humans):
    people, votes = crowd(60, n_judges=1)
    alone = deferral_section(comparison_of(make_humans, people, votes)).auroc_by_score
    assert alone["judge_disagreement_rate"].estimate is None
    assert "two or more judges" in alone["between_judge_bits"].note
    people, votes = crowd(60, n_judges=2)
    votes[1, :10] = 0
    some = deferral_section(comparison_of(make_humans, people, votes)).auroc_by_score
    assert some["judge_disagreement_rate"].n == 50
    assert some["judge_disagreement_rate"].note.startswith("10 items left out")


def test_clusters_widen_the_intervals(make_humans):
    people, votes = crowd(60, seed=5)
    people, votes = np.repeat(people, 5, axis=0), np.repeat(votes, 5, axis=1)  # each item five times over
    alone = deferral_section(comparison_of(make_humans, people, votes))
    together = deferral_section(
        comparison_of(make_humans, people, votes, clusters=[f"c{i // 5}" for i in range(300)])
    )
    for of in (lambda d: d.hard.aurc, lambda d: d.auroc_disagreement, lambda d: d.rates[3].missed_disagreement):
        assert of(together).estimate == pytest.approx(of(alone).estimate)
        assert of(together).high - of(together).low > 1.5 * (of(alone).high - of(alone).low)


def test_curves_of_many_items_stay_small(make_humans):
    generator = np.random.default_rng(0)
    people, votes = crowd(3000)
    panel = generator.dirichlet(np.ones(3), 3000)
    curve = deferral_section(comparison_of(make_humans, people, votes, panel=panel, resamples=20)).soft
    assert len(curve.coverage) == len(curve.selective_risk) == len(curve.oracle_risk) == MAX_POINTS
    assert curve.coverage[-1] == 1.0
    assert (np.array(curve.oracle_risk) <= np.array(curve.selective_risk) + 1e-9).all()


def test_nothing_answered_is_said(make_humans):
    people, votes = crowd(12)
    section = deferral_section(comparison_of(make_humans, people, 0 * votes))
    assert section.hard.aurc.note == "no items"
    assert section.hard.coverage == []
    assert section.rates[0].wasted.note == "no items"
    assert section.human_ceiling[0].auroc.note == "no items"
    assert section.auroc_by_score["one_less_top"].estimate is None
