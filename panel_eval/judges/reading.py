"""What all elicitations check before they read an answer, and the ladder that finds the JSON object in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from panel_eval.errors import shorten
from panel_eval.judges.json_scan import objects_from_end, whole_object
from panel_eval.judges.outcome import NotAnswered
from panel_eval.judges.wire import WireReply, WireRequest
from panel_eval.schema import ParseRung

ReadT = TypeVar("ReadT")

Reading = Callable[[dict[str, Any]], "ReadT | str"]
"""Reads one object: the answer in it, or what is wrong with it in words."""


def unusable(reply: WireReply) -> NotAnswered | None:
    """The reason why a reply holds no answer, looked for before any parsing; None if it may hold one.

    Refusals come first: a refusal can be wrapped in text that parses.
    """
    if reply.refusal:
        return NotAnswered("refusal", shorten(reply.refusal, 300), kind="refusal")
    if reply.finish_reason == "content_filter":
        return NotAnswered("refusal", "the provider's content filter stopped the answer", kind="content_filter")
    if not (reply.text or "").strip():
        if reply.finish_reason == "length":
            return _truncated()
        return unparseable("the answer was empty")
    return None


def unparseable(detail: str) -> NotAnswered:
    """An answer that came but cannot be read."""
    return NotAnswered("unparseable", detail, kind="parse")


def read_object(
    reply: WireReply, request: WireRequest, reading: Reading[ReadT]
) -> tuple[ReadT, ParseRung] | NotAnswered:
    """Find the answer's JSON object and read it: the whole text first, then the last object in it that reads.

    The rung is the response mode asked for if the whole text was the object, else ``text``: an object fished out
    of chatter is a different instrument from one that a schema enforced.
    """
    text = reply.text or ""
    whole = whole_object(text)
    if whole is not None:
        read = reading(whole)
        return unparseable(read) if isinstance(read, str) else (read, request.response_mode)
    trouble = None
    for candidate in objects_from_end(text):
        read = reading(candidate)
        if not isinstance(read, str):
            return read, "text"
        trouble = trouble or read
    if reply.finish_reason == "length":
        return _truncated()
    return unparseable(trouble or f"no complete JSON object in the answer: {shorten(text)}")


def _truncated() -> NotAnswered:
    return NotAnswered("truncated", "the token limit cut the answer off; raise max_tokens", kind="length")
