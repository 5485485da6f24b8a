"""Probing: every judge is asked once about a made-up item, all at once, before anything of the panel is bought."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from panel_eval.engine.ledger import Ledger, OverBudget
from panel_eval.engine.manifest import utc_now
from panel_eval.engine.retrying import RetryPolicy
from panel_eval.engine.sending import Sender, VoteSending
from panel_eval.engine.stop import StopSignal, StopWatch
from panel_eval.engine.switchboard import Switchboard
from panel_eval.errors import InputError, JudgeSetupError
from panel_eval.judges.judge import Judge
from panel_eval.judges.litellm_transport import LiteLLMTransport, import_litellm
from panel_eval.judges.probe import (
    answered_probe,
    bars_a_run,
    failed_probe,
    made_up_question,
    unasked_probe,
    was_answered,
)
from panel_eval.judges.probe_words import lack_of_usage
from panel_eval.judges.wire import TransportError, WireReply, WireRequest
from panel_eval.schema import Probe, Usage

PROBE_RETRIES = RetryPolicy(attempts=3, longest_wait_s=5.0, longest_hint_s=30.0, deadline_s=60.0, whole_calls=1.0)
"""Someone is waiting: transport failures are tried again twice, within a minute or the time of one call."""


async def probe_judges(
    judges: Sequence[Judge],
    *,
    known: Iterable[Probe] = (),
    remote_only: bool = True,
    two: bool = False,
    ledger: Ledger | None = None,
    stop: StopSignal | None = None,
    policy: RetryPolicy = PROBE_RETRIES,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[Probe]:
    """Ask judges once each about a made-up item. What each call has cost stands in its record.

    Args:
        judges: all judges of the panel; those of one account share its pace, as in a run.
        known: earlier probes; judges whose instrument one of them shows at work are not asked again.
        remote_only: leave out judges that are asked on this machine.
        two: ask for two answers, to see whether the provider gives them.
        ledger: reserves and counts the cost; default one without a limit.
        stop: ends the probing at once, whatever is under way.
        policy: when a failed call is tried again.
        sleep: waits so many seconds; replaced in tests.
        clock: seconds from any origin, never going back; replaced in tests.

    Returns:
        The new probes, in the order of the judges; fewer if a stop was requested.

    Raises:
        CassetteMissError: a replayed test asked for a request that was not recorded.
    """
    seen = {probe.instrument_hash for probe in known if was_answered(probe)}
    asked = [each for each in judges if (each.remote or not remote_only) and each.instrument_hash not in seen]
    if not asked:
        return []
    await _get_ready(asked)
    board, book = Switchboard(asked, clock=clock), ledger or Ledger()

    def sender(judge: Judge) -> Sender:
        governor, rate = board.governor(judge), board.rate(judge)
        return Sender(judge, governor=governor, rate=rate, ledger=book, policy=policy, pause=sleep, clock=clock)

    with StopWatch(stop or StopSignal()) as watch:
        work = [asyncio.ensure_future(_probe(sender(judge), two)) for judge in asked]
        try:
            await watch.pause(asyncio.wait(work))
        finally:
            for each in work:
                each.cancel()
            await asyncio.gather(*work, return_exceptions=True)
    return [each.result() for each in work if not each.cancelled()]


def refusals(probes: Iterable[Probe]) -> list[str]:
    """Why a run of these judges should not begin, a line for each trouble; empty if it may."""
    return [_line(probe, lack) for probe in probes if bars_a_run(probe) for lack in probe.lacks]


def warnings(probes: Iterable[Probe]) -> list[str]:
    """What else the judges lack: outages and odd answers, which may be over by the next vote."""
    return [_line(probe, lack) for probe in probes if not bars_a_run(probe) for lack in probe.lacks]


def _line(probe: Probe, lack: str) -> str:
    return f"judge {probe.judge!r} ({probe.model}): {lack}"


async def _get_ready(judges: Sequence[Judge]) -> None:
    """Import what takes seconds, so that they are not counted as the first answer's."""
    if any(isinstance(judge.transport, LiteLLMTransport) for judge in judges):
        with suppress(TransportError):  # each judge's call will say so
            await asyncio.to_thread(import_litellm)


async def _probe(sender: Sender, two: bool) -> Probe:
    """One judge's probe."""
    judge, sent, at = sender.judge, sender.vote(), utc_now()
    send = _Asking(sent, two)
    try:
        request = judge.request(made_up_question(judge))
        request, reply = await judge.send_in_a_mode_that_works(request, send)
        found = answered_probe(judge, at, request, reply, reply.choices if send.two else None)
    except TransportError as error:
        found = failed_probe(judge, at, error)
    except OverBudget:
        found = unasked_probe(judge, at, "over_budget", "budget", "the budget has no room for one call; raise it")
    except (JudgeSetupError, InputError) as error:
        found = unasked_probe(judge, at, "error", "setup", str(error))
    return _with_cost(found, sender, sent)


class _Asking:
    """Sends one probe's requests; asks for two answers until the provider shows that it gives only one."""

    def __init__(self, sent: VoteSending, two: bool) -> None:
        self._sent = sent
        self.two = two

    async def __call__(self, request: WireRequest) -> WireReply:
        if not self.two:
            return await self._sent(request)
        try:
            return await self._sent(replace(request, n=2))
        except TransportError as error:
            if error.kind != "bad_request":
                raise
        reply = await self._sent(request)
        self.two = False
        return reply


def _with_cost(probe: Probe, sender: Sender, sent: VoteSending) -> Probe:
    """The probe with what it took; where there is a budget, a judge that does not say what it took lacks that."""
    bill, price = sent.bill, sender.judge.price
    uncertain = Usage(uncertain_tokens=bill.uncertain_tokens) if bill.uncertain_tokens else None
    usage = probe.usage
    if uncertain is not None:
        usage = uncertain if usage is None else usage + uncertain
    unbounded = probe.usage_reported is False and sender.ledger.budget is not None
    return probe.model_copy(
        update={
            "usage": usage,
            "requests": sent.attempts,
            "latency_s": round(sent.wire_s, 6),
            "cost_usd": probe.cost_usd if sent.replies else None if price is None else 0.0,
            "cost_uncertain_usd": bill.uncertain_usd,
            "lacks": [*probe.lacks, lack_of_usage()] if unbounded else probe.lacks,
        }
    )
