"""Reading litellm's reply as data: what a provider sends is not trusted to have any shape."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from panel_eval.errors import shorten
from panel_eval.judges.wire import TokenLogprob, TransportError, WireReply
from panel_eval.schema import Usage


def read_reply(answer: Any) -> WireReply:
    """The reply in a litellm `ModelResponse`.

    Raises:
        TransportError: it holds no choice at all (kind ``server``).
    """
    choices = _get(answer, "choices")
    if not isinstance(choices, Sequence) or isinstance(choices, str) or not choices:
        raise TransportError("server", "the provider's answer holds no choices")
    choice = choices[0]
    message = _get(choice, "message")
    text = _get(message, "content")
    reason = _get(choice, "finish_reason")
    model = _get(answer, "model")
    return WireReply(
        text=text if isinstance(text, str) else None,
        finish_reason=str(reason) if reason is not None else None,
        refusal=_refusal(message),
        token_logprobs=_token_logprobs(_get(choice, "logprobs")),
        usage=_usage(_get(answer, "usage")),
        model_reported=shorten(model, 200) if isinstance(model, str) else None,
    )


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _refusal(message: Any) -> str | None:
    """OpenAI's refusal text, which litellm keeps in one of two places."""
    for place in (message, _get(message, "provider_specific_fields")):
        refusal = _get(place, "refusal")
        if isinstance(refusal, str) and refusal:
            return refusal
    return None


def _usage(usage: Any) -> Usage:
    """Tokens as OpenAI counts them: cached and cache-write tokens inside the input, reasoning inside the output.

    litellm gives other providers' counts this form. Cache writes stand in one of two places; and where the total
    says that reasoning was counted beside the output, it is put inside.
    """
    read_in, written_out = _get(usage, "prompt_tokens_details"), _get(usage, "completion_tokens_details")
    kept = _count(_get(read_in, "cache_creation_tokens")) or _count(_get(usage, "cache_creation_input_tokens"))
    reasoning = _count(_get(written_out, "reasoning_tokens"))
    read, written = _count(_get(usage, "prompt_tokens")), _count(_get(usage, "completion_tokens"))
    beside = reasoning > 0 and _count(_get(usage, "total_tokens")) == read + written + reasoning
    return Usage(
        input_tokens=read,
        output_tokens=written + reasoning if beside else written,
        cached_tokens=_count(_get(read_in, "cached_tokens")),
        cache_write_tokens=kept,
        reasoning_tokens=reasoning,
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _token_logprobs(logprobs: Any) -> tuple[TokenLogprob, ...] | None:
    content = _get(logprobs, "content")
    if not isinstance(content, Sequence) or isinstance(content, str):
        return None
    tokens = []
    for each in content:
        pair = _pair(each)
        if pair is not None:
            top = [_pair(one) for one in _get(each, "top_logprobs") or ()]
            tokens.append(TokenLogprob(pair[0], pair[1], tuple(one for one in top if one is not None)))
    return tuple(tokens) or None


def _pair(value: Any) -> tuple[str, float] | None:
    token, logprob = _get(value, "token"), _get(value, "logprob")
    if not isinstance(token, str) or isinstance(logprob, bool) or not isinstance(logprob, int | float):
        return None
    return None if math.isnan(logprob) else (token, float(logprob))
