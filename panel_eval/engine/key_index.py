"""Vote keys as bytes in an array, and finding many of them at once.

A dict of a million keys takes some 200 MB; a sorted column of their last eight bytes takes eight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

KEY_BYTES = 32

Keys = NDArray[np.uint8]
"""(n_keys, 32): sha256 digests."""


def key_bytes(vote_key: str) -> bytes | None:
    """The bytes of a key written in hexadecimal; None if it is no such key."""
    try:
        return hex_keys([vote_key]).tobytes()
    except ValueError:
        return None


def keys_array(keys: bytes | bytearray) -> Keys:
    """Keys that stand one after the other, as an array; the memory is shared."""
    return np.frombuffer(keys, dtype=np.uint8).reshape(-1, KEY_BYTES)


def hex_keys(vote_keys: Sequence[str]) -> Keys:
    """Keys written in hexadecimal, as an array.

    Raises:
        TypeError, ValueError: one of them is no key.
    """
    written = "".join(vote_keys)
    if not set(map(len, vote_keys)) <= {2 * KEY_BYTES}:
        raise ValueError("not a vote key")
    keys = bytes.fromhex(written)
    if keys.hex() != written:  # fromhex skips blanks and takes capitals; a key has one spelling only
        raise ValueError("not a vote key")
    return keys_array(keys)


class KeyIndex:
    """Where each key stands.

    Args:
        keys: the keys; the array is kept.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        words = _last_words(keys)
        self._order = np.argsort(words, kind="stable").astype(np.int32 if len(keys) < 2**31 else np.int64)
        self._sorted = words[self._order]

    def positions(self, keys: Keys) -> NDArray[np.int64]:
        """For each key the position at which it stands, -1 where it does not; of equal keys the first."""
        found = np.full(len(keys), -1, dtype=np.int64)
        words = _last_words(keys)
        at = np.searchsorted(self._sorted, words, side="left")
        pending = np.arange(len(keys))
        while len(pending):  # one round, unless keys share their last eight bytes
            inside = at < len(self._sorted)
            inside[inside] = self._sorted[at[inside]] == words[pending[inside]]
            pending, at = pending[inside], at[inside]
            candidates = self._order[at]
            same = (self._keys[candidates] == keys[pending]).all(axis=1)
            found[pending[same]] = candidates[same]
            pending, at = pending[~same], at[~same] + 1
        return found

    def position(self, key: bytes) -> int | None:
        """Where one key stands, or None."""
        word = np.uint64(int.from_bytes(key[-8:], "little"))
        at = int(self._sorted.searchsorted(word))
        while at < len(self._sorted) and self._sorted[at] == word:
            found = int(self._order[at])
            if self._keys[found].tobytes() == key:
                return found
            at += 1
        return None

    def repetitions(self) -> list[tuple[int, int]]:
        """(position of its first occurrence, position) of every key that stands there not for the first time."""
        shared = np.zeros(len(self._sorted), dtype=bool)
        shared[1:] = self._sorted[1:] == self._sorted[:-1]
        shared[:-1] |= shared[1:].copy()
        first: dict[bytes, int] = {}
        pairs = ((first.setdefault(self._keys[at].tobytes(), at), at) for at in self._order[shared].tolist())
        return [(earlier, at) for earlier, at in pairs if earlier != at]


def _last_words(keys: Keys) -> NDArray[np.uint64]:
    words: NDArray[Any] = np.ascontiguousarray(keys).view("<u8")
    return words.reshape(-1, KEY_BYTES // 8)[:, -1].copy()
