"""Votes of earlier runs that a run need not buy again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from panel_eval.api.preparing import Prepared
from panel_eval.api.run_options import RunOptions
from panel_eval.engine import RunDirectory, read_stored, reusable_votes
from panel_eval.schema import RunManifest

_VOTES_AT_ONCE = 5000


def runs_to_reuse(prepared: Prepared, options: RunOptions) -> tuple[Path, ...]:
    """The runs to take votes from: those named, and for `retry_failed` the sealed run whose errors are asked again.

    A sealed run cannot be changed, so its failed votes are asked for in a new run that takes over the others. Where
    nothing is taken over from it, the user is told that all is bought anew.

    Args:
        prepared: what is to be run.
        options: how it is carried out.
    """
    sealed = None
    if not options.fresh and prepared.unfinished_run(options.results) is None:
        sealed = prepared.last_run(options.results)
    if sealed is None:
        return options.reuse
    if options.retry_failed:
        return (*options.reuse, sealed)
    if not options.reuse and options.on_notice is not None:
        options.on_notice(f"{sealed} is complete; a new run asks for all votes anew (--reuse {sealed} keeps them)")
    return options.reuse


def take_over(
    runs: Sequence[Path],
    prepared: Prepared,
    directory: RunDirectory,
    manifest: RunManifest,
    *,
    retry_failed: bool,
) -> RunManifest:
    """Store the votes of earlier runs that answer what the plan still asks for.

    Returns:
        The manifest with the numbers of votes taken over, also written to run.json.

    Raises:
        InputError: a run is missing or damaged.
    """
    if not runs:
        return manifest
    stored = read_stored(directory.journal.path, prepared.plan)
    reusable = reusable_votes(runs, stored, retry_failed=retry_failed)
    votes = reusable.votes()
    while some := list(islice(votes, _VOTES_AT_ONCE)):
        directory.journal.append_many(some)
    taken = {run: manifest.reused.get(run, 0) + count for run, count in reusable.by_run().items() if count}
    manifest = manifest.model_copy(update={"reused": {**manifest.reused, **taken}})
    directory.write_manifest(manifest)
    return manifest
