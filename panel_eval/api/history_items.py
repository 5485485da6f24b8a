"""The items of a run as a night of a stream: who they are, and what they scored."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow.parquet as parquet
from pydantic_core import from_json

from panel_eval.evaluation.monitoring import ItemNight
from panel_eval.humans.digests import content_digest

_FIXED = ("item_id", "cluster", "reviewer_count", "ce_bits")
_DIGITS = 6


@dataclass
class ItemReader:
    """Reads items, and the texts of each set of labels only once.

    Attributes:
        contents: sha256 of a label file to the digests of its items' texts.
    """

    contents: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def knows(self, labels: str) -> bool:
        """Whether the texts of a label file have been read already."""
        return labels in self.contents

    def read_labels(self, labels: str, content: bytes) -> None:
        """Take in a label file.

        Args:
            labels: its sha256.
            content: its lines.

        Raises:
            ValueError: a line is no JSON.
        """
        found = {}
        for line in content.splitlines():
            if line.strip():
                record = from_json(line)
                text = record.get("content") if isinstance(record, dict) else None
                digest = content_digest(text) if isinstance(text, dict) else None
                if digest:
                    found[str(record.get("item_id"))] = digest
        self.contents[labels] = found

    def items(self, items_table: bytes, labels: str) -> list[ItemNight]:
        """The items of an items.parquet.

        Args:
            items_table: the file.
            labels: sha256 of the labels that belong to it.

        Raises:
            ValueError: it is no such table.
        """
        try:
            file = parquet.ParquetFile(io.BytesIO(items_table))
            shares = [name for name in file.schema_arrow.names if name.startswith("p_")]
            columns = file.read(columns=[*_FIXED, *shares]).to_pydict()
            ids, clusters, people, scores = (columns[name] for name in _FIXED)
            score = np.array([np.nan if value is None else value for value in scores], dtype=np.float64)
            score[np.isinf(score)] = np.nan
            rounded = np.round(np.column_stack([columns[name] for name in shares]).astype(np.float64), _DIGITS)
        except (OSError, KeyError, ValueError, TypeError, NotImplementedError) as error:
            raise ValueError(f"items.parquet cannot be read: {error}") from None
        texts, names = self.contents.get(labels, {}), "\0".join(shares)
        return [
            ItemNight(str(item), _identity(item, names, texts.get(str(item)), n, votes), cluster, value)
            for item, cluster, n, votes, value in zip(
                ids, clusters, people, rounded.tolist(), score.tolist(), strict=True
            )
        ]


def _identity(item_id: object, labels: str, text: str | None, reviewers: object, shares: list[float]) -> str:
    told = f"{item_id}\0{labels}\0{text}\0{reviewers}\0{shares}"
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
