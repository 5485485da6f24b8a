"""What a single label leaves on the table, from a file of labels or labels in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from panel_eval.humans import HumanLabels, load_rubric, load_soft_labels
from panel_eval.schema import Scale

if TYPE_CHECKING:
    from panel_eval.schema.pilot import PilotReport


def pilot(
    labels: str | Path | HumanLabels,
    *,
    rubric: str | Path | None = None,
    scale: Scale | None = None,
    seed: int = 0,
    resamples: int = 2000,
) -> PilotReport:
    """What keeping one label of each item would lose: bits, accuracy that looks too good, confidence nobody has.

    Args:
        labels: a label file (JSONL), or labels in memory. No judge is needed.
        rubric: what a file is checked against: a rubric file or the name of a shipped one.
        scale: of a file's labels, where there is no rubric.
        seed: seeds intervals, choices of items and draws.
        resamples: bootstrap draws behind each interval.

    Returns:
        The document `pilot`. Where nothing can be said, such as with one reviewer an item, its parts are null and
        its notes say why.

    Raises:
        InputError: the file cannot be read or breaks its contract, or it holds no items.
    """
    from panel_eval.evaluation.pilot import pilot_report

    if not isinstance(labels, HumanLabels):
        labels = load_soft_labels(labels, None if rubric is None else load_rubric(rubric), scale=scale)
    return pilot_report(labels, seed=seed, resamples=resamples)
