"""How far each judge may go where the budget may not suffice: all judges to the same part of their votes.

Judges differ in speed. If money went to whoever asks first, the fast one would use it up, and a run that stops on
its budget would hold another panel's votes. So each judge may ask for the part of its open votes that the budget
will pay for in all of them, reckoned anew with each vote from what votes have cost so far. Before a judge has
answered, its votes are taken to cost what its worst case says, lowered as it proved too high for the others.

A judge that is at its part waits: answers may turn out cheaper, and a judge that is given up leaves its money to
the others. When nothing is under way and nobody may go on, the budget is used up.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from panel_eval.engine.ledger import Ledger, VoteBill
from panel_eval.engine.plan import VoteTask
from panel_eval.judges.judge import Judge
from panel_eval.judges.replay import Silent


@dataclass(eq=False)
class Share:
    """One judge's part. Made by `allot`.

    Attributes:
        votes: how many votes it still owes.
        worst: the most that one request of it can cost: US dollars, tokens.
        begun: votes asked for.
        ended: votes that were asked for and came to an end.
        paid: those of them that cost something. Votes lost in an outage do not make the others cheaper.
        cost: what these cost, uncertain money included: US dollars, tokens.
        is_open: whether it goes on asking.
    """

    allotment: Allotment
    votes: int
    worst: tuple[float, float]
    begun: int = 0
    ended: int = 0
    paid: int = 0
    cost: tuple[float, float] = (0.0, 0.0)
    is_open: bool = True

    def may_begin(self) -> bool:
        """Whether it may ask for one vote more at this moment. The first one it may ask for in any case."""
        return self.begun < max(1.0, self.allotment.part(self) * self.votes)

    def begin(self) -> None:
        """One vote more is asked for."""
        self.begun += 1

    def leave(self, bill: VoteBill, asked: bool) -> None:
        """A vote came to an end, or was not asked for after all."""
        if asked:
            self.ended += 1
            self.paid += bill.settled_tokens > 0
            self.cost = (self.cost[0] + bill.settled_usd, self.cost[1] + bill.settled_tokens)
        else:
            self.begun -= 1
        self.allotment.tell()

    def again(self, votes: int) -> None:
        """So many votes that came to an end are asked for once more: they were lost in an outage."""
        self.begun -= votes
        self.ended -= votes
        self.allotment.tell()

    def run_out(self) -> None:
        """There is no room for its next vote. All others end with it, unless it never got a vote at all."""
        if self.paid:
            self.allotment.use_up()
        self.end()

    def end(self) -> None:
        """It asks for nothing more; what it has not used is the others'."""
        if self.is_open:
            self.is_open = False
            self.allotment.tell()


@dataclass(eq=False)
class Allotment:
    """The parts of all judges of a session.

    Args:
        ledger: its budget and what was spent.
    """

    ledger: Ledger
    shares: list[Share] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed: asyncio.Future[None] | None = None
        self._used_up = False

    def part(self, share: Share) -> float:
        """The part of its votes that a judge may ask for: above 1 if the budget suffices for all."""
        budget, spent = self.ledger.budget, self.ledger.spent
        assert budget is not None  # there would be nothing to share out
        limits = (budget.usd, budget.tokens)
        totals = (spent.usd + spent.uncertain_usd, float(spent.tokens + spent.uncertain_tokens))
        parts = [
            0.0 if self._used_up else self._part(what, limit - totals[what])
            for what, limit in enumerate(limits)
            if limit is not None and share.worst[what] > 0.0
        ]
        return min(parts, default=math.inf)

    def _part(self, what: int, left: float) -> float:
        """The part that a limit pays for; `what` is 0 for dollars, 1 for tokens.

        At the end one worst case must fit, so it is taken off.
        """
        paid_at_worst = sum(each.paid * each.worst[what] for each in self.shares)
        ratio = sum(each.cost[what] for each in self.shares) / paid_at_worst if paid_at_worst else 1.0
        going = [each for each in self.shares if each.is_open]
        wanted = sum(each.votes * _cost(each, what, ratio) for each in going)
        if wanted <= 0.0:
            return math.inf
        room = left - max(each.worst[what] for each in going)
        return (room + sum(each.cost[what] for each in going)) / wanted

    def is_used_up(self) -> bool:
        """Whether waiting is in vain: nothing is under way, and nobody may go on."""
        if not any(each.begun > each.ended or (each.is_open and each.may_begin()) for each in self.shares):
            self.use_up()
        return self._used_up

    def use_up(self) -> None:
        """Nobody gets any further, for good: what is left once dear judges have ended would carry cheap ones on."""
        self._used_up = True

    def change(self) -> asyncio.Future[None]:
        """Done as soon as `tell` is called after this."""
        if self._changed is None:
            self._changed = asyncio.get_running_loop().create_future()
        return asyncio.shield(self._changed)

    def tell(self) -> None:
        """Something has changed: whoever waits looks again."""
        if self._changed is not None:
            changed, self._changed = self._changed, None
            changed.set_result(None)


def _cost(share: Share, what: int, ratio: float) -> float:
    """What a vote of a judge costs, as far as is known."""
    return share.cost[what] / share.paid if share.paid else share.worst[what] * ratio


def allot(
    ledger: Ledger, judges: Sequence[Judge], open_votes: Mapping[str, Sequence[VoteTask]]
) -> dict[str, Share]:
    """Judge id to its part; empty where there is nothing to share out: no budget, or a single judge.

    Args:
        ledger: the budget and what was spent.
        judges: all judges.
        open_votes: judge id to the votes that it still owes.

    Raises:
        InputError: the prompt of a judge's first vote cannot be made.
    """
    asked = [judge for judge in judges if len(open_votes[judge.id]) and not isinstance(judge.transport, Silent)]
    if ledger.budget is None or len(asked) < 2:
        return {}
    allotment = Allotment(ledger)
    shares = {judge.id: _share(allotment, judge, open_votes[judge.id]) for judge in asked}
    allotment.shares.extend(shares.values())
    return shares


def _share(allotment: Allotment, judge: Judge, votes: Sequence[VoteTask]) -> Share:
    most = judge.worst_case(judge.request(votes[0].question))
    usd = 0.0 if judge.price is None else judge.price.worst_usd(most.input_tokens, most.output_tokens)
    return Share(allotment, len(votes), (usd, float(most.input_tokens + most.output_tokens)))
