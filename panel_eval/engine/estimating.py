"""What votes will take before any is asked for: tokens, dollars, time.

Prompts are rendered for up to `RENDERED` of the votes to buy, so their size in bytes is known; that of the others
follows from the length of their item. Bytes become tokens by what earlier votes of the same judge took, else by an
assumption. The worst case needs neither: bytes bound tokens (`judges.token_bound`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from panel_eval.engine.earlier_usage import EarlierVotes
from panel_eval.engine.plan import Plan
from panel_eval.engine.switchboard import lowest_limits
from panel_eval.errors import InputError
from panel_eval.judges.judge import Judge
from panel_eval.judges.pricing import TokenPrice
from panel_eval.judges.replay import ReplayJudge
from panel_eval.schema import Elicitation, Limits, Rubric
from panel_eval.schema.plan_estimate import JudgeEstimate, Span
from panel_eval.stats.arrays import FloatArray

RENDERED = 200
"""Most prompts of a judge that are rendered; they are the first of the plan, which is in random order."""

BYTES_PER_TOKEN = 4.0
"""Assumed where no earlier vote tells: English text has about four characters a token."""

LOW_BYTES_PER_TOKEN = 5.0
OUTPUT_TOKENS: dict[Elicitation, tuple[float, float]] = {"vote": (80.0, 0.0), "distribution": (60.0, 8.0),
                                                         "logprobs": (2.0, 0.0)}  # fmt: skip
"""Assumed tokens of an answer: in all, and for each label. Reasoning models write many more."""

LATENCY_S = 2.0
"""Assumed seconds of a request where no earlier vote tells."""

Limit = Literal["concurrency", "rpm", "tpm"]

_FEW = 0.2
_ERRORS = 2.0


@dataclass(frozen=True)
class Rates:
    """How bytes and votes become tokens.

    Attributes:
        input_per_byte: (low, expected) input tokens for a byte of prompt.
        output: (low, expected) output tokens of a vote.
        cached, written: shares of the input tokens that come from the provider's cache, or go into it.
        reasoning: share of the output tokens spent on reasoning.
    """

    input_per_byte: tuple[float, float]
    output: tuple[float, float]
    cached: float = 0.0
    written: float = 0.0
    reasoning: float = 0.0

    def usd(self, price: TokenPrice, votes: int, input_tokens: float, output_tokens: float) -> float:
        """Dollars that the tokens of so many equal votes cost."""
        tier = price.at(input_tokens / votes) if votes else price
        plain = max(1.0 - self.cached - self.written, 0.0)
        read = plain * tier.input + self.cached * tier.cached_input + self.written * tier.cache_write
        said = (1.0 - self.reasoning) * tier.output + self.reasoning * tier.reasoning
        return input_tokens * read + output_tokens * said


@dataclass(frozen=True)
class Prompts:
    """The prompts of the votes to buy.

    Attributes:
        bytes: of all of them together.
        worst_input: most input tokens of all of them together, repairs included.
        longest: most input tokens of one.
        worst_output: most output tokens of all.
        rendered: how many were rendered.
    """

    bytes: float
    worst_input: float
    longest: float
    worst_output: float
    rendered: int


@dataclass(frozen=True)
class Purchase:
    """What is to be bought of one judge.

    Attributes:
        judge: the judge.
        stored, out, reusable: votes that need not be bought, as in `VotesEstimate`.
        positions: (n,) places in the plan of those that have to be.
        earlier: earlier votes of the judge.
    """

    judge: Judge
    stored: int
    out: int
    reusable: int
    positions: NDArray[np.int64]
    earlier: EarlierVotes


class Estimator:
    """Estimates for the judges of one plan.

    Args:
        plan: the plan.
        rubric: what is asked; says which fields of an item are shown.
    """

    def __init__(self, plan: Plan, rubric: Rubric) -> None:
        self._plan = plan
        self._rubric = rubric
        self._item_bytes: dict[int, int] = {}

    def estimate(self, purchase: Purchase) -> JudgeEstimate:
        """What the votes of one judge will take."""
        judge, n = purchase.judge, len(purchase.positions)
        prompts, rates = self._prompts(judge, purchase.positions), self._rates(purchase)
        read, said = _tokens(prompts, rates, n)
        price = judge.price
        batch = None if price is None else price.batch
        latency = _latency_s(judge, purchase.earlier)
        seconds, slowest = _time(judge, n, latency, read.expected + said.expected)
        return JudgeEstimate(
            judge=judge.id,
            model=judge.config.model,
            votes=purchase.stored + purchase.out + purchase.reusable + n,
            stored=purchase.stored,
            out=purchase.out,
            reusable=purchase.reusable,
            to_buy=n,
            input_tokens=read,
            output_tokens=said,
            usd=None if price is None else _usd(price, rates, prompts, n, (read, said)),
            batch_usd=None if batch is None else _usd(batch, rates, prompts, n, (read, said)),
            seconds=seconds,
            price=None if price is None else price.row(),
            free=price is not None and price.free,
            earlier_votes=len(purchase.earlier),
            latency_s=latency,
            slowest=slowest,
        )

    def _prompts(self, judge: Judge, positions: NDArray[np.int64]) -> Prompts:
        if isinstance(judge, ReplayJudge) or not len(positions):
            return Prompts(0.0, 0.0, 0.0, 0.0, 0)
        shown = positions[:RENDERED]
        sizes = np.array([self._sizes(judge, position) for position in shown.tolist()])
        if len(shown) < len(positions):
            lengths = self._lengths(positions)
            text = _extended(lengths, sizes[:, 0])
            worst = _extended(lengths, sizes[:, 1], above=True)
        else:
            text, worst = sizes[:, 0], sizes[:, 1]
        worst_output = float(sizes[:, 2].max()) * len(positions)
        return Prompts(float(text.sum()), float(worst.sum()), float(worst.max()), worst_output, len(shown))

    def _sizes(self, judge: Judge, position: int) -> tuple[int, int, int]:
        """Bytes of a vote's prompt, and its most input and output tokens; nothing for one that cannot be asked."""
        try:
            request = judge.request(self._plan.task(position).question)
        except InputError:
            return 0, 0, 0
        bound = judge.worst_vote(request)
        return judge.prompt_bytes(request), bound.input_tokens, bound.output_tokens

    def _lengths(self, positions: NDArray[np.int64]) -> FloatArray:
        """(n,) bytes of text of the item of each vote."""
        items, which = np.unique(self._plan.item[positions], return_inverse=True)
        return np.array([self._length(item) for item in items.tolist()], dtype=np.float64)[which]

    def _length(self, item: int) -> int:
        if item not in self._item_bytes:
            content = self._plan.records[item].content or {}
            names = self._rubric.fields or list(content)
            self._item_bytes[item] = sum(
                len(content.get(name, "").encode("utf-8", "surrogatepass")) for name in names
            )
        return self._item_bytes[item]

    def _rates(self, purchase: Purchase) -> Rates:
        """From earlier votes, if there are any."""
        judge, earlier = purchase.judge, purchase.earlier
        if not len(earlier):
            whole, each = OUTPUT_TOKENS[judge.config.elicit]
            said = min(whole + each * len(self._rubric.label_names), float(judge.config.max_tokens))
            return Rates((1.0 / LOW_BYTES_PER_TOKEN, 1.0 / BYTES_PER_TOKEN), (said / 2.0, said))
        shown = earlier.position[:RENDERED].tolist()
        size = np.array([self._sizes(judge, position)[0] for position in shown], dtype=np.float64)
        tokens = earlier.tokens[: len(shown), 0]
        read, said, cached, written, reasoning = earlier.tokens.sum(axis=0).tolist()
        per_byte = float(tokens.sum() / size.sum()) if size.sum() > 0 else 1.0 / BYTES_PER_TOKEN
        ratio = np.divide(tokens, size, out=np.full(len(size), per_byte), where=size > 0)
        return Rates(
            (per_byte * (1.0 - _doubt(ratio)), per_byte),
            (said / len(earlier) * (1.0 - _doubt(earlier.tokens[:, 1])), said / len(earlier)),
            cached=min(cached / read, 1.0),
            written=min(written / read, 1.0),
            reasoning=min(reasoning / said, 1.0) if said else 0.0,
        )


def _doubt(values: FloatArray) -> float:
    """By which share the mean of so few values may be too high: two standard errors, at most all of it."""
    mean = float(values.mean())
    if len(values) < 2 or mean <= 0.0:
        return _FEW
    return min(_ERRORS * float(values.std(ddof=1)) / math.sqrt(len(values)) / mean, 1.0)


def _extended(lengths: FloatArray, known: FloatArray, *, above: bool = False) -> FloatArray:
    """The sizes of all prompts from those of the first ones: template + factor x item, by least squares.

    Args:
        lengths: (n,) bytes of each vote's item.
        known: (m,) sizes of the first m.
        above: the sizes are bounds: add what the line fell short of at most.
    """
    seen = lengths[: len(known)]
    centred = seen - seen.mean()
    spread = float(centred @ centred)
    factor = max(float(centred @ (known - known.mean())) / spread, 0.0) if spread > 0 else 1.0
    line = known.mean() + factor * (lengths - seen.mean())
    short = float((known - line[: len(known)]).max()) if above else 0.0
    sizes: FloatArray = np.maximum(line + max(short, 0.0), 0.0)
    return sizes


def _tokens(prompts: Prompts, rates: Rates, votes: int) -> tuple[Span, Span]:
    low, expected = (prompts.bytes * rate for rate in rates.input_per_byte)
    said_low, said = (votes * rate if prompts.rendered else 0.0 for rate in rates.output)
    return (
        Span(low=low, expected=expected, worst=prompts.worst_input),
        Span(low=said_low, expected=said, worst=prompts.worst_output),
    )


def _usd(price: TokenPrice, rates: Rates, prompts: Prompts, votes: int, tokens: tuple[Span, Span]) -> Span:
    read, said = tokens
    dearest_read, dearest_said = price.dearest(int(prompts.longest))
    return Span(
        low=rates.usd(price, votes, read.low, said.low),
        expected=rates.usd(price, votes, read.expected, said.expected),
        worst=read.worst * dearest_read + said.worst * dearest_said,
    )


def _latency_s(judge: Judge, earlier: EarlierVotes) -> float | None:
    """Seconds of a request: the mean of earlier ones, else an assumption; None for judges that send nothing."""
    known = earlier.latency_s[~np.isnan(earlier.latency_s)]
    if len(known):
        return float(known.mean())
    return None if judge.config.model.partition("/")[0] in ("fake", "replay") else LATENCY_S


def _time(judge: Judge, votes: int, latency_s: float | None, tokens: float) -> tuple[float | None, Limit | None]:
    """Seconds for so many votes at the judge's limits, and the limit that decides."""
    if not votes or latency_s is None:
        return (0.0 if not votes else None), None
    together = votes * latency_s / min(judge.concurrency, votes)
    known: list[tuple[float, Limit]] = [(together, "concurrency"), *_stated(judge.config.limits, votes, tokens)]
    return max(known, key=lambda each: each[0])


def _stated(limits: Limits, votes: int, tokens: float) -> list[tuple[float, Limit]]:
    """Seconds for so many votes and tokens at each limit that is stated."""
    seconds: list[tuple[float, Limit]] = []
    if limits.rpm is not None:
        seconds.append((60.0 * votes / limits.rpm, "rpm"))
    if limits.tpm is not None:
        seconds.append((60.0 * tokens / limits.tpm, "tpm"))
    return seconds


def at_shared_limits(estimates: Sequence[JudgeEstimate], judges: Sequence[Judge]) -> list[JudgeEstimate]:
    """The estimates, with the time that limits leave to judges who ask the same model with the same key.

    They share what any of them states, the lowest counting (`engine.switchboard`), so each of them may take as long
    as all of them together.

    Args:
        estimates: of each judge by itself.
        judges: the judges, in the same order.
    """
    sharing: dict[tuple[str | None, ...], list[int]] = {}
    for place, judge in enumerate(judges):
        config = judge.config
        sharing.setdefault((config.model, config.api_base, config.api_key_env), []).append(place)
    shared = list(estimates)
    for places in sharing.values():
        votes = sum(estimates[place].to_buy for place in places)
        spans = [
            span for place in places for span in (estimates[place].input_tokens, estimates[place].output_tokens)
        ]
        limits = lowest_limits(judges[place] for place in places)
        for seconds, limit in _stated(limits, votes, total_span(spans).expected):
            for place in places:
                known = shared[place].seconds
                if shared[place].to_buy and known is not None and seconds > known:
                    shared[place] = shared[place].model_copy(update={"seconds": seconds, "slowest": limit})
    return shared


def total_span(spans: Sequence[Span]) -> Span:
    """The sum."""
    return Span(
        low=sum(span.low for span in spans),
        expected=sum(span.expected for span in spans),
        worst=sum(span.worst for span in spans),
    )
