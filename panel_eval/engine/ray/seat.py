"""One place for a worker: what it carries, what is on its way to it, and the talk with it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

from panel_eval.engine.ray.records import Record, record_size
from panel_eval.engine.ray.worker import LARGEST_BATCH


class WorkerLost(Exception):
    """A worker does not answer any more, or never did; says why."""


class Hand(Protocol):
    """A worker as the driver sees it. Every call may raise `WorkerLost`."""

    node: str

    async def versions(self) -> dict[str, str]:
        """As `Worker.versions`."""
        ...

    async def prepare(self) -> list[dict[str, Any]]:
        """As `Worker.prepare`."""
        ...

    async def take(self, requests: list[tuple[int, int, Record]], dropped: list[int]) -> None:
        """As `Worker.take`."""
        ...

    async def finished(self) -> list[tuple[int, Record]]:
        """As `Worker.finished`."""
        ...

    async def leave(self) -> None:
        """As `Worker.leave`."""
        ...

    def kill(self) -> None:
        """End the worker's process at once, whatever it is doing; never waits and never fails."""
        ...


@dataclass(eq=False, slots=True)
class Errand:
    """One request on its way.

    Attributes:
        number: tells it from all others of the run.
        judge: index of the judge.
        record: the request.
        outcome: the reply's or error's record and the node it came from.
    """

    number: int
    judge: int
    record: Record
    outcome: asyncio.Future[tuple[Record, str]]


class Seat:
    """One place for a worker.

    Attributes:
        node_id: where its worker is, or is to be.
        hand: its worker, if one was made.
        ready: whether a worker sits here that takes requests.
        answered: outcomes that came from here so far.
    """

    def __init__(self) -> None:
        self.node_id: str | None = None
        self.hand: Hand | None = None
        self.ready = False
        self.answered = 0
        self._outbox: dict[int, Errand] = {}
        self._in_flight: dict[int, Errand] = {}
        self._dropped: list[int] = []
        self._mail = asyncio.Event()

    @property
    def load(self) -> int:
        """Requests it has to do with."""
        return len(self._outbox) + len(self._in_flight)

    def put(self, errand: Errand) -> None:
        """Have the worker carry a request."""
        self._outbox[errand.number] = errand
        self._mail.set()

    def drop(self, errand: Errand) -> None:
        """Nobody waits for this request any more."""
        if self._outbox.pop(errand.number, None) is None and self._in_flight.pop(errand.number, None) is not None:
            self._dropped.append(errand.number)
            self._mail.set()

    def vacate(self) -> tuple[list[Errand], list[Errand]]:
        """The worker is gone.

        Returns:
            Requests that never left the driver, and those that may have been sent.
        """
        unsent, lost = list(self._outbox.values()), list(self._in_flight.values())
        self._outbox.clear()
        self._in_flight.clear()
        self._dropped.clear()
        self.hand, self.ready = None, False
        return unsent, lost

    async def serve(self, hand: Hand) -> None:
        """Talk with the worker until it is lost.

        Raises:
            WorkerLost: always, in the end.
        """
        talks = [asyncio.ensure_future(self._deliver(hand)), asyncio.ensure_future(self._collect(hand))]
        try:
            await asyncio.gather(*talks)
        finally:
            for talk in talks:
                talk.cancel()
            await asyncio.gather(*talks, return_exceptions=True)

    async def _deliver(self, hand: Hand) -> None:
        """Send what is in the outbox. While one batch is under way the next gathers: the busier, the larger."""
        while True:
            await self._mail.wait()
            batch = self._next_batch()
            dropped, self._dropped = self._dropped, []
            if not self._outbox:
                self._mail.clear()
            await hand.take([(errand.number, errand.judge, errand.record) for errand in batch], dropped)

    def _next_batch(self) -> list[Errand]:
        batch: list[Errand] = []
        size = 0
        for errand in self._outbox.values():
            size += record_size(errand.record)
            if batch and size > LARGEST_BATCH:
                break
            batch.append(errand)
        for errand in batch:
            del self._outbox[errand.number]
            self._in_flight[errand.number] = errand
        return batch

    async def _collect(self, hand: Hand) -> None:
        """Hand outcomes to those who wait. An idle worker is listened to as well, so its end is known at once."""
        while True:
            for number, record in await hand.finished():
                errand = self._in_flight.pop(number, None)
                if errand is not None and not errand.outcome.done():
                    self.answered += 1
                    errand.outcome.set_result((record, hand.node))
