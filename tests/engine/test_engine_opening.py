"""A transport that is slow to begin gets ready before its first request is let go."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

from engine_panel import RUBRIC, SHIPPED_PROMPT, carry_out, open_run, plan_of

from panel_eval import schema
from panel_eval.judges.judge import Account, Judge, Route
from panel_eval.judges.prompt import load_prompt
from panel_eval.judges.wire import TransportError, WireReply, WireRequest

OPENING_S, TO_WAIT_S = 0.1, 0.4


class Server:
    """A server that says 429 to the first request of all, and notes who came before the time it named."""

    def __init__(self) -> None:
        self.until: float | None = None
        self.early: list[str] = []
        self.arrived: list[str] = []

    def receive(self, who: str) -> WireReply:
        self.arrived.append(who)
        now = time.monotonic()
        if self.until is None:
            self.until = now + TO_WAIT_S
            raise TransportError("rate_limit", "slow down", status=429, retry_after_s=TO_WAIT_S)
        if now < self.until:
            self.early.append(who)
        return WireReply(json.dumps({"rationale": "so", "label": "A", "confidence": 0.5}))


class Quick:
    """Ready at once; its requests take a moment to arrive."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def send(self, request: WireRequest) -> WireReply:
        await asyncio.sleep(OPENING_S / 4)
        return self.server.receive("quick")

    async def aclose(self) -> None:
        return None


class Slow(Quick):
    """Needs a while before its first request reaches the server, like an import of two seconds."""

    ready = False

    async def open(self) -> None:
        if not self.ready:
            await asyncio.sleep(OPENING_S)
            self.ready = True

    async def send(self, request: WireRequest) -> WireReply:
        await self.open()
        return self.server.receive("slow")


class Broken(Quick):
    """Cannot be made ready."""

    async def open(self) -> None:
        raise TransportError("bad_request", "it cannot be imported", fatal_for_judge=True)

    async def send(self, request: WireRequest) -> WireReply:
        await self.open()
        raise AssertionError


def judge(judge_id: str, transport: Quick) -> Judge:
    config = schema.Judge.model_validate({"id": judge_id, "model": f"fake/{judge_id}"})
    route = Route(f"fake/{judge_id}", account=Account("one account"))
    return Judge(config, RUBRIC, load_prompt(SHIPPED_PROMPT), transport, route)


def carried_out(tmp_path, slow: Callable[[Server], Quick]):
    server = Server()
    judges = [judge("quick", Quick(server)), judge("slow", slow(server))]
    plan = plan_of(tmp_path, judges, 2)
    with open_run(tmp_path, plan) as run:
        return server, carry_out(plan, judges, run)


def test_a_request_is_not_on_its_way_while_its_transport_gets_ready(tmp_path):
    # The 429 comes while the slow one gets ready: it closes the account to both.
    server, outcome = carried_out(tmp_path, Slow)
    assert "slow" not in server.early  # the other quick one was on its way already
    assert sorted(server.arrived) == ["quick"] * 3 + ["slow"] * 2
    assert outcome.outcomes["ok"] == 4


def test_a_transport_that_cannot_be_made_ready_ends_its_judge_alone(tmp_path):
    _, outcome = carried_out(tmp_path, Broken)
    assert outcome.outcomes["ok"] == 2
    assert "it cannot be imported" in outcome.stopped_judges["slow"]
