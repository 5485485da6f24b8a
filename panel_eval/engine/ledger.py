"""What a run has spent, what it may still come to, and where it ends: the budget by reservation.

Before a request goes out, the most it can cost is reserved; when its answer is there, what it did cost takes the
reservation's place. So a limit is never crossed, not even by the requests under way when it is reached. A request
whose bill is unknown (it timed out, the connection broke, the answer could not be read) counts with all that was
reserved for it: the provider may have done the work.

Three kinds of money are kept apart: *known* (answers with their tokens), *uncertain* (requests without a readable
answer, at most so much) and *reserved* (under way).

Votes that are not yet in the journal are the ledger's to remember: it notes in ``ledger.jsonl``, before a request
goes out, how much may be out at most (`engine.holding`), so that a killed run cannot forget money.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from panel_eval.engine.holding import Holding
from panel_eval.engine.journal_lines import Spent
from panel_eval.judges.pricing import TokenPrice
from panel_eval.schema import Budget, Usage

_CENT_DUST = 1e-12


class OverBudget(Exception):
    """The budget has no room for a request, whatever happens to those under way. The vote reopens."""


@dataclass(frozen=True)
class Reservation:
    """The most that one request may cost.

    Attributes:
        usd: None where the price is not known.
        tokens: input and output.
    """

    usd: float | None
    tokens: int


@dataclass
class VoteBill:
    """What one vote has cost so far; it becomes the journal's when the vote is stored.

    Attributes:
        uncertain_usd: at most so much for requests without a readable answer; None as soon as a price is unknown.
        uncertain_tokens: the same in tokens.
        settled_usd, settled_tokens: all that was settled for the vote, uncertain or not.
        unpriced: whether a part of it has no known price.
    """

    uncertain_usd: float | None = 0.0
    uncertain_tokens: int = 0
    settled_usd: float = 0.0
    settled_tokens: int = 0
    unpriced: bool = False


@dataclass
class Ledger:
    """The one account book of a run, over all judges. Not for several threads.

    Args:
        budget: the limits; None = none.
        spent: what the run has spent before, `Spent()` for a new run.
        holding: where the ledger notes what may be out; None = nowhere.
    """

    budget: Budget | None = None
    spent: Spent = field(default_factory=Spent)
    holding: Holding | None = None

    def __post_init__(self) -> None:
        self._reserved_usd = 0.0
        self._reserved_tokens = 0
        self._unstored_usd = 0.0
        self._unstored_tokens = 0
        self._out = 0
        self._settled: list[asyncio.Future[None]] = []

    @property
    def reserved_usd(self) -> float:
        """The most that requests under way may cost."""
        return self._reserved_usd

    def reserve(self, price: TokenPrice | None, input_tokens: int, output_tokens: int) -> Reservation | None:
        """Set aside the most that a request may cost; None if the limits have no room for it now."""
        usd = None if price is None else price.worst_usd(input_tokens, output_tokens)
        tokens = input_tokens + output_tokens
        if not self._fits(usd or 0.0, tokens, self._reserved_usd, self._reserved_tokens):
            return None
        self._reserved_usd += usd or 0.0
        self._reserved_tokens += tokens
        self._out += 1
        self._write_ahead()
        return Reservation(usd, tokens)

    async def room(self, price: TokenPrice | None, input_tokens: int, output_tokens: int) -> None:
        """Wait until a reservation has been settled, so that `reserve` is worth another try.

        Raises:
            OverBudget: there will never be room for such a request, whatever those under way turn out to cost.
        """
        usd = None if price is None else price.worst_usd(input_tokens, output_tokens)
        if self._out == 0 or not self._fits(usd or 0.0, input_tokens + output_tokens, 0.0, 0):
            raise OverBudget
        settled = asyncio.get_running_loop().create_future()
        self._settled.append(settled)
        await settled

    def settle(self, reservation: Reservation, bill: VoteBill, price: TokenPrice | None, usage: Usage) -> None:
        """The answer is there and says what it took. An answer that reports no tokens is billed as unknown."""
        tokens = usage.input_tokens + usage.output_tokens
        if tokens == 0:
            self.settle_unknown(reservation, bill)
            return
        self._release(reservation)
        usd = None if price is None else price.cost_usd(usage)
        self.spent.tokens += tokens
        self.spent.usd += usd or 0.0
        self._note(bill, usd, tokens)

    def settle_unknown(self, reservation: Reservation, bill: VoteBill) -> None:
        """There is no readable answer, and the request may be billed: it counts in full."""
        self._release(reservation)
        self.spent.uncertain_tokens += reservation.tokens
        self.spent.uncertain_usd += reservation.usd or 0.0
        bill.uncertain_tokens += reservation.tokens
        if reservation.usd is None or bill.uncertain_usd is None:
            bill.uncertain_usd = None
        else:
            bill.uncertain_usd += reservation.usd
        self._note(bill, reservation.usd, reservation.tokens)

    def settle_unbilled(self, reservation: Reservation) -> None:
        """The request failed in a way that costs nothing."""
        self._release(reservation)

    def stored(self, bill: VoteBill) -> None:
        """The vote stands in the journal, which remembers its cost from now on."""
        self._unstored_usd -= bill.settled_usd
        self._unstored_tokens -= bill.settled_tokens

    def close(self) -> None:
        """Nothing is under way any more: a later session finds that nothing was lost, save what is not stored."""
        if self.holding is not None:
            self.holding.close(max(self._unstored_usd, 0.0), max(self._unstored_tokens, 0))

    def _write_ahead(self) -> None:
        if self.holding is None:
            return
        spent = self.spent
        self.holding.cover(
            self._reserved_usd + self._unstored_usd,
            self._reserved_tokens + self._unstored_tokens,
            spent.usd + spent.uncertain_usd - self._unstored_usd,
            spent.tokens + spent.uncertain_tokens - self._unstored_tokens,
        )

    def _note(self, bill: VoteBill, usd: float | None, tokens: int) -> None:
        if usd is None and not bill.unpriced:
            bill.unpriced = True
            self.spent.unpriced += 1
        bill.settled_usd += usd or 0.0
        bill.settled_tokens += tokens
        self._unstored_usd += usd or 0.0
        self._unstored_tokens += tokens

    def _release(self, reservation: Reservation) -> None:
        self._out -= 1
        self._reserved_tokens -= reservation.tokens
        self._reserved_usd -= reservation.usd or 0.0
        if self._out == 0:
            self._reserved_usd = 0.0  # sums of many small numbers do not cancel exactly
        waiting, self._settled = self._settled, []
        for settled in waiting:
            if not settled.done():
                settled.set_result(None)

    def _fits(self, usd: float, tokens: int, reserved_usd: float, reserved_tokens: int) -> bool:
        budget, spent = self.budget, self.spent
        if budget is None:
            return True
        if budget.usd is not None:
            out = spent.usd + spent.uncertain_usd + reserved_usd
            if out + usd > budget.usd + _CENT_DUST:
                return False
        if budget.tokens is not None:
            return spent.tokens + spent.uncertain_tokens + reserved_tokens + tokens <= budget.tokens
        return True
