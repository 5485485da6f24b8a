"""A judge: a model, a prompt and a way of asking. Puts questions and reads answers; never retries transport."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, get_args

from panel_eval import schema
from panel_eval.errors import InputError, shorten
from panel_eval.judges import logprobs
from panel_eval.judges.codes import label_codes
from panel_eval.judges.elicitation import ASKINGS, PARSE_POLICY, Codes
from panel_eval.judges.instrument import digest, ordered_digest, vote_key
from panel_eval.judges.label_order import first_row, label_orders, latin_square
from panel_eval.judges.outcome import Answer, Answered, NotAnswered
from panel_eval.judges.price_map import judge_price
from panel_eval.judges.prompt import Prompt
from panel_eval.judges.question import Question
from panel_eval.judges.token_bound import MESSAGE_TOKENS, TokenBound, request_bytes, schema_size, token_bound
from panel_eval.judges.wire import Message, ResponseMode, Transport, TransportError, WireReply, WireRequest
from panel_eval.schema import Rubric, Usage

Send = Callable[[WireRequest], Awaitable[WireReply]]

_MOST_KEPT = 64  # label orders; a Latin square has at most 25
_MODES: tuple[ResponseMode, ...] = get_args(ResponseMode)
_SHAPE_WORDS = re.compile(r"response_?format|json_?schema|json_?object|structured|grammar|schema", re.IGNORECASE)
_UNUSABLE, _AGAIN = "That answer cannot be used: ", "Answer again, only with the JSON."
_REPEATED_CHARACTERS = 2000
"""Most of an unusable answer that the request for a repair repeats."""
_COMPLAINT_CHARACTERS = 400
"""Most of what it says about the answer."""


@dataclass(frozen=True)
class Reply:
    """An answer with what it took to get it.

    Attributes:
        answer: the answer, or why there is none.
        usage: tokens of all requests behind it.
        cost_usd: their cost; None as soon as one is unknown.
        model_reported: the model's name in the last reply.
        raw: the last reply's text as received.
        requests: requests that brought a reply (the engine counts the attempts behind each).
        snapshot: the provider's mark of what served the last reply.
    """

    answer: Answer
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    model_reported: str | None = None
    raw: str | None = None
    requests: int = 0
    snapshot: str | None = None


@dataclass(frozen=True)
class Account:
    """Whom a provider counts requests against. Judges of one account are governed together.

    Attributes:
        name: what people are told: the provider or the server, and the variable that holds the key.
        key_digest: of place and key; tells accounts apart, in this process only; never written down. By default
            accounts are told apart by name.
        variable: environment variable that holds the key; None = no key is sent.
    """

    name: str = field(compare=False)
    key_digest: str = field(default="", repr=False)
    variable: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.key_digest:
            object.__setattr__(self, "key_digest", f"named {self.name}")


@dataclass(frozen=True)
class Route:
    """Where a judge's requests go.

    Attributes:
        model: the model's name as the transport knows it.
        identity: what stands for the route in the instrument: the base URL of a server, or the digest of
            local weights. Holds no port of a local server and no key.
        local: whether a local grammar reads the response schema, which may then carry tighter limits, and the
            model continues an answer that the prompt begins.
        account: whom the provider counts the requests against; None = the judge has one of its own.
        concurrency: most calls in flight at once where the panel sets no limit.
        outage_s: longest outage that is waited out where the panel sets no limit, in seconds.
        brief: whether the prompt leaves out anchors and criteria, which very small models lose their way in.
        remote: whether requests go to a provider or a server that may refuse them all.
    """

    model: str
    identity: Mapping[str, Any] = field(default_factory=dict)
    local: bool = False
    brief: bool = False
    account: Account | None = None
    concurrency: int = 8
    outage_s: float = 0.0
    remote: bool = False


class Judge:
    """One judge of a panel, ready to be asked.

    Args:
        config: its settings in the panel file.
        rubric: what is asked.
        prompt: the template.
        transport: carries its requests.
        route: the model behind the transport.
        seed: the panel's seed; decides label orders and fences.

    Attributes:
        id: its name in votes and reports.
        account: whom the provider counts its requests against.
        rubric: what it is asked.
        remote: whether it is asked over a network.
        price: what its tokens cost; None = nobody knows.
        concurrency: most calls of it in flight at once.
        outage_s: longest outage that is waited out before it is given up, in seconds.
        instrument: everything that decides what its answers mean, as plain JSON values.
        instrument_hash: sha256 of the instrument.
    """

    def __init__(
        self,
        config: schema.Judge,
        rubric: Rubric,
        prompt: Prompt,
        transport: Transport,
        route: Route,
        seed: int = 0,
    ) -> None:
        self.id = config.id
        self.config = config
        self.transport = transport
        self.rubric = rubric
        self._prompt = prompt
        self.remote = route.remote
        self.account = route.account or Account(config.id)
        self.price = judge_price(config)
        self.concurrency = config.limits.concurrency or route.concurrency
        self.outage_s = route.outage_s if config.limits.outage_s is None else config.limits.outage_s
        self._route = route
        self._seed = seed
        self._asking = ASKINGS[config.elicit]
        self._rendering = prompt.ready(rubric, seed, brief=route.brief, begin=route.local)
        self._kept: dict[tuple[str, ...], tuple[Codes, Mapping[str, Any] | None]] = {}
        self._mode: ResponseMode = _MODES[0]
        self._mode_works = False
        self._schema_bytes: dict[tuple[tuple[str, str], ...], int] = {}
        self.instrument = self._instrument()
        self.instrument_hash = digest(self.instrument)

    @property
    def prompt_text(self) -> str:
        """The template as it stands in its file."""
        return self._prompt.text

    @cached_property
    def label_square(self) -> tuple[tuple[str, ...], ...]:
        """The label orders that the samples of an item show in turn, from the item's `first_row` on."""
        return latin_square(self.rubric.label_names, self.config.label_orders)

    def first_row(self, item_id: str) -> int:
        """The row of the `label_square` that an item's first sample shows."""
        return first_row(item_id, self._seed) % len(self.label_square)

    def orders(self, item_id: str) -> list[tuple[int, tuple[str, ...]]]:
        """(sample, label order) of every vote planned for an item."""
        orders = label_orders(
            self.rubric.label_names, self.config.label_orders, self.config.samples, item_id, self._seed
        )
        return list(enumerate(orders))

    def vote_key(self, question: Question, rubric_hash: str) -> str:
        """The identity of this judge's vote on a question."""
        return vote_key(question, self.instrument_hash, rubric_hash)

    async def ask(self, question: Question, send: Send) -> Reply:
        """Put a question and read the answer.

        Args:
            question: the item, its label order and the sample.
            send: sends one request, with whatever waiting and retrying the caller wants.

        Raises:
            TransportError: `send` gave up; refusals by policy and overlong items are answers instead.
            CassetteMissError: a replayed test asked for a request that was not recorded.
        """
        try:
            request = self.request(question)
        except InputError as error:
            return Reply(NotAnswered("error", shorten(error, 300), kind="bad_item"))
        try:
            request, reply = await self.send_in_a_mode_that_works(request, send)
        except TransportError as error:
            return Reply(_policy_answer(error))
        answer = self._asking.read(reply, request)
        first = self._reply(answer, reply)
        if self._asking.repairs and isinstance(answer, NotAnswered) and answer.outcome == "unparseable":
            return await self._repaired(first, request, reply, answer, send)
        return first

    async def send_in_a_mode_that_works(self, request: WireRequest, send: Send) -> tuple[WireRequest, WireReply]:
        """Send; step down the ladder of response modes where the provider rejects one, and remember the step.

        Returns:
            The request as it was taken, and its reply.

        Raises:
            TransportError: `send` gave up.
        """
        while True:
            try:
                reply = await send(request)
            except TransportError as error:
                lower = self._lower_mode(request, error)
                if lower is None:
                    raise
                request = replace(request, response_mode=lower)
                continue
            if not request.logprobs:
                self._mode, self._mode_works = request.response_mode, True
            return request, reply

    def read(self, request: WireRequest, reply: WireReply) -> Reply:
        """Read a reply that came by another way than `ask`, in a provider's batch; nothing is asked again.

        Its cost is that of a live request.
        """
        return self._reply(self._asking.read(reply, request), reply)

    def read_failure(self, error: TransportError) -> Reply:
        """The answer that an error stands for: a refusal by policy, an item that is too long.

        Raises:
            TransportError: the error stands for no answer.
        """
        return Reply(_policy_answer(error))

    def rejects_shape(self, request: WireRequest, error: TransportError) -> bool:
        """Whether an error says that an answer's shape cannot be asked for so; a live request steps down then."""
        about_shape = error.kind == "bad_request" and _SHAPE_WORDS.search(error.message) is not None
        return about_shape and request.response_mode != "text"

    def request(self, question: Question) -> WireRequest:
        """The request that puts a question, in the response mode that this judge's provider is known to take.

        Raises:
            InputError: the template fails, or the item lacks a field.
        """
        codes, schema_of_answer = self._offered(question.label_order)
        by_logprobs = self.config.elicit == "logprobs"
        return WireRequest(
            model=self._route.model,
            messages=self._rendering.messages(question, codes),
            max_tokens=min(self.config.max_tokens, logprobs.MAX_ANSWER_TOKENS)
            if by_logprobs
            else self.config.max_tokens,
            temperature=self._temperature(),
            top_p=self.config.top_p,
            seed=_request_seed(question),
            response_schema=schema_of_answer,
            response_mode="text" if by_logprobs else self._mode,
            logprobs=by_logprobs,
            top_logprobs=logprobs.TOP_LOGPROBS if by_logprobs else None,
            timeout_s=self.config.timeout_s,
            question=question,
            codes=codes,
        )

    def worst_case(self, request: WireRequest) -> TokenBound:
        """The most tokens that a request of this judge can use, whatever the model's tokenizer (`token_bound`)."""
        return token_bound(request, self._schema_size(request))

    def worst_vote(self, request: WireRequest) -> TokenBound:
        """The most tokens that the vote behind a first request can use: the answer and, if it has one, a repair.

        Requests that fail and are sent again are not in it.
        """
        first = self.worst_case(request)
        if not self._asking.repairs:
            return first
        said = 4 * (_REPEATED_CHARACTERS + _COMPLAINT_CHARACTERS) + len(_UNUSABLE + _AGAIN) + 2
        again = first.input_tokens + 2 * MESSAGE_TOKENS + said
        return TokenBound(first.input_tokens + again, 2 * first.output_tokens)

    def prompt_bytes(self, request: WireRequest) -> int:
        """UTF-8 bytes that a request shows to the model, response schema included."""
        return request_bytes(request, self._schema_size(request))

    def _schema_size(self, request: WireRequest) -> int:
        size = self._schema_bytes.get(request.codes)
        if size is None:
            size = self._schema_bytes[request.codes] = schema_size(request.response_schema)
        return size

    def _lower_mode(self, request: WireRequest, error: TransportError) -> ResponseMode | None:
        """The next response mode to try after a bad request, or None.

        Until one request has worked, any bad request may be about the response format: providers word it freely.
        """
        if error.kind != "bad_request" or request.logprobs or request.response_mode == _MODES[-1]:
            return None
        if self._mode_works and not _SHAPE_WORDS.search(error.message):
            return None
        return _MODES[_MODES.index(request.response_mode) + 1]

    async def _repaired(
        self, first: Reply, request: WireRequest, reply: WireReply, answer: NotAnswered, send: Send
    ) -> Reply:
        """Ask once more in the same conversation, saying what was wrong; a second failure keeps the first."""
        turns = (
            Message("assistant", (reply.text or "").strip()[:_REPEATED_CHARACTERS] or "(nothing)"),
            Message("user", f"{_UNUSABLE}{answer.detail[:_COMPLAINT_CHARACTERS]}. {_AGAIN}"),
        )
        asked = tuple(message for message in request.messages if message.role != "assistant")
        again = replace(request, messages=asked + turns)
        try:
            second_reply = await send(again)
        except TransportError:
            return first
        second = self._asking.read(second_reply, again)
        if isinstance(second, Answered):
            return self._reply(replace(second, parse_rung="repaired"), second_reply, first)
        kept = second if second.outcome == "abstain" else answer
        return replace(self._reply(kept, second_reply, first), raw=first.raw)

    def _reply(self, answer: Answer, reply: WireReply, before: Reply | None = None) -> Reply:
        """An answer with what its requests took; those `before` it are added."""
        usage, requests = reply.usage, 1
        cost = None if self.price is None else self.price.cost_usd(reply.usage)
        if before is not None:
            usage, requests = before.usage + usage, before.requests + 1
            cost = None if cost is None or before.cost_usd is None else before.cost_usd + cost
        return Reply(answer, usage, cost, reply.model_reported, reply.text, requests, reply.system_fingerprint)

    def _offered(self, label_order: tuple[str, ...]) -> tuple[Codes, Mapping[str, Any] | None]:
        """The codes offered in a label order and the schema of an answer; both are kept for the next item."""
        kept = self._kept.get(label_order)
        if kept is None:
            codes = label_codes(label_order, self._asking.abstains and self.rubric.abstain == "allowed")
            kept = codes, self._asking.schema(codes, self._route.local)
            if len(self._kept) < _MOST_KEPT:
                self._kept[label_order] = kept
        return kept

    def _temperature(self) -> float | None:
        """Log-probability judges default to greedy decoding: their answer is the probabilities, not the draw."""
        if self.config.elicit == "logprobs" and self.config.temperature is None:
            return 0.0
        return self.config.temperature

    def _instrument(self) -> dict[str, Any]:
        _, schema_shown = self._offered(self.rubric.label_names)
        return {
            "model": self._route.model,
            **self._route.identity,
            "elicit": self.config.elicit,
            "label_orders": self.config.label_orders,
            "temperature": self._temperature(),
            "top_p": self.config.top_p,
            "max_tokens": self.config.max_tokens,
            "local": self._route.local,
            "brief": self._route.brief,
            "prompt_sha256": self._prompt.sha256,
            "schema_sha256": ordered_digest(schema_shown),
            "parse_policy": PARSE_POLICY,
        }


def _request_seed(question: Question) -> int:
    """A sampling seed of 31 bits (the most that all providers take), distinct for each sample of an item."""
    name = f"{question.sample}\n{question.item_id}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:4], "big") >> 1


def _policy_answer(error: TransportError) -> NotAnswered:
    """The answer that an error stands for; errors that are outages are raised on."""
    if error.kind == "content_policy":
        return NotAnswered("refusal", error.message, kind=error.kind, status=error.status)
    if error.kind == "context_window":
        return NotAnswered("too_long", error.message, kind=error.kind, status=error.status)
    raise error
