"""A judge's instrument: everything that decides what its answers mean, and the identity of a vote.

A vote's key is made in two steps, so that a million keys cost about a second: what many votes share (the item, the
instrument, the rubric, a label order) is digested once, and the key is the sha256 of those digests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import chain
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


def item_digest(item_id: str, content: Mapping[str, str]) -> bytes:
    """sha256 of an item: its id and its text fields, in the order in which judges would see them."""
    return _sha256_of(item_id, *chain.from_iterable(content.items()))


def key_head(instrument_hash: str, rubric_hash: str) -> bytes:
    """What all votes of one judge under one rubric share: the sha256 of both hashes."""
    return _sha256_of(instrument_hash, rubric_hash)


def key_tail(label_order: Sequence[str], sample: int) -> bytes:
    """What the votes of one sample in one label order share: the sha256 of both."""
    return _sha256_of(str(sample), *label_order)


def vote_key(question: Question, instrument_hash: str, rubric_hash: str) -> str:
    """The identity of a vote: item id, content, instrument, rubric, label order and sample, as hexadecimal sha256.

    It is sha256(head + item + tail), the three digests of 32 bytes that `key_head`, `item_digest` and `key_tail`
    make. Two votes with the same key answer the same question with the same instrument; nothing else tells them
    apart.
    """
    head = key_head(instrument_hash, rubric_hash)
    item = item_digest(question.item_id, question.content)
    return hashlib.sha256(head + item + key_tail(question.label_order, question.sample)).hexdigest()


def _sha256_of(*texts: str) -> bytes:
    """sha256 of texts, each led by its length, so that no two lists of texts run into each other."""
    framed = "".join([f"{len(text)}:{text}" for text in texts])
    return hashlib.sha256(framed.encode("utf-8", "surrogatepass")).digest()
