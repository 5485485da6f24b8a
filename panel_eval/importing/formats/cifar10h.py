"""CIFAR-10H: what about fifty people each saw on the 10,000 test pictures of CIFAR-10.

Written for cifar10h-counts.npy and for cifar10h-raw.csv (also inside cifar10h-raw.zip), as published at
github.com/jcpeterson/cifar-10h. Items are called by their place in CIFAR-10's test set, from 0, in both.
Peterson et al. (2019), "Human Uncertainty Makes Classification More Robust", ICCV.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.archives import read_member
from panel_eval.importing.entries import Annotation, Dropped, Entry, Item, LabelSet, Note, Tally
from panel_eval.importing.format import Format, Source
from panel_eval.importing.tables import Row, Table, open_table, text_table
from panel_eval.importing.values import identifier, number

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
ROLES = {
    "item": ("cifar10_test_test_idx", "cifar10_test_set_idx", "cifar10_test_idx"),
    "reviewer": ("annotator_id",),
    "label": ("chosen_category", "chosen_label"),
    "gold": ("true_category", "true_label"),
    "seconds": ("reaction_time",),
}
_NAMED = frozenset(CLASSES)
_CHECK = "is an attention check, no picture of the test set"
_KEPT = ("image_filename", "subcategory")


def _read(source: Source) -> Iterator[Entry]:
    yield LabelSet(CLASSES, "nominal")
    if source.path.suffix.lower() == ".npy":
        yield from _counted(source.path)
        return
    with _opened(source.path) as table:
        yield from _single(table, source)


def _counted(path: Path) -> Iterator[Entry]:
    yield Note("the counts name nobody (cifar10h-raw.zip has the single answers)")
    for item, row in enumerate(_counts(path).tolist()):
        yield Tally(str(item), dict(zip(CLASSES, row, strict=True)))


def _counts(path: Path) -> NDArray[np.int64]:
    """(n_items, 10) people by class.

    Raises:
        InputError: the file has anything else.
    """
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # files of Python 2 need a moment more
            table = np.load(path, allow_pickle=False, mmap_mode="r")
    except FileNotFoundError:
        raise InputError(Problem("file not found", path=path, fix="check the path")) from None
    except Exception as error:  # the header is a Python literal that numpy parses: of any kind
        raise InputError(Problem(f"is no NumPy file of numbers: {shorten(str(error), 120)}", path=path)) from None
    fix = f"cifar10h-counts.npy has a row for each picture and {len(CLASSES)} columns of whole numbers"
    if not isinstance(table, np.ndarray) or table.ndim != 2 or table.shape[1] != len(CLASSES):
        found = getattr(table, "shape", type(table).__name__)
        raise InputError(Problem(f"is no table with {len(CLASSES)} columns", path=path, value=str(found), fix=fix))
    if table.dtype.kind not in "iuf" or len(table) > 10**7:
        raise InputError(Problem(f"is no table of counts ({table.dtype})", path=path, fix=fix))
    with np.errstate(invalid="ignore"):
        whole = table.astype(np.int64)
        bad = np.flatnonzero(((whole != table) | (whole < 0) | (whole >= 10**9)).any(axis=1))
    if len(bad):
        message = "has numbers that are no counts of people"
        if table.dtype.kind == "f" and np.allclose(table.sum(axis=1), 1):
            message, fix = "has shares, not counts: how many people they stand for is not known", "read the counts"
        raise InputError(
            Problem(message, path=path, key=f"row {bad[0]}", value=str(table[bad[0]].tolist()), fix=fix)
        )
    return whole


@contextmanager
def _opened(path: Path) -> Iterator[Table]:
    """The table of single answers, unpacked in memory where it is zipped."""
    if path.suffix.lower() != ".zip":
        with open_table(path) as table:
            yield table
        return
    try:
        text = read_member(path, ".csv").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(Problem("holds a table that is not UTF-8", path=path)) from None
    yield text_table(path, io.StringIO(text, newline=""))


def _single(table: Table, source: Source) -> Iterator[Entry]:
    named = source.mapping.fields
    item = table.needed("item", ROLES["item"], named.get("item"))
    person = table.needed("reviewer", ROLES["reviewer"], named.get("reviewer"))
    label = table.needed("label", ROLES["label"], named.get("label"))
    gold = table.place("gold", ROLES["gold"], named.get("gold"))
    time = table.place("seconds", ROLES["seconds"], named.get("seconds"))
    check = table.place("check", ("is_attn_check",), None)
    kept = {name: table.columns.index(name) for name in _KEPT if name in table.columns}
    told: set[str] = set()
    for row in table.rows:
        values = row.values
        if len(values) != len(table.columns):
            yield _ragged(row, table)
        elif (check is not None and values[check] in ("1", 1, True, "True")) or str(values[item]).startswith("-"):
            yield Dropped("attention_check", _CHECK, row.line, value=values[label], answers=1)
        else:
            name = identifier(values[item])
            if name is not None and name not in told:
                told.add(name)
                metadata = {name: values[place] for name, place in kept.items() if values[place] not in ("", None)}
                answer = None if gold is None else _class(values[gold])
                yield Item(name, gold_label=answer, metadata=metadata, line=row.line)
            yield Annotation(
                values[item], values[person], _class(values[label]), row.line, seconds=_seconds(values, time)
            )


def _class(value: Any) -> Any:
    """A class by name; numbers count them from 0."""
    if isinstance(value, str) and value in _NAMED:
        return value
    whole = number(value)
    return CLASSES[int(whole)] if whole is not None and whole in range(len(CLASSES)) else value


def _seconds(values: Sequence[Any], place: int | None) -> float | None:
    """The reaction time, which stands in milliseconds; None where it was not measured."""
    found = None if place is None else number(values[place])
    return None if found is None or found < 0 else found / 1000


def _ragged(row: Row, table: Table) -> Dropped:
    message = f"has another number of values than there are columns ({len(table.columns)})"
    return Dropped("ragged", message, row.line, value=len(row.values), answers=1)


FORMAT = Format(
    name="cifar10h",
    title="CIFAR-10H: people's classes of CIFAR-10's test pictures (counts .npy, or single answers .csv or .zip)",
    example="annotator_id,is_attn_check,true_category,chosen_category,cifar10_test_test_idx,reaction_time,…",
    read=_read,
    roles=ROLES,
    page="import/cifar10h.md",
)
