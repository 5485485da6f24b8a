"""The reviewers' evidence on one item beside what the judges' rationales mention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from panel_eval.evaluation.rationales import EvidenceReading, TermWeights, item_reasons
from panel_eval.evaluation.recorded_votes import RecordedVotes
from panel_eval.humans import HumanLabels
from panel_eval.schema.explanation import UnmentionedEvidence
from panel_eval.stats import mode_sets


def unmentioned_evidence(
    one: HumanLabels, votes: RecordedVotes, weights: Callable[[], TermWeights]
) -> list[UnmentionedEvidence]:
    """Each reviewer's evidence on an item, with the terms that judges mention and those that none does.

    Args:
        one: the item.
        votes: on it.
        weights: of the terms, from the evidence on all items; asked for only if there is evidence on this one.

    Returns:
        Nothing where no reviewer gave evidence or no judge a rationale.
    """
    record = one.records[0]
    said: dict[str, list[str]] = defaultdict(list)
    for vote in votes.table:
        if vote.outcome == "ok" and vote.rationale:
            said[vote.judge].append(vote.rationale)
    if not said or not any(rationale.evidence for rationale in record.rationales):
        return []
    modes = np.flatnonzero(mode_sets(one.distribution)[0])
    found = item_reasons(record.rationales, said, weights(), [one.labels[k] for k in modes])
    return [_piece(piece, bool(found.judges)) for piece in found.pieces]


def _piece(piece: EvidenceReading, heard: bool) -> UnmentionedEvidence:
    return UnmentionedEvidence(
        reviewer=piece.reviewer,
        label=piece.label,
        evidence=piece.evidence,
        dissents=piece.dissents,
        coverage=piece.coverage,
        mentioned={term: list(judges) for term, judges in piece.mentioned.items()},
        missed=list(piece.missed) if heard else [],
    )
