"""A run whose results root is in storage: votes are bought in a local folder, and published once it is sealed."""

from __future__ import annotations

import shlex
from dataclasses import replace

from panel_eval.api.preparing import Prepared
from panel_eval.api.remote.publishing import UNPUBLISHED, Published, is_unpublished, publish
from panel_eval.api.remote.root import remote_root
from panel_eval.api.results import RunResult, open_run
from panel_eval.api.results_urls import as_url
from panel_eval.api.run_options import RunOptions
from panel_eval.engine import RunDirectory
from panel_eval.engine.run_directory import read_state
from panel_eval.errors import IncompleteError, InputError, Problem


def bought_here(options: RunOptions) -> tuple[RunOptions, str | None]:
    """Options by which a run is carried out on this machine, and the URL that it is to be published to, if any.

    Storage is asked before any vote is bought.

    Raises:
        InputError: the URL cannot be used, or storage cannot be read.
    """
    url = as_url(options.results)
    if url is None:
        return options, None
    remote_root(url).names()
    return replace(options, results=options.work, publish_to=url), url


def mark_unpublished(directory: RunDirectory, options: RunOptions) -> None:
    """Leave word in a run, before it is sealed, that it is still to be published; `publish` takes it away.

    Raises:
        IncompleteError: the disk is full or failing.
    """
    if options.publish_to is None:
        return
    target = directory.path / UNPUBLISHED
    try:
        target.write_text(options.publish_to, "utf-8")
    except OSError as error:
        raise IncompleteError(f"cannot write {target}: {error.strerror}. Free space and run again") from None


def bought_before(prepared: Prepared, options: RunOptions) -> RunResult | None:
    """The last run of the same, if it came to its end and was not published: nothing is bought again then.

    None as well where a new run, or one of the votes that failed, is asked for.
    """
    last = prepared.last_run(options.results)
    if options.publish_to is None or options.fresh or options.retry_failed or last is None:
        return None
    if read_state(last) != "sealed" or not is_unpublished(last, options.publish_to):
        return None
    if options.on_notice is not None:
        options.on_notice(f"{last} was bought earlier and not published yet: it is now, and no judge is asked")
    return open_run(last)


def publish_sealed(result: RunResult, url: str) -> Published | None:
    """Publish a run that was just carried out, if it came to its end.

    Raises:
        InputError: storage fails; the run is sealed and kept all the same, and the message says where.
    """
    if result.manifest.state != "sealed" or result.directory is None:
        return None
    try:
        return publish(result, url)
    except InputError as error:
        again = f"panel-eval publish {shlex.quote(str(result.directory))} {shlex.quote(url)}"
        kept = Problem("the run is sealed and lies here; it is not published yet", path=result.directory, fix=again)
        raise InputError([*error.problems, kept]) from None
