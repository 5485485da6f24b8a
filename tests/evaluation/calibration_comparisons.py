"""A comparison for tests of calibration: judges whose forecasts and confidences are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.posterior import jeffreys_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import make_segments
from panel_eval.humans import HumanLabels
from panel_eval.pooling import collect_votes
from panel_eval.schema import Vote
from panel_eval.stats.arrays import FloatArray


def compare(
    humans: HumanLabels,
    q: FloatArray,
    votes: Sequence[Vote] = (),
    judges: Mapping[str, FloatArray] | None = None,
    resamples: int = 200,
) -> Comparison:
    """A panel that forecasts `q`, judges that forecast as given, and votes for what judges said of themselves."""
    return Comparison(
        humans=humans,
        forecasts=collect_votes(votes, humans),
        panel=Forecaster("panel", q),
        judges=[Forecaster(name, rows) for name, rows in (judges or {}).items()],
        base_rate=base_rate(humans),
        segments=make_segments(humans, resamples, seed=3),
        posterior=jeffreys_posterior(humans),
        smoothing="none",
        seed=3,
    )


def shares_of_reviewers(generator: np.random.Generator, n_items: int, n_reviewers: int) -> tuple[FloatArray, ...]:
    """Populations of three labels, (n_items, 3), and the votes drawn from them."""
    populations = generator.dirichlet([1.0, 1.0, 1.0], size=n_items)
    return populations, generator.multinomial(n_reviewers, populations).astype(float)
