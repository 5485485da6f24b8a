"""`panel-eval compare`: runs beside a baseline, item by item: better, worse, or can't tell?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from panel_eval.schema.comparison import ComparisonReport

_STDOUT = Path("-")


def compare(
    base: Annotated[str, typer.Argument(help="The baseline: a run directory, as written by run or score.")],
    candidates: Annotated[list[str], typer.Argument(metavar="CANDIDATE...", help="Runs to compare with it.")],
    json: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON; - prints it.")] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", help="Write a pull-request comment or step summary; - prints it.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a self-contained page.")] = None,
    alpha: Annotated[
        float, typer.Option(min=0.0, max=0.5, help="Chance of calling any difference where there is none.")
    ] = 0.05,
    flips: Annotated[int, typer.Option(min=100, help="Random sign patterns of the permutation test.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of sign patterns and resamples.")] = 0,
    resamples: Annotated[
        int, typer.Option(min=100, help="Bootstrap resamples behind intervals of metrics to look at.")
    ] = 2000,
) -> None:
    """Say whether candidates are better or worse than a baseline, on the items that both share. No model is asked.

    The exit code is 0 whatever the verdict: `panel-eval gate` decides. 4: the runs cannot be compared.
    """
    from panel_eval.api.comparing import compare as compare_runs
    from panel_eval.api.folders import refuse_run_file
    from panel_eval.cli.console import to_stdout
    from panel_eval.report import print_comparison

    for target in (json, markdown, html):
        if target is not None:
            refuse_run_file(target)
    report = compare_runs(base, candidates, alpha=alpha, flips=flips, seed=seed, resamples=resamples)
    targets = {json: _json, markdown: _markdown, html: _html}
    for path, written in targets.items():
        if path is not None:
            _deliver(path, report, written)
    if _STDOUT not in targets:
        to_stdout(lambda console: print_comparison(report, console))


def _json(report: ComparisonReport) -> bytes:
    from panel_eval.api.documents import document_bytes

    return document_bytes(report)


def _markdown(report: ComparisonReport) -> bytes:
    from panel_eval.report import comparison_report_markdown

    return comparison_report_markdown(report).encode()


def _html(report: ComparisonReport) -> bytes:
    from panel_eval.report import render_comparison

    return render_comparison(report).encode()


def _deliver(path: Path, report: ComparisonReport, written: Callable[[ComparisonReport], bytes]) -> None:
    """Write to a file, whole or not at all, or to standard output."""
    from panel_eval.api.folders import replace_file
    from panel_eval.cli.console import say
    from panel_eval.errors import InputError, Problem

    content = written(report)
    if path == _STDOUT:
        typer.echo(content.decode(), nl=False)
        return
    try:
        replace_file(path, lambda file: file.write(content))
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=path)) from None
    say(f"panel-eval: wrote {path}")
