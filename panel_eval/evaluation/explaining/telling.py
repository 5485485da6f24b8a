"""Items that tell most about a run: of each diagnosis, those where the panel is furthest from the reviewers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.evaluation.explaining.item import Explainer
from panel_eval.schema.diagnosis import DIAGNOSES, DiagnosisName

_IN_ORDER: Final[tuple[DiagnosisName, ...]] = (
    "judges_confidently_wrong", "ambiguity_missed", "split_missed", "judge_confusion", "rubric_problem",
    "needless_doubt", "fragile_consensus", "genuine_ambiguity", "split_unexplained", "no_forecast",
    "indeterminate",
)  # fmt: skip
"""What is worth reading first; items that are clear or agreed upon are not."""


@dataclass(frozen=True)
class TellingItem:
    """One item in one line.

    Attributes:
        item_id: of the item.
        human_class: class of its votes.
        diagnosis: what is said of it.
        cross_entropy_bits: the panel's loss on it; None where it has no forecast.
        items: how many items have the same diagnosis.
    """

    item_id: str
    human_class: str
    diagnosis: DiagnosisName
    cross_entropy_bits: float | None
    items: int


def telling_items(explainer: Explainer, each: int = 2) -> list[TellingItem]:
    """The items of each diagnosis on which the panel's cross-entropy is largest; ties in the order of ids.

    Args:
        explainer: of the run.
        each: items of each diagnosis.
    """
    run, diagnosis = explainer.run, explainer.diagnoses.diagnosis
    by_id = dict(zip(run.items["item_id"].astype(str), run.items["ce_bits"].to_numpy(np.float64), strict=True))
    loss = np.array([by_id.get(item_id, np.nan) for item_id in run.humans.item_ids], dtype=np.float64)
    found: list[TellingItem] = []
    for name in _IN_ORDER:
        rows = np.flatnonzero(diagnosis == DIAGNOSES.index(name))
        worst = rows[np.argsort(-np.where(np.isnan(loss[rows]), -np.inf, loss[rows]), kind="stable")][:each]
        found += [
            TellingItem(
                run.humans.item_ids[row],
                run.humans.derived_class[row],
                name,
                None if np.isnan(loss[row]) else float(loss[row]),
                int(rows.size),
            )
            for row in worst.tolist()
        ]
    return found
