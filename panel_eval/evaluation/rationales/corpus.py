"""All items at once: pieces of evidence and what is said of them, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.rationales.evidence import Evidence, random_within
from panel_eval.evaluation.rationales.spoken import Spoken
from panel_eval.evaluation.rationales.terms import MAX_CHARS, Reading, read_terms
from panel_eval.evaluation.rationales.weights import TermWeights
from panel_eval.schema import Rationale
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

_SEED = 709


@dataclass(frozen=True)
class Pairs:
    """Which terms are mentioned on which items.

    Attributes:
        item, term: (n_pairs,) item by item; each pair once.
        heard: (n_items,) whether anything was said on the item at all.
    """

    item: IntArray
    term: IntArray
    heard: BoolArray


@dataclass(frozen=True)
class Corpus:
    """Evidence and what is said of it, on items that have both.

    Attributes:
        items: the items, by row.
        item: (n_pieces,) position of the item of each piece of evidence.
        piece, term: (n_entries,) each term of each piece, piece by piece.
        bits: (n_entries,) weight of the term.
        in_content: (n_entries,) whether the term stands in the item's content.
        has_content: (n_items,) whether the item has content that was read.
        said: judge to what it mentions; None to what any judge does.
        names: (n_terms,) the different terms.
    """

    items: Sequence[Evidence]
    item: IntArray
    piece: IntArray
    term: IntArray
    bits: FloatArray
    in_content: BoolArray
    has_content: BoolArray
    said: Mapping[str | None, Pairs]
    names: Sequence[str]

    @property
    def n_terms(self) -> int:
        """Number of different terms."""
        return len(self.names)

    def piece_of(self, piece: int) -> tuple[Rationale, Reading]:
        """A piece of evidence, and what was read in it."""
        item = int(self.item[piece])
        place = piece - int(np.searchsorted(self.item, item))
        own = self.items[item]
        return own.pieces[place], own.readings[place]

    @property
    def piece_bits(self) -> FloatArray:
        """(n_pieces,) weight of all terms of each piece."""
        return self.piece_sums(self.bits)

    def piece_sums(self, values: FloatArray) -> FloatArray:
        """Sum over the terms of each piece: (n_entries,) -> (n_pieces,)."""
        return sums_at(self.piece, self.item.size, values)

    def item_sums(self, values: FloatArray) -> FloatArray:
        """Sum over the terms of all pieces of each item: (n_entries,) -> (n_items,)."""
        return sums_at(self.item[self.piece], len(self.items), values)


@dataclass(frozen=True)
class Speech:
    """What is known of a judge's rationales beside its mentions; each (n_items,), NaN where it said nothing.

    Attributes:
        words: mean words of a rationale.
        own_terms: share of its terms that no reviewer's evidence on the item mentions.
        rationales: number of them.
    """

    words: FloatArray
    own_terms: FloatArray
    rationales: IntArray


def sums_at(place: IntArray, n_places: int, values: FloatArray | None = None) -> FloatArray:
    """(n_places,) sum of the values at each place, or how often it occurs."""
    return np.asarray(np.bincount(place, weights=values, minlength=n_places), dtype=np.float64)


def build_corpus(
    items: Sequence[Evidence], spoken: Spoken, weights: TermWeights, judge_ids: Sequence[str], seed: int = 0
) -> tuple[Corpus, dict[str | None, Speech]]:
    """Read the rationales on some items, and put them beside the evidence.

    Args:
        items: the items, each of them in `spoken`.
        spoken: the judges' rationales, by position among `items`.
        weights: of the terms.
        judge_ids: the judges.
        seed: chooses the items whose content is read where there is too much of it.
    """
    entries = [term for item in items for reading in item.readings for term in sorted(reading.terms)]
    codes = {term: code for code, term in enumerate(dict.fromkeys(entries))}
    term = np.array([codes[term] for term in entries], dtype=np.int64)
    bits = np.array([weights.bits(term) for term in codes], dtype=np.float64)
    lengths = [len(reading.terms) for item in items for reading in item.readings]
    owners = np.repeat(np.arange(len(items)), [len(item.readings) for item in items])
    piece = np.repeat(np.arange(len(lengths)), lengths)
    heads = frozenset().union(*(reading.heads for item in items for reading in item.readings))
    contents = _contents(items, heads, seed)
    entry_item = owners[piece].tolist()
    said, speech = _heard(items, spoken, codes, heads, judge_ids)
    corpus = Corpus(
        items=items,
        item=owners,
        piece=piece,
        term=term,
        bits=bits[term],
        in_content=np.array(
            [term in contents.get(item, ()) for item, term in zip(entry_item, entries, strict=True)], bool
        ),
        has_content=np.isin(np.arange(len(items)), list(contents)),
        said=said,
        names=tuple(codes),
    )
    return corpus, speech


def _contents(items: Sequence[Evidence], heads: Set[str], seed: int) -> dict[int, Set[str]]:
    """Position of the item to what its content mentions; random items where contents are very long."""
    texts = {place: item.record.content.values() for place, item in enumerate(items) if item.record.content}
    chars = np.array([sum(min(MAX_CHARS, len(text)) for text in own) for own in texts.values()], dtype=np.int64)
    places = np.array(list(texts), dtype=np.int64)[random_within(chars, [seed, _SEED])]
    return {
        place: set().union(*(read_terms(text, heads).mentions for text in texts[place]))
        for place in places.tolist()
    }


def _heard(
    items: Sequence[Evidence],
    spoken: Spoken,
    codes: Mapping[str, int],
    heads: Set[str],
    judge_ids: Sequence[str],
) -> tuple[dict[str | None, Pairs], dict[str | None, Speech]]:
    """What each judge, and what any of them, mentions and says."""
    speakers: tuple[str | None, ...] = (None, *judge_ids)
    terms: dict[str | None, list[list[int]]] = {speaker: [] for speaker in speakers}
    facts = {speaker: np.full((2, len(items)), np.nan) for speaker in speakers}
    counts = {speaker: np.zeros(len(items), dtype=np.int64) for speaker in speakers}
    for place, item in enumerate(items):
        known = set().union(*(reading.mentions for reading in item.readings))
        all_mentions: set[str] = set()
        all_terms: set[str] = set()
        words = number = 0
        for judge in judge_ids:
            readings = [read_terms(text, heads) for text in spoken[place].get(judge, ())]
            mentions = set().union(*(reading.mentions for reading in readings))
            own = set().union(*(reading.terms for reading in readings))
            terms[judge].append(_known_codes(mentions, codes))
            counts[judge][place] = len(readings)
            length = sum(reading.words for reading in readings)
            facts[judge][:, place] = _facts(length, len(readings), own, known)
            all_mentions |= mentions
            all_terms |= own
            words, number = words + length, number + len(readings)
        terms[None].append(_known_codes(all_mentions, codes))
        counts[None][place] = number
        facts[None][:, place] = _facts(words, number, all_terms, known)
    said = {speaker: _pairs(terms[speaker], counts[speaker]) for speaker in speakers}
    return said, {speaker: Speech(facts[speaker][0], facts[speaker][1], counts[speaker]) for speaker in speakers}


def _facts(words: int, rationales: int, own: Set[str], known: Set[str]) -> tuple[float, float]:
    """Words of a rationale, and the share of its terms that are not among those known."""
    return words / rationales if rationales else np.nan, len(own - known) / len(own) if own else np.nan


def _known_codes(mentions: Set[str], codes: Mapping[str, int]) -> list[int]:
    return [codes[term] for term in mentions if term in codes]


def _pairs(terms: Sequence[Sequence[int]], rationales: IntArray) -> Pairs:
    item = np.repeat(np.arange(len(terms)), [len(own) for own in terms])
    term = np.array([code for own in terms for code in own], dtype=np.int64)
    return Pairs(item, term, rationales > 0)
