"""A running server on a small study."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from made_studies import Serve, made_study

from panel_eval.labelling import LabellingServer, Study, start_server


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a server: `serve(study, …)`; stopped when the test ends."""
    with ExitStack() as closing:

        def starter(study: Study | None = None, **options: Any) -> LabellingServer:
            served = study or made_study()
            server = start_server(served, tmp_path / "labels.log.jsonl", tmp_path / "labels.jsonl", **options)
            return closing.enter_context(server)

        yield starter
