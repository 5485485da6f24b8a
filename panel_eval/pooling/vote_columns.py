"""The columns of many votes, and how they are filled block by block."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.schema import OUTCOMES, Usage
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

NameT = TypeVar("NameT", bound=Hashable)

_OUTCOME_CODE = {name: code for code, name in enumerate(OUTCOMES)}
TOKENS = (
    "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens", "uncertain_tokens",
)  # fmt: skip
"""The columns of `VoteColumns.tokens`: fields of a vote's usage."""

PROVENANCE = ("model_reported", "snapshot", "parse_rung")
"""The fields of a vote that `VoteColumns.provenances` tells."""
Provenance = tuple[str | None, ...]
"""What a vote says of `PROVENANCE`: hardly ever more than a few different ones."""

_LARGEST = 2**53  # whole numbers beyond it are no counts, and floats no longer tell them apart
_NO_KEY = 0
_SPARSE = 4  # counting is quicker than sorting unless numbers lie far apart


@dataclass(frozen=True)
class Shares:
    """Probability-valued votes, one entry for each mass that a vote gives to a label.

    Attributes:
        vote: (n_entries,) row of the vote, rising.
        label: (n_entries,) code of the label.
        mass: (n_entries,) as the vote gives it.
    """

    vote: IntArray
    label: IntArray
    mass: FloatArray

    def take(self, rows: IntArray, n_votes: int) -> Shares:
        """The entries of the votes in `rows`, which are numbered anew in that order."""
        if not len(self.vote):
            return self
        starts = np.searchsorted(self.vote, np.arange(n_votes + 1))
        lengths = (starts[1:] - starts[:-1])[rows]
        entries = np.repeat(starts[:-1][rows] - (lengths.cumsum() - lengths), lengths) + np.arange(lengths.sum())
        return Shares(np.repeat(np.arange(len(rows)), lengths), self.label[entries], self.mass[entries])


@dataclass(frozen=True, eq=False)
class VoteColumns:
    """What scoring needs of each vote; (n_votes,) arrays unless said otherwise.

    Attributes:
        item_ids, judges, labels, provenances: names that occur, in order of first occurrence; codes are positions
            in them. Of `provenances` each is (model_reported, snapshot, parse_rung).
        item, judge: codes.
        label: code of the label chosen, -1 where there is none.
        provenance: code of what the answer tells of where it came from and how it was read.
        sample: sample numbers.
        outcome: positions in `schema.OUTCOMES`.
        confidence, cost_usd, cost_uncertain_usd, latency_s: NaN where unknown.
        tokens: (n_votes, 6) tokens in the order of `TOKENS`, -1 where no usage was reported.
        attempted: whether a request was sent.
        reused: whether an earlier run paid for the vote.
        key_hash: a number for each vote key, equal for equal keys; 0 where a vote has none.
        shares: the distributions.
        named: the fields that any vote names.
    """

    item_ids: Sequence[str]
    judges: Sequence[str]
    labels: Sequence[str]
    provenances: Sequence[Provenance]
    item: NDArray[np.int32]
    judge: NDArray[np.int32]
    label: NDArray[np.int32]
    provenance: NDArray[np.int32]
    sample: IntArray
    outcome: NDArray[np.int8]
    confidence: FloatArray
    cost_usd: FloatArray
    cost_uncertain_usd: FloatArray
    latency_s: FloatArray
    tokens: IntArray
    attempted: BoolArray
    reused: BoolArray
    key_hash: IntArray
    shares: Shares
    named: frozenset[str]

    def __len__(self) -> int:
        return len(self.item)

    def take(self, rows: NDArray[Any]) -> VoteColumns:
        """The votes in `rows`, in that order; names keep their codes."""
        columns = {name.name: getattr(self, name.name) for name in fields(self)}
        chosen: dict[str, Any] = {
            name: _taken(column, rows) for name, column in columns.items() if isinstance(column, np.ndarray)
        }
        return replace(self, **chosen, shares=self.shares.take(rows, len(self)))

    def rows_with_shared_keys(self) -> IntArray:
        """Rows whose key hash another vote has too, rising; votes without a key do not count."""
        keyed = np.flatnonzero(self.key_hash != _NO_KEY)
        return keyed[occurs_again(self.key_hash[keyed])]


def occurs_again(values: IntArray) -> BoolArray:
    """Which values stand at more than one place."""
    span = int(values.max(initial=0)) + 1
    if values.min(initial=0) >= 0 and span <= _SPARSE * len(values):
        return np.bincount(values, minlength=span)[values] > 1
    order = np.argsort(values, kind="stable")
    same = values[order][1:] == values[order][:-1]
    again = np.zeros(len(values), dtype=bool)
    again[order[1:]] |= same
    again[order[:-1]] |= same
    return again


@dataclass
class ColumnBuilder:
    """Collects votes block by block."""

    _items: list[pa.Array] = field(default_factory=list)
    _judges: dict[str, int] = field(default_factory=dict)
    _labels: dict[str, int] = field(default_factory=dict)
    _provenances: dict[Provenance, int] = field(default_factory=dict)
    _blocks: list[dict[str, NDArray[Any]]] = field(default_factory=list)
    _named: set[str] = field(default_factory=set)
    _n_votes: int = 0

    def add(self, votes: Sequence[Mapping[str, Any]]) -> None:
        """Append votes, each given as its fields; fields at their defaults may be left out.

        Raises:
            InputError: a whole number is beyond 2**53.
        """
        if votes:
            self._append(votes)

    def _append(self, votes: Sequence[Mapping[str, Any]]) -> None:
        named = frozenset(chain.from_iterable(votes))
        self._named |= named

        def values(key: str, default: object = None) -> list[Any] | None:
            """The field of every vote, or None if no vote names it."""
            return [vote.get(key, default) for vote in votes] if key in named else None

        n = len(votes)
        block = {
            "judge": _codes(self._judges, [vote["judge"] for vote in votes]),
            "label": _label_codes(self._labels, values("label"), n),
            "provenance": self._provenance_codes([values(key) for key in PROVENANCE], n),
            "sample": _whole_numbers("sample", values("sample", 0), n),
            "outcome": _outcomes(values("outcome", "ok"), n),
            "confidence": _numbers(values("confidence"), n),
            "cost_usd": _numbers(values("cost_usd"), n),
            "cost_uncertain_usd": _numbers(values("cost_uncertain_usd", 0.0), n, missing=0.0),
            "latency_s": _numbers(values("latency_s"), n),
            "tokens": _token_counts(values("usage"), n),
            "attempted": _unless(0, values("attempts", 1), n, otherwise=True),
            "reused": _unless(None, values("reused_from"), n, otherwise=False),
            "key_hash": _key_hashes(values("vote_key"), n),
        }
        self._items.append(pa.array([vote["item_id"] for vote in votes], pa.string()))
        self._blocks.append(block | self._share_entries(values("distribution")))
        self._n_votes += n

    def columns(self) -> VoteColumns:
        """The votes so far, as columns; the builder must not be used again."""
        if not self._blocks:
            self._append(())
        names = tuple(self._blocks[0])
        joined = {name: _joined([block.pop(name) for block in self._blocks]) for name in names}
        shares = Shares(joined.pop("share_vote"), joined.pop("share_label"), joined.pop("share_mass"))
        item_ids, item = _encoded(self._items)
        return VoteColumns(
            item_ids,
            tuple(self._judges),
            tuple(self._labels),
            tuple(self._provenances),
            item=item,
            **joined,
            shares=shares,
            named=frozenset(self._named),
        )

    def _provenance_codes(self, told: Sequence[list[Any] | None], n: int) -> NDArray[Any]:
        if all(values is None for values in told):
            return _constant(self._provenances.setdefault((None,) * len(PROVENANCE), len(self._provenances)), n)
        return _codes(
            self._provenances, list(zip(*([None] * n if each is None else each for each in told), strict=True))
        )

    def _share_entries(self, given: Sequence[Mapping[str, float] | None] | None) -> dict[str, NDArray[Any]]:
        rows = [row for row, shares in enumerate(given or ()) if shares]
        dicts = [given[row] or {} for row in rows] if given else []
        labels = [label for shares in dicts for label in shares]
        masses = [mass for shares in dicts for mass in shares.values()]
        owners = np.array(rows, dtype=np.int64) + self._n_votes
        return {
            "share_vote": np.repeat(owners, np.array([len(shares) for shares in dicts], dtype=np.int64)),
            "share_label": _codes(self._labels, labels),
            "share_mass": np.array(masses, dtype=np.float64),
        }


def _constant(value: float, *shape: int) -> NDArray[Any]:
    """An array that says the same everywhere and takes no room for it: most files lack most fields."""
    return np.broadcast_to(np.asarray(value), shape)


def _is_constant(column: NDArray[Any]) -> bool:
    return not any(column.strides)


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """The blocks of one column in one array; a column that no block fills stays without room of its own."""
    if all(map(_is_constant, parts)):
        return np.broadcast_to(parts[0][:1], (sum(map(len, parts)), *parts[0].shape[1:]))
    return np.concatenate(parts)


def _taken(column: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    return np.broadcast_to(column[:1], (len(rows), *column.shape[1:])) if _is_constant(column) else column[rows]


def _encoded(parts: list[pa.Array]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Distinct strings in order of first occurrence, and the position of each string among them.

    Unlike a dict this holds on to no string object of a block: scattered survivors would keep the memory of all
    that was parsed beside them.
    """
    encoded = pa.chunked_array(parts, pa.string()).dictionary_encode().chunks
    if not encoded:
        return (), np.empty(0, dtype=np.int32)
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in encoded])
    return tuple(encoded[-1].dictionary.to_pylist()), codes  # all chunks share one dictionary


def _codes(known: dict[NameT, int], names: Sequence[NameT]) -> NDArray[np.int32]:
    """The number of each name; new names are numbered in their order."""
    try:
        codes = list(map(known.__getitem__, names))
    except KeyError:
        codes = [known.setdefault(name, len(known)) for name in names]
    return np.array(codes, dtype=np.int32)


def _label_codes(known: dict[str, int], labels: Sequence[str | None] | None, n: int) -> NDArray[Any]:
    if labels is None or (absent := labels.count(None)) == n:
        return _constant(-1, n)
    if not absent:
        return _codes(known, [label for label in labels if label is not None])
    codes = np.full(n, -1, dtype=np.int32)
    given = [row for row, label in enumerate(labels) if label is not None]
    codes[given] = _codes(known, [label for label in labels if label is not None])
    return codes


def _outcomes(outcomes: Sequence[str] | None, n: int) -> NDArray[Any]:
    if outcomes is None:
        return _constant(_OUTCOME_CODE["ok"], n)
    return np.array([_OUTCOME_CODE[outcome] for outcome in outcomes], dtype=np.int8)


def _unless(value: object, values: Sequence[object] | None, n: int, *, otherwise: bool) -> NDArray[Any]:
    """Whether each vote's field is anything but `value`; `otherwise` where no vote has the field."""
    if values is None or not (odd := values.count(value)):
        return _constant(otherwise if values is None else True, n)
    return _constant(False, n) if odd == n else np.array([each != value for each in values], dtype=np.bool_)


def _numbers(values: Sequence[float | None] | None, n: int, missing: float = np.nan) -> NDArray[Any]:
    """Numbers, NaN for None; `missing` where no vote has the field."""
    if values is None:
        return _constant(missing, n)
    if values.count(None) == n:
        return _constant(np.nan, n)
    return np.array(values, dtype=np.float64)  # None becomes NaN


def _whole_numbers(key: str, values: Sequence[int] | None, n: int) -> NDArray[Any]:
    if values is None or values.count(0) == n:
        return _constant(0, n)
    if max(values) > _LARGEST:
        raise InputError(Problem("is too large a number", key=key, value=shorten(str(max(values)))))
    return np.array(values, dtype=np.int64)


def _token_counts(usages: Sequence[Mapping[str, int] | Usage | None] | None, n: int) -> NDArray[Any]:
    if usages is None or usages.count(None) == n:
        return _constant(-1, n, len(TOKENS))
    given = [vars(usage) if isinstance(usage, Usage) else usage for usage in usages]
    columns = [
        _whole_numbers(f"usage.{name}", [-1 if usage is None else usage.get(name, 0) for usage in given], n)
        for name in TOKENS
    ]
    return np.stack(columns, axis=1)


def _key_hashes(keys: Sequence[str | None] | None, n: int) -> NDArray[Any]:
    if keys is None or keys.count(None) == n:
        return _constant(_NO_KEY, n)
    return np.array([_NO_KEY if not key else hash(key) or 1 for key in keys], dtype=np.int64)
