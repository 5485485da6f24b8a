"""The workers of a run: who carries what, and what happens when one is lost.

Requests that a lost worker had been given end in a `TransportError` of kind ``connection``, which the engine
retries as it would any other; they count as possibly billed. Requests that had not left the driver go to another
worker and nobody notices. A new worker is made, where there is room for one. Only when there has been no worker at
all for `Patience.none_s` does the run end, with every vote stored so far kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from panel_eval.engine.ray.records import Record
from panel_eval.engine.ray.seat import Errand, Hand, Seat, WorkerLost
from panel_eval.errors import IncompleteError, JudgeSetupError
from panel_eval.judges.wire import TransportError


class Employer(Protocol):
    """Where workers come from."""

    async def nodes(self) -> list[str]:
        """Ids of the nodes that can have a worker now."""
        ...

    async def hire(self, node_id: str) -> Hand:
        """Make a worker on a node and wait until it lives.

        Raises:
            WorkerLost: it never came to life.
        """
        ...


Check = Callable[[Hand], Awaitable[None]]
"""Whether a worker fits the run; raises `JudgeSetupError` if not, `WorkerLost` if it died over the question."""


@dataclass(frozen=True)
class Patience:
    """How long is waited for workers.

    Attributes:
        none_s: seconds without any worker after which the run ends.
        others_s: seconds that the beginning waits for the others once the first worker is there.
        first_wait_s: seconds before a lost worker is made anew; doubles while that fails.
        longest_wait_s: where the doubling stops.
        fruitless: workers lost in a row at one place, none of which answered anything, that close the place.
    """

    none_s: float = 60.0
    others_s: float = 20.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    fruitless: int = 5


DEFAULT_PATIENCE = Patience()


class Crew:
    """The workers of one run. All methods belong to one event loop.

    Args:
        employer: where workers come from.
        check: whether a worker fits.
        seats: how many workers there are to be.
        patience: how long is waited for them.
        tell: told in words of each worker that was lost.

    Attributes:
        hired: workers that were taken on.
        lost: workers that were lost afterwards.
    """

    def __init__(
        self,
        employer: Employer,
        check: Check,
        seats: int,
        patience: Patience = DEFAULT_PATIENCE,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.hired = 0
        self.lost = 0
        self._employer = employer
        self._check = check
        self._patience = patience
        self._tell = tell
        self._seats = [Seat() for _ in range(seats)]
        self._lives: list[asyncio.Task[None]] = []
        self._tried: set[Seat] = set()
        self._unfit: dict[str, str] = {}  # node to what it lacks
        self._trouble = "the cluster has no room for one"
        self._failure: str | None = None
        self._giving_up: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._waiting: dict[int, Errand] = {}
        self._numbers = itertools.count()

    async def start(self) -> None:
        """Take on the workers, and wait for them; not for ever for those that do not come.

        Raises:
            JudgeSetupError: a node lacks something, or no worker came at all.
        """
        self._begin_to_give_up()
        self._lives = [asyncio.create_task(self._life(seat)) for seat in self._seats]
        await self._until(lambda: self._failure is not None or bool(self._tried))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.others_s):
                await self._until(lambda: self._failure is not None or len(self._tried) == len(self._lives))
        if self._unfit:
            raise JudgeSetupError("\n".join(dict.fromkeys(self._unfit.values())))
        await self._until(lambda: self._failure is not None or any(seat.ready for seat in self._seats))
        if self._failure is not None:
            raise JudgeSetupError(self._failure)

    async def carry(self, judge: int, record: Record) -> tuple[Record, str]:
        """Have a request carried by whoever has least to do.

        Args:
            judge: index of the judge.
            record: the request.

        Returns:
            The outcome's record, and the node it came from.

        Raises:
            TransportError: the worker was lost while it had the request.
            IncompleteError: there have been no workers for too long.
        """
        if self._failure is not None:
            raise IncompleteError(self._failure)
        errand = Errand(next(self._numbers), judge, record, asyncio.get_running_loop().create_future())
        self._assign(errand)
        try:
            return await errand.outcome
        except asyncio.CancelledError:
            self._waiting.pop(errand.number, None)
            for seat in self._seats:
                seat.drop(errand)
            raise

    async def close(self, limit_s: float = 3.0) -> None:
        """Send the workers home; what is not done within `limit_s` seconds is killed."""
        if self._giving_up is not None:
            self._giving_up.cancel()
        leaving = (seat.hand.leave() for seat in self._seats if seat.ready and seat.hand is not None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await asyncio.gather(*leaving, return_exceptions=True)
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)

    def _assign(self, errand: Errand) -> None:
        ready = [seat for seat in self._seats if seat.ready]
        if ready:
            min(ready, key=lambda seat: seat.load).put(errand)
        else:
            self._waiting[errand.number] = errand

    async def _life(self, seat: Seat) -> None:
        """Worker after worker at one place, until too many in a row were of no use."""
        fruitless, wait_s = 0, self._patience.first_wait_s
        while fruitless < self._patience.fruitless:
            before = seat.answered
            came = await self._one_worker(seat)
            if came:
                fruitless = fruitless + 1 if seat.answered == before else 0
                wait_s = self._patience.first_wait_s
            self._note_tried(seat)
            await asyncio.sleep(wait_s)
            wait_s = min(2.0 * wait_s, self._patience.longest_wait_s)
        self._seats.remove(seat)
        if not self._seats:
            self._give_up()

    async def _one_worker(self, seat: Seat) -> bool:
        """Take on a worker and have it work until it is lost; whether it ever worked."""
        came = False
        try:
            seat.hand = await self._employer.hire(await self._room(seat))
            await self._check(seat.hand)
            came = True
            self._welcome(seat)
            await seat.serve(seat.hand)
        except WorkerLost as lost:
            self._trouble = str(lost)
            if came:
                self.lost += 1
                if self._tell is not None:
                    self._tell(f"a Ray worker was lost, what it carried is asked again: {lost}")
        except JudgeSetupError as unfit:
            self._unfit[seat.node_id or ""] = self._trouble = str(unfit)
        finally:
            self._vacate(seat)
        return came

    async def _room(self, seat: Seat) -> str:
        """The node for a seat's next worker: of those that lack nothing, the one with fewest workers."""
        seat.node_id = None
        fit = [node for node in await self._employer.nodes() if node not in self._unfit]
        if not fit:
            raise WorkerLost(self._trouble)
        taken = [other.node_id for other in self._seats]
        seat.node_id = min(fit, key=taken.count)
        return seat.node_id

    def _welcome(self, seat: Seat) -> None:
        """A worker is there: it gets all that waits."""
        self.hired += 1
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
        seat.ready = True
        waiting, self._waiting = self._waiting, {}
        for errand in waiting.values():
            self._assign(errand)
        self._note_tried(seat)

    def _vacate(self, seat: Seat) -> None:
        """Its worker is gone, or is made to go."""
        if seat.hand is not None:
            seat.hand.kill()
        unsent, lost = seat.vacate()
        if self._giving_up is None and not any(other.ready for other in self._seats):
            self._begin_to_give_up()
        for errand in unsent:
            self._assign(errand)
        words = f"a Ray worker was lost while it had the request: {self._trouble}"
        for errand in lost:
            _fail(errand, TransportError("connection", words, may_be_billed=True))

    def _begin_to_give_up(self) -> None:
        self._giving_up = asyncio.get_running_loop().call_later(self._patience.none_s, self._give_up)

    def _give_up(self) -> None:
        """There will be no more workers: whoever waits is told."""
        self._failure = (
            f"there has been no Ray worker for {self._patience.none_s:g} s; the last trouble: {self._trouble}. "
            "Votes stored so far are kept; look at `ray status`, then run the same command again"
        )
        waiting, self._waiting = self._waiting, {}
        for errand in waiting.values():
            _fail(errand, IncompleteError(self._failure))
        self._changed.set()

    def _note_tried(self, seat: Seat) -> None:
        self._tried.add(seat)
        self._changed.set()

    async def _until(self, come: Callable[[], bool]) -> None:
        while not come():
            self._changed.clear()
            await self._changed.wait()


def _fail(errand: Errand, error: Exception) -> None:
    if not errand.outcome.done():  # its sender was cancelled, and has not been told yet
        errand.outcome.set_exception(error)
