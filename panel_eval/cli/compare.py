"""`panel-eval compare`: runs beside a baseline, item by item: better, worse, or can't tell?"""

from __future__ import annotations

from collections.abc import Callable
from json import dumps, loads
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
        float, typer.Option(help="Chance of calling any difference where there is none; above 0, below 0.5.")
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
    from panel_eval.cli.console import to_stdout
    from panel_eval.report import print_comparison

    targets = [(path, form) for path, form in ((json, _json), (markdown, _markdown), (html, _html)) if path]
    _refuse([path for path, _ in targets])
    report = compare_runs(base, candidates, alpha=alpha, flips=flips, seed=seed, resamples=resamples)
    for path, form in targets:
        _deliver(path, report, form)
    if not any(path == _STDOUT for path, _ in targets):
        to_stdout(lambda console: print_comparison(report, console))


def _refuse(targets: list[Path]) -> None:
    """Refuse what would only come out after the work is done.

    Raises:
        InputError: one place for two documents, or a file of a run.
    """
    from panel_eval.api.folders import refuse_run_file
    from panel_eval.errors import InputError

    for target in targets:
        if targets.count(target) > 1:
            where = "standard output" if target == _STDOUT else "one file"
            raise InputError(f"{where} holds one of JSON, Markdown and HTML: name another place for the others")
        refuse_run_file(target)


def _json(report: ComparisonReport, printed: bool) -> str:
    """As in all files; printed, in ASCII: a terminal would obey some characters that JSON lets through."""
    from panel_eval.api.documents import document_bytes

    text = document_bytes(report).decode()
    return f"{dumps(loads(text), indent=1)}\n" if printed else text


def _markdown(report: ComparisonReport, _: bool) -> str:
    from panel_eval.report import comparison_report_markdown

    return comparison_report_markdown(report)


def _html(report: ComparisonReport, _: bool) -> str:
    from panel_eval.report import render_comparison

    return render_comparison(report)


def _deliver(path: Path, report: ComparisonReport, form: Callable[[ComparisonReport, bool], str]) -> None:
    """Write to a file, whole or not at all, or to standard output."""
    from panel_eval.api.folders import replace_file
    from panel_eval.cli.console import say
    from panel_eval.errors import InputError, Problem, shorten

    text = form(report, path == _STDOUT)
    if path == _STDOUT:
        typer.echo(text, nl=False)
        return
    try:
        replace_file(path, lambda file: file.write(text.encode()))
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=path)) from None
    say(f"panel-eval: wrote {shorten(str(path), 300)}")
