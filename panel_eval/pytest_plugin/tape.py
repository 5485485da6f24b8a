"""The cassette of one test: played, or recorded, and what is said of it when the test is over."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vcr import VCR
from vcr.cassette import Cassette, CassetteNotFoundError

from panel_eval.errors import CassetteMissError, PanelEvalError, printable
from panel_eval.judges.secrecy import without_keys
from panel_eval.pytest_plugin.blocking import blocked, opened
from panel_eval.pytest_plugin.cassette_file import Interactions, cassette_text, read_cassette, write_cassette
from panel_eval.pytest_plugin.hooks import OPTION
from panel_eval.pytest_plugin.key_search import leaks_in_text
from panel_eval.pytest_plugin.scrubbing import scrub_request, scrub_response

MATCHED = ("method", "scheme", "host", "port", "path", "query", "body")
"""What must be the same for a recording to answer a request."""

_MOST_NAMED = 5


@dataclass(frozen=True)
class TapeSettings:
    """How a test uses its cassette.

    Attributes:
        path: of the cassette.
        test: the test's node id, for messages.
        record: none, missing or all.
        allow_unused: recordings that were not asked for are no failure.
        allow_misses: requests that were not recorded are no failure, if the test lives with the error.
        loopback: connections to this machine stay open while the cassette is played.
    """

    path: Path
    test: str
    record: str = "none"
    allow_unused: bool = False
    allow_misses: bool = False
    loopback: bool = False

    @property
    def how(self) -> str:
        """The command that records the cassette."""
        together = ", with all tests that share the cassette" if self.allow_unused else ""
        return f"pytest '{self.test}' {OPTION}=all{together}"


class Tape:
    """The cassette of a test, as the fixture `panel_cassette` gives it.

    Args:
        settings: how it is used.
        recorded: test to what it recorded on this cassette in this session. Where tests share it (`allow_unused`),
            what this one records is added.

    Attributes:
        path: its file.
        recording: whether requests go out and are recorded, in this test.
        misses: requests that the cassette does not hold, as they came.
        attempts: where else the code under test tried to connect to.

    Raises:
        CassetteMissError: there is no such file, and nothing is recorded.
        InputError: the file is no cassette.
    """

    def __init__(self, settings: TapeSettings, recorded: dict[str, Interactions] | None = None) -> None:
        self._settings = settings
        self._session = recorded if recorded is not None and settings.allow_unused else {}
        self.path = settings.path
        there = self.path.is_file() and not self._session
        self.recording = settings.record == "all" or (settings.record == "missing" and not there)
        self.misses: list[str] = []
        self.attempts: list[str] = []
        if not self.recording and not there:
            raise CassetteMissError(f"there is no cassette {self.path}. Record it: {settings.how}")
        self._recorded: Interactions = ([], []) if self.recording else read_cassette(self.path)
        self._cassette: Any = None

    @property
    def requests(self) -> list[str]:
        """The requests on the cassette, as method and URL: those recorded before, or in this test so far."""
        return [_named(request) for request in self._cassette.requests]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Answer requests from the cassette, with the network closed; or let them out, and record."""
        with ExitStack() as stack:
            guard = opened() if self.recording else blocked(self.attempts, loopback=self._settings.loopback)
            stack.enter_context(guard)
            stack.enter_context(_unlogged())
            self._cassette = stack.enter_context(_Played.use(**self._config(), tape=self))
            yield

    def missed(self, request: Any) -> CassetteMissError:
        """Note a request that the cassette does not hold."""
        said = f"{_named(request)} is not in {self.path.name}{self._nearest(request)}"
        self.misses.append(said)
        return CassetteMissError(f"request not in the cassette: {said}\nRecord it: {self._settings.how}")

    def after_success(self) -> str | None:
        """After a test that passed: why it fails all the same, or None; a recording is written here."""
        if self.recording:
            return self._written()
        return self._refused() or self._unused()

    def after_failure(self, error: BaseException) -> str | None:
        """After a test that failed: what its cassette has to do with it, or None if the error says that."""
        if self.recording:
            return "nothing was recorded, since the test failed"
        return None if isinstance(error, CassetteMissError) else self._refused()

    def _refused(self) -> str | None:
        if self._settings.allow_misses or not (self.misses or self.attempts):
            return None
        lines = [f"CassetteMissError: {line}" for line in _first(self.misses)]
        lines += [f"NetworkBlockedError: tried to connect to {where}" for where in _first(self.attempts)]
        fix = (
            "The test asked for what was never recorded (and went on without it). If the new requests are right, "
            f"record them: {self._settings.how}"
        )
        return "\n".join([*lines, fix, "If misses are meant: @pytest.mark.panel_cassette(allow_misses=True)"])

    def _unused(self) -> str | None:
        played = self._cassette.play_counts
        unused = [_named(request) for place, request in enumerate(self._cassette.requests) if not played[place]]
        if self._settings.allow_unused or not unused:
            return None
        return "\n".join(
            [
                f"{len(unused)} of {len(self._cassette)} recordings in {self.path} were never asked for:",
                *(f"  {line}" for line in _first(unused)),
                f"The test no longer sends what it sent. If that is right, record anew: {self._settings.how}",
                "If several tests share this cassette: @pytest.mark.panel_cassette(NAME, allow_unused=True)",
            ]
        )

    def _written(self) -> str | None:
        """Write what was recorded; why it must not be written, or None."""
        if not len(self._cassette):
            return f"no request was sent, so {self.path} was not recorded. Does the test need a cassette?"
        own = list(self._cassette.requests), list(self._cassette.responses)
        parts = {**self._session, self._settings.test: own}.values()
        try:
            text = cassette_text(*([each for part in parts for each in part[side]] for side in (0, 1)))
        except PanelEvalError as error:
            return f"nothing was recorded: {error}"
        if leaks := leaks_in_text(text, self.path):
            return "\n".join(
                [
                    f"nothing was recorded: {self.path.name} would hold what looks like a key:",
                    *(f"  {line}" for line in _first(leaks)),
                    "Send keys in headers, which are dropped, and keep them out of prompts and answers.",
                ]
            )
        write_cassette(self.path, text)
        self._session[self._settings.test] = own
        return None

    def _nearest(self, request: Any) -> str:
        """How the request differs from the recorded one that is most like it."""
        near = self._cassette.find_requests_with_most_matches(request)
        if not near:
            return ""
        _, _, differences = near[0]
        if not differences:
            return ": recorded, but every recording of it was played already"
        lines = [line for name, words in differences for line in f"{name}: {words}".splitlines()]
        return "\n  ".join([", which differs from the nearest recording in", *(_clean(line) for line in lines)])

    def _config(self) -> dict[str, Any]:
        vcr = VCR(
            record_mode="all" if self.recording else "none",
            match_on=MATCHED,
            before_record_request=scrub_request,
            before_record_response=scrub_response,
            decode_compressed_response=True,
        )
        vcr.register_persister(_Shelf(self._recorded))
        config: dict[str, Any] = vcr.get_merged_config(path=os.fspath(self.path))
        return config


@contextmanager
def _unlogged() -> Iterator[None]:
    """No log lines of vcrpy: they hold whole URLs, keys and all."""
    logger = logging.getLogger("vcr")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


@dataclass(frozen=True)
class _Shelf:
    """Hands vcrpy the interactions that were read already, and writes nothing: a test decides that when it ends."""

    recorded: Interactions

    def load_cassette(self, path: str, serializer: object) -> Interactions:
        if not self.recorded[0]:
            raise CassetteNotFoundError
        return self.recorded

    def save_cassette(self, path: str, cassette: object, serializer: object) -> None:
        return None


class _Played(Cassette):  # type: ignore[misc]
    """A cassette whose misses are noted and raised before a client can turn them into outages."""

    def __init__(self, *args: Any, tape: Tape, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tape = tape

    def can_play_response_for(self, request: Any) -> bool:
        if super().can_play_response_for(request):
            return True
        if self.write_protected and self.filter_request(request):
            raise self._tape.missed(self.filter_request(request))
        return False


def _named(request: Any) -> str:
    return _clean(f"{request.method} {request.uri}")


def _clean(line: str) -> str:
    return printable(without_keys(line))


def _first(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST_NAMED
    return lines[:_MOST_NAMED] + ([f"… and {more} more"] if more > 0 else [])
