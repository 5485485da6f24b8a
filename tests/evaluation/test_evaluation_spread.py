"""The section on spread: what is within judges, what between them, and what single votes hide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from deferral_examples import comparison_of

from panel_eval.evaluation.spread import spread_section, votes_cast


def draws(n_judges: int, votes: int, n_items: int = 600, seed: int = 1):
    """Counts of 20 reviewers, and votes of judges who all answer as the population does."""
    generator = np.random.default_rng(seed)
    populations = generator.dirichlet([1.0, 1.0, 1.0], n_items)
    people = generator.multinomial(20, populations)
    return people, np.stack([generator.multinomial(votes, populations) for _ in range(n_judges)])


def test_judges_who_answer_alike_have_nothing_between_them(make_humans):
    spread = spread_section(comparison_of(make_humans, *draws(3, 10)))
    assert spread.plain.between_judge_bits.estimate > 0.08
    assert spread.mean.between_judge_bits.estimate == pytest.approx(0.0, abs=0.02)
    assert spread.mean.between_judge_bits.low < 0.01
    assert spread.between_share.estimate == pytest.approx(0.0, abs=0.02)
    assert spread.n_corrected == 600
    assert spread.note is None
    # What they are unsure of is what people differ about; what lies between them is noise.
    assert spread.pearson_human_entropy.within_judge_bits.estimate > 0.6
    assert abs(spread.pearson_human_entropy.between_judge_bits.estimate) < 0.2


def test_the_parts_add_up_to_the_total(make_humans):
    spread = spread_section(comparison_of(make_humans, *draws(4, 5)))
    for terms in (spread.mean, spread.plain):
        parts = terms.within_judge_bits.estimate + terms.between_judge_bits.estimate
        assert terms.total_spread_bits.estimate == pytest.approx(parts)
    share = spread.mean.between_judge_bits.estimate / spread.mean.total_spread_bits.estimate
    assert spread.between_share.estimate == pytest.approx(share)


def test_the_correlation_is_pearsons(make_humans):
    people, votes = draws(3, 1)
    spread = spread_section(comparison_of(make_humans, people, votes))
    human, panel = people / 20, votes.mean(axis=0)
    entropies = [-(p * np.log2(np.where(p > 0, p, 1))).sum(axis=1) for p in (human, panel)]
    assert spread.pearson_human_entropy.total_spread_bits.estimate == pytest.approx(np.corrcoef(*entropies)[0, 1])


def test_single_votes_show_only_what_lies_between(make_humans):
    spread = spread_section(comparison_of(make_humans, *draws(5, 1)))
    assert spread.mean.within_judge_bits.estimate == 0.0
    assert spread.mean.between_judge_bits.estimate == spread.mean.total_spread_bits.estimate
    assert spread.mean == spread.plain
    assert spread.n_corrected == 0
    assert "no correction is possible" in spread.note
    assert spread.pearson_human_entropy.within_judge_bits.estimate is None


def test_items_with_a_single_vote_are_said_to_be_left_as_they_are(make_humans):
    people, votes = draws(2, 6)
    votes[0, :7] = [1, 0, 0]
    spread = spread_section(comparison_of(make_humans, people, votes))
    assert spread.n_corrected == 593
    assert spread.note.startswith("7 of 600 items are not corrected")


def test_few_votes_are_said_to_leave_a_rest(make_humans):
    assert "fewer than 5 labels" in spread_section(comparison_of(make_humans, *draws(2, 3))).note


def test_stated_distributions_need_no_correction(make_humans):
    people, votes = draws(3, 10)
    comparison = comparison_of(make_humans, people, votes)
    # One answer that states the shares, counted as 20 votes.
    outcomes = np.where(comparison.forecasts.outcomes > 0, 1, 0)
    stated = replace(comparison.forecasts, strength=np.full((3, 600), 20.0), outcomes=outcomes)
    assert np.isinf(votes_cast(stated)).all()
    spread = spread_section(replace(comparison, forecasts=stated))
    assert spread.mean == spread.plain
    assert spread.n_corrected == 0
    assert spread.note is None


def test_one_judge_has_nothing_between(make_humans):
    spread = spread_section(comparison_of(make_humans, *draws(1, 8)))
    assert spread.mean.between_judge_bits.estimate is None
    assert spread.between_share.note == "no item was answered by two or more judges"
    assert spread.mean.within_judge_bits.estimate == pytest.approx(spread.mean.total_spread_bits.estimate)


def test_items_that_one_judge_answered_are_left_out(make_humans):
    people, votes = draws(2, 8)
    votes[1, :100] = 0
    spread = spread_section(comparison_of(make_humans, people, votes))
    assert spread.mean.total_spread_bits.n == 500


def test_nothing_answered_is_said(make_humans):
    people, votes = draws(2, 8, n_items=12)
    spread = spread_section(comparison_of(make_humans, people, 0 * votes))
    assert spread.mean.total_spread_bits.note == "no items"
    assert spread.pearson_human_entropy.total_spread_bits.note == "fewer than 10 items"
