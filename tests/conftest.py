"""What all tests share: how recorded requests are matched, and what may stand in a cassette."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
