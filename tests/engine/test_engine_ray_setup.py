"""What `spread` refuses before anything is started, and that Ray stays unimported until it is asked for."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from engine_panel import judge
from ray_panel import wired_panel
from test_engine_ray_crew import HandHere

from panel_eval.engine.ray import spread
from panel_eval.engine.ray.spreading import JudgeWorkers
from panel_eval.engine.ray.worker import Worker, wire_versions
from panel_eval.errors import InputError, JudgeSetupError
from panel_eval.judges import FakeTransport

NOWHERE = "http://127.0.0.1:9/v1"


def refused(folder: Any, address: str | None) -> str:
    _, judges = wired_panel(folder, NOWHERE, 1)
    with pytest.raises(JudgeSetupError) as raised, spread(judges, folder, address=address):
        pass
    return str(raised.value)


def test_without_ray_the_command_that_installs_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)  # what Python does where a package is not installed
    assert "pip install 'panel-eval[ray]'" in refused(tmp_path, None)


def test_ray_is_not_imported_before_it_is_asked_for():
    program = "import sys, panel_eval.api, panel_eval.engine.ray; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_address_where_nobody_listens(tmp_path, unused_tcp_port):
    told = refused(tmp_path, f"127.0.0.1:{unused_tcp_port}")
    assert f"nobody answers at the Ray address 127.0.0.1:{unused_tcp_port}" in told


def test_the_address_may_stand_in_the_environment(tmp_path, monkeypatch, unused_tcp_port):
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{unused_tcp_port}")
    assert str(unused_tcp_port) in refused(tmp_path, None)


@pytest.mark.parametrize("address", ["ray://127.0.0.1:10001", "127.0.0.1", "head:port", ":6379"])
def test_an_address_of_another_kind(tmp_path, address):
    assert "must be auto or HOST:PORT" in refused(tmp_path, address)


def test_a_panel_that_asks_nobody_over_a_network(tmp_path):
    judges = [judge(tmp_path, "a", FakeTransport(lambda _request: "kind"))]
    with pytest.raises(InputError, match="no judge of this panel"), spread(judges, tmp_path):
        pass


class OtherNode(HandHere):
    """A worker on a node where something else is installed."""

    async def versions(self) -> dict[str, str]:
        return {name: "0.0.1" if name == "panel-eval" else version for name, version in wire_versions().items()}


def test_a_node_with_another_panel_eval_is_refused(tmp_path):
    _, judges = wired_panel(tmp_path, NOWHERE, 1)

    async def check() -> None:
        workers = JudgeWorkers(None, judges, tmp_path)  # type: ignore[arg-type]  # no cluster is needed to check
        hand = OtherNode("n1", Worker([judges[0].config.model_dump_json()], ".", ""))
        await workers.check(hand)

    with pytest.raises(JudgeSetupError, match=r"on node n1: panel-eval is 0\.0\.1, here it is"):
        asyncio.run(check())


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_worker_is_ready_before_its_first_request(tmp_path):
    """Two seconds of import are over when the driver hears of the worker, so no request is held up by them."""
    config = {"id": "a", "model": "openai/m", "api_base": NOWHERE}
    program = (
        "import asyncio, json, sys\n"
        "from panel_eval.engine.ray.worker import Worker\n"
        f"asyncio.run(Worker([json.dumps({config!r})], '.', '').prepare())\n"
        "sys.exit('openai.resources' not in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=tmp_path).returncode == 0
