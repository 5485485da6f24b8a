"""A run over a real Ray cluster of two nodes on loopback: nodes killed, runs interrupted, nodes that lack a key."""

from __future__ import annotations

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from engine_panel import RUBRIC
from ray_panel import CountingServer, counting_server, wired_panel
from ray_run import CONCURRENCY

from panel_eval.engine import RunDirectory, execute, run_async
from panel_eval.judges import close_judges

HERE = Path(__file__).parent
KEY = "a-secret-of-the-nodes"
pytestmark = pytest.mark.slow


def environment(**variables: str) -> dict[str, str]:
    """Of a driver; Ray keeps to 127.0.0.1."""
    inherited = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    return {**inherited, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", **variables}


class TwoNodes:
    """A cluster in a process of its own, whose second node can be killed."""

    def __init__(self, folder: Path) -> None:
        program = [sys.executable, str(HERE / "ray_two_nodes.py"), str(folder)]
        self.folder = folder
        self._process = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(NODES_API_KEY=KEY)
        )
        self.address = self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def kill_second(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("kill\n")
        self._process.stdin.flush()
        assert self._line() == "killed"

    def end(self) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def cluster() -> Iterator[TwoNodes]:
    with tempfile.TemporaryDirectory(
        prefix="ray-", ignore_cleanup_errors=True
    ) as folder:  # paths of sockets are short
        nodes = TwoNodes(Path(folder))
        try:
            yield nodes
        finally:
            nodes.end()


@contextmanager
def driver(folder: Path, server: CountingServer, count: int, address: str, *key: str, **env: str) -> Iterator[Any]:
    """A run in a process of its own, where warnings are errors too."""
    program = [sys.executable, "-W", "error", str(HERE / "ray_run.py")]
    run = subprocess.Popen(
        [*program, str(folder), server.url, str(count), address, *key],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # what stands after a line that was read is left for communicate()
        env=environment(**env),
    )
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


def ended(run: Any) -> dict[str, Any]:
    out, err = run.communicate(timeout=60)
    assert err == b"", err.decode()
    return json.loads(out.splitlines()[-1])


def votes_in(folder: Path) -> list[dict[str, Any]]:
    (journal,) = folder.glob("results/*/votes.jsonl")
    return [json.loads(line) for line in journal.read_text().splitlines()]


def on_one_machine(folder: Path, server: CountingServer, count: int) -> dict[str, str]:
    """Key to label of an undisturbed run without Ray."""
    plan, judges = wired_panel(folder, server.url, count)
    with RunDirectory.create(folder / "results", "panel", plan.plan_hash[:8]) as run:
        run_async(execute(plan, judges, run))
    run_async(close_judges(judges))
    return {vote["vote_key"]: vote["label"] for vote in votes_in(folder)}


def test_a_node_without_the_key_is_named_and_nothing_is_asked(tmp_path, cluster):
    with (
        counting_server() as server,
        driver(tmp_path, server, 4, cluster.address, "SOME_API_KEY", SOME_API_KEY="a-secret-of-some-length") as run,
    ):
        told = ended(run)
        assert told["exit_code"] == 2
        lines = told["error"].splitlines()
        assert len(lines) == 2  # both nodes
        for line in lines:
            assert "on node " in line
            assert "127.0.0.1" in line
            assert line.endswith("judge 'a': the environment variable SOME_API_KEY is not set; put the key there")
        assert not server.asked
        assert not list(tmp_path.glob("results/*"))


def test_a_node_with_another_key_is_refused(tmp_path, cluster):
    with (
        counting_server() as server,
        driver(tmp_path, server, 4, cluster.address, "NODES_API_KEY", NODES_API_KEY="another-secret") as run,
    ):
        told = ended(run)
        assert told["error"].count("set the same key there") == 2
        assert "secret" not in told["error"]
        assert not server.asked


def test_a_key_is_used_and_stands_in_nothing_that_ray_writes(tmp_path, cluster):
    with (
        counting_server() as server,
        driver(tmp_path, server, 40, cluster.address, "NODES_API_KEY", NODES_API_KEY=KEY) as run,
    ):
        assert ended(run)["stored"] == 40
        assert server.keys == {f"Bearer {KEY}"}
    written = [path for path in cluster.folder.rglob("*") if path.is_file()]
    assert any("worker-" in path.name for path in written)
    for path in written:
        assert KEY.encode() not in path.read_bytes(), path


def test_the_command_line_runs_on_a_cluster_and_run_json_says_so(tmp_path, cluster):
    with counting_server() as server:
        wired_panel(tmp_path, server.url, 30)
        (tmp_path / "rubric.yaml").write_text(yaml.safe_dump(RUBRIC.model_dump(mode="json", exclude_none=True)))
        judge = {"id": "a", "model": "openai/constructed", "api_base": server.url, "transport": "direct"}
        panel = {"panel": "ray", "rubric": "rubric.yaml", "labels": "labels.jsonl", "judges": [judge]}
        (tmp_path / "panel.yaml").write_text(yaml.safe_dump(panel))
        command = [sys.executable, "-m", "panel_eval", "run", "panel.yaml", "--resamples", "100", "--engine", "ray"]
        run = subprocess.run(
            [*command, "--ray-address", cluster.address],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        assert sum(server.asked.values()) == 30
    (manifest,) = tmp_path.glob("results/*/run.json")
    said = json.loads(manifest.read_text())
    assert said["state"] == "sealed"
    ray = importlib.metadata.version("ray")
    assert said["engine"] == {"name": "ray", "version": ray, "nodes": 2, "workers": 2, "workers_lost": 0}


def test_a_second_interrupt_ends_the_run_without_waiting_for_answers(tmp_path, cluster):
    with counting_server(delay_s=50.0) as server, driver(tmp_path, server, 100, cluster.address) as run:
        assert run.stdout.readline() == b"ready\n"
        while not server.asked:
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        began = time.monotonic()
        told = ended(run)
        assert (told["state"], told["stored"]) == ("partial", 0)
        assert time.monotonic() - began < 15.0


def test_a_killed_node_costs_no_vote_and_repeats_only_what_it_was_carrying(tmp_path, cluster):
    count = 900
    with counting_server() as server:
        undisturbed = on_one_machine(tmp_path / "one", server, count)
        assert len(undisturbed) == count
        server.asked.clear()
        server.delay_s = 0.1
        with driver(tmp_path, server, count, cluster.address) as run:
            assert run.stdout.readline() == b"ready\n"
            while len(votes_in(tmp_path)) < count // 4:
                time.sleep(0.01)
            cluster.kill_second()
            assert len(votes_in(tmp_path)) < count  # it was midway
            told = ended(run)
        votes = votes_in(tmp_path)
        asked = Counter({number: times for (number, _), times in server.asked.items()})
    assert (told["state"], told["stored"]) == ("sealed", count)
    assert told["engine"]["nodes"] == 2
    assert told["engine"]["workers_lost"] == 1
    assert {vote["vote_key"]: vote["label"] for vote in votes} == undisturbed
    assert len(votes) == count
    # Each body is one item's, so the server's count by item is its count by vote.
    repeated = {f"item-{number}" for number, times in asked.items() if times > 1}
    assert 0 < len(repeated) <= CONCURRENCY
    assert max(asked.values()) == 2
    # Whatever was asked twice was being asked when the node died, and was stored only after the second time.
    assert repeated <= {vote["item_id"] for vote in votes if vote["attempts"] == 2}


def test_without_an_address_ray_is_started_here_for_this_machine_only_and_ended(tmp_path):
    with counting_server() as server, driver(tmp_path, server, 50, "-") as run:
        assert run.stdout.readline() == b"ready\n"
        listening = listeners_of_children(run.pid)
        told = ended(run)
    assert (told["state"], told["stored"]) == ("sealed", 50)
    assert listening  # Ray's servers were found
    assert set(listening) <= {"127.0.0.1", "::1"}
    assert max(server.asked.values()) == 1


def listeners_of_children(pid: int) -> list[str]:
    """Addresses on which a process and its descendants listen."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    sockets = {target for each in family for target in open_sockets(each)}
    found = []
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:  # 0A: listening
                found.append(address_of(fields[1].split(":")[0]))
    return found


def open_sockets(pid: int) -> set[str]:
    try:
        return {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return set()


def address_of(hexadecimal: str) -> str:
    """An address of /proc/net/tcp or tcp6: 32-bit words, each in the machine's byte order."""
    import ipaddress

    words = [hexadecimal[start : start + 8] for start in range(0, len(hexadecimal), 8)]
    raw = b"".join(int(word, 16).to_bytes(4, sys.byteorder) for word in words)
    address = ipaddress.ip_address(raw)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
