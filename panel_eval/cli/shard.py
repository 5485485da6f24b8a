"""What `run --shard I/N` needs besides `run`: reading I/N, and saying what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel_eval.cli.console import say
from panel_eval.errors import InputError, Problem, shorten

if TYPE_CHECKING:
    from panel_eval.api import ShardResult
    from panel_eval.engine import Shard


def read_shard(text: str, batch: bool) -> Shard:
    """The part that I/N names.

    Raises:
        InputError: it names none, or is asked for together with `--batch`.
    """
    from panel_eval.engine import Shard

    if batch:
        raise InputError("--shard and --batch do not go together: a batch service needs no second machine")
    try:
        return Shard.parse(text)
    except ValueError:
        fix = "write I/N with I from 1 to N, such as 1/4"
        raise InputError(Problem("--shard names no part", value=shorten(text), fix=fix)) from None


def say_merge(stored: ShardResult) -> None:
    """Say where a complete shard lies, and what to do with it."""
    manifest, where = stored.manifest, stored.directory
    items = manifest.n_items + manifest.n_unlabelled
    say(f"Shard {manifest.shard} is complete: {manifest.votes_stored} votes on {items} items in {where}")
    say("When all shards are: panel-eval merge, with the run directories of all of them, scores them together.")
