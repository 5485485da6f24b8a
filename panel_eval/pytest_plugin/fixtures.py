"""The plugin's fixtures; what they do is imported when a test wants them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from panel_eval.pytest_plugin.hooks import OPTION, RECORDED, TAPE

if TYPE_CHECKING:
    from panel_eval.pytest_plugin.tape import Tape
    from panel_eval.pytest_plugin.tiny_runs import PanelRunner

_MARKER = "panel_cassette"


@pytest.fixture
def panel_cassette_dir(request: pytest.FixtureRequest) -> Path:
    """Where the cassettes of a test lie: ``cassettes/MODULE`` beside it. Override it to put them elsewhere."""
    return request.path.parent / "cassettes" / request.path.stem


@pytest.fixture
def panel_cassette(request: pytest.FixtureRequest, panel_cassette_dir: Path) -> Iterator[Tape]:
    """Answers HTTP requests from a recording, and nothing else; see docs/testing-judges.md."""
    tape = _tape(request, panel_cassette_dir)
    if isinstance(tape, str):
        pytest.fail(tape, pytrace=False)
    with tape.running():
        request.node.stash[TAPE] = tape
        yield tape
        del request.node.stash[TAPE]


@pytest.fixture
def panel_run(request: pytest.FixtureRequest, tmp_path: Path) -> PanelRunner:
    """Runs a panel on a few items with scripted answers or recorded votes; see docs/testing-judges.md."""
    from panel_eval.pytest_plugin.tiny_runs import PanelRunner

    return PanelRunner(request.path.parent, tmp_path / "panel_run", tape=lambda: request.node.stash.get(TAPE, None))


@pytest.fixture(autouse=True)
def panel_cassette_by_marker(request: pytest.FixtureRequest) -> None:
    """A test that bears the marker has the cassette, whether it names the fixture or not."""
    if request.node.get_closest_marker(_MARKER) is not None:
        request.getfixturevalue("panel_cassette")


def _tape(request: pytest.FixtureRequest, folder: Path) -> Tape | str:
    """The test's cassette, or why there is none."""
    if find_spec("vcr") is None:
        return "cassettes need vcrpy: pip install 'panel-eval[pytest]'"
    from panel_eval.errors import PanelEvalError
    from panel_eval.pytest_plugin.cassette_path import cassette_path
    from panel_eval.pytest_plugin.tape import Tape, TapeSettings

    name, kwargs = _marked(request.node.get_closest_marker(_MARKER))
    try:
        path = cassette_path(folder, name, request.node.name, getattr(request.cls, "__name__", None))
        settings = TapeSettings(path, request.node.nodeid, request.config.getoption(OPTION), **kwargs)
        recorded = request.config.stash.setdefault(RECORDED, {})
        return Tape(settings, recorded.setdefault(path.resolve(), {}))
    except PanelEvalError as error:
        return f"{type(error).__name__}: {error}"


def _marked(marker: pytest.Mark | None) -> tuple[str | None, dict[str, bool]]:
    """The name and the settings that a marker gives."""
    if marker is None:
        return None, {}
    kwargs = dict(marker.kwargs)
    names = [*marker.args, *([kwargs.pop("name")] if "name" in kwargs else [])]
    unknown = sorted(kwargs.keys() - {"allow_unused", "allow_misses", "loopback"})
    if len(names) > 1 or unknown or not all(isinstance(name, str) for name in names):
        pytest.fail(
            f"pytest.mark.{_MARKER} takes one name, allow_unused, allow_misses and loopback; found "
            f"{[*marker.args, *unknown]}",
            pytrace=False,
        )
    return (names[0] if names else None), kwargs
