"""`panel-eval compare`: runs beside a baseline, item by item: better, worse, or can't tell?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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
    from panel_eval.cli.deliveries import STDOUT, deliver, json_text, refuse_targets
    from panel_eval.report import comparison_report_markdown, print_comparison, render_comparison

    refuse_targets([path for path in (json, markdown, html) if path])
    report = compare_runs(base, candidates, alpha=alpha, flips=flips, seed=seed, resamples=resamples)
    if json:
        deliver(json, json_text(report, json))
    if markdown:
        deliver(markdown, comparison_report_markdown(report))
    if html:
        deliver(html, render_comparison(report))
    if STDOUT not in (json, markdown, html):
        to_stdout(lambda console: print_comparison(report, console))
