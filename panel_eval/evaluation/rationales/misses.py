"""The most telling misses: evidence for labels the panel hardly believes in, that no judge mentions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from panel_eval.evaluation.rationales.coverage import MAX_EVIDENCE
from panel_eval.evaluation.rationales.tally import Tally
from panel_eval.schema.rationale_metrics import MissedEvidence, Standing
from panel_eval.stats.arrays import FloatArray

MAX_MISSES: Final = 12
"""Most examples, one an item."""
_TERMS: Final = 10


def heaviest_missed(tally: Tally, standing: Sequence[Standing], panel_mass: FloatArray) -> list[MissedEvidence]:
    """Pieces by the weight of their ten heaviest missed terms times the panel's lack of mass on their label.

    Args:
        tally: what any judge mentions.
        standing: (n_pieces,) how each reviewer's label stands.
        panel_mass: (n_pieces,) the panel's mass on each reviewer's label, NaN where it has none.
    """
    corpus, coverage = tally.corpus, tally.coverage()
    missed = _heaviest(tally)
    score = np.where(np.isnan(coverage) | np.isnan(panel_mass), 0.0, missed * (1.0 - panel_mass))
    chosen: dict[int, MissedEvidence] = {}
    first = np.concatenate([[0], np.cumsum([len(item.pieces) for item in corpus.items])])
    bounds = np.searchsorted(corpus.piece, np.arange(corpus.item.size + 1))
    for piece in np.argsort(-score, kind="stable").tolist():
        item = int(corpus.item[piece])
        if score[piece] <= 0 or len(chosen) == MAX_MISSES:
            break
        if item in chosen:
            continue
        own = corpus.items[item]
        rationale, reading = (pieces[piece - first[item]] for pieces in (own.pieces, own.readings))
        entries = np.arange(bounds[piece], bounds[piece + 1])
        terms = sorted(reading.terms)
        lost = sorted(entries[~tally.hit[entries]].tolist(), key=lambda entry: -float(corpus.bits[entry]))
        chosen[item] = MissedEvidence(
            item_id=own.record.item_id,
            reviewer=rationale.reviewer,
            label=rationale.label,
            standing=standing[piece],
            evidence=(rationale.evidence or "")[:MAX_EVIDENCE],
            missed=[reading.terms[terms[entry - bounds[piece]]] for entry in lost[:_TERMS]],
            coverage=float(coverage[piece]),
            panel_mass=float(panel_mass[piece]),
            missed_bits=float(missed[piece]),
        )
    return list(chosen.values())


def _heaviest(tally: Tally) -> FloatArray:
    """(n_pieces,) weight of the heaviest terms of each piece that are missed, at most ten."""
    corpus = tally.corpus
    bits = np.where(tally.hit, 0.0, corpus.bits)
    order = np.lexsort((-bits, corpus.piece))
    start = np.searchsorted(corpus.piece, np.arange(corpus.item.size))
    rank = np.arange(order.size) - start[corpus.piece]
    kept = np.zeros(order.size, dtype=bool)
    kept[order] = rank < _TERMS
    return corpus.piece_sums(np.where(kept, bits, 0.0))
