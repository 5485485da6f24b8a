"""The plugin's option, its marker, and the end of a test that has a cassette."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from panel_eval.pytest_plugin.cassette_file import Interactions
    from panel_eval.pytest_plugin.tape import Tape

OPTION = "--panel-record"
RECORD_MODES = ("none", "missing", "all")
TAPE: pytest.StashKey[Tape] = pytest.StashKey()
"""The open cassette of a test."""
RECORDED: pytest.StashKey[dict[Path, dict[str, Interactions]]] = pytest.StashKey()
"""What the tests of this session have recorded, by cassette and test."""

_MARKER = (
    "panel_cassette(name=None, *, allow_unused=False, allow_misses=False, loopback=False): "
    "HTTP is answered from this cassette."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that records."""
    parser.getgroup("panel-eval").addoption(
        OPTION,
        choices=RECORD_MODES,
        default="none",
        help="Cassettes: none = only replay (default), missing = record what is not there, all = record anew.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and refuse to record where nobody would look at what was recorded."""
    config.addinivalue_line("markers", _MARKER)
    if config.getoption(OPTION) != "none" and os.environ.get("CI", "").lower() not in ("", "0", "false"):
        raise pytest.UsageError(
            f"{OPTION}: the variable CI is set, and CI only replays. Record on your own machine, look at the "
            "cassettes and commit them; a job that is meant to record unsets CI"
        )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """After a test: what it missed, what it did not use, or what it recorded."""
    try:
        result = yield
    except BaseException as error:
        tape = item.stash.get(TAPE, None)
        if tape is not None and (said := tape.after_failure(error)):
            item.add_report_section("call", "cassette", said)
        raise
    tape = item.stash.get(TAPE, None)
    if tape is not None and (trouble := tape.after_success()):
        pytest.fail(trouble, pytrace=False)
    return result
