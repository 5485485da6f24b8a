"""`spread`: judges whose requests are carried by workers on a Ray cluster."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panel_eval.engine.loop import run_async
from panel_eval.engine.ray.cluster import Cluster
from panel_eval.engine.ray.crew import Crew
from panel_eval.engine.ray.records import reply_of, request_record
from panel_eval.engine.ray.seat import Hand
from panel_eval.engine.ray.worker import account_mark, wire_versions
from panel_eval.errors import InputError, JudgeSetupError
from panel_eval.judges.direct_transport import DirectTransport
from panel_eval.judges.judge import Judge
from panel_eval.judges.litellm_transport import LiteLLMTransport
from panel_eval.judges.local import LocalTransport
from panel_eval.judges.wire import Transport, WireReply, WireRequest

_CARRIED = (DirectTransport, LiteLLMTransport, LocalTransport)


class RayTransport:
    """Carries a judge's requests by way of a crew's workers; one request for each `send`.

    Args:
        crew: the workers.
        index: which of the run's judges this is.
    """

    def __init__(self, crew: Crew, index: int) -> None:
        self._crew = crew
        self._index = index

    async def send(self, request: WireRequest) -> WireReply:
        """Send one request, exactly once.

        Raises:
            TransportError: it brought no reply, or its worker was lost.
            IncompleteError: there are no workers any more.
            JudgeSetupError: the worker's node lacks something.
        """
        record, node = await self._crew.carry(self._index, request_record(request))
        return reply_of(record, node)

    async def aclose(self) -> None:
        """Nothing: the workers leave when `spread` ends."""


@dataclass(frozen=True)
class Spread:
    """Judges whose requests go through a cluster.

    Attributes:
        judges: all judges, in their order; those that send nothing (fake, replay) as they were.
    """

    judges: list[Judge]
    _cluster: Cluster
    _crew: Crew
    _nodes: int

    @property
    def facts(self) -> dict[str, Any]:
        """For run.json: what carried the requests, and how many workers came and were lost so far."""
        return {
            "name": "ray",
            "version": self._cluster.version,
            "nodes": self._nodes,
            "workers": self._crew.hired,
            "workers_lost": self._crew.lost,
        }


@contextmanager
def spread(
    judges: Sequence[Judge],
    folder: Path,
    *,
    address: str | None = None,
    workers: int | None = None,
    tell: Callable[[str], None] | None = None,
) -> Iterator[Spread]:
    """Judges like the given ones, whose requests are carried by workers on a Ray cluster inside the block.

    The given judges are not changed. Keys stay where they are: each node holds them in the same environment
    variables as this machine, and is refused if they differ.

    Args:
        judges: the run's judges.
        folder: folder of the panel file; weights named by a path are sought there on each node.
        address: as `Cluster` takes it.
        workers: worker processes; None = one for each node that has CPUs.
        tell: told in words of each worker that was lost.

    Raises:
        InputError: no judge sends requests that could be spread.
        JudgeSetupError: Ray is not installed, no cluster is there, or a node lacks a key, a package or weights.
    """
    carried = [judge for judge in judges if isinstance(judge.transport, _CARRIED)]
    if not carried:
        raise InputError("--engine ray: no judge of this panel sends requests over a network; leave it out")
    with Cluster(address) as cluster:
        employer = JudgeWorkers(cluster, carried, folder)
        nodes = len(cluster.names())
        crew = Crew(employer, employer.check, workers or max(nodes, 1), tell=tell)
        indices = {judge.id: index for index, judge in enumerate(carried)}
        try:
            run_async(crew.start())
            spread_judges = [
                _with_transport(judge, RayTransport(crew, indices[judge.id])) if judge.id in indices else judge
                for judge in judges
            ]
            yield Spread(spread_judges, cluster, crew, nodes)
        finally:
            run_async(crew.close())


def _with_transport(judge: Judge, transport: RayTransport) -> Judge:
    other = copy.copy(judge)
    other.transport = transport
    return other


class JudgeWorkers:
    """Makes workers for certain judges, and checks that they would ask what these judges ask."""

    def __init__(self, cluster: Cluster, judges: Sequence[Judge], folder: Path) -> None:
        self._cluster = cluster
        self._judges = judges
        self._configs = [judge.config.model_dump_json() for judge in judges]
        self._folder = str(folder.resolve())
        self._salt = secrets.token_hex(16)
        self._needed = {"panel-eval"}.union(*(_packages(judge.transport) for judge in judges))

    async def nodes(self) -> list[str]:
        """Ids of the nodes that can have a worker now."""
        return await self._cluster.nodes()

    async def hire(self, node_id: str) -> Hand:
        """Make a worker on a node; as `Cluster.hire`."""
        return await self._cluster.hire(node_id, self._configs, self._folder, self._salt)

    async def check(self, hand: Hand) -> None:
        """Whether a worker's node has the versions, keys and weights of this machine.

        Raises:
            JudgeSetupError: it has not, with everything that differs.
        """
        theirs, ours = await hand.versions(), wire_versions()
        problems = [
            f"{name} is {theirs.get(name, 'not installed')}, here it is {ours[name]}; install the same"
            for name in sorted(self._needed & ours.keys())
            if theirs.get(name) != ours[name]
        ]
        if not problems:
            prepared = await hand.prepare()
            for judge, facts in zip(self._judges, prepared, strict=True):
                problems += self._differences(judge, facts)
        if problems:
            raise JudgeSetupError("\n".join(f"on node {hand.node}: {problem}" for problem in problems))

    def _differences(self, judge: Judge, facts: dict[str, Any]) -> list[str]:
        if "problem" in facts:
            return [facts["problem"]]
        wrong = [name for name, value in facts["instrument"].items() if judge.instrument.get(name) != value]
        if wrong:
            return [f"judge {judge.id!r} would be another one: {', '.join(wrong)} differ from this machine's"]
        if isinstance(judge.transport, LocalTransport):  # its account is the weights' path, which may differ
            return []
        if facts["account"] != account_mark(judge.account, self._salt):
            name = judge.account.name
            return [f"judge {judge.id!r} would be asked on another account than {name}; set the same key there"]
        return []


def _packages(transport: Transport) -> set[str]:
    """Packages whose version may change what a judge is sent or what it answers."""
    return (
        {"litellm", "xllamacpp"}
        if isinstance(transport, LocalTransport)
        else ({"litellm"} if isinstance(transport, LiteLLMTransport) else set())
    )
