"""Reading one row of litellm's price list. Nothing in it is trusted to have any shape."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from panel_eval.judges.pricing import TokenPrice

_MODES = frozenset({"chat", "completion", "responses"})
_ABOVE = re.compile(r"^(?:input|output)_cost_per_token(_above_(\d{1,9})(k?)_tokens)$")
_BATCH = "_batches"
_INCLUSIVE = frozenset({"xai"})
"""Providers that charge the dearer tier from its threshold on; the others only beyond it."""


def price_in_row(row: Mapping[str, Any], source: str) -> TokenPrice | None:
    """The price that a row holds.

    Where the row has no price for cached, cache-write or reasoning tokens, they cost what plain ones do.

    Args:
        row: the row of one model.
        source: what `TokenPrice.source` is to say.

    Returns:
        None if the row is no language model's, if a price is missing or zero, or if requests cost something apart
        from their tokens.
    """
    if row.get("mode", "chat") not in _MODES or row.get("input_cost_per_request"):
        return None
    table = row.get("tiered_pricing")
    if isinstance(table, Sequence) and table:
        return _stacked(list(_table_tiers(table, source)))
    live = _stacked(list(_suffixed_tiers(row, source, "")))
    return None if live is None else replace(live, batch=_stacked(list(_suffixed_tiers(row, source, _BATCH))))


def _stacked(tiers: Sequence[TokenPrice | None]) -> TokenPrice | None:
    """The first tier with the later ones above it; None if any of them has no price."""
    known = [tier for tier in tiers if tier is not None]
    if not known or len(known) < len(tiers):
        return None
    first, *above = sorted(known, key=lambda tier: tier.from_input_tokens)
    return replace(first, above=tuple(above))


def _suffixed_tiers(row: Mapping[str, Any], source: str, ending: str) -> Iterator[TokenPrice | None]:
    """The tiers of a row with keys like `input_cost_per_token_above_200k_tokens`, the lowest first.

    A tier inherits what it does not name; `ending` chooses the prices of batches.
    """
    yield _tier(_Prices(row, ("",), ending), source, 0)
    beyond = 0 if row.get("litellm_provider") in _INCLUSIVE else 1
    for threshold, key in sorted(_thresholds(row)):
        yield _tier(_Prices(row, (key, ""), ending), source, threshold + beyond)


def _thresholds(row: Mapping[str, Any]) -> set[tuple[int, str]]:
    found = (_ABOVE.match(key) for key in row if isinstance(key, str))
    return {(int(each[2]) * (1000 if each[3] else 1), each[1]) for each in found if each is not None}


def _table_tiers(table: Sequence[Any], source: str) -> Iterator[TokenPrice | None]:
    """The tiers of a `tiered_pricing` table: each holds for requests of more tokens than its range begins with."""
    for row in table:
        bounds = row.get("range") if isinstance(row, Mapping) else None
        start = _number(bounds[0]) if isinstance(bounds, Sequence) and len(bounds) == 2 else None
        first = None if start is None else (int(start) + 1 if start else 0)
        yield None if first is None else _tier(_Prices(row, ("",), ""), source, first)


class _Prices:
    """The prices of one tier of a row: the most special key that the row has.

    A tier of batches that the row does not name is not cheaper than live requests of that tier.

    Args:
        row: the row.
        above: key parts of the tier, the most special first.
        ending: end of the keys.
    """

    def __init__(self, row: Mapping[str, Any], above: tuple[str, ...], ending: str) -> None:
        self._row, self._above, self._ending = row, above, ending

    def get(self, name: str) -> float | None:
        """The price in US dollars per token, or None."""
        endings = dict.fromkeys((self._ending, "")) if name + self._ending in self._row else (self._ending,)
        keys = (name + above + ending for above in self._above for ending in endings)
        values = (_number(self._row.get(key)) for key in keys)
        return next((value for value in values if value is not None), None)


def _tier(prices: _Prices, source: str, from_input_tokens: int) -> TokenPrice | None:
    read, written = prices.get("input_cost_per_token"), prices.get("output_cost_per_token")
    if not read or not written:
        return None
    cached, kept = prices.get("cache_read_input_token_cost"), prices.get("cache_creation_input_token_cost")
    reasoning = prices.get("output_cost_per_reasoning_token")
    return TokenPrice(
        input=read,
        output=written,
        cached_input=read if cached is None else cached,
        cache_write=read if kept is None else kept,
        reasoning=reasoning or written,
        source=source,
        from_input_tokens=from_input_tokens,
    )


def _number(value: object) -> float | None:
    """A price that can be one: finite and not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0.0 else None
