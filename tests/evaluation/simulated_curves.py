"""Simulated panels whose answers tell of the people, and what pools fitted to their labels are really worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import softmax

from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, collect_votes
from panel_eval.pooling.fitted import Learner, TrainingSample
from panel_eval.stats.arrays import FloatArray

LABELS = ("a", "b", "c")
JUDGES = tuple(f"judge-{number}" for number in range(4))

MakeHumans = Callable[[FloatArray, Sequence[str]], HumanLabels]


@dataclass(frozen=True)
class Simulated:
    """Items, the populations (n_items, 3) that their votes come from, and what judges said."""

    populations: FloatArray
    humans: HumanLabels
    forecasts: JudgeForecasts

    @property
    def sample(self) -> TrainingSample:
        """To fit to."""
        return TrainingSample(self.forecasts, self.humans.counts, np.arange(len(self.humans)), False, 0)

    def loss_bits(self, learner: Learner, fitted_to: TrainingSample) -> float:
        """Cross-entropy of a pool against the populations themselves."""
        q = learner(fitted_to).forecast(self.forecasts)
        return float(-(self.populations * np.log2(q)).sum(axis=1).mean())


def simulate(
    make_humans: MakeHumans, n_items: int, reviewers: int, generator: np.random.Generator, knowing: float = 1.5
) -> Simulated:
    """Judges that give distributions: too sure, each biased in its own way and more or less noisy.

    Args:
        make_humans: the fixture.
        n_items: items.
        reviewers: votes of each.
        generator: draws all but the judges' biases, which are the same in every simulation.
        knowing: how much of the people's log-odds the judges see; 0 = nothing.
    """
    scores = generator.normal(size=(n_items, 3)) * 1.2 + [0.8, 0.0, -0.5]
    populations = softmax(scores, axis=1)
    bias = np.random.default_rng(7).normal(size=(len(JUDGES), 1, 3))
    noise = generator.normal(size=(len(JUDGES), n_items, 3)) * [[[0.7]], [[1.0]], [[1.5]], [[2.5]]]
    humans = make_humans(generator.multinomial(reviewers, populations).astype(np.float64), LABELS)
    return Simulated(populations, humans, answers(humans, softmax(knowing * scores + noise + bias, axis=2)))


def answers(humans: HumanLabels, q_raw: FloatArray) -> JudgeForecasts:
    """Probability-valued answers (n_judges, n_items, n_labels); NaN rows are missing."""
    silent = collect_votes([], humans, JUDGES[: len(q_raw)])
    return replace(silent, q_raw=q_raw, strength=np.where(np.isnan(q_raw[:, :, 0]), 0.0, silent.vote_strength))
