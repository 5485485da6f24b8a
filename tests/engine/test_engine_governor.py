"""How the limit of an account moves, worked out by hand."""

from __future__ import annotations

import asyncio

import pytest
from engine_panel import Hours
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.engine.governor import Governor, GovernorPolicy


async def rounds(governor: Governor, count: int, in_use: int | None = None) -> None:
    """So many rounds of good replies, with the limit (or `in_use` slots) taken all the time."""
    for _ in range(count):
        limit = governor.pace().limit
        taken = limit if in_use is None else in_use
        for _ in range(taken):
            await governor.take()
        for _ in range(limit):
            governor.note_success()
        for _ in range(taken):
            governor.give_back()


def limits_after(*counts: int, **settings: object) -> list[int]:
    async def seen() -> list[int]:
        governor = Governor(200, clock=Hours().clock)
        limits = []
        for count in counts:
            await rounds(governor, count, **settings)  # type: ignore[arg-type]
            limits.append(governor.pace().limit)
        return limits

    return asyncio.run(seen())


def test_slow_start_doubles_a_round_up_to_the_ceiling():
    assert limits_after(1, 1, 1, 1, 1) == [32, 64, 128, 200, 200]


def test_a_limit_that_is_not_used_does_not_grow():
    # 12 of 16 are 75 %, under the 80 % that count as use; 13 are 81 %.
    assert limits_after(3, in_use=12) == [16]
    assert limits_after(1, in_use=13) == [32]


def test_one_episode_cuts_once_however_many_requests_it_hits():
    async def episode() -> None:
        governor = Governor(100, policy=GovernorPolicy(start=40), clock=Hours().clock)
        tokens = [await governor.take() for _ in range(40)]
        for token in tokens:  # all were sent before anyone knew
            governor.note_rate_limit(token)
            governor.give_back()
        assert (governor.pace().limit, governor.pace().cuts, governor.pace().rate_limited) == (28, 1, 40)
        again = await governor.take()  # sent under the new limit: news
        governor.note_rate_limit(again)
        assert (governor.pace().limit, governor.pace().cuts) == (19, 2)  # floor(28 · 0.7)

    asyncio.run(episode())


def test_after_a_cut_the_limit_grows_by_a_twentieth_once_it_is_calm():
    async def growth() -> None:
        hours = Hours()
        governor = Governor(100, policy=GovernorPolicy(start=100), clock=hours.clock)
        governor.note_rate_limit(await governor.take(), retry_after_s=20.0)
        governor.give_back()
        assert governor.pace().limit == 70
        await rounds(governor, 1)
        hours.now += 20.0 + 9.9  # 10 s of calm after the 20 s that the provider asked for
        await rounds(governor, 1)
        assert governor.pace().limit == 70
        hours.now += 0.2
        await rounds(governor, 1)
        assert governor.pace().limit == 73  # 70 + floor(3.5)

    asyncio.run(growth())


def test_server_errors_stop_growth_and_cut_nothing():
    async def trouble() -> None:
        hours = Hours()
        governor = Governor(100, clock=hours.clock)
        governor.note_trouble()
        await rounds(governor, 2)
        assert governor.pace().limit == 16
        hours.now += 5.0
        await rounds(governor, 1)
        assert (governor.pace().limit, governor.pace().cuts) == (32, 0)

    asyncio.run(trouble())


def test_a_server_error_now_and_then_does_not_hold_up_growth():
    async def trouble(errors: int) -> int:
        governor = Governor(200, policy=GovernorPolicy(start=40), clock=Hours().clock)
        for _ in range(errors):
            governor.note_trouble()
        await rounds(governor, 1)
        return governor.pace().limit

    # A twentieth of a round of 40 is 2: the third error pauses growth.
    assert [asyncio.run(trouble(errors)) for errors in (1, 2, 3)] == [80, 80, 40]


def test_retry_after_closes_the_account_and_is_never_shortened():
    hours = Hours()
    governor = Governor(10, clock=hours.clock)
    governor.note_rate_limit(0, 30.0)
    governor.note_rate_limit(0, 5.0)
    assert governor.closed_for_s() == pytest.approx(30.0)
    hours.now += 29.0
    assert governor.closed_for_s() == pytest.approx(1.0)
    hours.now += 1.0
    assert governor.closed_for_s() == 0.0


def test_slots_are_given_in_the_order_of_asking():
    async def queue() -> list[str]:
        governor = Governor(1, clock=Hours().clock)
        served: list[str] = []

        async def one(name: str) -> None:
            await governor.take()
            served.append(name)
            await asyncio.sleep(0)
            governor.give_back()

        await asyncio.gather(*(one(name) for name in "abcde"))
        return served

    assert asyncio.run(queue()) == list("abcde")


def test_a_waiter_that_is_cancelled_leaves_no_slot_behind():
    async def cancelled() -> None:
        governor = Governor(1, clock=Hours().clock)
        await governor.take()
        first, second = (asyncio.ensure_future(governor.take()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()  # while it waits
        governor.give_back()
        second.cancel()  # after it was given the slot, before it could run
        await asyncio.gather(first, second, return_exceptions=True)
        assert governor.pace().in_flight == 0
        await asyncio.wait_for(governor.take(), 1.0)

    asyncio.run(cancelled())


@given(st.lists(st.sampled_from(["take", "back", "ok", "429", "500"]), max_size=200), st.integers(1, 40))
def test_the_limit_stays_between_one_and_the_ceiling_and_slots_never_exceed_it(events, ceiling):
    async def play() -> None:
        governor = Governor(ceiling, clock=Hours().clock)
        open_slots: list[int] = []
        for event in events:
            if event == "take" and governor.pace().in_flight < governor.pace().limit:
                open_slots.append(await governor.take())
                assert governor.pace().in_flight <= governor.pace().limit
            elif event == "back" and open_slots:
                open_slots.pop()
                governor.give_back()
            elif event == "ok":
                governor.note_success()
            elif event == "429":
                governor.note_rate_limit(open_slots[-1] if open_slots else 0)
            elif event == "500":
                governor.note_trouble()
            assert 1 <= governor.pace().limit <= ceiling
            assert governor.pace().in_flight == len(open_slots)

    asyncio.run(play())
