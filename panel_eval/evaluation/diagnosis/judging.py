"""The judges' side: whether each is unsure, or they contradict one another (METHODS 6.2, 6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import entr

from panel_eval.evaluation.diagnosis.tallies import Counting
from panel_eval.evaluation.diagnosis.words import JUDGE_WORDS
from panel_eval.evaluation.spread import votes_cast
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema.diagnosis import JUDGE_QUADRANTS, JudgeQuadrants
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.divergence import LN2
from panel_eval.stats.panel_spread import corrected_spread

_AGREE, _UNSURE, _CONTRADICT, _SILENT = range(4)
WITHIN_CUT: Final = float(entr([1 / 3, 2 / 3]).sum() / LN2)
"""Entropy of a split of two to one: a judge that spreads as much by itself is unsure."""
_GRID = 1_025
_BORDER = 1e-4
"""Bits within which a spread has reached its cut-off, which is interpolated."""


@dataclass(frozen=True)
class JudgesSide:
    """Where each item stands.

    Attributes:
        within, between: (n_items,) parts of the spread in bits, corrected for few votes; NaN without an answer.
        quadrant: (n_items,) positions in `JUDGE_QUADRANTS`.
        note: what the votes cannot tell, or None.
    """

    within: FloatArray
    between: FloatArray
    quadrant: IntArray
    note: str | None

    @property
    def agree(self) -> BoolArray:
        """(n_items,) judges who lean alike to one label."""
        return np.asarray(self.quadrant == _AGREE)

    @property
    def unsure(self) -> BoolArray:
        """(n_items,) judges who are unsure alike."""
        return np.asarray(self.quadrant == _UNSURE)

    @property
    def contradict(self) -> BoolArray:
        """(n_items,) judges who contradict one another."""
        return np.asarray(self.quadrant == _CONTRADICT)

    @property
    def silent(self) -> BoolArray:
        """(n_items,) no judge answered."""
        return np.asarray(self.quadrant == _SILENT)


def judges_side(forecasts: JudgeForecasts) -> JudgesSide:
    """Each item's place by the two parts of the judges' spread.

    Judges contradict one another where the spread between them reaches `between_cut_bits`; else they are unsure
    where the spread within them reaches that of a split of two to one. Where neither does, but both together reach
    it, the part counts that is nearer to its own cut-off. Else they agree.

    Args:
        forecasts: what each judge said, unsmoothed.
    """
    votes = votes_cast(forecasts)
    spread = corrected_spread(forecasts.q_raw, votes)
    within, between = spread.within, np.maximum(spread.between, 0.0)
    answered = forecasts.answered.sum(axis=0)
    cut = between_cut_bits(within, forecasts.q_raw.shape[2])
    spread_out = within + between >= WITHIN_CUT - _BORDER
    apart = (between >= cut - _BORDER) | (spread_out & (between * WITHIN_CUT > within * cut))
    quadrant = np.select(
        [answered == 0, (answered >= 2) & apart, spread_out], [_SILENT, _CONTRADICT, _UNSURE], default=_AGREE
    )
    return JudgesSide(within, between, quadrant, _hidden(votes))


def between_cut_bits(within: FloatArray, n_labels: int) -> FloatArray:
    """Spread between judges that one judge in three makes who prefers another label.

    Of judges who each put p on one label and share the rest among the others, so that each spreads as much as
    `within` says, two thirds prefer one label and one third another: so much they would lie apart. It falls from
    0.918 bits (certain judges, two to one) to 0 (judges who know nothing), and is never taken lower than for judges
    who give two labels two to one each way, 0.073 bits.

    Args:
        within: (n_items,) mean entropy of the judges' own answers, in bits; NaN stays NaN.
        n_labels: number of labels, at least 2.

    Returns:
        (n_items,) bits.
    """
    p = 1.0 - (1.0 - 1.0 / n_labels) * np.linspace(0.0, 1.0, _GRID) ** 3  # certain judges to ones that know nothing
    rest = (1.0 - p) / (n_labels - 1)
    entropy = (entr(p) + (n_labels - 1) * entr(rest)) / LN2
    apart = _two_to_one_apart(p, rest)
    least = float(_two_to_one_apart(np.array([2 / 3]), np.array([1 / 3]))[0])
    cut: FloatArray = np.maximum(np.interp(within, entropy, apart), least)
    return cut


def judges_section(side: JudgesSide, counting: Counting, n_labels: int) -> JudgeQuadrants:
    """The counts of each kind."""
    lowest, highest = between_cut_bits(np.array([np.log2(n_labels), 0.0]), n_labels)
    return JudgeQuadrants(
        quadrants=counting.tallies(side.quadrant, JUDGE_QUADRANTS, JUDGE_WORDS),
        within_cut_bits=WITHIN_CUT,
        between_cut_lowest_bits=float(lowest),
        between_cut_highest_bits=float(highest),
        note=side.note,
    )


def _two_to_one_apart(p: FloatArray, rest: FloatArray) -> FloatArray:
    """Jensen-Shannon spread, in bits, of judges with p on one label, a third of them with it on another."""
    mixed = entr((2 * p + rest) / 3) + entr((p + 2 * rest) / 3)
    return np.asarray((mixed - entr(p) - entr(rest)) / LN2)


def _hidden(votes: FloatArray) -> str | None:
    """What single labels do not tell."""
    answered = votes > 0
    if not answered.any():
        return None
    if (answered.sum(axis=0) <= 1).all():
        return "no item was answered by two judges: contradiction cannot be seen"
    if votes[answered].max() <= 1:
        return (
            "each judge cast one label an item: whether a judge is unsure by itself cannot be seen, and what looks "
            "like contradiction may be the chance of single answers"
        )
    if (votes[answered] < 2).any():
        return "where a judge cast a single label, its own doubt cannot be seen and counts as contradiction"
    return None
