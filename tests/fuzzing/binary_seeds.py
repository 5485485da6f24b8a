"""Valid files that no page can show: tables of columns, arrays and archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_LONG = {"task": ["a", "a", "b"], "worker": ["ann", "bo", "ann"], "label": ["yes", "no", "yes"]}
_WIDE = {"id": ["a", "b"], "text": ["one", "two"], "ann": ["yes", "no"], "bo": ["no", None]}
_HUB: dict[str, list[Any]] = {
    "id": ["a", "b"],
    "text": ["one", "two"],
    "labels": [[0, 1, 1], [0, -1]],
    "annotators": [["A", "B", "C"], ["A", "B"]],
}
_HUB_FEATURES = (
    b'{"info": {"features": {"labels": {"feature": {"names": ["neg", "pos"], "_type": "ClassLabel"}, '
    b'"_type": "List"}}}}'
)


def binary_seeds(pages: Mapping[str, bytes]) -> Iterator[tuple[str, str, bytes]]:
    """Format, file name and bytes.

    Args:
        pages: name of a page's file to its bytes: what archives hold.
    """
    hub = pa.table(_HUB).replace_schema_metadata({b"huggingface": _HUB_FEATURES})
    yield "huggingface", "data.parquet", parquet(hub)
    yield "huggingface", "data.arrow", arrow(hub)
    yield "long", "answers.parquet", parquet(pa.table(_LONG))
    yield "wide", "answers.parquet", parquet(pa.table(_WIDE))
    counts = io.BytesIO()
    np.save(counts, np.eye(10, dtype=np.int64) * 50)
    yield "cifar10h", "cifar10h-counts.npy", counts.getvalue()
    yield "cifar10h", "cifar10h-raw.zip", packed({"cifar10h-raw.csv": pages["cifar10h-raw.csv"]})
    header = b'{"version": 2, "status": "success", "eval": {"task": "mood", "model": "m"}}'
    sample = (
        b'{"id": "t-1", "epoch": 1, "input": "It broke.", "target": "neg", "output": {"model": "m", "choices": '
        b'[{"message": {"role": "assistant", "content": "neg"}, "stop_reason": "stop"}], "completion": "neg"}}'
    )
    yield "inspect", "log.eval", packed({"header.json": header, "samples/t-1_epoch_1.json": sample})


def parquet(table: Any) -> bytes:
    """A table as Parquet, not compressed: a changed byte is a changed value."""
    written = io.BytesIO()
    pq.write_table(table, written, compression="none")
    return written.getvalue()


def arrow(table: Any) -> bytes:
    """A table as an Arrow stream."""
    written = io.BytesIO()
    with pa.ipc.new_stream(written, table.schema) as stream:
        stream.write_table(table)
    return written.getvalue()


def packed(members: Mapping[str, bytes]) -> bytes:
    """A zip file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return written.getvalue()
