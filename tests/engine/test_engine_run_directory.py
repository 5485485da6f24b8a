"""The run directory: whole files only, one process at a time, immutable once sealed."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from engine_panel import RUBRIC

from panel_eval.engine import RunDirectory, find_resumable, read_state
from panel_eval.errors import IncompleteError, InputError
from panel_eval.schema import RunManifest, Vote

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
HASH = "0123abcd"


def manifest(run: RunDirectory, state: str) -> RunManifest:
    return RunManifest.model_validate(
        {
            "run_id": run.name,
            "state": state,
            "started_at": "2026-03-01T12:00:00Z",
            "rubric": RUBRIC.model_dump(),
            "hashes": {},
            "n_items": 1,
            "votes_planned": 1,
            "votes_stored": 1,
            "seed": 0,
            "versions": {},
        }
    )


def test_its_name_tells_time_panel_and_plan(tmp_path):
    with RunDirectory.create(tmp_path, "my-panel", HASH, now=NOON) as run:
        assert run.path == tmp_path / "20260301T120000Z-my-panel-0123abcd"


def test_two_runs_in_one_second_get_two_directories(tmp_path):
    with (
        RunDirectory.create(tmp_path, "p", HASH, now=NOON) as first,
        RunDirectory.create(tmp_path, "p", HASH, now=NOON) as second,
    ):
        assert first.name == "20260301T120000Z-p-0123abcd"
        assert second.name == "20260301T120001Z-p-0123abcd"


def test_a_clock_that_goes_back_does_not_change_which_run_is_the_newest(tmp_path):
    """The summer's clock was an hour fast; the run made after it was set right is gone on with all the same."""
    fast = NOON.replace(hour=13)
    with RunDirectory.create(tmp_path, "p", HASH, now=fast) as first:
        first.write_manifest(manifest(first, "running"))
    with RunDirectory.create(tmp_path, "p", HASH, now=NOON) as second:
        second.write_manifest(manifest(second, "running"))
    with RunDirectory.create(tmp_path, "other", HASH, now=NOON) as other:
        assert other.name == "20260301T120000Z-other-0123abcd"  # other panels do not matter
    assert second.name == "20260301T130001Z-p-0123abcd"
    assert find_resumable(tmp_path, "p", HASH) == second.path
    with RunDirectory.create(tmp_path, "p", HASH, now=NOON.replace(hour=14)) as third:
        assert third.name == "20260301T140000Z-p-0123abcd"


@pytest.mark.parametrize("time", ["20261399T999999Z", "99991231T235959Z"])
def test_folders_with_impossible_times_do_not_hinder_a_new_run(tmp_path, time):
    (tmp_path / f"{time}-p-{HASH}").mkdir()
    with RunDirectory.create(tmp_path, "p", HASH, now=NOON) as run:
        assert run.name == "20260301T120000Z-p-0123abcd"


def test_the_newest_unfinished_run_of_the_same_plan_is_found(tmp_path):
    def made(second: int, state: str | None, panel: str = "p", digits: str = HASH) -> Path:
        with RunDirectory.create(tmp_path, panel, digits, now=NOON.replace(second=second)) as run:
            if state == "running":
                run.write_manifest(manifest(run, "running"))
            elif state:
                run.seal(manifest(run, state))
        return run.path

    assert find_resumable(tmp_path / "nowhere", "p", HASH) is None
    assert find_resumable(tmp_path, "p", HASH) is None
    killed_early = made(1, None)
    assert find_resumable(tmp_path, "p", HASH) == killed_early
    partial = made(2, "partial")
    assert find_resumable(tmp_path, "p", HASH) == partial
    running = made(3, "running")
    made(4, "sealed")
    made(5, "running", panel="x-p")
    made(6, "running", digits="ffffffff")
    (tmp_path / f"20260301T120007Z-p-{HASH}").write_text("a file, not a run")
    assert find_resumable(tmp_path, "p", HASH) == running


def test_a_second_run_in_one_directory_is_told_who_works_there(tmp_path):
    with RunDirectory.create(tmp_path, "p", HASH) as run:
        with pytest.raises(InputError, match=f"another run works in this directory: process {os.getpid()} on "):
            RunDirectory.reopen(run.path)
        # A process of its own, as in real life.
        program = "import sys, pathlib, panel_eval.engine as e; e.RunDirectory.reopen(pathlib.Path(sys.argv[1]))"
        other = subprocess.run([sys.executable, "-c", program, str(run.path)], capture_output=True, text=True)
        assert f"process {os.getpid()} on " in other.stderr
    RunDirectory.reopen(run.path).close()


def test_the_lock_ends_with_a_killed_process(tmp_path):
    program = """
import os, signal, sys, pathlib
from panel_eval.engine import RunDirectory
run = RunDirectory.create(pathlib.Path(sys.argv[1]), "p", "0123abcd")
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)])
    assert ended.returncode == -9
    path = find_resumable(tmp_path, "p", HASH)
    assert path is not None
    RunDirectory.reopen(path).close()


def test_a_sealed_run_cannot_be_changed(tmp_path):
    run = RunDirectory.create(tmp_path, "p", HASH)
    run.journal.append(Vote(vote_key="0" * 64, item_id="i", judge="j", label="kind"))
    run.write_atomically("metrics.json", b"{}\n")
    run.seal(manifest(run, "sealed"))
    with pytest.raises(InputError, match="closed"):
        run.write_atomically("metrics.json", b"{}\n")
    with pytest.raises(InputError, match="sealed"):
        RunDirectory.reopen(run.path)
    assert read_state(run.path) == "sealed"
    assert sorted(entry.name for entry in run.path.iterdir()) == ["metrics.json", "run.json", "votes.jsonl"]


def test_a_partial_run_can_be_reopened(tmp_path):
    run = RunDirectory.create(tmp_path, "p", HASH)
    run.seal(manifest(run, "partial"))
    with RunDirectory.reopen(run.path) as again:
        again.write_atomically("metrics.json", b"{}\n")
    assert (run.path / "metrics.json").read_bytes() == b"{}\n"


def test_a_running_run_is_not_sealed(tmp_path):
    with RunDirectory.create(tmp_path, "p", HASH) as run, pytest.raises(ValueError, match="not as 'running'"):
        run.seal(manifest(run, "running"))


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "votes.jsonl", "x\0y", "run.json\n"])
def test_names_that_leave_the_directory_or_the_journal_are_refused(tmp_path, name):
    with RunDirectory.create(tmp_path, "p", HASH) as run, pytest.raises(ValueError, match="not a plain name"):
        run.write_atomically(name, b"")


@pytest.mark.parametrize(
    ("panel", "digits"), [("../up", HASH), ("a/b", HASH), ("p", "../../.."), ("p", "0123ABCD")]
)
def test_panel_names_and_hashes_cannot_be_paths(tmp_path, panel, digits):
    with pytest.raises(ValueError, match="not "):
        RunDirectory.create(tmp_path, panel, digits)


def test_a_results_folder_that_cannot_be_made_is_an_input_error(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(InputError, match=r"cannot make a run directory.*writable folder"):
        RunDirectory.create(tmp_path / "results" / "deep", "p", HASH)


def test_a_file_that_cannot_be_replaced_leaves_no_temporary_file(tmp_path):
    with RunDirectory.create(tmp_path, "p", HASH) as run:
        (run.path / "report.html").mkdir()
        (run.path / "report.html" / "full").write_text("")
        with pytest.raises(IncompleteError, match=r"cannot write .*report\.html"):
            run.write_atomically("report.html", b"<p>")
        assert [entry.name for entry in run.path.iterdir() if entry.name.endswith(".tmp")] == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"state": "melted"}', b'{"state": ["sealed"]}'])
def test_a_broken_manifest_is_named_and_not_taken_for_a_state(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(InputError, match=r"run\.json"):
        read_state(tmp_path)
