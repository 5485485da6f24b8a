"""What of a request and a response may stand in a cassette."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

KEPT_HEADERS = frozenset(
    {"content-type", "content-encoding", "retry-after", "retry-after-ms", "x-ratelimit-reset"}
    | {f"x-ratelimit-{what}-{of}" for what in ("reset", "remaining") for of in ("requests", "tokens")}
)
"""Everything else is dropped: an allow-list cannot forget a new header that holds a key. Without any of these a
client reads an answer differently."""

_SECRET_NAME = re.compile(
    r"(?:key|token|secret|password|passwd|pwd|signature|sig|auth|authorization|credential|session)$", re.IGNORECASE
)


def kept_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """The headers that may stand in a cassette."""
    return {name: value for name, value in dict(headers).items() if name.lower() in KEPT_HEADERS}


def public_uri(uri: str) -> str:
    """A URL without user, password, fragment, and without the parameters that are named like a secret (`key=`)."""
    parts = urlsplit(uri)
    query = parse_qsl(parts.query, keep_blank_values=True)
    open_query = [(name, value) for name, value in query if not _SECRET_NAME.search(name)]
    words = parts.query if len(open_query) == len(query) else urlencode(open_query)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, words, ""))


def scrub_request(request: Any) -> Any:
    """A recorded request (vcrpy's) without what may hold a secret."""
    request.uri = public_uri(request.uri)
    request.headers = kept_headers(request.headers)
    return request


def scrub_response(response: dict[str, Any]) -> dict[str, Any]:
    """A recorded response without what may hold a secret."""
    return {**response, "headers": kept_headers(response["headers"])}
