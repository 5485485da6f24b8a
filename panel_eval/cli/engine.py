"""What `run --engine` and `--ray-address` mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from panel_eval.errors import InputError

if TYPE_CHECKING:
    from panel_eval.api.engines import EngineChoice, EngineName


def read_engine(name: str, address: str | None, *, alone: bool) -> EngineChoice:
    """The engine that was asked for.

    Args:
        name: of the engine.
        address: of the Ray cluster.
        alone: whether neither `--batch` nor `--shard` was given.

    Raises:
        InputError: there is no such engine, or it does not go with the other options.
    """
    from panel_eval.api.engines import EngineChoice

    choice = EngineChoice(cast("EngineName", name), address)
    if choice.name != "asyncio" and not alone:
        raise InputError(f"--engine {choice.name} goes neither with --batch nor with --shard; leave one out")
    return choice
