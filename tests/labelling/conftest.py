"""A running server on a small study, and browsers in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from labelling_page import Desk, OpenDesk, open_desk
from made_studies import Serve, made_study

from panel_eval.labelling import LabellingServer, Study, start_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a server: `serve(study, …)`; stopped when the test ends."""
    with ExitStack() as closing:

        def starter(study: Study | None = None, **options: Any) -> LabellingServer:
            served = study or made_study()
            server = start_server(served, tmp_path / "labels.log.jsonl", tmp_path / "labels.jsonl", **options)
            return closing.enter_context(server)

        yield starter


@pytest.fixture
def sit(chromium: Browser) -> Iterator[OpenDesk]:
    """Opens a link for a reviewer: `sit(link, …)`; closed when the test ends."""
    contexts = []

    def opener(link: str, **options: Any) -> Desk:
        desk = open_desk(chromium, link, **options)
        contexts.append(desk.page.context)
        return desk

    yield opener
    for context in contexts:
        context.close()
