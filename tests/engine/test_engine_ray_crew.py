"""Workers that carry requests: what crosses to them, and what becomes of it when they are lost. No Ray needed."""

from __future__ import annotations

import asyncio
import copy
import marshal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ray_panel import CountingServer, counting_server, wired_panel

from panel_eval.engine import RunDirectory, execute, read_votes, run_async
from panel_eval.engine.ray.crew import Crew, Patience
from panel_eval.engine.ray.records import error_record, reply_of, reply_record, request_of, request_record
from panel_eval.engine.ray.seat import Hand, WorkerLost
from panel_eval.engine.ray.spreading import RayTransport
from panel_eval.engine.ray.worker import Worker
from panel_eval.errors import IncompleteError, JudgeSetupError
from panel_eval.judges import (
    Judge,
    Message,
    Question,
    TokenLogprob,
    TransportError,
    WireReply,
    WireRequest,
    close_judges,
)
from panel_eval.schema import Usage

T = TypeVar("T")
HURRY = Patience(none_s=1.0, others_s=10.0, first_wait_s=0.01, longest_wait_s=0.02, fruitless=3)

maybe = st.one_of(st.none(), st.text(max_size=20))
numbers = st.floats(allow_nan=False, allow_infinity=False)
tokens = st.builds(
    TokenLogprob,
    st.text(max_size=5),
    numbers,
    st.lists(st.tuples(st.text(max_size=5), numbers), max_size=3).map(tuple),
)
replies = st.builds(
    WireReply,
    text=maybe,
    finish_reason=maybe,
    refusal=maybe,
    token_logprobs=st.one_of(st.none(), st.lists(tokens, max_size=3).map(tuple)),
    usage=st.builds(Usage, input_tokens=st.integers(0, 2**40), reasoning_tokens=st.integers(0, 9)),
    model_reported=maybe,
    choices=st.integers(1, 3),
    system_fingerprint=maybe,
    seed_sent=st.booleans(),
)


@given(replies)
def test_a_reply_comes_back_as_it_was_and_its_record_is_plain(reply):
    record = reply_record(reply)
    assert reply_of(marshal.loads(marshal.dumps(record)), "n") == reply  # marshal takes built-in types only


@given(st.text(max_size=50), st.one_of(st.none(), numbers), st.integers(0, 2**31), st.sampled_from([None, 2]))
def test_a_request_arrives_as_it_was_but_for_the_question(text, temperature, seed, n):
    turns = (Message("system", "Answer."), Message("user", text))
    schema = {"type": "object", "properties": {"label": {"enum": ["A", "B"]}}}
    question = Question("item", {"text": text}, ("kind",))
    request = WireRequest(
        "m",
        turns,
        9,
        temperature,
        None,
        seed,
        schema,
        "json_schema",
        False,
        None,
        3.5,
        question,
        (("A", "kind"),),
        n,
    )
    arrived = request_of(marshal.loads(marshal.dumps(request_record(request))))
    assert arrived == replace(request, question=Question("", {}, ()), codes=())


def test_an_error_comes_back_with_all_that_decides_what_the_engine_does_next():
    told = TransportError("rate_limit", "slow", status=429, retry_after_s=7.0, fatal_for_judge=True)
    with pytest.raises(TransportError) as raised:
        reply_of(marshal.loads(marshal.dumps(error_record(told))), "n")
    assert vars(raised.value) == {**vars(told), "message": "slow (on node n)"}


def test_no_key_leaves_a_node_in_an_error():
    record = error_record(ValueError("header Bearer sk-abcdefghijklmnop is odd"))
    assert "abcdefghijklmnop" not in str(record)
    with pytest.raises(RuntimeError, match="on node n: ValueError"):
        reply_of(record, "n")


class HandHere:
    """A real `Worker` on this event loop, which can die: the calls under way fail and none come after."""

    def __init__(self, node: str, worker: Worker) -> None:
        self.node = node
        self.worker = worker
        self.died = asyncio.get_running_loop().create_future()

    async def _unless_dead(self, call: Awaitable[T]) -> T:
        calling = asyncio.ensure_future(call)
        await asyncio.wait([calling, self.died], return_when=asyncio.FIRST_COMPLETED)
        if self.died.done():
            calling.cancel()
            raise WorkerLost(f"{self.node} died")
        return await calling

    async def versions(self) -> dict[str, str]:
        return await self._unless_dead(self.worker.versions())

    async def prepare(self) -> list[dict[str, Any]]:
        return await self._unless_dead(self.worker.prepare())

    async def take(self, requests: Any, dropped: Any) -> None:
        await self._unless_dead(self.worker.take(requests, dropped))

    async def finished(self) -> list[Any]:
        return await self._unless_dead(self.worker.finished())

    async def leave(self) -> None:
        await self._unless_dead(self.worker.leave())

    def kill(self) -> None:
        if not self.died.done():
            self.died.set_result(None)
        for task in self.worker._carrying.values():  # as a process's end would
            task.cancel()


class Village:
    """Where workers live: nodes that can be closed, and every worker ever made."""

    def __init__(self, judge: Judge, nodes: list[str]) -> None:
        self.open = nodes
        self.made: list[HandHere] = []
        self._config = judge.config.model_dump_json()

    async def nodes(self) -> list[str]:
        return list(self.open)

    async def hire(self, node_id: str) -> HandHere:
        self.made.append(HandHere(node_id, Worker([self._config], ".", "")))
        return self.made[-1]


async def fits(hand: Hand) -> None:
    assert [set(facts) for facts in await hand.prepare()] == [{"instrument", "account"}]


class Scene:
    """A crew in a village that asks a counting server about item after item."""

    def __init__(self, judge: Judge, nodes: list[str], patience: Patience, check: Any = fits) -> None:
        self.village = Village(judge, nodes)
        self.told: list[str] = []
        self.crew = Crew(self.village, check, 2, patience, self.told.append)
        self._judge = judge

    @property
    def carried(self) -> list[int]:
        """How many requests each worker has under way."""
        return [len(hand.worker._carrying) for hand in self.village.made]

    async def ask(self, number: int) -> WireReply:
        question = Question(f"item-{number}", {"text": f"text number {number}"}, ("kind", "rude", "flat"))
        return reply_of(*await self.crew.carry(0, request_record(self._judge.request(question))))

    async def ask_all(self, count: int) -> list[WireReply | BaseException]:
        return await asyncio.gather(*(self.ask(number) for number in range(count)), return_exceptions=True)


async def until(come: Callable[[], bool]) -> None:
    """Wait, at most five seconds."""
    async with asyncio.timeout(5.0):
        while not come():
            await asyncio.sleep(0.005)


def play(
    folder: Any, server: CountingServer, story: Callable[[Scene], Awaitable[None]], nodes: list[str], **options: Any
) -> Scene:
    _, (judge,) = wired_panel(folder, server.url, 1)

    async def told() -> Scene:
        scene = Scene(judge, nodes, options.pop("patience", HURRY), **options)
        try:
            await story(scene)
        finally:
            await scene.crew.close()
            await asyncio.gather(*(hand.worker.leave() for hand in scene.village.made))
        return scene

    return asyncio.run(told())


def test_requests_are_shared_out_evenly(tmp_path):
    async def story(scene: Scene) -> None:
        await scene.crew.start()
        asked = asyncio.ensure_future(scene.ask_all(20))
        await until(lambda: scene.carried == [10, 10])
        assert all(isinstance(reply, WireReply) for reply in await asked)

    with counting_server(0.2) as server:
        scene = play(tmp_path, server, story, ["n1", "n2"])
    assert sorted(hand.node for hand in scene.village.made) == ["n1", "n2"]
    assert sum(server.asked.values()) == 20


def test_a_lost_worker_fails_what_it_carried_and_nothing_else(tmp_path):
    async def story(scene: Scene) -> None:
        await scene.crew.start()
        asked = asyncio.ensure_future(scene.ask_all(20))
        await until(lambda: scene.carried == [10, 10])
        scene.village.open = ["n1"]
        next(hand for hand in scene.village.made if hand.node == "n2").kill()
        replies = await asked
        lost = [reply for reply in replies if not isinstance(reply, WireReply)]
        assert len(lost) == 10
        for error in lost:
            assert isinstance(error, TransportError)
            assert (error.kind, error.retryable, error.may_be_billed) == ("connection", True, True)
        await until(lambda: scene.crew.hired == 3)
        assert all(isinstance(reply, WireReply) for reply in await scene.ask_all(4))

    with counting_server(0.2) as server:
        scene = play(tmp_path, server, story, ["n1", "n2"])
    assert [hand.node for hand in scene.village.made][2:] == ["n1"]  # made anew where there is room
    assert (scene.crew.hired, scene.crew.lost) == (3, 1)
    assert scene.told == ["a Ray worker was lost, what it carried is asked again: n2 died"]


def test_a_request_that_nobody_waits_for_is_given_up_on_the_worker_too(tmp_path):
    async def story(scene: Scene) -> None:
        await scene.crew.start()
        asking = asyncio.ensure_future(scene.ask(1))
        await until(lambda: bool(server.asked))
        asking.cancel()
        await until(lambda: scene.carried == [0, 0])

    with counting_server(30.0) as server:
        play(tmp_path, server, story, ["n1", "n2"])
    assert sum(server.asked.values()) == 1


def test_a_request_given_up_in_the_moment_its_worker_is_lost_costs_no_place(tmp_path):
    async def story(scene: Scene) -> None:
        await scene.crew.start()
        for turns in range(12):  # of the event loop between the two; one of them is the moment
            assert all(isinstance(reply, WireReply) for reply in await scene.ask_all(4))
            before = sum(server.asked.values())
            asking = asyncio.ensure_future(scene.ask(100))
            await until(lambda before=before: sum(server.asked.values()) > before)
            next(hand for hand in scene.village.made if hand.worker._carrying and not hand.died.done()).kill()
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait([asking])
            await until(lambda lost=turns + 1: scene.crew.hired == 2 + lost)

    with counting_server(0.01) as server:
        scene = play(tmp_path, server, story, ["n1", "n2"])
    assert (scene.crew.hired, scene.crew.lost) == (14, 12)


def test_without_any_worker_the_run_ends_and_says_so(tmp_path):
    async def story(scene: Scene) -> None:
        await scene.crew.start()
        scene.village.open = []
        for hand in scene.village.made:
            hand.kill()
        await until(lambda: scene.crew.lost == 2)
        with pytest.raises(IncompleteError, match=r"no Ray worker for 1 s.*kept"):
            await scene.ask(1)  # waits at first
        with pytest.raises(IncompleteError, match="no Ray worker"):
            await scene.ask(2)  # and then no more

    with counting_server() as server:
        play(tmp_path, server, story, ["n1", "n2"])
    assert not server.asked


def test_a_run_left_without_workers_keeps_its_votes_and_is_finished_here(tmp_path):
    count, slots = 60, 8
    with counting_server(0.02) as server:
        plan, judges = wired_panel(tmp_path, server.url, count, limits={"concurrency": slots})

        async def story(scene: Scene) -> None:
            await scene.crew.start()
            (there,) = map(copy.copy, judges)
            there.transport = RayTransport(scene.crew, 0)
            with RunDirectory.create(tmp_path, "panel", "0" * 8) as run:
                running = asyncio.ensure_future(execute(plan, [there], run))
                while run.journal.path.read_bytes().count(b"\n") < 10:
                    await asyncio.sleep(0.01)
                scene.village.open = []
                for hand in scene.village.made:
                    hand.kill()
                with pytest.raises(IncompleteError, match="no Ray worker"):
                    await running

        play(tmp_path, server, story, ["n1", "n2"])
        stored = {vote.vote_key for vote in read_votes(next(tmp_path.glob("*/votes.jsonl")))}
        asked = sum(server.asked.values())
        assert 10 <= len(stored) < count
        assert asked - len(stored) <= slots
        with RunDirectory.reopen(next(tmp_path.glob("*-panel-*"))) as run:
            outcome = run_async(execute(plan, judges, run))
        run_async(close_judges(judges))
    assert outcome.state == "sealed"
    assert sum(server.asked.values()) == asked + count - len(stored)


def test_what_waits_for_a_worker_goes_to_the_next_that_comes(tmp_path):
    async def story(scene: Scene) -> None:
        await scene.crew.start()
        nodes, scene.village.open = scene.village.open, []
        for hand in scene.village.made:
            hand.kill()
        await until(lambda: scene.crew.lost == 2)
        asking = asyncio.ensure_future(scene.ask(1))
        await asyncio.sleep(0.05)
        assert not asking.done()
        scene.village.open = nodes
        assert isinstance(await asking, WireReply)

    with counting_server() as server:
        play(tmp_path, server, story, ["n1", "n2"], patience=replace(HURRY, none_s=5.0))


def test_a_request_that_kills_workers_does_not_kill_for_ever(tmp_path):
    """3 fruitless workers at each of 2 places: after 6 there are no more, however long the patience."""

    async def story(scene: Scene) -> None:
        await scene.crew.start()
        for _ in range(20):
            try:
                asking = asyncio.ensure_future(scene.ask(1))
                await asyncio.sleep(0.01)
                for hand in scene.village.made:
                    hand.kill()
                await asking
            except TransportError:
                continue
            except IncompleteError:
                break

    with counting_server(30.0) as server:
        scene = play(tmp_path, server, story, ["n1"], patience=replace(HURRY, none_s=60.0, first_wait_s=0.0))
    assert scene.crew.lost == len(scene.village.made) == 6


def test_a_node_that_lacks_something_is_refused_at_the_beginning(tmp_path):
    async def picky(hand: Hand) -> None:
        if hand.node == "n2":
            raise JudgeSetupError("on node n2: no key")

    async def story(scene: Scene) -> None:
        with pytest.raises(JudgeSetupError, match=r"^on node n2: no key$"):
            await scene.crew.start()

    with counting_server() as server:
        play(tmp_path, server, story, ["n1", "n2"], check=picky)


def test_a_cluster_without_room_is_refused_at_the_beginning(tmp_path):
    async def story(scene: Scene) -> None:
        with pytest.raises(
            JudgeSetupError, match=r"no Ray worker for 1 s; the last trouble: the cluster has no room"
        ):
            await scene.crew.start()

    with counting_server() as server:
        play(tmp_path, server, story, [])


def test_a_worker_tells_what_its_node_lacks(tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "a-secret-of-some-length")
    _, (judge,) = wired_panel(tmp_path, "http://127.0.0.1:9/v1", 1, api_key_env="SOME_API_KEY")
    monkeypatch.delenv("SOME_API_KEY")
    (facts,) = asyncio.run(Worker([judge.config.model_dump_json()], ".", "salt").prepare())
    assert facts == {"problem": "judge 'a': the environment variable SOME_API_KEY is not set; put the key there"}


def test_the_mark_of_an_account_differs_by_key_and_by_run(tmp_path, monkeypatch):
    def mark(key: str, salt: str) -> str:
        monkeypatch.setenv("SOME_API_KEY", key)
        _, (judge,) = wired_panel(tmp_path, "http://127.0.0.1:9/v1", 1, api_key_env="SOME_API_KEY")
        (facts,) = asyncio.run(Worker([judge.config.model_dump_json()], ".", salt).prepare())
        return str(facts["account"])

    assert mark("first-key", "salt") == mark("first-key", "salt")
    assert len({mark("first-key", "salt"), mark("second-key", "salt"), mark("first-key", "other")}) == 3
