"""A labelling server in a thread of its own: started, asked how far it is, stopped."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from aiohttp import web

from panel_eval.errors import InputError, Problem
from panel_eval.labelling.links import Links, links_for
from panel_eval.labelling.log import read_log
from panel_eval.labelling.progress import StudyProgress, study_progress
from panel_eval.labelling.server import application
from panel_eval.labelling.store import LabelStore
from panel_eval.labelling.study import Study

HOST = "127.0.0.1"
_PATIENCE_S = 2.0
"""How long stopping waits for requests under way."""


class LabellingServer:
    """The page of one study, served on this machine until it is stopped. Usable in `with`.

    Attributes:
        study: what is labelled.
        state: the log.
        out: the label file.
        url: for anybody who labels here; the page asks for the name.
        links: reviewer to a link of their own, for the reviewers of the study.
        port_changed: whether links of an earlier start now lead nowhere, because their port is taken.
    """

    def __init__(self, study: Study, store: LabelStore, links: Links, listening: socket.socket) -> None:
        self.study, self.state, self.out = study, store.state, store.out
        self._store = store
        port: int = listening.getsockname()[1]
        self.port_changed = links.port not in (None, port)
        base = f"http://{HOST}:{port}/#key="
        self.url = base + links.key()
        self.links = {name: base + links.key(name) for name in study.reviewers}
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._ended: asyncio.Event | None = None
        self._thread = threading.Thread(
            target=self._serve, args=(application(store, links), listening), name="labelling", daemon=True
        )
        self._thread.start()
        self._ready.wait()

    def progress(self) -> StudyProgress:
        """How far the study is by now."""
        return study_progress(read_log(self.state), self.study.reviewers)

    def stop(self) -> None:
        """Finish the requests under way, bring the label file up to date, give up port and log. Twice is once."""
        if self._ended is None:
            return
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._ended = None
        self._store.close()

    def __enter__(self) -> LabellingServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self, app: web.Application, listening: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._until_stopped(app, listening))
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _until_stopped(self, app: web.Application, listening: socket.socket) -> None:
        self._ended = asyncio.Event()
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_PATIENCE_S)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        self._ready.set()
        await self._ended.wait()
        await runner.cleanup()


def start_server(
    study: Study,
    state: Path,
    out: Path,
    *,
    port: int | None = None,
    new_wording: bool = False,
    new_links: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> LabellingServer:
    """Serve a study on this machine.

    Args:
        study: what is labelled.
        state: the log; made if missing, gone on with if not.
        out: the label file.
        port: to listen on; default: the one of the last start if it is free, else any free one.
        new_wording: go on although the rubric's words changed.
        new_links: links handed out before let nobody in any more.
        tell: is told, in a sentence, where the label file cannot be written.

    Raises:
        InputError: the port is taken, the log is of another study or in use, or a file cannot be written.
    """
    links = links_for(state, renew=new_links)
    store = LabelStore(study, state, out, new_wording=new_wording, tell=tell)
    try:
        listening = _listen(port, links.port)
        links.keep(listening.getsockname()[1])
        return LabellingServer(store.study, store, links, listening)
    except BaseException:
        store.close()
        raise


def _listen(port: int | None, last: int | None) -> socket.socket:
    for candidate in [port] if port else [last or 0, 0]:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, candidate))
            listening.listen(128)
            return listening
        except OSError as error:
            listening.close()
            why = error.strerror
    fix = "name another one, or leave --port out for a free one"
    raise InputError(Problem(f"port {port} cannot be listened on: {why}", fix=fix))
