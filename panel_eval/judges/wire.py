"""The wire: what is sent to a model, what comes back, and how sending can fail.

A `Transport` does one request per `send` and nothing else: no retries, no caching, no waiting. Those belong to
the engine, which needs to see every failure.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, runtime_checkable

from panel_eval.judges.question import Question
from panel_eval.judges.secrecy import keyless
from panel_eval.schema import Usage

ResponseMode = Literal["json_schema", "json_object", "text"]
TransportErrorKind = Literal[
    "timeout", "connection", "rate_limit", "server", "auth", "not_found", "bad_request", "context_window",
    "content_policy", "payment",
]  # fmt: skip

RETRYABLE_KINDS: frozenset[str] = frozenset({"timeout", "connection", "rate_limit", "server"})
FATAL_KINDS: frozenset[str] = frozenset({"auth", "not_found", "payment"})
UNCERTAIN_KINDS: frozenset[str] = frozenset({"timeout", "connection"})
"""Failures after which nobody here knows whether the provider did the work."""


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class WireRequest:
    """One request to a model.

    Attributes:
        model: the model's name as the transport knows it.
        messages: the conversation so far.
        max_tokens: longest answer, in tokens.
        temperature, top_p: sampling settings; None leaves the provider's default.
        seed: sampling seed, sent where the provider takes one; distinct for each sample of an item.
        response_schema: JSON Schema of the answer, for `json_schema`.
        response_mode: how the answer's shape is asked for.
        logprobs, top_logprobs: whether token log-probabilities are asked for, and how many alternatives.
        timeout_s: seconds before the call is given up.
        question: the question behind the request; transports in this process may look at it.
        codes: (code, label) in the order shown, the abstain code (label ``""``) last if there is one.
        n: how many answers are asked for at once; None leaves it out. Votes never set it: only a probe does.
    """

    model: str
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float | None
    top_p: float | None
    seed: int | None
    response_schema: Mapping[str, Any] | None
    response_mode: ResponseMode
    logprobs: bool
    top_logprobs: int | None
    timeout_s: float
    question: Question
    codes: tuple[tuple[str, str], ...]
    n: int | None = None


@dataclass(frozen=True)
class TokenLogprob:
    """One generated token with the alternatives the model weighed (natural logarithms)."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class WireReply:
    """What came back for one request. What it cost is the judge's to say: transports know no prices.

    Attributes:
        text: the answer; the first one if there are several.
        finish_reason: why it ends; ``length`` and ``content_filter`` decide what the answer is.
        refusal: what the provider put in place of an answer.
        token_logprobs: the answer's tokens with their alternatives.
        usage: tokens as reported.
        model_reported: the model's name in the answer.
        choices: how many answers came.
        system_fingerprint: the provider's mark of what served the request.
        seed_sent: whether a seed went out with the request, if it has one: some providers take none.
    """

    text: str | None
    finish_reason: str | None = "stop"
    refusal: str | None = None
    token_logprobs: tuple[TokenLogprob, ...] | None = None
    usage: Usage = field(default_factory=Usage)
    model_reported: str | None = None
    choices: int = 1
    system_fingerprint: str | None = None
    seed_sent: bool = True

    def without(self, keys: Iterable[str | None]) -> WireReply:
        """The reply without our keys, should the provider repeat one."""
        keys = [key for key in keys if key]
        said = (self.text, self.refusal, self.model_reported, self.system_fingerprint)
        kept = [None if words is None else keyless(words, keys) for words in said]
        if kept == list(said):
            return self
        text, refusal, model, fingerprint = kept
        return replace(self, text=text, refusal=refusal, model_reported=model, system_fingerprint=fingerprint)


class TransportError(Exception):
    """A request that brought no reply.

    Args:
        kind: what happened.
        message: in words; must hold no key.
        status: HTTP status, if there was one.
        retry_after_s: seconds the provider asked us to wait, if it did.
        retryable: whether the same request may work later; default by kind.
        fatal_for_judge: whether every later request of this judge will fail too; default by kind.
        may_be_billed: whether the provider may charge for the request all the same: no answer came after it went
            out, or one that cannot be read. An answer that is an error costs nothing. Default by kind.
    """

    def __init__(
        self,
        kind: TransportErrorKind,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        retryable: bool | None = None,
        fatal_for_judge: bool | None = None,
        may_be_billed: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: TransportErrorKind = kind
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s
        self.retryable = kind in RETRYABLE_KINDS if retryable is None else retryable
        self.fatal_for_judge = kind in FATAL_KINDS if fatal_for_judge is None else fatal_for_judge
        self.may_be_billed = kind in UNCERTAIN_KINDS if may_be_billed is None else may_be_billed

    def __str__(self) -> str:
        status = "" if self.status is None else f" (HTTP {self.status})"
        return f"{self.kind}{status}: {self.message}"


class Transport(Protocol):
    """Carries one request at a time to a model; may be called concurrently on one event loop."""

    async def send(self, request: WireRequest) -> WireReply:
        """Send one request, exactly once.

        Raises:
            TransportError: it brought no reply.
            CassetteMissError: a replayed test asked for a request that was not recorded.
        """
        ...

    async def aclose(self) -> None:
        """Close connections. Further sends are not allowed."""
        ...


@runtime_checkable
class SlowToBegin(Protocol):
    """A transport that needs a while before its first request can go out: an import, a model to load."""

    async def open(self) -> None:
        """Get ready. May be called again, and need not be called at all.

        Raises:
            TransportError: it cannot be made ready; the first request will say so, too.
        """
        ...


async def get_ready(transport: Transport) -> None:
    """Let a transport get ready before its first request, so that no request is held up on its way to the wire.

    A request counts as sent from the moment it is allowed to go; what a provider says meanwhile comes too late.
    """
    if isinstance(transport, SlowToBegin):
        with contextlib.suppress(TransportError):
            await transport.open()
