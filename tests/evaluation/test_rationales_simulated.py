"""Simulations of rationales: intervals hold as often as they say, and what is put in is found."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from rationale_examples import evidence, resampled, tally_of

from panel_eval.evaluation.rationales.numbers import evidence_coverage
from panel_eval.schema.rationale_metrics import EvidenceCoverage

WORDS = np.array([f"w{rank}x" for rank in range(400)])
SHARE = 1 / np.arange(1, 401) / (1 / np.arange(1, 401)).sum()
RUNS, ITEMS, PIECES = 300, 60, 3

Length = Callable[[np.random.Generator], int]


def independent_run(seed: int, length: Length) -> EvidenceCoverage:
    """Evidence and rationales drawn from the same words (Zipf), without regard to each other."""
    generator = np.random.default_rng([711, seed])
    items = [
        evidence(row, [" ".join(generator.choice(WORDS, 12, p=SHARE)) for _ in range(PIECES)])
        for row in range(ITEMS)
    ]
    said = [{"ada": [" ".join(generator.choice(WORDS, length(generator), p=SHARE))]} for _ in items]
    tally = tally_of(items, said, generator.integers(3, size=ITEMS))
    return evidence_coverage(tally.table(np.ones(ITEMS * PIECES, dtype=bool)), resampled(ITEMS, 1000, seed))


@pytest.mark.slow
@pytest.mark.parametrize(
    "length", [lambda _: 40, lambda generator: int(np.clip(generator.lognormal(3.3, 0.9), 3, 400))]
)
def test_the_interval_of_lift_holds_zero_where_rationales_know_nothing_of_the_item(length: Length):
    """Nominal .95; Monte-Carlo error of 300 runs .013, so .905 to .985 is within 3.5 errors.

    With lengths that vary, an interval that took the other items' rationales as fixed would be twice as wide.
    """
    found = [independent_run(seed, length).lift for seed in range(RUNS)]
    held = np.mean([own.low <= 0 <= own.high for own in found if own.low is not None and own.high is not None])
    assert 0.905 <= held <= 0.985
    estimates = np.array([own.estimate for own in found], dtype=np.float64)
    assert abs(estimates.mean()) < 4 * estimates.std() / math.sqrt(RUNS)
    widths = np.array([(own.high or 0) - (own.low or 0) for own in found])
    assert widths.mean() / 3.92 == pytest.approx(estimates.std(), rel=0.15)


def test_a_judge_that_mentions_each_term_with_probability_six_tenths_is_found_at_six_tenths():
    """400 items of 10 terms each: a standard error of sqrt(.24 / 4000) = .0077 or little more, as weights vary."""
    generator = np.random.default_rng(5)
    cited = [generator.choice(WORDS, 10, replace=False) for _ in range(400)]
    items = [evidence(row, [" ".join(own)]) for row, own in enumerate(cited)]
    said = [{"ada": [" ".join(own[generator.random(10) < 0.6]) or "nothing"]} for own in cited]
    numbers = evidence_coverage(tally_of(items, said).table(np.ones(400, dtype=bool)), resampled(400))
    assert numbers.coverage.estimate == pytest.approx(0.6, abs=4 * 0.008)
    assert numbers.coverage.low is not None
    assert numbers.coverage.high is not None
    assert numbers.coverage.high - numbers.coverage.low == pytest.approx(3.92 * 0.0077, rel=0.2)


@pytest.mark.parametrize("copies", [1, 4])
def test_a_longer_rationale_mentions_more_but_not_beyond_chance(copies: int):
    """Rationales of 20 or 80 words drawn at random: coverage grows with length, lift stays at nought."""
    generator = np.random.default_rng(6)
    items = [evidence(row, [" ".join(generator.choice(WORDS, 12, p=SHARE))]) for row in range(300)]
    said = [{"ada": [" ".join(generator.choice(WORDS, 20 * copies, p=SHARE))]} for _ in items]
    numbers = evidence_coverage(tally_of(items, said).table(np.ones(300, dtype=bool)), resampled(300))
    low, high = (0.1, 0.2) if copies == 1 else (0.25, 0.4)
    assert low < (numbers.coverage.estimate or 0) < high
    assert numbers.lift.low is not None
    assert numbers.lift.high is not None
    assert numbers.lift.low - 0.01 <= 0 <= numbers.lift.high + 0.01
