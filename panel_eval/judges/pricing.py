"""What tokens cost: one judge's prices, applied to what a provider says it used, or to the most it could use.

Transports carry requests and know no prices; a judge has one `TokenPrice`, and the whole run is billed by it. A
price that nobody knows is None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from panel_eval.schema import Price, PriceRow, Usage

_MILLION = 1e6


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """US dollars per token of one model.

    Attributes:
        input, output: plain tokens read and written.
        cached_input, cache_write: input tokens that the provider took from its cache, or put into it.
        reasoning: output tokens spent on reasoning.
        source: where the price comes from, in words.
        batch: the price inside a provider's batch; None = batches are no cheaper, as far as is known.
        from_input_tokens: this price holds for requests of at least so many input tokens.
        above: dearer tiers for longer requests, rising by `from_input_tokens`; the last one reached holds for
            every token of the request.
    """

    input: float
    output: float
    cached_input: float
    cache_write: float
    reasoning: float
    source: str
    batch: TokenPrice | None = None
    from_input_tokens: int = 0
    above: tuple[TokenPrice, ...] = ()

    @property
    def in_batch(self) -> TokenPrice:
        """The price of a request sent in a provider's batch."""
        return self.batch or self

    @property
    def free(self) -> bool:
        """Whether no token costs anything."""
        return self.dearest(2**62) == (0.0, 0.0)

    def cost_usd(self, usage: Usage) -> float:
        """What one request cost.

        Cached and cache-write tokens are part of the input tokens, and reasoning tokens part of the output tokens,
        as OpenAI and litellm report them; each part is charged at its own price, the rest at the plain one. A part
        that is larger than its whole cannot be a part of it: some servers count it beside the whole, so it is
        charged beside it. The cost is never negative.

        Args:
            usage: tokens of one request. Of several requests together the tier could not be told; use `cost_usd`
                on each and add.
        """
        tier = self.at(usage.input_tokens)
        kept = usage.cached_tokens + usage.cache_write_tokens
        return (
            _rest(usage.input_tokens, kept) * tier.input
            + usage.cached_tokens * tier.cached_input
            + usage.cache_write_tokens * tier.cache_write
            + _rest(usage.output_tokens, usage.reasoning_tokens) * tier.output
            + usage.reasoning_tokens * tier.reasoning
        )

    def worst_usd(self, input_tokens: int, output_tokens: int) -> float:
        """The most that a request can cost, if it uses no more tokens than this.

        Every input token is charged at the dearest price an input token can have in any tier that so many of them
        can reach, every output token likewise.
        """
        read, written = self.dearest(input_tokens)
        return input_tokens * read + output_tokens * written

    def dearest(self, input_tokens: int) -> tuple[float, float]:
        """Most US dollars an input and an output token can cost in requests of up to so many input tokens."""
        tiers = [self, *(tier for tier in self.above if tier.from_input_tokens <= input_tokens)]
        read = max(max(tier.input, tier.cached_input, tier.cache_write) for tier in tiers)
        return read, max(max(tier.output, tier.reasoning) for tier in tiers)

    def at(self, input_tokens: float) -> TokenPrice:
        """The tier that a request of so many input tokens pays."""
        found = self
        for tier in self.above:
            if input_tokens >= tier.from_input_tokens:
                found = tier
        return found

    def row(self) -> PriceRow:
        """The price as it stands in `run.json`: US dollars per million tokens."""
        return PriceRow(
            source=self.source,
            input_usd_per_mtok=_per_million(self.input),
            output_usd_per_mtok=_per_million(self.output),
            cached_input_usd_per_mtok=_per_million(self.cached_input),
            cache_write_usd_per_mtok=_per_million(self.cache_write),
            reasoning_usd_per_mtok=_per_million(self.reasoning),
            from_input_tokens=self.from_input_tokens,
            above=[tier.row() for tier in self.above],
            batch=None if self.batch is None else self.batch.row(),
        )


def free_price(source: str) -> TokenPrice:
    """The price of what costs nothing."""
    return TokenPrice(0.0, 0.0, 0.0, 0.0, 0.0, source)


def panel_price(price: Price) -> TokenPrice:
    """The price that a panel file gives, per million tokens there, per token here."""
    live = TokenPrice(
        input=price.input_usd_per_mtok / _MILLION,
        output=price.output_usd_per_mtok / _MILLION,
        cached_input=_else(price.cached_input_usd_per_mtok, price.input_usd_per_mtok) / _MILLION,
        cache_write=_else(price.cache_write_usd_per_mtok, price.input_usd_per_mtok) / _MILLION,
        reasoning=_else(price.reasoning_usd_per_mtok, price.output_usd_per_mtok) / _MILLION,
        source="panel file",
    )
    given = price.batch_input_usd_per_mtok, price.batch_output_usd_per_mtok
    return live if given == (None, None) else replace(live, batch=_batch(live, price))


def _batch(live: TokenPrice, price: Price) -> TokenPrice:
    """Batch prices of plain tokens; cached and reasoning tokens are taken to be no dearer than plain ones."""
    read = _else(price.batch_input_usd_per_mtok, price.input_usd_per_mtok) / _MILLION
    written = _else(price.batch_output_usd_per_mtok, price.output_usd_per_mtok) / _MILLION
    return replace(live, input=read, output=written, cached_input=read, cache_write=read, reasoning=written)


def _else(value: float | None, default: float) -> float:
    return default if value is None else value


def _rest(whole: int, part: int) -> int:
    return whole - part if part <= whole else whole


def _per_million(usd: float) -> float:
    """Rounded so that 0.15 dollars per million stands as 0.15."""
    return float(f"{usd * _MILLION:.12g}")
