"""Disks that are really full or read-only, and two runs in one folder: a clear error, nothing lost, no vote twice.

A tmpfs is mounted in a namespace of its own (`unshare`), so nothing of it is left behind.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

RUN = f"{sys.executable} -m panel_eval run panel.yaml --resamples 100"


def namespaces_work() -> bool:
    probe = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"]
    try:
        return subprocess.run(probe, capture_output=True, timeout=10.0, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


in_a_namespace = pytest.mark.skipif(not namespaces_work(), reason="file systems cannot be mounted here")


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    """A folder with a panel of one scripted judge: 200 votes with answers of some hundred characters."""
    (tmp_path / "panel.yaml").write_text(
        "panel: p\nrubric: rubric.yaml\nlabels: labels.jsonl\n"
        "judges: [{id: j, model: fake/j.yaml, samples: 4, limits: {concurrency: 2}}]\n"
    )
    (tmp_path / "rubric.yaml").write_text(
        'task: t\ndescription: "?"\nlabels: [{name: "a", definition: A.}, {name: "b", definition: B.}]\n'
    )
    (tmp_path / "j.yaml").write_text("delay_s: 0.002\ndefault: a\n")
    lines = (
        {"item_id": f"i{i}", "task": "t", "counts": {"a": 2, "b": 1}, "content": {"text": f"text {i}"}}
        for i in range(50)
    )
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def shell(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120.0,
        check=False,
    )


def keys(run: Path) -> Counter[str]:
    content = (run / "votes.jsonl").read_text()
    assert content.endswith("\n")
    return Counter(json.loads(line)["vote_key"] for line in content.splitlines())


@in_a_namespace
@pytest.mark.slow
def test_a_full_disk_ends_the_run_with_code_5_and_more_room_lets_it_go_on(panel: Path) -> None:
    ended = shell(
        panel,
        f"""
        mkdir results && mount -t tmpfs -o size=64k none results || exit 99
        {RUN}; echo code $?
        cp -a results full
        mount -o remount,size=64m results
        {RUN}; echo code $?
        cp -a results whole
        """,
    )
    assert [line for line in ended.stdout.splitlines() if line.startswith("code")] == ["code 5", "code 0"], ended
    assert "No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
    (full,), (whole,) = list((panel / "full").iterdir()), list((panel / "whole").iterdir())
    before, after = keys(full), keys(whole)
    assert 20 < len(before) < 200
    assert len(after) == 200
    assert set(after.values()) == {1}
    assert before.keys() <= after.keys()
    assert json.loads((whole / "run.json").read_text())["state"] == "sealed"


@in_a_namespace
@pytest.mark.slow
def test_a_disk_without_room_for_the_name_in_the_lock_is_told_of_in_words(panel: Path) -> None:
    fill = "mount -t tmpfs -o size=8k none results || exit 99; head -c 8192 /dev/zero > results/fill"
    ended = shell(panel, f"mkdir results; {fill}; {RUN}")
    assert ended.returncode == 5, ended
    assert "run.json: No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr


@in_a_namespace
@pytest.mark.slow
def test_results_on_a_read_only_disk_are_refused_before_anything_is_asked(panel: Path) -> None:
    ended = shell(panel, f"mkdir results; mount --bind -o ro results results || exit 99; {RUN}")
    assert ended.returncode == 2, ended
    assert "Read-only file system" in ended.stderr
    assert "writable folder" in ended.stderr
    assert "Traceback" not in ended.stderr


@in_a_namespace
@pytest.mark.slow
def test_an_unfinished_run_on_a_read_only_disk_cannot_be_gone_on_with(panel: Path) -> None:
    (panel / "j.yaml").write_text("default: {error: auth, status: 401}\n")
    ended = shell(panel, f"{RUN}; mount --bind -o ro results results || exit 99; {RUN}")
    assert ended.returncode == 2, ended
    assert "cannot be used as a run directory: Read-only file system" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_a_second_run_in_the_same_folder_is_told_which_process_works_there(panel: Path) -> None:
    (panel / "j.yaml").write_text("delay_s: 0.1\ndefault: a\n")
    first = subprocess.Popen(RUN.split(), cwd=panel, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30.0
        while not list(panel.glob("results/*/run.json")) and time.monotonic() < deadline:
            time.sleep(0.02)
        second = subprocess.run(RUN.split(), cwd=panel, capture_output=True, text=True, timeout=60.0, check=False)
    finally:
        first.kill()
        first.wait()
    assert second.returncode == 2
    assert f"another run works in this directory: process {first.pid} on " in second.stderr
