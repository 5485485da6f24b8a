"""A user's check in a real process: what it answers, and that nothing it does reaches further."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from panel_eval.errors import InputError
from panel_eval.humans.adjudication.findings import CheckedItem, Finding
from panel_eval.humans.adjudication.python_check import MOST_FAILURES, PythonChecking, python_check
from panel_eval.schema import SoftLabel
from panel_eval.schema.adjudication_policy import PythonCheck

LABELS = ("correct", "incorrect")
CHECKS = """
import os, sys, time

def check(item):
    what = item["content"]["do"]
    return ACTIONS[what](item)

def spawn(item):
    for escapes in (False, True):
        for _ in range(5):
            if os.fork() == 0:
                if escapes:
                    os.setsid()
                with open(item["content"]["text"], "a") as file:
                    file.write(f"{os.getpid()}\\n")
                time.sleep(600)
                os._exit(0)
    return "correct"

def daemon(item):
    middle = os.fork()
    if middle == 0:
        os.setsid()
        if os.fork() == 0:
            with open(item["content"]["text"], "w") as file:
                file.write(str(os.getpid()))
            os.execve("/bin/sleep", ["sleep", "600"], {})
        os._exit(0)
    os.waitpid(middle, 0)
    while not os.path.getsize(item["content"]["text"]):
        time.sleep(0.01)
    return "correct"

def disk(item):
    with open("big", "wb") as file:
        file.truncate(1 << 30)
    return "correct"

def flood(item):
    block = b"x" * (1 << 20)
    for _ in range(1024):
        os.write(1, block)
        os.write(2, block)
    return "correct"

def scribble(item):
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"boo\\n")
        except OSError:
            pass
    return "correct"

ACTIONS = {
    "right": lambda item: "correct",
    "why": lambda item: ("incorrect", "off by\\none"),
    "unsure": lambda item: None,
    "print": lambda item: print("correct", file=sys.stdout, flush=True) or "incorrect",
    "raise": lambda item: 1 / 0,
    "exit": lambda item: sys.exit("correct"),
    "die": lambda item: os._exit(3),
    "hang": lambda item: time.sleep(600),
    "spin": lambda item: [None for _ in iter(int, 1)],
    "foreign": lambda item: "maybe",
    "number": lambda item: 1,
    "memory": lambda item: len(bytearray(4 << 30)) and "correct",
    "secret": lambda item: ("incorrect", os.environ.get("API_KEY", "none")),
    "item": lambda item: ("correct", str(sorted(item))),
    "spawn": spawn, "daemon": daemon, "disk": disk, "flood": flood, "scribble": scribble,
    "where": lambda item: ("correct", ",".join(os.listdir("."))),
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "checks.py").write_text(CHECKS)
    return tmp_path


def policy(entry: str = "checks.py:check", timeout_s: float = 5.0, memory_mb: int = 512) -> PythonCheck:
    return PythonCheck(check="python", entry=entry, timeout_s=timeout_s, memory_mb=memory_mb)


def item(what: str, text: str = "") -> CheckedItem:
    votes = {"correct": 1, "incorrect": 2}
    content = {"do": what, "text": text}
    return CheckedItem(SoftLabel(item_id=what, task="t", counts=votes, content=content), {"answer": "7"})


def ask(folder: Path, *what: str, timeout_s: float = 5.0) -> list[Finding]:
    with python_check(policy(timeout_s=timeout_s), LABELS, folder) as check:
        return [check(item(one)) for one in what]


def test_a_function_may_give_a_label_a_reason_or_nothing(folder: Path) -> None:
    right, why, unsure = ask(folder, "right", "why", "unsure")
    assert (right.label, right.failed) == ("correct", False)
    assert why == Finding("incorrect", "off by one")
    assert (unsure.label, unsure.failed) == (None, False)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("raise", "ZeroDivisionError: division by zero (checks.py:"),
        ("exit", "SystemExit: correct"),
        ("die", "ended with exit code 3"),
        ("foreign", "'maybe', which is no label"),
        ("number", "returned int"),
        ("memory", "MemoryError"),
        ("disk", "OSError: [Errno 27] File too large"),  # than the memory may be: 512 MB
        ("scribble", "answered nonsense"),
    ],
)
def test_what_goes_wrong_is_told_and_is_no_label_and_the_next_item_is_checked(
    folder: Path, what: str, told: str
) -> None:
    wrong, right = ask(folder, what, "right")
    assert (wrong.label, wrong.failed) == (None, True)
    assert told in wrong.why
    assert right.label == "correct"


@pytest.mark.parametrize("what", ["hang", "spin"])
def test_what_takes_too_long_is_killed_and_the_next_item_is_checked(folder: Path, what: str) -> None:
    began = time.monotonic()
    wrong, right = ask(folder, what, "right", timeout_s=0.5)
    assert wrong == Finding(None, "the check took longer than 0.5 s", failed=True)
    assert right.label == "correct"
    assert time.monotonic() - began < 5.0


def test_printing_is_no_answer(folder: Path) -> None:
    assert ask(folder, "print")[0].label == "incorrect"


@pytest.mark.slow
def test_two_gigabytes_of_output_go_nowhere(folder: Path) -> None:
    assert ask(folder, "flood", timeout_s=60.0)[0].label == "correct"


def test_no_process_is_left_neither_in_the_group_nor_outside(folder: Path) -> None:
    told = folder / "pids"
    with python_check(policy(timeout_s=1.0), LABELS, folder) as check:
        assert check(item("spawn", str(told))).label == "correct"
        assert check(item("hang")).failed  # by then they are all at work
        pids = [int(line) for line in told.read_text().split()]
        assert len(pids) == 10
    deadline = time.monotonic() + 5.0
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found in /proc")
def test_a_daemon_without_environment_and_group_is_ended_too(folder: Path) -> None:
    told = folder / "pid"
    told.touch()
    with python_check(policy(), LABELS, folder) as check:
        assert check(item("daemon", str(told))).label == "correct"
        daemon = int(told.read_text())
        assert is_alive(daemon)
    deadline = time.monotonic() + 5.0
    while is_alive(daemon) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(daemon)


def is_alive(pid: int) -> bool:
    """Whether it is still there, and no zombie that waits to be noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_secrets_of_the_environment_are_not_handed_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "s3cret")
    assert ask(folder, "secret")[0].why == "none"


def test_a_check_sees_the_item_and_not_the_votes(folder: Path) -> None:
    (found,) = ask(folder, "item")
    assert found.why == "['answers', 'content', 'gold_label', 'item_id', 'labels', 'metadata', 'task']"


def test_it_works_in_an_empty_folder_of_its_own(folder: Path) -> None:
    assert ask(folder, "where")[0].why == "checks.py:check says so"  # nothing to list


def test_an_item_of_many_megabytes_is_handed_over(folder: Path) -> None:
    with python_check(policy(), LABELS, folder) as check:
        assert check(item("right", "x" * (5 << 20))).label == "correct"


def test_a_check_that_fails_again_and_again_is_given_up(folder: Path) -> None:
    found = ask(folder, *["die"] * (MOST_FAILURES + 1), "right")
    assert "not tried" in found[-1].why
    assert found[-1].failed


def test_one_process_serves_many_items(folder: Path) -> None:
    (folder / "counting.py").write_text("n = 0\ndef check(item):\n global n\n n += 1\n return 'correct', str(n)\n")
    with python_check(policy("counting.py:check"), LABELS, folder) as check:
        assert [check(item("right")).why for _ in range(3)] == ["1", "2", "3"]


def test_a_slow_start_is_not_held_against_the_items(folder: Path) -> None:
    (folder / "slow.py").write_text("import time\ntime.sleep(1.0)\ndef check(item):\n return 'correct'\n")
    with python_check(policy("slow.py:check", timeout_s=0.5), LABELS, folder) as check:
        assert check(item("right")).label == "correct"


def test_modules_beside_the_rubric_and_installed_ones_are_found(folder: Path) -> None:
    (folder / "helping.py").write_text("answer = 'correct'\n")
    (folder / "mine.py").write_text("import helping, numpy\ndef check(item):\n return helping.answer\n")
    for entry in ("mine.py:check", "mine:check"):
        with python_check(policy(entry, memory_mb=2048), LABELS, folder) as check:
            assert check(item("right")).label == "correct"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("missing.py:check", "there is no file missing.py"),
        ("no_such_module:check", "No module named 'no_such_module'"),
        ("checks.py:chek", "checks.py has no function chek"),
        ("checks.py:ACTIONS", "has no function"),
        ("broken.py:check", "SyntaxError"),
        ("leaves.py:check", "SystemExit"),
        ("/etc/passwd.py:check", "there is no file passwd.py"),
    ],
)
def test_a_function_that_cannot_be_loaded_is_an_error_of_the_policy(folder: Path, entry: str, told: str) -> None:
    (folder / "broken.py").write_text("def check(:\n")
    (folder / "leaves.py").write_text("raise SystemExit\n")
    with python_check(policy(entry), LABELS, folder) as check, pytest.raises(InputError) as caught:
        check(item("right"))
    assert told in str(caught.value)
    assert "adjudication.verify.entry" in str(caught.value)


def test_the_temporary_folder_is_gone_afterwards(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "temporary"
    own.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(own))
    check = PythonChecking(policy(), LABELS, folder)
    check(item("right"))
    assert len(os.listdir(own)) == 1  # noqa: PTH208
    check.close()
    assert not os.listdir(own)  # noqa: PTH208
