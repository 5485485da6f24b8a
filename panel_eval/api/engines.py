"""What carries a run's requests: this process, or workers on a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from panel_eval.api.preparing import Prepared
from panel_eval.engine.ray import spread
from panel_eval.errors import InputError

EngineName = Literal["asyncio", "ray"]


@dataclass(frozen=True)
class EngineChoice:
    """Which engine, and where it is.

    Attributes:
        name: ``asyncio``, this process; or ``ray``.
        address: of the Ray cluster; None = what RAY_ADDRESS says, else a Ray started on this machine.
    """

    name: EngineName = "asyncio"
    address: str | None = None

    def __post_init__(self) -> None:
        if self.name not in ("asyncio", "ray"):
            raise InputError(f"there is no engine {self.name!r}; use asyncio or ray")
        if self.name != "ray" and self.address is not None:
            raise InputError("a Ray address is given, but the engine is not ray; add --engine ray")


HERE = EngineChoice()


@dataclass(frozen=True)
class Running:
    """A run's parts on its engine.

    Attributes:
        prepared: with judges whose requests the engine carries.
        facts: the engine as run.json tells of it by now; None where that is this process alone.
    """

    prepared: Prepared
    facts: Callable[[], dict[str, Any] | None]


@contextmanager
def on_engine(
    prepared: Prepared, choice: EngineChoice, tell: Callable[[str], None] | None = None
) -> Iterator[Running]:
    """The run's parts on an engine, which ends with the block.

    Args:
        prepared: what is to be run.
        choice: the engine.
        tell: told, in a line, when a worker is lost.

    Raises:
        InputError: nothing of this panel could be spread.
        JudgeSetupError: Ray is not installed, no cluster is there, or a node lacks something.
    """
    if choice.name == "asyncio":
        yield Running(prepared, lambda: None)
        return
    with spread(prepared.judges, prepared.file.folder, address=choice.address, tell=tell) as over:
        yield Running(replace(prepared, judges=over.judges), lambda: over.facts)
