"""A judge's instrument: everything that decides what its answers mean, and the identity of a vote."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from panel_eval.judges.question import Question


def digest(value: object) -> str:
    """sha256 of the canonical JSON of a value (sorted keys, no spaces, ASCII)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def ordered_digest(value: object) -> str:
    """As `digest`, but the order of keys counts: in a response schema it is the order of answering."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=True).encode("ascii")).hexdigest()


def public_url(url: str) -> str:
    """Scheme, host, port and path of a URL: without user, password, query and fragment, which may hold keys."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    port = f":{parts.port}" if parts.port is not None else ""
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def vote_key(question: Question, instrument: Mapping[str, Any], rubric_hash: str) -> str:
    """The identity of a vote: sha256 of item id, content, instrument, rubric, label order and sample.

    Two votes with the same key answer the same question with the same instrument; nothing else tells them apart.
    """
    return digest(
        {
            "item_id": question.item_id,
            "content": dict(question.content),
            "instrument": dict(instrument),
            "rubric": rubric_hash,
            "label_order": list(question.label_order),
            "sample": question.sample,
        }
    )
