"""What is mentioned of the evidence, beside what rationales of other items would mention of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.rationales.corpus import Corpus, Pairs, sums_at
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, quotient

FEWEST_OTHERS = 5
"""Fewest items (or clusters) with the same label that rationales are taken from; rarer ones join the commonest."""


@dataclass(frozen=True)
class _Places:
    """Where the terms of evidence, and those mentioned, stand among all pairs of a group of items and a term.

    Attributes:
        entry: (n_entries,) place of each term of evidence.
        pair: (n_pairs,) place of each term mentioned, where no evidence in the group holds it the last one.
        group: (n_items,) group of each item.
        n_places, n_groups: how many there are.
    """

    entry: IntArray
    pair: IntArray
    group: IntArray
    n_places: int
    n_groups: int

    @classmethod
    def of(cls, corpus: Corpus, pairs: Pairs, group: IntArray) -> _Places:
        entry_key = group[corpus.item[corpus.piece]] * corpus.n_terms + corpus.term
        pair_key = group[pairs.item] * corpus.n_terms + pairs.term
        known, entry = np.unique(entry_key, return_inverse=True)
        place = np.searchsorted(known, pair_key)
        found = known[np.minimum(place, known.size - 1)] == pair_key if known.size else np.zeros(0, dtype=bool)
        n_groups = int(group.max(initial=-1)) + 1
        return cls(entry, np.where(found, place, known.size), group, known.size + 1, n_groups)

    def mentioned(self) -> FloatArray:
        """(n_entries,) on how many items of the group the term is mentioned."""
        return sums_at(self.pair, self.n_places)[self.entry]

    def given(self, values: FloatArray) -> FloatArray:
        """(n_pairs,) sum of the values of all terms of evidence that a mention in the group meets."""
        return sums_at(self.entry, self.n_places, values)[self.pair]

    def items(self, values: FloatArray) -> FloatArray:
        """(n_items,) sum of the values of all items of the group."""
        return sums_at(self.group, self.n_groups, values)[self.group]


@dataclass(frozen=True)
class Tally:
    """What one judge, or any judge, mentions.

    Attributes:
        corpus: the evidence.
        pairs: what is said.
        hit: (n_entries,) whether the term is mentioned on its own item.
        chance: (n_entries,) share of other items of the same label that it is mentioned on; NaN: there are none.
        others: (n_items,) number of those items.
        wide, near: the items of the same label, and those among them of the same cluster.
    """

    corpus: Corpus
    pairs: Pairs
    hit: BoolArray
    chance: FloatArray
    others: FloatArray
    wide: _Places
    near: _Places

    @classmethod
    def of(cls, corpus: Corpus, pairs: Pairs, label: IntArray, cluster: IntArray) -> Tally:
        """Count mentions.

        Args:
            corpus: the evidence.
            pairs: what is said.
            label: (n_items,) code of the label that the speaker gives the item.
            cluster: (n_items,) code of the items that share an origin, whose rationales are not taken for others'.
        """
        spoken = pairs.heard
        group = np.where(spoken, 1 + common_labels(label, cluster, spoken), 0)
        together = np.unique(np.column_stack([group, cluster]), axis=0, return_inverse=True)[1].reshape(-1)
        own = _Places.of(corpus, pairs, np.arange(spoken.size))
        wide, near = _Places.of(corpus, pairs, group), _Places.of(corpus, pairs, together)
        ones = spoken.astype(np.float64)
        others = wide.items(ones) - near.items(ones)
        entry_item = corpus.item[corpus.piece]
        chance = quotient(wide.mentioned() - near.mentioned(), others[entry_item])
        chance[~spoken[entry_item]] = np.nan
        return cls(corpus, pairs, own.mentioned() > 0, chance, others, wide, near)

    def table(self, pieces: BoolArray, terms: BoolArray | None = None) -> FloatArray:
        """Sums over some pieces by item, to be summed over items: mentioned, by chance, number of pieces.

        The rationales that stand for chance are those of items that are resampled too. So the second column also
        holds what an item's rationales add to the chance of other items beyond what others' do; that sums to zero.

        Args:
            pieces: (n_pieces,) which count; those without terms, or where nothing was said, do not.
            terms: (n_entries,) which terms count; default all.

        Returns:
            (n_items, 3); the second column is NaN where there are no other items.
        """
        corpus = self.corpus
        bits = corpus.bits if terms is None else np.where(terms, corpus.bits, 0.0)
        total = corpus.piece_sums(bits)
        counted = pieces & (total > 0) & self.pairs.heard[corpus.item]
        share = np.where(counted[corpus.piece], bits / np.where(total > 0, total, 1.0)[corpus.piece], 0.0)
        found = corpus.item_sums(np.where(self.hit, share, 0.0))
        n_pieces = sums_at(corpus.item[counted], len(corpus.items))
        if np.isnan(self.chance[counted[corpus.piece]]).any():
            return np.column_stack([found, np.full(found.size, np.nan), n_pieces])
        by_chance = np.where(share > 0, share * self.chance, 0.0)
        expected = corpus.item_sums(by_chance)
        return np.column_stack([found, expected + self._lent(share, expected), n_pieces])

    def coverage(self) -> FloatArray:
        """(n_pieces,) weighted share of the terms mentioned; NaN without terms or where nothing was said."""
        found = self.corpus.piece_sums(np.where(self.hit, self.corpus.bits, 0.0))
        return np.where(self.pairs.heard[self.corpus.item], quotient(found, self.corpus.piece_bits), np.nan)

    def _lent(self, share: FloatArray, expected: FloatArray) -> FloatArray:
        """(n_items,) by how much an item's rationales mention more of others' evidence than others' do."""
        corpus, others = self.corpus, np.where(self.others > 0, self.others, 1.0)
        parts = share / others[corpus.item[corpus.piece]]
        lent = sums_at(self.pairs.item, len(corpus.items), self.wide.given(parts) - self.near.given(parts))
        average = self.wide.items(expected / others) - self.near.items(expected / others)
        return np.where(self.pairs.heard, lent - average, 0.0)


def common_labels(label: IntArray, cluster: IntArray, heard: BoolArray) -> IntArray:
    """(n_items,) the label of each item, rare ones counted as the commonest; codes from 0.

    A label is rare if fewer than `FEWEST_OTHERS` clusters of items where something was said have it.
    """
    codes = np.unique(label, return_inverse=True)[1].reshape(-1)
    spread = np.unique(np.column_stack([codes, cluster])[heard], axis=0)[:, 0]
    clusters = np.bincount(spread, minlength=int(codes.max(initial=-1)) + 1)
    rare = clusters < FEWEST_OTHERS
    commonest = int(np.argmax(clusters)) if clusters.size else 0
    merged: IntArray = np.where(rare[codes], commonest, codes)
    return merged
