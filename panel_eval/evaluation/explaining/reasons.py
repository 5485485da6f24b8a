"""The reviewers' evidence on one item beside what the judges' rationales mention."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from panel_eval.evaluation.rationales import EvidenceReading, evidence_weights, item_reasons
from panel_eval.evaluation.recorded_votes import RecordedVotes
from panel_eval.humans import HumanLabels
from panel_eval.schema.explanation import UnmentionedEvidence
from panel_eval.stats import mode_sets


def unmentioned_evidence(
    humans: HumanLabels, row: int, votes: RecordedVotes, seed: int
) -> list[UnmentionedEvidence]:
    """Each reviewer's evidence on an item, with the terms that judges mention and those that none does.

    Args:
        humans: all labelled items: how rare a term is says what it weighs.
        row: of the item.
        votes: on the item.
        seed: chooses the items whose evidence is read where there are many.

    Returns:
        Nothing where no reviewer gave evidence or no judge a rationale.
    """
    record = humans.records[row]
    said: dict[str, list[str]] = defaultdict(list)
    for vote in votes.table:
        if vote.outcome == "ok" and vote.rationale:
            said[vote.judge].append(vote.rationale)
    if not said or not any(rationale.evidence for rationale in record.rationales):
        return []
    modes = np.flatnonzero(mode_sets(humans.distribution[row][None])[0])
    found = item_reasons(record.rationales, said, evidence_weights(humans, seed), [humans.labels[k] for k in modes])
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
