"""Texts that are nearly equal, found among many: shingles, MinHash, locality-sensitive hashing, exact Jaccard.

datasketch does the same with a Python object a text: about 0.7 ms for a tweet, over a minute for 100,000. These
arrays take a twentieth of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.stats.arrays import IntArray

SHINGLE = 5
"""Characters of a shingle."""
BANDS, ROWS = 14, 5
"""A pair of Jaccard similarity s is looked at with chance 1 - (1 - s^5)^14: .996 at .8, .36 at .5, 4e-6 at .05."""
NEIGHBOURS = 8
"""Texts in one bucket that each text is held against."""
_BLOCK = 1 << 15
_UINT32 = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Shingles:
    """The shingles of some texts as hashes, text after text.

    Attributes:
        hashes: (n_shingles,) in the order of the texts.
        starts: (n_texts + 1,) where each text's begin; the last is where they end.
    """

    hashes: NDArray[np.uint64]
    starts: IntArray
    _sets: dict[int, NDArray[np.uint64]] = field(default_factory=dict, repr=False)

    def set_of(self, text: int) -> NDArray[np.uint64]:
        """The different shingles of a text, sorted; kept, since a text may be compared with many."""
        if (known := self._sets.get(text)) is None:
            known = self._sets[text] = np.unique(self.hashes[self.starts[text] : self.starts[text + 1]])
        return known


def shingles(texts: Sequence[str]) -> Shingles:
    """The stretches of five characters in each text, hashed; a shorter text is one shingle.

    Args:
        texts: (n_texts,) folded as they are to be compared.
    """
    padded = [text.ljust(SHINGLE, "\0") for text in texts]
    codes = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.fromiter(map(len, padded), dtype=np.int64, count=len(padded))
    hashes = np.zeros(max(codes.size - SHINGLE + 1, 0), dtype=np.uint64)
    for step in range(SHINGLE):
        hashes *= np.uint64(0x9E3779B97F4A7C15)
        hashes += codes[step : step + hashes.size]
    within = np.ones(hashes.size, dtype=bool)
    for step in range(1, SHINGLE):  # not those that reach into the next text
        within[np.cumsum(lengths)[:-1] - step] = False
    starts = np.concatenate([[0], np.cumsum(lengths - SHINGLE + 1)])
    return Shingles(_mixed(hashes[within]), starts)


def minhashes(of: Shingles, seed: int = 0) -> _UINT32:
    """(n_texts, BANDS × ROWS) the least hash of each text under as many hash functions.

    Two texts share each of them with the chance of their Jaccard similarity.

    References:
        Broder (1997), "On the resemblance and containment of documents".
    """
    generator = np.random.default_rng([seed, 77])
    flips = generator.integers(0, 2**32, BANDS * ROWS, dtype=np.uint32)
    factors = generator.integers(0, 2**31, BANDS * ROWS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    small = (of.hashes >> np.uint64(32)).astype(np.uint32)
    result = np.empty((len(of.starts) - 1, BANDS * ROWS), dtype=np.uint32)
    for first, last in _blocks(of.starts):
        begin, end = of.starts[first], of.starts[last]
        some, starts = small[begin:end], of.starts[first:last] - begin
        for place, (flip, factor) in enumerate(zip(flips, factors, strict=True)):
            result[first:last, place] = np.minimum.reduceat(_scrambled(some, flip, factor), starts)
    return result


def likely_pairs(signatures: _UINT32) -> Iterator[tuple[int, int]]:
    """Pairs of texts that agree in a whole band of their MinHashes, each once, in order.

    Where a bucket holds many texts, each is paired with the next `NEIGHBOURS` only: chained, they still meet.

    Args:
        signatures: (n_texts, BANDS × ROWS) of `minhashes`.
    """
    n = len(signatures)
    found: list[NDArray[Any]] = []
    for band in range(BANDS):
        key = np.zeros(n, dtype=np.uint64)
        for row in range(ROWS):
            key = _mixed(key * np.uint64(31) + signatures[:, band * ROWS + row])
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        for step in range(1, min(NEIGHBOURS, n - 1) + 1):
            same = np.flatnonzero(ordered[step:] == ordered[:-step])
            if not same.size:
                break
            found.append(order[same] * n + order[same + step])
    pairs = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    for pair in pairs.tolist():
        yield divmod(pair, n)


def jaccard(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> float:
    """Shared over all shingles of two sorted sets; 1 where both are empty."""
    shared = np.intersect1d(a, b, assume_unique=True).size
    union = a.size + b.size - shared
    return shared / union if union else 1.0


def _blocks(starts: IntArray) -> Iterator[tuple[int, int]]:
    """Neighbouring texts whose shingles fit a cache, together at least one."""
    first, n = 0, len(starts) - 1
    while first < n:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + _BLOCK, side="right")) - 1)
        yield first, min(last, n)
        first = min(last, n)


def _scrambled(hashes: _UINT32, flip: np.uint32, factor: np.uint32) -> _UINT32:
    scrambled: _UINT32 = (hashes ^ flip) * factor
    scrambled ^= scrambled >> np.uint32(15)
    scrambled *= np.uint32(0x2C1B3C6D)
    return scrambled


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64's finaliser: every bit of the input turns half of the output's.

    References:
        Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators".
    """
    mixed = hashes ^ (hashes >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
