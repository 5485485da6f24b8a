"""The connection to Ray: found or started, its nodes, and workers made on them. Nothing else imports ray."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from panel_eval.engine.ray.records import Record
from panel_eval.engine.ray.seat import WorkerLost
from panel_eval.engine.ray.worker import HEARTBEAT_S, Worker
from panel_eval.errors import JudgeSetupError, shorten

T = TypeVar("T")

INSTALL = "pip install 'panel-eval[ray]'"
BIRTH_S = 45.0
"""Longest wait for a worker's process to start and to import what it needs."""

SILENCE_S = 6.0 * HEARTBEAT_S
"""A worker that has said nothing for so long is taken for lost."""

OBJECT_STORE_BYTES = 80 << 20
"""Shared memory of a Ray that is started here; requests and replies do not pass through it."""

_CONNECT_S = 5.0


class Cluster:
    """A Ray cluster that this process is connected to. Use as a context manager.

    Args:
        address: ``HOST:PORT`` of the head node, or ``auto`` for the one this machine belongs to. None: what
            RAY_ADDRESS says; if that is not set, Ray is started on this machine alone and ended with the block.

    Raises:
        JudgeSetupError: Ray is not installed, or there is no cluster at the address.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address = address or os.environ.get("RAY_ADDRESS") or None
        self._ray: Any = None
        self._ours = False

    def __enter__(self) -> Cluster:
        self._ray = _import_ray()
        if not self._ray.is_initialized():  # a notebook may be connected already
            self._connect()
            self._ours = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._ours:
            self._ray.shutdown()

    @property
    def version(self) -> str:
        """Ray's version."""
        return str(self._ray.__version__)

    async def nodes(self) -> list[str]:
        """Ids of the living nodes that have CPUs."""
        return list(await asyncio.to_thread(self.names))

    def names(self) -> dict[str, str]:
        """Id to name of each living node that has CPUs."""
        return {
            node["NodeID"]: f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']}, {node['NodeID'][:8]})"
            for node in self._ray.nodes()
            if node["Alive"] and node["Resources"].get("CPU", 0.0) >= 1.0
        }

    async def hire(self, node_id: str, judges: Sequence[str], folder: str, salt: str) -> RayHand:
        """Make a worker on a node, and wait until it lives.

        Raises:
            WorkerLost: it never came to life.
            JudgeSetupError: panel-eval is not there.
        """
        names = await asyncio.to_thread(self.names)
        if node_id not in names:
            raise WorkerLost("a node went away")
        strategy = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node_id, soft=False)
        # Ray would repeat calls to a worker that it makes anew, and so ask twice: both are done here, by rule.
        options = {"num_cpus": 1, "max_restarts": 0, "max_task_retries": 0, "scheduling_strategy": strategy}
        actor = self._ray.remote(Worker).options(**options).remote(list(judges), folder, salt)
        hand = RayHand(self._ray, actor, names[node_id])
        try:
            await hand.born()
        except BaseException:
            hand.kill()
            raise
        return hand

    def _connect(self) -> None:
        try:
            with _signals_kept():
                _silence(self._ray)
                if self._address is None:
                    _start_here(self._ray)
                else:
                    _check_reachable(self._address)
                    self._ray.init(self._address, **_QUIET)
        except JudgeSetupError:
            raise
        except Exception as error:  # ray raises a dozen unrelated classes
            where = "on this machine" if self._address is None else f"at {self._address}"
            raise JudgeSetupError(f"no Ray cluster {where}: {shorten(str(error), 300)}") from None


class RayHand:
    """A worker in an actor."""

    def __init__(self, ray: Any, actor: Any, node: str) -> None:
        self.node = node
        self._ray = ray
        self._actor = actor

    async def born(self) -> None:
        """Wait until the worker's process is there.

        Raises:
            WorkerLost: it never came.
            JudgeSetupError: panel-eval is not there, or another one.
        """
        try:
            await self._answer(self._actor.__ray_ready__.remote(), BIRTH_S)
        except WorkerLost as lost:
            if "ModuleNotFoundError" in str(lost) or "ImportError" in str(lost):
                raise JudgeSetupError(
                    f"on node {self.node}: this version of panel-eval is not installed; "
                    "install there what is installed here"
                ) from None
            raise

    async def versions(self) -> dict[str, str]:
        """As `Worker.versions`."""
        return await self._answer(self._actor.versions.remote(), BIRTH_S)

    async def prepare(self) -> list[dict[str, Any]]:
        """As `Worker.prepare`. Weights may have to be read to tell their digest."""
        return await self._answer(self._actor.prepare.remote(), BIRTH_S)

    async def take(self, requests: list[tuple[int, int, Record]], dropped: list[int]) -> None:
        """As `Worker.take`."""
        await self._answer(self._actor.take.remote(requests, dropped), SILENCE_S)

    async def finished(self) -> list[tuple[int, Record]]:
        """As `Worker.finished`."""
        return await self._answer(self._actor.finished.remote(), SILENCE_S)

    async def leave(self) -> None:
        """As `Worker.leave`."""
        await self._answer(self._actor.leave.remote(), SILENCE_S)

    def kill(self) -> None:
        """End the worker's process at once."""
        with contextlib.suppress(Exception):  # it may be gone, or Ray itself
            self._ray.kill(self._actor, no_restart=True)

    async def _answer(self, reference: Awaitable[T], limit_s: float) -> T:
        try:
            async with asyncio.timeout(limit_s):
                return await reference
        except TimeoutError:
            raise WorkerLost(f"the worker on {self.node} has not answered for {limit_s:g} s") from None
        except self._ray.exceptions.RayError as error:
            raise WorkerLost(f"the worker on {self.node}: {_in_short(error)}") from None


_QUIET: Mapping[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": True}


def _in_short(error: Exception) -> str:
    """What happened, without the pages of advice that Ray adds."""
    text = " ".join(str(error).split())
    missing = next((name for name in ("ModuleNotFoundError", "ImportError") if name in text), None)
    return f"{type(error).__name__}: {missing or shorten(text, 200)}"


def _import_ray() -> Any:
    """Ray, which is to send nothing about its use to its makers."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
        import ray.util.scheduling_strategies
    except ImportError as error:
        raise JudgeSetupError(f"--engine ray needs Ray ({error}); run: {INSTALL}") from None
    return ray


def _silence(ray: Any) -> None:
    """Keep the raylets' logs, a screen for each lost node, off our standard output; `log_to_driver` does not."""
    ray._private.worker.print_to_stdstream = lambda *_, **__: None


def _start_here(ray: Any) -> None:
    """Start Ray on this machine, for this process, reachable from this machine only."""
    from ray._private import ray_constants

    # Ray has no setting for this on Linux: it would listen to the whole network, and run what it is sent.
    before, ray_constants.ENABLE_RAY_CLUSTER = ray_constants.ENABLE_RAY_CLUSTER, False
    try:
        ray.init("local", include_dashboard=False, object_store_memory=OBJECT_STORE_BYTES, **_QUIET)
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before


def _check_reachable(address: str) -> None:
    """Fail within seconds where Ray would try for minutes.

    Raises:
        JudgeSetupError: nobody listens at the address.
    """
    if address in ("auto", "local"):
        return
    host, _, port = address.rpartition(":")
    if "://" in address or not host or not port.isdigit():
        raise JudgeSetupError(f"the Ray address must be auto or HOST:PORT of the head node, not {shorten(address)}")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_S).close()
    except OSError as error:
        raise JudgeSetupError(
            f"nobody answers at the Ray address {address}: {error}; is the head node up?"
        ) from None


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """Put back the signal handlers that Ray replaces: SIGTERM asks a run to end, it does not exit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
