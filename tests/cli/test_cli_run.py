"""`panel-eval run` with scripted judges: resuming, interruption, killing, outages."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from command_line import RUBRIC, CommandLine

PANEL = """\
panel: scripted
rubric: rubric.yaml
labels: labels.jsonl
seed: 3
judges:
  - {id: one, model: fake/one.yaml, samples: 3, limits: {concurrency: 2}}
  - {id: two, model: fake/two.yaml, elicit: distribution, samples: 2, limits: {concurrency: 2}}
"""
ONE = """\
delay_s: 0.01
default: maybe
rules:
  - {when: {contains: alpha}, reply: "no"}
  - {when: {contains: gamma}, reply: {refuse: I would rather not}}
"""
TWO = """\
delay_s: 0.01
default: {"no": 0.2, maybe: 0.3, "yes": 0.5}
"""


def write_panel(folder: Path, n_items: int = 3) -> None:
    """A panel of two scripted judges; with more than three items the labels are made up here."""
    (folder / "panel.yaml").write_text(PANEL)
    (folder / "rubric.yaml").write_text(RUBRIC)
    (folder / "one.yaml").write_text(ONE)
    (folder / "two.yaml").write_text(TWO)
    words = ("alpha", "beta", "gamma")
    lines = [
        json.dumps(
            {
                "item_id": f"i{i}",
                "task": "t",
                "counts": {"no": i % 3, "maybe": 1, "yes": 2 - i % 3},
                "content": {"text": f"{words[i % 3]} {i}"},
            }
        )
        for i in range(n_items)
    ]
    (folder / "labels.jsonl").write_text("\n".join(lines) + "\n")


def run_folders(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "results").iterdir() if path.is_dir())


def keys(run: Path) -> list[str]:
    return [json.loads(line)["vote_key"] for line in (run / "votes.jsonl").read_text().splitlines()]


def manifest(run: Path) -> dict[str, Any]:
    return json.loads((run / "run.json").read_text())


def test_a_run_is_sealed_scored_and_reported(cli: CommandLine) -> None:
    write_panel(cli.folder)
    ended = cli("run", "panel.yaml")
    assert ended.code == 0
    (run,) = run_folders(cli.folder)
    assert {path.name for path in run.iterdir()} == {
        "run.json", "votes.jsonl", "votes.parquet", "items.parquet", "metrics.json", "labels.jsonl", "report.html",
    }  # fmt: skip
    assert manifest(run)["state"] == "sealed"
    assert len(keys(run)) == len(set(keys(run))) == 3 * (3 + 2)
    coverage = json.loads((run / "metrics.json").read_text())["coverage"]
    assert coverage["by_judge"]["one"]["refusal"] == 3  # three samples of the one item about gamma
    assert coverage["by_judge"]["two"]["ok"] == 6
    assert "15/15" in ended.err
    assert str(cli.folder) not in (run / "run.json").read_text()


def test_running_again_after_the_end_is_a_new_run(cli: CommandLine) -> None:
    write_panel(cli.folder)
    cli("run", "panel.yaml")
    cli("run", "panel.yaml")
    first, second = run_folders(cli.folder)
    assert sorted(keys(first)) == sorted(keys(second))
    assert scores(first) == scores(second)


def scores(run: Path) -> dict[str, Any]:
    """The numbers that do not depend on how long the judges took."""
    metrics = json.loads((run / "metrics.json").read_text())
    return {name: metrics[name] for name in ("panel", "judges", "references", "calibration", "coverage")}


def test_an_outage_of_one_judge_leaves_the_other_and_ends_with_code_5(cli: CommandLine) -> None:
    write_panel(cli.folder)
    cli.write("one.yaml", "default: {error: auth, status: 401}\n")
    ended = cli("run", "panel.yaml")
    assert ended.code == 5
    (run,) = run_folders(cli.folder)
    assert manifest(run)["state"] == "partial"
    coverage = json.loads((run / "metrics.json").read_text())["coverage"]["by_judge"]
    assert coverage["two"]["ok"] == 6
    assert coverage["one"]["error"] == 9
    assert "one was given up" in ended.err

    cli.write("one.yaml", ONE)
    assert cli("run", "panel.yaml").code == 0
    assert run_folders(cli.folder) == [run]
    assert manifest(run)["state"] == "sealed"


def test_a_broken_prompt_is_found_before_anything_is_written(cli: CommandLine) -> None:
    write_panel(cli.folder)
    cli.write("bad.j2", "{% block system %}{% endblock %}\n{% block user %}{{ itm }}{% endblock %}\n")
    cli.write("panel.yaml", PANEL + "prompt: bad.j2\n")
    ended = cli("run", "panel.yaml")
    assert ended.code == 2
    assert "bad.j2:2" in ended.err
    assert "itm" in ended.err
    assert not (cli.folder / "results").exists()


def test_items_without_content_are_found_before_anything_is_written(cli: CommandLine) -> None:
    write_panel(cli.folder)
    cli.write("labels.jsonl", '{"item_id": "bare", "task": "t", "counts": {"no": 1, "yes": 3}}\n')
    ended = cli("run", "panel.yaml")
    assert ended.code == 2
    assert "bare" in ended.err
    assert not (cli.folder / "results").exists()


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "panel_eval", "run", "panel.yaml"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def wait_for_votes(folder: Path, count: int) -> None:
    """Wait until the run of `folder` has stored `count` votes."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for journal in folder.glob("results/*/votes.jsonl"):
            if journal.read_bytes().count(b"\n") >= count:
                return
        time.sleep(0.01)
    pytest.fail(f"no {count} votes within 30 s")


@pytest.mark.slow
def test_killed_at_several_moments_and_run_again_each_vote_is_there_once(tmp_path: Path) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    for folder in (calm, killed):
        folder.mkdir()
        write_panel(folder, n_items=40)
    process = start(calm)
    assert process.wait(timeout=60) == 0
    (undisturbed,) = run_folders(calm)
    expected = Counter(keys(undisturbed))
    assert set(expected.values()) == {1}
    assert len(expected) == 40 * 5

    for moment in (1, 17, 60, 61, 150):
        process = start(killed)
        wait_for_votes(killed, moment)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
    process = start(killed)
    assert process.wait(timeout=60) == 0
    (run,) = run_folders(killed)
    assert Counter(keys(run)) == expected
    assert manifest(run)["state"] == "sealed"
    assert scores(run) == scores(undisturbed)


@pytest.mark.slow
def test_ctrl_c_seals_a_partial_run_that_can_be_finished(tmp_path: Path) -> None:
    write_panel(tmp_path, n_items=40)
    process = start(tmp_path)
    wait_for_votes(tmp_path, 20)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
    (run,) = run_folders(tmp_path)
    assert manifest(run)["state"] == "partial"
    stored = len(keys(run))
    assert 20 <= stored < 200
    metrics = json.loads((run / "metrics.json").read_text())
    assert "partial" in {warning["code"] for warning in metrics["warnings"]}

    process = start(tmp_path)
    assert process.wait(timeout=60) == 0
    assert manifest(run)["state"] == "sealed"
    assert len(keys(run)) == len(set(keys(run))) == 200
