"""How a candidate is compared with the baseline."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ComparisonSettings:
    """How a candidate is compared with the baseline.

    Attributes:
        alpha: chance of calling any difference of a family where there is none.
        flips: random sign patterns of the permutation test.
        seed: of the patterns and of the resamples.
        resamples: bootstrap resamples behind the intervals of display metrics.
        moved: most items to list as having moved: half of them worse, half better.
    """

    alpha: float = 0.05
    flips: int = 10_000
    seed: int = 0
    resamples: int = 2000
    moved: int = 20
