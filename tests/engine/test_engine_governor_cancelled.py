"""Votes given up while they wait for a slot, as a second Ctrl-C does with all at once."""

from __future__ import annotations

import asyncio

from panel_eval.engine.governor import Governor


def test_all_are_given_up_at_once_and_no_slot_is_lost():
    async def story() -> Governor:
        governor = Governor(1)

        async def vote() -> None:
            await governor.take()
            try:
                await asyncio.sleep(60.0)
            finally:
                governor.give_back()

        votes = [asyncio.ensure_future(vote()) for _ in range(4)]
        await asyncio.sleep(0.01)
        for each in votes:
            each.cancel()
        ends = await asyncio.gather(*votes, return_exceptions=True)
        assert [type(end) for end in ends] == [asyncio.CancelledError] * 4
        await asyncio.wait_for(governor.take(), 1.0)  # the slot is free again
        return governor

    assert asyncio.run(story()).pace().in_flight == 1
