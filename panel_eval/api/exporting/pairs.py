"""Pairs of answers for reward models: items whose labels say which of two texts is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.api.exporting.columns import NUMBER, TEXT, Column
from panel_eval.api.exporting.formats import ITEM_ID, SOURCE, WEIGHT, Shape, Values, sources
from panel_eval.api.exporting.rows import TrainingRows
from panel_eval.stats.arrays import FloatArray, IntArray

_TIE = 1e-9
"""Chances of the two answers this near are a tie."""


@dataclass(frozen=True)
class Preference:
    """How an item compares two answers.

    Attributes:
        answers: the two content fields that hold them.
        labels: for each answer, the label that prefers it; other labels count as ties.
        prompt: the content field of what both answer; None if there is none.
    """

    answers: tuple[str, str]
    labels: tuple[str, str]
    prompt: str | None = None


def reward_shape(preference: Preference, labels: Sequence[str]) -> Shape:
    """Columns `prompt`, `chosen`, `rejected`, `margin` of preference trainers, and the soft target beside them.

    A tied item stands twice, once in each order, with half its weight: under the usual loss that asks for equal
    rewards, where one order alone would teach that the first answer is better.
    """
    numbers = [labels.index(label) for label in preference.labels]
    columns = (
        *([Column("prompt", TEXT, "what both answer")] if preference.prompt else []),
        Column("chosen", TEXT, "the answer that is preferred; of a tied item, each once"),
        Column("rejected", TEXT, "the other answer"),
        Column(
            "chosen_prob", NUMBER, "chance that a reviewer prefers the chosen answer, 0.5 to 1; ties count half"
        ),
        Column("margin", NUMBER, "2 · chosen_prob - 1, from 0 to 1; trainers that know margins subtract it"),
        WEIGHT,
        SOURCE,
        ITEM_ID,
    )

    def fill(rows: TrainingRows, _: str) -> list[Values]:
        chance = _first_preferred(rows.target, numbers)
        row, second = _orders(chance)
        chosen = np.where(second, 1 - chance[row], chance[row]).clip(0.5, 1.0)
        twice = np.bincount(row, minlength=len(rows))[row]
        places = list(zip(row.tolist(), second.astype(int).tolist(), strict=True))
        contents = rows.contents
        prompts = [[contents[at][preference.prompt] for at, _ in places]] if preference.prompt else []
        origin = sources(rows)
        return [
            *prompts,
            [contents[at][preference.answers[winner]] for at, winner in places],
            [contents[at][preference.answers[1 - winner]] for at, winner in places],
            chosen,
            2 * chosen - 1,
            rows.weight[row] / twice,
            [origin[at] for at, _ in places],
            [rows.item_ids[at] for at, _ in places],
        ]

    return Shape(columns, fill)


def _first_preferred(target: FloatArray, numbers: Sequence[int]) -> FloatArray:
    """(n_rows,) chance that the first answer is preferred, other labels counted half to each."""
    first, second = target[:, numbers[0]], target[:, numbers[1]]
    chance: FloatArray = 0.5 * (1.0 + first - second)
    return chance


def _orders(chance: FloatArray) -> tuple[IntArray, IntArray]:
    """Row and winner (0 first, 1 second answer) of each pair: one a row, for ties both."""
    tied = np.abs(chance - 0.5) <= _TIE
    row = np.repeat(np.arange(chance.size), 1 + tied)
    again = np.concatenate([[False], row[1:] == row[:-1]])
    winner = np.where(tied[row], again, chance[row] < 0.5)
    return row, winner.astype(np.int64)
