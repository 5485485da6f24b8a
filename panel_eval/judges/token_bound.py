"""The most tokens that one request can use, known before it is sent and without the model's tokenizer.

**Why bytes bound tokens.** The tokenizers of chat models cut text into pieces of at least one byte. Byte-level ones
(GPT, Llama 3, Qwen) do so by construction. Sentencepiece with byte fallback (Llama 2, Gemma, Mistral) does so since
a piece covers one character or more, and a character without a piece becomes one token for each of its bytes. So a
text of *b* UTF-8 bytes has at most *b* tokens, in any language; English has about a quarter of that. Some of these
normalise texts first (NFKC), which makes a few characters longer, one of them (U+FDFA) eleven times; so the longer
of both forms counts.

What is added to the texts on the way is not ours to read, so it is stated here and generous: the marks around each
message (3 to 7 tokens in published chat templates), a default system prompt of the chat template (up to about a
hundred), and the instructions with which providers ask for an answer of a given shape (up to about 530 where the
shape is sent as a tool). The response schema is counted in its longest usual form: indented, non-ASCII escaped.

The output is bounded by the request's own limit; reasoning tokens count within it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from panel_eval.judges.wire import WireRequest

MESSAGE_TOKENS = 16
"""Most tokens that mark the beginning, role and end of a message."""

REQUEST_TOKENS = 256
"""Most tokens that a chat template adds to a conversation as a whole."""

SHAPE_TOKENS = 768
"""Most tokens, besides the schema, with which a provider asks for JSON."""


@dataclass(frozen=True, slots=True)
class TokenBound:
    """At most so many tokens."""

    input_tokens: int
    output_tokens: int


def token_bound(request: WireRequest, schema_bytes: int) -> TokenBound:
    """The most tokens that a request can use.

    Args:
        request: the request.
        schema_bytes: size of its response schema, by `schema_size`.
    """
    marks = REQUEST_TOKENS + MESSAGE_TOKENS * len(request.messages)
    shape = 0 if request.response_mode == "text" else SHAPE_TOKENS
    return TokenBound(request_bytes(request, schema_bytes) + marks + shape, request.max_tokens * (request.n or 1))


def request_bytes(request: WireRequest, schema_bytes: int) -> int:
    """UTF-8 bytes of what a request shows to the model: its messages and, if it is sent, its response schema."""
    size = schema_bytes if request.response_mode == "json_schema" else 0
    return size + sum(_text_bytes(message.content) for message in request.messages)


def _text_bytes(text: str) -> int:
    """UTF-8 bytes of a text as it is, or normalised as some tokenizers do it, whichever is more."""
    if text.isascii():
        return len(text)
    size = len(text.encode("utf-8", "surrogatepass"))
    if unicodedata.is_normalized("NFKC", text):
        return size
    return max(size, len(unicodedata.normalize("NFKC", text).encode("utf-8", "surrogatepass")))


def schema_size(schema: Mapping[str, Any] | None) -> int:
    """Bytes of a response schema as a provider may write it into the prompt; 0 for none."""
    return 0 if schema is None else len(json.dumps(schema, indent=2))
