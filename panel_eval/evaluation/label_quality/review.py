"""Items for re-review: reasons, scores, the bounded list of the document and the columns of the item table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.evaluation.label_quality.adjudications import votes_of
from panel_eval.evaluation.label_quality.pass_rates import chance_below_half
from panel_eval.evaluation.label_quality.reasons import PRESSING, REASON_TEXTS, Findings, Reason, reasons
from panel_eval.evaluation.label_quality.reviewers import BASE_SLIP_RATE
from panel_eval.schema.label_review import ItemReview, ReviewItem
from panel_eval.stats.arrays import FloatArray

MOST_LISTED = 200


@dataclass(frozen=True)
class Reviewed:
    """What is to be looked at again.

    Attributes:
        section: as it stands in the document.
        score: (n_items,) P(error) × influence.
        reasons: (n_items,) joined with "; ", None where there is none.
    """

    section: ItemReview
    score: FloatArray
    reasons: list[str | None]

    def columns(self) -> dict[str, NDArray[Any]]:
        """`review_score` and `review_reasons` (joined with "; ", None without any) for the table of items."""
        return {"review_score": self.score, "review_reasons": np.array(self.reasons, dtype=object)}


def review_items(found: Findings) -> Reviewed:
    """Items with a reason, most doubtful first."""
    by_row: dict[int, list[Reason]] = {}
    for reason in reasons(found):
        by_row.setdefault(reason.row, []).append(reason)
    chance, influence = _doubtful_statements(found)
    score = chance * influence
    n, ids = len(score), found.delivery.humans.item_ids
    ranked = sorted(by_row, key=lambda row: (-score[row], -len(by_row[row]), ids[row]))
    joined: list[str | None] = [None] * n
    for row, own in by_row.items():
        joined[row] = "; ".join(reason.text for reason in own)
    counted = Counter(reason.code for own in by_row.values() for reason in own)
    section = ItemReview(
        flagged=len(by_row),
        pressing=sum(any(reason.code in PRESSING for reason in own) for own in by_row.values()),
        share=len(by_row) / n if n else None,
        by_reason={code: counted[code] for code in REASON_TEXTS},
        reason_texts=REASON_TEXTS,
        items=[_review_item(found, row, by_row, chance, influence) for row in ranked[:MOST_LISTED]],
        base_slip_rate=BASE_SLIP_RATE,
        note=f"the {MOST_LISTED} highest scores of {len(by_row):,} are listed"
        if len(by_row) > MOST_LISTED
        else None,
    )
    return Reviewed(section, score, joined)


def _review_item(
    found: Findings, row: int, by_row: Mapping[int, list[Reason]], chance: FloatArray, influence: FloatArray
) -> ReviewItem:
    doubts, delivery, own = found.doubts, found.delivery, by_row[row]
    named = None if delivery.named is None else delivery.named.votes.reviewers
    who, label = int(doubts.reviewer[row]), int(doubts.label[row])
    return ReviewItem(
        item_id=delivery.humans.item_ids[row],
        score=float(chance[row] * influence[row]),
        chance_of_error=float(chance[row]),
        influence=float(influence[row]),
        reasons=[reason.text for reason in own],
        reason_codes=[reason.code for reason in own],
        reviewer=named[who] if named is not None and who >= 0 else None,
        label=delivery.humans.labels[label] if label >= 0 else None,
        votes=votes_of(delivery, row),
    )


def _doubtful_statements(found: Findings) -> tuple[FloatArray, FloatArray]:
    """P(error) and influence of each item's most doubtful statement: a vote, a gold label, an adjudicated label.

    A vote: P(slip), and what the shares move without it. A gold label that most missed, or a label adjudicated
    against the votes: the chance that fewer than half of such reviewers would choose it, and the share who did not.
    """
    humans, doubts = found.delivery.humans, found.doubts
    chance, influence = doubts.slip.copy(), doubts.influence.copy()

    def stated(row: int, wrong: float, moved: float) -> None:
        if wrong * moved > chance[row] * influence[row]:
            chance[row], influence[row] = wrong, moved

    for row, wrong in zip(found.gold.missed.tolist(), found.gold.doubt.tolist(), strict=True):
        stated(row, wrong, 1.0 - float(humans.distribution[row, found.delivery.gold[row]]))
    decided = found.adjudicated
    for place in np.flatnonzero(decided.against).tolist():
        row, share = decided.decisions[place].row, float(decided.share[place])
        n = humans.reviewer_count[[row]]
        stated(row, float(chance_below_half(np.asarray(share * n), n)[0]), 1.0 - share)
    return chance, influence
