"""Estimates of a pool of real comments: nine LLMs see far too much offence, and the intervals hold all the same."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest

from panel_eval.evaluation.prediction_powered import PoolSample, cross_predicted, pool_mean
from panel_eval.humans import HumanLabels, load_soft_labels
from panel_eval.pooling import JudgeForecasts, collect_votes, pool_linear, read_vote_table, smooth
from panel_eval.pooling.fitted import TrainingSample, fit_stacking
from panel_eval.schema import Smoothing

DATA = Path(os.environ.get("PANEL_EVAL_DATA", "../shared/data")) / "popquorn_offensiveness"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no POPQUORN data under {DATA}; set PANEL_EVAL_DATA"),
]
N = 100


@pytest.fixture(scope="module")
def comments() -> tuple[HumanLabels, JudgeForecasts]:
    humans = load_soft_labels(DATA / "labels.jsonl", None, scale="ordinal")
    return humans, collect_votes(read_vote_table(DATA / "votes.jsonl"), humans)


@pytest.mark.parametrize(("fitted", "repeats"), [(False, 300), (True, 80)])
def test_a_hundred_labels_and_the_panel_say_as_much_as_two_hundred(
    comments: tuple[HumanLabels, JudgeForecasts], fitted: bool, repeats: int
) -> None:
    """Samples of 100 of 1,500 comments, drawn again and again; the mean severity of all is known.

    The interval is for the source that the comments are from, so it holds for these 1,500 a little more often.
    """
    humans, forecasts = comments
    q = smooth(*pool_linear(forecasts), Smoothing(), humans.labels)
    truth = float((humans.distribution @ humans.label_values).mean())
    assert float((q @ humans.label_values).mean()) > truth + 0.9  # of 4 steps
    draw, held, worth = np.random.default_rng(8), 0, []
    for _ in range(repeats):
        order = draw.permutation(len(humans))
        own, others = order[:N], order[N:]
        people = humans.select(own)
        forecast = q[own], q[others]
        if fitted:
            sample = TrainingSample(forecasts.select(own), people.counts, np.arange(N), True, 0)
            forecast = cross_predicted(sample, forecasts.select(others), fit_stacking)
        found = pool_mean(PoolSample(people, *forecast), None)
        assert found.estimate.low is not None
        assert found.estimate.high is not None
        assert found.effective_labels is not None
        held += found.estimate.low <= truth <= found.estimate.high
        worth.append(found.effective_labels)
    assert held / repeats > 0.95 - 3 * math.sqrt(0.95 * 0.05 / repeats)
    assert 180 < np.median(worth) < 250
