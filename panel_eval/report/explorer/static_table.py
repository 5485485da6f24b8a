"""The few items that stand on paper, and on a page whose script does not run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from panel_eval.report.numbers import NO_NUMBER, decimal, percent
from panel_eval.report.printable import cut_line
from panel_eval.report.view import RunView

if TYPE_CHECKING:
    from panel_eval.stats.arrays import FloatArray, IntArray

MOST_LABELS: Final = 3
NAME_CHARS: Final = 40
PREVIEW_CHARS: Final = 160
_LEAST: Final = 0.005
"""Shares that round to 0 % are not named."""


@dataclass(frozen=True)
class StaticRow:
    """One item in words.

    Attributes:
        item_id: printable.
        human_class: its disagreement class.
        reviewers: what they said, the most frequent label first.
        panel: its forecast likewise; a dash where there is none.
        kl_bits: KL divergence, plug-in.
        content: its beginning on one line.
    """

    item_id: str
    human_class: str
    reviewers: str
    panel: str
    kl_bits: str
    content: str


def static_rows(run: RunView, positions: IntArray) -> list[StaticRow]:
    """These items, in this order."""
    labels, humans = run.metrics.labels, run.humans
    items = run.items.iloc[positions]
    panel = items[[f"q_{label}" for label in labels]].to_numpy(dtype=float, na_value=np.nan)
    rows = []
    for item_id, q, distance in zip(items["item_id"], panel, items["kl_plugin_bits"], strict=True):
        row = humans.index[str(item_id)]
        content = humans.records[row].content or {}
        rows.append(
            StaticRow(
                item_id=cut_line(item_id, NAME_CHARS),
                human_class=humans.derived_class[row],
                reviewers=_in_words(humans.distribution[row], labels),
                panel=_in_words(q, labels),
                kl_bits=decimal(float(distance)),
                content=cut_line(" · ".join(text[: 2 * PREVIEW_CHARS] for text in content.values()), PREVIEW_CHARS),
            )
        )
    return rows


def _in_words(distribution: FloatArray, labels: list[str]) -> str:
    if not np.isfinite(distribution).all():
        return NO_NUMBER
    order = np.argsort(-distribution, kind="stable")[:MOST_LABELS]
    named = [
        f"{cut_line(labels[k], NAME_CHARS)}: {percent(distribution[k], 0)}"
        for k in order
        if distribution[k] >= _LEAST
    ]
    return ", ".join(named)
