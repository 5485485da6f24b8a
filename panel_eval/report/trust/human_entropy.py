"""How much of the distance is the reviewers' own disagreement, by estimator."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Row, Table, estimate_cell
from panel_eval.report.numbers import decimal, sentence
from panel_eval.report.part import Part, said
from panel_eval.schema import Metrics

_TITLES: Final = {
    "plugin": "plug-in: votes taken as they are (too low)",
    "miller_madow": "Miller–Madow",
    "jeffreys": "Jeffreys: half a vote per label",
    "nsb": "NSB: each item for itself",
    "empirical_bayes": "empirical Bayes: learnt from all items",
}


def human_entropy_part(metrics: Metrics) -> Part | None:
    """The reviewers' entropy and the panel's KL under each estimator."""
    human = metrics.human_entropy
    if not human.sensitivity:
        return None
    reach = None
    if human.kl_bits_lowest is not None and human.kl_bits_highest is not None:
        reach = (
            f"By estimator KL lies between {decimal(human.kl_bits_lowest, 3)} and "
            f"{decimal(human.kl_bits_highest, 3)} bits: that is how far its level hangs on the estimator. It is no "
            "interval, and the plug-in end is known to be too high. The one in bold is used in this report."
        )
    sentences = said(
        "KL is the panel's cross-entropy less the reviewers' own disagreement, which few reviewers do not show in "
        "full. Two panels on the same items differ by the same KL whichever estimator is used.",
        reach,
        sentence(human.note) if human.note else None,
    )
    return Part("entropy", "How sure is the distance in bits?", sentences, (human_entropy_table(metrics),))


def human_entropy_table(metrics: Metrics) -> Table:
    """Entropy of the reviewers and KL of the panel by estimator; the one in use stands out."""
    human = metrics.human_entropy
    rows = tuple(
        Row(
            _TITLES.get(name, name),
            (estimate_cell(found.human_entropy_bits), estimate_cell(found.kl_bits)),
            emphasis=name == human.estimator,
        )
        for name, found in human.sensitivity.items()
    )
    return Table("By estimator, bits", ("estimator", "reviewers' entropy", "panel's KL"), rows)
