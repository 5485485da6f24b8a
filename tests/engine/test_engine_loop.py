"""One loop for the whole process, usable where a loop already runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import pytest
from engine_panel import judge, open_run, plan_of

from panel_eval.engine import execute, run_async
from panel_eval.judges.fake import FakeTransport


async def running_loop():
    return asyncio.get_running_loop()


def test_all_calls_share_one_loop():
    assert run_async(running_loop()) is run_async(running_loop())


def test_it_works_inside_a_running_loop_as_in_a_notebook():
    async def cell():
        return run_async(running_loop()), asyncio.get_running_loop()

    theirs, ours = asyncio.run(cell())
    assert theirs is not ours
    assert theirs is run_async(running_loop())


def test_errors_come_out_as_they_are():
    async def failing():
        raise ValueError("this one")

    with pytest.raises(ValueError, match="this one"):
        run_async(failing())


def test_a_call_from_the_loop_itself_is_refused_instead_of_hanging():
    async def nested():
        return run_async(running_loop())

    with pytest.raises(RuntimeError, match="await the coroutine instead"):
        run_async(nested())


def test_several_runs_and_threads_use_it_one_after_the_other(tmp_path):
    transport = FakeTransport(lambda _request: "kind")
    judges = [judge(tmp_path, "a", transport)]
    plan = plan_of(tmp_path, judges, 5)
    states = []
    for _ in range(2):
        with open_run(tmp_path, plan) as run:
            states.append(run_async(execute(plan, judges, run)).state)
    with open_run(tmp_path, plan) as run:
        thread = threading.Thread(target=lambda: states.append(run_async(execute(plan, judges, run)).state))
        thread.start()
        thread.join()
    assert states == ["sealed"] * 3


def test_a_process_with_work_left_on_the_loop_ends_quietly():
    program = """
import asyncio
from panel_eval.engine import run_async
async def leave_something():
    asyncio.get_running_loop().leftover = asyncio.ensure_future(asyncio.sleep(1000))
run_async(leave_something())
"""
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", program], capture_output=True, text=True, timeout=30
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_ctrl_c_while_waiting_cancels_the_work_and_comes_through():
    program = """
import asyncio, os, signal, threading
from panel_eval.engine import run_async
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit "ignore"
async def long():
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        await asyncio.sleep(1000)
    except asyncio.CancelledError:
        print("cancelled", flush=True)
        raise
try:
    run_async(long())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert ended.stdout.split() == ["cancelled", "interrupted"]
    assert ended.returncode == 0


SIGNALS = """
import asyncio, os, signal, threading, time
from panel_eval.engine import run_async
handled = 0
def handle(*_):
    global handled
    handled += 1
signal.signal(signal.SIGTERM, handle)
async def once():
    before = handled
    os.kill(os.getpid(), signal.SIGTERM)
    threads = [threading.Thread(target=time.sleep, args=(0.001,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 5
    while handled == before and time.monotonic() < deadline:
        await asyncio.sleep(0.005)
    return handled == before
print(sum(run_async(once()) for _ in range(100)))
"""


def test_a_signal_that_a_starting_thread_takes_is_handled_all_the_same():
    """Without waking up now and then, the main thread misses some of a hundred until something else wakes it."""
    done = subprocess.run([sys.executable, "-c", SIGNALS], capture_output=True, text=True, timeout=600)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_gets_a_loop_of_its_own():
    program = """
import os
from panel_eval.engine import run_async
async def one(): return 1
run_async(one())
child = os.fork()
if child == 0:
    os._exit(run_async(one()) + 6)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert ended.stdout == "7\n"
