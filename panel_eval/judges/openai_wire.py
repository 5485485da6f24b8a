"""OpenAI's chat completions as data: the body of a request, and the reply in an answer.

The body is the one that litellm sends for `openai/NAME`, so that recorded requests replay over both transports and
votes may be reused across them. It is also what a line of a provider's batch file holds.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from panel_eval.judges.http_errors import error_in_answer
from panel_eval.judges.json_scan import whole_characters
from panel_eval.judges.litellm_replies import model_name, refusal_text, token_logprobs, token_usage
from panel_eval.judges.wire import Message, TransportError, WireReply, WireRequest

_REASONS: Final[Mapping[str | None, str]] = {
    "length": "length",
    "max_tokens": "length",
    "MAX_TOKENS": "length",
    "content_filter": "content_filter",
    "content_filtered": "content_filter",
    "refusal": "content_filter",
    "SAFETY": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "RECITATION": "content_filter",
    "sensitive": "content_filter",
}
"""The two reasons that decide what an answer is, and other providers' words for them that gateways pass on."""

_THOUGHTS = re.compile(r"<(?:think|thinking|budget:thinking)>.*?</(?:think|thinking|budget:thinking)>", re.DOTALL)


def chat_body(request: WireRequest, model: str) -> dict[str, Any]:
    """The JSON body of a chat completion request. Settings that are None are left to the provider.

    Args:
        request: what is asked.
        model: the model's name as the provider knows it, without litellm's prefix.
    """
    limit, system_role = _dialect(model)
    settings = {
        "logprobs": True if request.logprobs else None,
        limit: request.max_tokens,
        "n": request.n,
        "response_format": response_format(request),
        "seed": request.seed,
        "temperature": request.temperature,
        "top_logprobs": request.top_logprobs,
        "top_p": request.top_p,
    }
    body: dict[str, Any] = {
        "messages": [_turn(message, system_role) for message in request.messages],
        "model": model,
    }
    for name, value in settings.items():
        if value is not None:
            body[name] = value
    return body


def response_format(request: WireRequest) -> Mapping[str, Any] | None:
    """The OpenAI form of the response mode; None for plain text."""
    if request.response_mode == "json_object":
        return {"type": "json_object"}
    if request.response_mode == "json_schema" and request.response_schema is not None:
        named = {"name": "answer", "strict": True, "schema": request.response_schema}
        return {"type": "json_schema", "json_schema": named}
    return None


def read_completion(answer: Any, keys: Iterable[str | None] = ()) -> WireReply:
    """The reply in a chat completion, as litellm's path gives it.

    Args:
        answer: what the provider sent.
        keys: keys to keep out of it and of an error's message.

    Raises:
        TransportError: it holds no choice, or an error in place of one, or things of the wrong type where the
            answer, its probabilities or its bill should stand.
    """
    if not isinstance(answer, dict):
        raise _unreadable("is no object")
    if (error := error_in_answer(answer, keys)) is not None:
        raise error
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise _unreadable("holds no choices")
    choice = choices[0]
    message = choice.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("content"), str | None):
        raise _unreadable("holds no message")
    if not isinstance(answer.get("usage"), dict | None):
        raise _unreadable("holds no usage that can be read")
    text, reason = message.get("content"), choice.get("finish_reason")
    if text is not None and text.startswith("<think") and not {"reasoning", "reasoning_content"} & message.keys():
        text = _THOUGHTS.sub("", text, count=1)
    return WireReply(
        text=None if text is None else whole_characters(text),
        finish_reason=_REASONS.get(reason, "stop") if isinstance(reason, str) else "stop",
        refusal=refusal_text(message),
        token_logprobs=token_logprobs(choice.get("logprobs")),
        usage=token_usage(answer.get("usage"), bool(text)),
        model_reported=model_name(answer.get("model")),
        choices=len(choices),
        system_fingerprint=model_name(answer.get("system_fingerprint")),
    ).without(keys)


def _unreadable(what: str) -> TransportError:
    return TransportError("server", f"the provider's answer {what}", may_be_billed=True)


def _turn(message: Message, system_role: str) -> dict[str, str]:
    return {"role": system_role if message.role == "system" else message.role, "content": message.content}


@functools.lru_cache(maxsize=256)
def _dialect(model: str) -> tuple[str, str]:
    """What OpenAI's reasoning models call the token limit, and the role under which they take instructions."""
    name = model.rpartition("/")[2]
    gpt = ("gpt-5" in model or "gpt-6" in model) and "gpt-5-chat" not in name
    series = re.fullmatch(r"o([134])(?:-.+)?", model)
    limit = "max_completion_tokens" if gpt or series else "max_tokens"
    return limit, "user" if series and series[1] != "1" else "system"
