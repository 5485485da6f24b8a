"""The journal: nothing whole is lost, nothing half stays, the last line of a key counts."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time

import pytest
from plan_of_keys import plan_of_keys

from panel_eval.engine import Journal, read_stored, read_votes
from panel_eval.errors import IncompleteError, InputError
from panel_eval.schema import Vote


def vote(number: int, **fields: object) -> Vote:
    given = {"vote_key": f"{number:064x}", "item_id": f"i{number}", "judge": "j", "label": "kind"} | fields
    return Vote.model_validate(given)


def failed(number: int, **fields: object) -> Vote:
    return vote(number, label=None, outcome="error", error={"kind": "server", "message": "busy"}, **fields)


def fill(path, votes):
    journal = Journal(path)
    for each in votes:
        journal.append(each)
    journal.close()


def test_votes_come_back_as_they_were_stored(tmp_path):
    path = tmp_path / "votes.jsonl"
    votes = [vote(1, rationale="two\nlines   and a \x00"), failed(2), vote(3, raw="Ünïcödé 🙂", cost_usd=None)]
    fill(path, votes)
    assert read_votes(path) == votes
    assert path.read_bytes().count(b"\n") == 3


def test_a_vote_is_in_the_file_before_append_returns(tmp_path):
    journal = Journal(tmp_path / "votes.jsonl")
    journal.append(vote(1))
    assert len(read_votes(journal.path)) == 1
    journal.close()


def test_the_last_line_of_a_key_counts(tmp_path):
    path = tmp_path / "votes.jsonl"
    fill(path, [failed(1), vote(2), vote(1)])
    assert [each.outcome for each in read_votes(path)] == ["ok", "ok"]


@pytest.mark.slow
def test_torn_at_every_byte_of_the_last_two_lines(tmp_path):
    """Cut anywhere, reopened, and the missing votes asked again: the same keys, each once, and no byte lost."""
    path, whole = tmp_path / "votes.jsonl", tmp_path / "whole.jsonl"
    votes = [vote(1), vote(2, rationale="é" * 10), vote(3, rationale='"quoted" {brace}\n')]
    fill(whole, votes)
    content = whole.read_bytes()
    plan = plan_of_keys([each.vote_key or "" for each in votes])
    start = content.index(b"\n") + 1
    ends = [position + 1 for position, byte in enumerate(content) if byte == 10]
    for cut in range(start, len(content) + 1):
        path.write_bytes(content[:cut])
        torn = path.with_name("votes.jsonl.torn")
        torn.unlink(missing_ok=True)
        # A line that lacks nothing but its newline is whole.
        complete = sum(end - 1 <= cut for end in ends)
        assert len(read_stored(path, plan)) == len(read_votes(path)) == complete
        journal = Journal(path)
        still_open = read_stored(path, plan).open_positions().tolist()
        assert len(still_open) == len(votes) - complete
        kept = torn.read_bytes()[:-1] if torn.exists() else b""
        assert path.read_bytes().startswith(content[:cut].removesuffix(kept))
        assert len(kept) == (cut - ([0, *ends][complete]) if cut not in {end - 1 for end in ends} else 0)
        for position in still_open:
            journal.append(votes[position])
        journal.close()
        assert path.read_bytes() == content


def test_a_tail_longer_than_one_block_is_set_aside_whole(tmp_path):
    path = tmp_path / "votes.jsonl"
    fill(path, [vote(1)])
    tail = b'{"vote_key":"' + b"x" * 200_000
    with path.open("ab") as file:
        file.write(tail)
    Journal(path).close()
    assert read_votes(path) == [vote(1)]
    assert path.with_name("votes.jsonl.torn").read_bytes() == tail + b"\n"


def test_zeros_after_a_loss_of_power_are_a_torn_tail(tmp_path):
    path = tmp_path / "votes.jsonl"
    fill(path, [vote(1)])
    with path.open("ab") as file:
        file.write(b"\0" * 100)
    assert read_votes(path) == [vote(1)]
    Journal(path).close()


def test_reading_votes_names_the_bad_line_too(tmp_path):
    path = tmp_path / "votes.jsonl"
    line = vote(1).model_dump_json().encode()
    path.write_bytes(line + b"\n{broken\n" + line + b"\n")
    with pytest.raises(InputError, match=r"votes.jsonl:2: "):
        read_votes(path)


def test_a_full_disk_leaves_whole_lines_only(tmp_path):
    room = [1000]

    def write(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        part = data[: room[0]]
        room[0] -= len(part)
        return os.write(descriptor, part)

    path = tmp_path / "votes.jsonl"
    journal = Journal(path, write=write)

    def fill_up() -> None:
        for number in range(100):
            journal.append(vote(number))

    with pytest.raises(IncompleteError, match=r"No space left on device\. All votes so far are kept"):
        fill_up()
    journal.close()
    content = path.read_bytes()
    assert content.endswith(b"}\n")
    assert 1 <= len(read_votes(path)) == content.count(b"\n")


def test_a_file_size_limit_of_the_system_leaves_whole_lines_only(tmp_path):
    """The same with a real limit: the kernel takes part of a line, then refuses (EFBIG)."""
    program = """
import resource, sys
from pathlib import Path
from panel_eval.engine import Journal
from panel_eval.schema import Vote
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
journal = Journal(Path(sys.argv[1]))
for number in range(50):
    journal.append(Vote(vote_key=f"{number:064x}", item_id="i", judge="j", label="kind"))
"""
    path = tmp_path / "votes.jsonl"
    ended = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True)
    assert "IncompleteError" in ended.stderr
    assert "File too large" in ended.stderr
    content = path.read_bytes()
    assert content.endswith(b"}\n")
    assert 1 <= len(read_votes(path)) == content.count(b"\n")


def test_a_journal_that_cannot_be_opened_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be opened for writing"):
        Journal(tmp_path)


def test_many_votes_are_appended_in_few_writes(tmp_path):
    writes = []

    def write(descriptor: int, data: bytes) -> int:
        writes.append(len(data))
        return os.write(descriptor, data)

    journal = Journal(tmp_path / "votes.jsonl", write=write)
    votes = [vote(number) for number in range(5000)]
    journal.append_many(votes)
    journal.append_many([])
    journal.close()
    assert read_votes(journal.path) == votes
    assert len(writes) <= 5


def test_many_votes_on_a_full_disk_leave_whole_lines_only(tmp_path):
    """Writes 1 and 2 are kept whole; the third comes short and is taken back."""
    written = []

    def write(descriptor: int, data: bytes) -> int:
        if len(written) < 2:
            written.append(data)
            return os.write(descriptor, data)
        if len(written) == 2:
            written.append(data[:1000])
            return os.write(descriptor, data[:1000])
        raise OSError(28, "No space left on device")

    journal = Journal(tmp_path / "votes.jsonl", write=write)
    with pytest.raises(IncompleteError, match="No space left on device"):
        journal.append_many(vote(number) for number in range(10_000))
    journal.close()
    assert journal.path.read_bytes() == written[0] + written[1]
    assert len(read_votes(journal.path)) >= 2


class Disk:
    """Counts calls of fsync, and fails on demand."""

    def __init__(self) -> None:
        self.error: OSError | None = None
        self.calls = threading.Semaphore(0)

    def fsync(self, descriptor: int) -> None:
        os.fsync(descriptor)
        self.calls.release()
        if self.error is not None:
            raise self.error


def test_votes_are_forced_to_the_disk_in_the_background(tmp_path):
    disk = Disk()
    journal = Journal(tmp_path / "votes.jsonl", fsync=disk.fsync, sync_s=0.01)
    assert not disk.calls.acquire(timeout=0.05)  # nothing was written
    journal.append(vote(1))
    assert disk.calls.acquire(timeout=5.0)
    assert not disk.calls.acquire(timeout=0.05)  # and nothing since
    journal.append(vote(2))
    assert disk.calls.acquire(timeout=5.0)
    journal.append(vote(3))
    journal.close()
    assert disk.calls.acquire(timeout=5.0)
    assert threading.active_count() == len([t for t in threading.enumerate() if t.name != "panel-eval-fsync"])


def test_appending_does_not_wait_for_the_disk(tmp_path):
    entered, leave = threading.Event(), threading.Event()

    def fsync(_descriptor: int) -> None:
        entered.set()
        assert leave.wait(10.0)

    journal = Journal(tmp_path / "votes.jsonl", fsync=fsync, sync_s=0.0)
    journal.append(vote(1))
    assert entered.wait(5.0)
    for number in range(2, 50):
        journal.append(vote(number))
    assert len(read_votes(journal.path)) == 49
    leave.set()
    journal.close()


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_a_disk_that_does_not_keep_what_it_took_ends_the_run_at_the_next_vote(tmp_path, number):
    disk = Disk()
    disk.error = OSError(number, os.strerror(number))
    journal = Journal(tmp_path / "votes.jsonl", fsync=disk.fsync, sync_s=0.0)
    journal.append(vote(1))
    assert disk.calls.acquire(timeout=5.0)

    def go_on() -> None:
        deadline = time.monotonic() + 5.0
        while time.monotonic() < deadline:
            journal.append(vote(2))

    with pytest.raises(IncompleteError, match=f"{os.strerror(number)}.*may be lost"):
        go_on()
    disk.error = None
    with pytest.raises(IncompleteError, match="may be lost"):  # a later success does not bring pages back
        journal.close()
    journal.close()


def test_a_run_whose_last_votes_the_disk_refused_is_not_closed_in_silence(tmp_path):
    disk = Disk()
    journal = Journal(tmp_path / "votes.jsonl", fsync=disk.fsync)
    journal.append(vote(1))
    disk.error = OSError(errno.EIO, "Input/output error")
    with pytest.raises(IncompleteError, match="Input/output error"):
        journal.close()


@pytest.mark.slow
def test_a_vote_line_takes_little_time(tmp_path):
    """The bar is 40 µs of processor time for making and writing one line; measured 8 µs on an idle machine."""
    journal = Journal(tmp_path / "votes.jsonl")
    votes = [vote(number, rationale="x" * 200, raw="y" * 200) for number in range(5000)]
    began = time.process_time()
    for each in votes:
        journal.append(each)
    took = time.process_time() - began
    journal.close()
    assert took / 5000 < 40e-6
