"""What each judge costs per item: dollars where they are known, and votes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from panel_eval.pooling import JudgeForecasts
from panel_eval.pooling.spending import together


@dataclass(frozen=True)
class Price:
    """Cost per item of one judge, or of several together.

    Attributes:
        votes: votes cast per item.
        usd: US dollars per item, whoever paid them; None where any of it is not known.
    """

    votes: float
    usd: float | None

    @property
    def order(self) -> tuple[float, float]:
        """What sorts the cheaper first, unknown prices last: dollars, then votes."""
        return np.inf if self.usd is None else self.usd, self.votes


def judge_prices(forecasts: JudgeForecasts) -> list[Price]:
    """The price of each judge, over the items that it was asked about; votes of earlier runs at what they cost."""
    cells = forecasts.spending.cells
    prices = []
    for name, outcomes in zip(forecasts.judge_ids, forecasts.outcomes, strict=True):
        votes = outcomes.sum(axis=1)
        items = int(np.count_nonzero(votes))
        spent = together(own for cell, own in cells.items() if cell[0] == name).cost_usd
        usd = None if spent is None or not items else spent / items
        prices.append(Price(float(votes.sum()) / items if items else 0.0, usd))
    return prices


def price_of_all(prices: Iterable[Price]) -> Price:
    """The price of several judges together."""
    known = list(prices)
    usd = [price.usd for price in known if price.usd is not None]
    return Price(sum(price.votes for price in known), sum(usd) if len(usd) == len(known) else None)
