"""What all tests share: items made from counts; how recorded requests are matched, what may stand in a cassette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from panel_eval.humans import HumanLabels, disagreement_class
from panel_eval.schema import SoftLabel

KEPT_HEADERS = frozenset({"content-type", "retry-after", "retry-after-ms"})
"""Everything else is dropped from cassettes: an allow-list cannot forget a new header that holds a key."""

CASSETTES = Path(__file__).parent / "cassettes"


def _kept(headers: Any) -> dict[str, Any]:
    return {name: value for name, value in dict(headers).items() if name.lower() in KEPT_HEADERS}


def _request_without_secrets(request: Any) -> Any:
    request.headers = _kept(request.headers)
    return request


def _response_without_secrets(response: dict[str, Any]) -> dict[str, Any]:
    return {**response, "headers": _kept(response["headers"])}


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    return {
        "match_on": ["method", "scheme", "host", "port", "path", "query", "body"],
        "before_record_request": _request_without_secrets,
        "before_record_response": _response_without_secrets,
        "decode_compressed_response": True,
    }


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(CASSETTES)


def humans_from_counts(
    counts: Sequence[Sequence[float]], labels: Sequence[str], scale: str = "nominal"
) -> HumanLabels:
    """Labelled items without files, all counts known."""
    table = np.array(counts, dtype=np.float64)
    ids = tuple(f"item-{row:04d}" for row in range(len(table)))
    classes, tie = disagreement_class(table, scale)
    return HumanLabels(
        task="test",
        labels=tuple(labels),
        scale=scale,
        label_values=np.arange(len(labels), dtype=np.float64),
        item_ids=ids,
        counts=table,
        counts_known=np.ones(len(table), dtype=bool),
        reviewer_count=table.sum(axis=1).astype(np.int64),
        distribution=table / table.sum(axis=1, keepdims=True),
        derived_class=tuple(classes),
        adjacent_tie=np.asarray(tie),
        reported_class=(None,) * len(table),
        clusters=None,
        records=tuple(SoftLabel(item_id=item_id, task="test") for item_id in ids),
    )


@pytest.fixture(scope="session")
def make_humans() -> Callable[..., HumanLabels]:
    return humans_from_counts
