"""`panel-eval history`: all runs as a table, a page or a picture, and whether the panel has changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from panel_eval.schema.history import HistoryReport

CHANGED = 1
_STDOUT = Path("-")


def history(
    results: Annotated[str, typer.Argument(help="Folder or URL of runs.")] = "results",
    panel: Annotated[str | None, typer.Option(help="Only runs of the panel of this name.")] = None,
    task: Annotated[str | None, typer.Option(help="Only runs of this task.")] = None,
    last: Annotated[
        int | None, typer.Option(min=1, help="Show so many of the newest runs; all runs count as evidence.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="RUN", help="Begin anew with this run: what changed before is accepted.")
    ] = None,
    alpha: Annotated[
        float, typer.Option(help="Chance that a stream in which nothing changes ever raises an alarm.")
    ] = 0.05,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if the newest runs are in an alarm.")] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON; - prints it.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the trend as a page.")] = None,
    png: Annotated[Path | None, typer.Option("--png", help="Write the trend as a picture.")] = None,
    db: Annotated[
        str | None, typer.Option("--db", metavar="URL", help="Mirror the runs into a database (extra `db`).")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="With --db: make all its tables anew.")] = False,
) -> None:
    """Show all sealed runs, and say whether the panel has changed. No model is asked.

    Nights are compared with all earlier ones of the same instrument, in a way that may be looked at every night: a
    stream in which nothing changes ever raises an alarm with a chance of alpha at most.
    """
    from panel_eval import api
    from panel_eval.api.folders import refuse_run_file
    from panel_eval.cli.console import to_stdout
    from panel_eval.report import print_history
    from panel_eval.report.history import LAST_RUNS

    for target in (json, html, png):
        if target is not None:
            refuse_run_file(target)
    report = api.history(results, panel=panel, task=task, alpha=alpha, last=last, since=since)
    if json == _STDOUT:
        typer.echo(report.model_dump_json(indent=1))
    else:
        to_stdout(lambda console: print_history(report, console, last=last or LAST_RUNS))
    _write_files(report, results, json, html, png)
    if db is not None:
        all_runs = (panel, task, last, since) == (None, None, None, None)
        _mirror(results, db, rebuild, report if all_runs else api.history(results, alpha=alpha))
    if check and api.alarmed(report):
        raise typer.Exit(CHANGED)


def _write_files(
    report: HistoryReport, results: str, json: Path | None, html: Path | None, png: Path | None
) -> None:
    from panel_eval.api.documents import document_bytes
    from panel_eval.api.folders import replace_file
    from panel_eval.report import write_history_page, write_history_png

    if json is not None and json != _STDOUT:
        _write(json, lambda path: replace_file(path, lambda file: file.write(document_bytes(report))))
    if html is not None:
        _write(html, lambda path: write_history_page(report, path, _reports(report, results, path)))
    if png is not None:
        _write(png, lambda path: write_history_png(report, path))


def _write(path: Path, write: Callable[[Path], object]) -> None:
    from panel_eval.cli.console import say
    from panel_eval.errors import InputError, Problem

    try:
        write(path)
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=path)) from None
    say(f"panel-eval: wrote {path}")


def _reports(report: HistoryReport, results: str, page: Path) -> dict[str, str]:
    """Run id to the address of its report as seen from the page, of runs in a folder."""
    from panel_eval.api.results import REPORT

    found = {run.run_id: Path(results) / run.run_id / REPORT for run in report.runs}
    return {
        run: Path(os.path.relpath(path, page.parent)).as_posix() for run, path in found.items() if path.is_file()
    }


def _mirror(results: str, url: str, rebuild: bool, report: HistoryReport) -> None:
    from panel_eval.api.mirror import mirror
    from panel_eval.api.results_root import results_root
    from panel_eval.cli.console import say

    done = mirror(results_root(results), url, rebuild=rebuild, report=report)
    say(f"panel-eval: {done.database} holds {done.runs} runs, {done.added} of them new")
    for folder, why in done.skipped.items():
        say(f"panel-eval: {folder} is not in the database: {why}")
