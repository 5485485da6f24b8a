"""The most telling misses: evidence for labels the panel hardly believes in, that no judge mentions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from panel_eval.evaluation.rationales.corpus import sums_at
from panel_eval.evaluation.rationales.coverage import MAX_EVIDENCE
from panel_eval.evaluation.rationales.tally import Tally
from panel_eval.schema.rationale_metrics import MissedEvidence, MissedTerm, Standing
from panel_eval.stats.arrays import FloatArray

MAX_MISSES: Final = 12
"""Most examples, one an item."""
_TERMS: Final = 10
_FEWEST_ITEMS: Final = 3


def missed_terms(tally: Tally, standing: Sequence[Standing]) -> list[MissedTerm]:
    """The terms cited on three items or more that judges miss most: by misses times weight.

    Args:
        tally: what any judge mentions.
        standing: (n_pieces,) how each reviewer's label stands.
    """
    corpus = tally.corpus
    heard = tally.pairs.heard[corpus.item[corpus.piece]]
    term, piece, hit = corpus.term[heard], corpus.piece[heard], tally.hit[heard]
    missed = sums_at(term, corpus.n_terms, np.where(hit, 0.0, corpus.bits[heard]))
    places = np.unique(term * len(corpus.items) + corpus.item[piece])
    missed[sums_at(places // len(corpus.items), corpus.n_terms) < _FEWEST_ITEMS] = 0.0
    dissents = np.array([own == "dissenter" for own in standing])
    chosen: list[MissedTerm] = []
    for code in np.argsort(-missed, kind="stable")[:MAX_MISSES].tolist():
        if missed[code] <= 0:
            break
        own = np.flatnonzero(term == code)
        reading = corpus.piece_of(int(piece[own[0]]))[1]
        chosen.append(
            MissedTerm(
                term=reading.terms[corpus.names[code]],
                pieces=own.size,
                mentioned=int(hit[own].sum()),
                dissenters=int(dissents[piece[own]].sum()),
            )
        )
    return chosen


def heaviest_missed(tally: Tally, standing: Sequence[Standing], panel_mass: FloatArray) -> list[MissedEvidence]:
    """Pieces by the weight of their ten heaviest missed terms times the panel's lack of mass on their label.

    One an item, and no two that miss the same terms.

    Args:
        tally: what any judge mentions.
        standing: (n_pieces,) how each reviewer's label stands.
        panel_mass: (n_pieces,) the panel's mass on each reviewer's label, NaN where it has none.
    """
    corpus, coverage, missed = tally.corpus, tally.coverage(), _heaviest(tally)
    score = np.where(np.isnan(coverage) | np.isnan(panel_mass), 0.0, missed * (1.0 - panel_mass))
    chosen: list[MissedEvidence] = []
    items: set[int] = set()
    lost: set[tuple[int, ...]] = set()
    for piece in np.argsort(-score, kind="stable").tolist():
        if score[piece] <= 0 or len(chosen) == MAX_MISSES:
            break
        item, terms = int(corpus.item[piece]), _missed_of(tally, piece)
        if item in items or tuple(terms) in lost:
            continue
        items.add(item)
        lost.add(tuple(terms))
        rationale, reading = corpus.piece_of(piece)
        chosen.append(
            MissedEvidence(
                item_id=corpus.items[item].record.item_id,
                reviewer=rationale.reviewer,
                label=rationale.label,
                standing=standing[piece],
                evidence=(rationale.evidence or "")[:MAX_EVIDENCE],
                missed=[reading.terms[corpus.names[code]] for code in terms[:_TERMS]],
                coverage=min(1.0, float(coverage[piece])),
                panel_mass=float(panel_mass[piece]),
                missed_bits=float(missed[piece]),
            )
        )
    return chosen


def _missed_of(tally: Tally, piece: int) -> list[int]:
    """Codes of the terms of a piece that no judge mentions, the heaviest first."""
    corpus = tally.corpus
    first, last = np.searchsorted(corpus.piece, [piece, piece + 1])
    entries = np.arange(first, last)
    entries = entries[~tally.hit[entries]]
    codes: list[int] = corpus.term[entries[np.argsort(-corpus.bits[entries], kind="stable")]].tolist()
    return codes


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
