"""A run whose results root is in storage: votes are bought in a local folder, and published once it is sealed."""

from __future__ import annotations

import shlex
from dataclasses import replace

from panel_eval.api.remote.publishing import Published, publish
from panel_eval.api.remote.root import remote_root
from panel_eval.api.results import RunResult
from panel_eval.api.results_urls import as_url
from panel_eval.api.run_options import RunOptions
from panel_eval.errors import InputError, Problem


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
    return replace(options, results=options.work), url


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
