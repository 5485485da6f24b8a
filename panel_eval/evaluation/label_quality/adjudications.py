"""Items that were collapsed to one label, and whether an honest disagreement was lost with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.label_quality.delivery import Decision, Delivery
from panel_eval.humans.adjudication import reason_kind
from panel_eval.schema.label_review import AdjudicatedItem, Adjudication, ReasonCount
from panel_eval.stats import mode_sets
from panel_eval.stats.arrays import BoolArray, FloatArray

SPLIT = ("major", "unresolved")
_MOST_REASONS = 50
_MOST_ITEMS = 200
_REASON_CHARS = 500
_NO_REASON = "(no reason given)"


@dataclass(frozen=True)
class Adjudicated:
    """Adjudicated items beside their votes.

    Attributes:
        section: as it stands in the document.
        decisions: of items with an adjudicated label.
        share: (n_decisions,) share of the reviewers who chose it.
        against: (n_decisions,) whether it is none of the most frequent labels.
    """

    section: Adjudication
    decisions: tuple[Decision, ...]
    share: FloatArray
    against: BoolArray


def adjudications(delivery: Delivery) -> Adjudicated:
    """Adjudicated items, split ones apart: there an honest disagreement may have been collapsed (primer, §7)."""
    humans = delivery.humans
    labelled = tuple(decision for decision in delivery.decisions if decision.label is not None)
    kept = [decision for decision in delivery.decisions if decision.label is None]
    rows = np.array([decision.row for decision in labelled], dtype=np.int64)
    column = {label: code for code, label in enumerate(humans.labels)}
    code = np.array([column.get(decision.label or "", -1) for decision in labelled], dtype=np.int64)
    own = humans.distribution[rows]
    share = np.where(code >= 0, own[np.arange(rows.size), code], 0.0)
    modes = mode_sets(own) if rows.size else np.zeros((0, len(column)), dtype=np.bool_)
    against = ~((code >= 0) & modes[np.arange(rows.size), code])
    split = [humans.derived_class[row] in SPLIT for row in rows.tolist()]
    section = Adjudication(
        items=rows.size,
        split_items=sum(split),
        against_votes=int(against.sum()),
        chosen_by_nobody=int((share == 0).sum()),
        reasons=_reasons(labelled, split),
        kept_reasons=_reasons(kept, [humans.derived_class[decision.row] in SPLIT for decision in kept]),
        examples=_examples(delivery, labelled, share, split),
        note=None if rows.size else "no item has an adjudicated label",
    )
    return Adjudicated(section, labelled, share, against)


def votes_of(delivery: Delivery, row: int) -> dict[str, float]:
    """Label to votes of an item, labels without votes left out."""
    humans = delivery.humans
    own = humans.counts[row].tolist()
    return {label: votes for label, votes in zip(humans.labels, own, strict=True) if votes > 0}


def _reasons(decisions: Sequence[Decision], split: Sequence[bool]) -> list[ReasonCount]:
    """Equal reasons counted; those of `panel-eval adjudicate`, each with its item's votes, by their ground."""
    texts = [reason_kind(decision.reason)[:_REASON_CHARS] or _NO_REASON for decision in decisions]
    items = Counter(texts)
    splits = Counter(text for text, is_split in zip(texts, split, strict=True) if is_split)
    first = sorted(items, key=lambda text: (-items[text], text))[:_MOST_REASONS]
    return [ReasonCount(reason=text, items=items[text], split_items=splits[text]) for text in first]


def _examples(
    delivery: Delivery, decisions: Sequence[Decision], share: FloatArray, split: Sequence[bool]
) -> list[AdjudicatedItem]:
    humans = delivery.humans
    order = sorted(range(len(decisions)), key=lambda place: (not split[place], share[place], decisions[place].row))
    return [
        AdjudicatedItem(
            item_id=humans.item_ids[decisions[place].row],
            label=decisions[place].label or "",
            reason=decisions[place].reason[:_REASON_CHARS],
            votes=votes_of(delivery, decisions[place].row),
            disagreement_class=humans.derived_class[decisions[place].row],
            share=float(share[place]),
            was_split=split[place],
        )
        for place in order[:_MOST_ITEMS]
    ]
