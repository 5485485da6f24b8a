"""Reading litellm's reply as data: what a provider sends is not trusted to have any shape."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from panel_eval.errors import shorten
from panel_eval.judges.json_scan import whole_characters
from panel_eval.judges.wire import TokenLogprob, TransportError, WireReply
from panel_eval.schema import Usage

_NAME_CHARACTERS = 200


def read_reply(answer: Any) -> WireReply:
    """The reply in a litellm `ModelResponse`.

    Raises:
        TransportError: it holds no choice at all (kind ``server``).
    """
    choices = _get(answer, "choices")
    if not isinstance(choices, Sequence) or isinstance(choices, str) or not choices:
        raise TransportError("server", "the provider's answer holds no choices", may_be_billed=True)
    choice = choices[0]
    message = _get(choice, "message")
    text = _get(message, "content")
    reason = _get(choice, "finish_reason")
    return WireReply(
        text=whole_characters(text) if isinstance(text, str) else None,
        finish_reason=str(reason) if reason is not None else None,
        refusal=refusal_text(message),
        token_logprobs=token_logprobs(_get(choice, "logprobs")),
        usage=token_usage(_get(answer, "usage"), isinstance(text, str) and text != ""),
        model_reported=model_name(_get(answer, "model")),
        choices=len(choices),
        system_fingerprint=model_name(_get(answer, "system_fingerprint")),
    )


def model_name(model: Any) -> str | None:
    """A model's name as the provider tells it, or None."""
    if not isinstance(model, str):
        return None
    return _printable_name(model) if len(model) <= _NAME_CHARACTERS else shorten(model, _NAME_CHARACTERS)


@functools.lru_cache(maxsize=64)
def _printable_name(model: str) -> str:
    """The same few names come with every answer."""
    return shorten(model, _NAME_CHARACTERS)


def _get(value: Any, name: str) -> Any:
    # Plain JSON first: asking an abstract class costs ten times as much.
    if type(value) is dict:
        return value.get(name)
    if value is None:
        return None
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def refusal_text(message: Any) -> str | None:
    """In a message, OpenAI's refusal text, which litellm keeps in one of two places."""
    for place in (message, _get(message, "provider_specific_fields")):
        refusal = _get(place, "refusal")
        if isinstance(refusal, str) and refusal:
            return whole_characters(refusal)
    return None


def token_usage(usage: Any, wrote: bool) -> Usage:
    """Tokens as OpenAI counts them: cached and cache-write tokens inside the input, reasoning inside the output.

    litellm gives other providers' counts this form. Cache writes stand in one of two places; and where the total
    says that reasoning was counted beside the output, it is put inside.

    Args:
        usage: what the provider reports.
        wrote: whether the answer has a text.

    Returns:
        No tokens at all, which is billed as unknown, where a question or an answer would have taken none: half a
        report would make the other half free.
    """
    read_in, written_out = _get(usage, "prompt_tokens_details"), _get(usage, "completion_tokens_details")
    kept = _count(_get(read_in, "cache_creation_tokens")) or _count(_get(usage, "cache_creation_input_tokens"))
    cached = _count(_get(read_in, "cached_tokens"))
    reasoning = _count(_get(written_out, "reasoning_tokens"))
    read, written = _count(_get(usage, "prompt_tokens")), _count(_get(usage, "completion_tokens"))
    beside = reasoning > 0 and _count(_get(usage, "total_tokens")) == read + written + reasoning
    if read + cached + kept == 0 or (wrote and written + reasoning == 0):
        return Usage()
    return Usage(
        input_tokens=read,
        output_tokens=written + reasoning if beside else written,
        cached_tokens=cached,
        cache_write_tokens=kept,
        reasoning_tokens=reasoning,
    )


def _count(value: Any) -> int:
    """A count of tokens; some gateways write 5.0 or "5". Anything else is 0."""
    if type(value) is int and 0 <= value < 2**53:
        return value
    if isinstance(value, str) and len(value) < 20 and value.isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        return 0
    return int(value)


def token_logprobs(logprobs: Any) -> tuple[TokenLogprob, ...] | None:
    """The tokens with their alternatives, or None where there are none.

    Raises:
        TransportError: one cannot be read. To leave it out would shift the probabilities of the others.
    """
    content = _get(logprobs, "content")
    if content is None:
        return None
    try:
        return tuple(TokenLogprob(*_pair(each), _alternatives(each)) for each in content) or None
    except (TypeError, ValueError):
        raise TransportError(
            "server", "the answer's log-probabilities cannot be read", may_be_billed=True
        ) from None


def _alternatives(token: Any) -> tuple[tuple[str, float], ...]:
    return tuple(_pair(each) for each in _get(token, "top_logprobs") or ())


def _pair(value: Any) -> tuple[str, float]:
    token, logprob = _get(value, "token"), _get(value, "logprob")
    if not isinstance(token, str) or isinstance(logprob, bool) or not isinstance(logprob, int | float):
        raise TypeError("a token needs a text and a number")
    if math.isnan(logprob):
        raise ValueError("a log-probability is a number")
    return token, float(logprob)
