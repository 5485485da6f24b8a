"""A scripted transport for tests: says what it is told to, through the same prompts and parsing as a real judge.

A script speaks in label names; the fake turns them into the label codes of the request at hand. An entry is

======================================  ======================================================================
``"toxic"``                             that label (as JSON, or as log-probabilities, as the judge asks)
``{"toxic": 0.7, "fine": 0.3}``         a distribution (counts out of 100, or log-probabilities)
``{"label": …, "confidence": …,         a vote with more said; all but `label` optional
"rationale": …}``
``{"abstain": true}``                   the abstain code
``{"refuse": "I cannot"}``              a refusal
``{"truncate": true}``                  an answer cut off by the token limit
``{"text": "…"}``                       exactly this text (broken JSON, chatter)
``{"error": "rate_limit",               a `TransportError` of that kind
"status": 429, "retry_after_s": 2}``
`WireReply`, an exception               returned or raised as they are
======================================  ======================================================================

and a script is a callable ``(WireRequest) -> entry``, or a mapping of item id to an entry or to a list of entries
by sample (the last one repeats).

As a judge's model, ``fake/SCRIPT.yaml`` (beside the panel file) names a YAML file::

    delay_s: 0.05                  # before every reply; optional
    default: neutral               # entry where no rule matches; optional
    rules:                         # the first rule that matches answers
      - when: {contains: awful}    # substring of the item's content …
        reply: negative
      - when: {item_id: item-7}    # … or an item id, or a sample number, or several of them together
        reply: {error: rate_limit, status: 429, retry_after_s: 1}
        delay_s: 0.5
        times: 1                   # matches only this often in this process; optional

Without a matching rule and a default, the first label offered is **not** assumed: the request fails as
``bad_request``.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, get_args

from panel_eval.judges.codes import ABSTAIN, code_of
from panel_eval.judges.wire import TokenLogprob, TransportError, TransportErrorKind, WireReply, WireRequest
from panel_eval.schema import Usage

Entry: TypeAlias = "str | Mapping[str, Any] | WireReply | Exception"
Script: TypeAlias = "Callable[[WireRequest], Entry] | Mapping[str, Entry | Sequence[Entry]]"


class FakeTransport:
    """Answers from a script, in this process.

    Args:
        script: callable, or mapping of item id to entries; see the module's text.
        delay_s: seconds before each reply.

    Attributes:
        requests: every request received, in order.
        max_in_flight: most requests that were open at the same time.
    """

    def __init__(self, script: Script, delay_s: float = 0.0) -> None:
        self._script = script
        self._delay_s = delay_s
        self._in_flight = 0
        self.max_in_flight = 0
        self.requests: list[WireRequest] = []
        self.closed = False

    async def send(self, request: WireRequest) -> WireReply:
        """Answer from the script.

        Raises:
            TransportError: the script says so, or has nothing for this item.
        """
        self.requests.append(request)
        self._in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self._in_flight)
        try:
            entry = self._entry(request)
            await asyncio.sleep(self._delay_for(entry))
            return reply_for(entry, request)
        finally:
            self._in_flight -= 1

    async def aclose(self) -> None:
        """Note that the transport was closed."""
        self.closed = True

    def _entry(self, request: WireRequest) -> Entry:
        if callable(self._script):
            return self._script(request)
        item_id = request.question.item_id
        if item_id not in self._script:
            return TransportError("bad_request", f"the script has no entry for item {item_id!r}")
        entry = self._script[item_id]
        if isinstance(entry, Sequence) and not isinstance(entry, str):
            return entry[min(request.question.sample, len(entry) - 1)]
        return entry

    def _delay_for(self, entry: Entry) -> float:
        own = entry.get("delay_s") if isinstance(entry, Mapping) else None
        return self._delay_s if own is None else float(own)


def reply_for(entry: Entry, request: WireRequest) -> WireReply:
    """The wire reply that a script entry stands for.

    Raises:
        TransportError: the entry is an error, or names a label that the request does not offer.
    """
    if isinstance(entry, Exception):
        raise entry
    if isinstance(entry, WireReply):
        return entry
    if isinstance(entry, str):
        return _answer({"label": entry}, request)
    if "error" in entry:
        raise _error(entry)
    if "refuse" in entry:
        return WireReply(text=None, refusal=str(entry["refuse"]), usage=_usage(request, ""))
    if "text" in entry:
        text = str(entry["text"])
        reason = str(entry.get("finish_reason", "stop"))
        return WireReply(text=text, finish_reason=reason, usage=_usage(request, text), model_reported="fake")
    if "truncate" in entry:
        return WireReply(text='{"rationale": "The text', finish_reason="length", usage=_usage(request, ""))
    return _answer(entry, request)


def _error(entry: Mapping[str, Any]) -> TransportError:
    kind = entry["error"]
    if kind not in get_args(TransportErrorKind):
        return TransportError("bad_request", f"the script names an unknown error kind {kind!r}")
    return TransportError(
        kind,
        str(entry.get("message", "scripted")),
        status=entry.get("status"),
        retry_after_s=entry.get("retry_after_s"),
    )


def _answer(entry: Mapping[str, Any], request: WireRequest) -> WireReply:
    masses = _masses(entry)
    try:
        by_code = {code_of(request, label): mass for label, mass in masses.items()}
    except KeyError as error:
        raise TransportError("bad_request", f"the script answers {error.args[0]!r}, which is not offered") from None
    if request.logprobs:
        return _logprob_reply(by_code, request)
    if "label" in entry or "abstain" in entry:
        said = {"rationale": entry.get("rationale", "scripted"), "label": next(iter(by_code))}
        said["confidence"] = entry.get("confidence", 0.9)
        text = json.dumps(said)
    else:
        text = json.dumps({code: 100.0 * by_code.get(code, 0.0) for code, label in request.codes if label})
    return WireReply(text=text, usage=_usage(request, text), model_reported="fake")


def _masses(entry: Mapping[str, Any]) -> dict[str, float]:
    if entry.get("abstain"):
        return {ABSTAIN: 1.0}
    if "label" in entry:
        return {str(entry["label"]): 1.0}
    return {str(label): float(mass) for label, mass in entry.items() if label != "delay_s"}


def _logprob_reply(by_code: Mapping[str, float], request: WireRequest) -> WireReply:
    top = tuple((code, math.log(mass)) for code, mass in by_code.items() if mass > 0.0)
    chosen, logprob = max(top, key=lambda pair: pair[1])
    tokens = (TokenLogprob(chosen, logprob, top),)
    return WireReply(text=chosen, token_logprobs=tokens, usage=_usage(request, chosen), model_reported="fake")


def _usage(request: WireRequest, text: str) -> Usage:
    """Words instead of tokens: enough for tests of counting."""
    words = sum(len(message.content.split()) for message in request.messages)
    return Usage(input_tokens=words, output_tokens=len(text.split()))
