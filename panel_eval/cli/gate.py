"""`panel-eval gate`: may a run replace its baseline? The exit code says so to a CI job."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from panel_eval.api import GatedRun
    from panel_eval.schema.gate_result import GateResult

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable in which GitHub Actions names the file of a step's summary."""


def gate(
    run: Annotated[
        str,
        typer.Argument(
            help="The run that may replace the baseline: its directory or URL, or latest (of --results)."
        ),
    ],
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            "-b",
            help="last-passed, none, a run directory or URL, or a file of --save-baseline; default: what the "
            "settings say, last-passed unless told otherwise.",
        ),
    ] = None,
    allow_judge_change: Annotated[
        bool,
        typer.Option("--allow-judge-change", help="The judges, or how they are pooled, have changed on purpose."),
    ] = False,
    results: Annotated[
        str | None,
        typer.Option(
            help="Folder or URL that last-passed looks in; default: where the run lies; for latest, results/."
        ),
    ] = None,
    panel: Annotated[
        Path | None, typer.Option(help="Panel file to take the gate's settings from; default: the run's own panel.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to write to; default: gate/ in the run directory.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the verdict as JUnit XML, too.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write gate.json here, too.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the summary in Markdown here, too.")] = None,
    github: Annotated[
        bool, typer.Option("--github", help="Annotate the GitHub Actions job, and add to its step summary.")
    ] = False,
    save_baseline: Annotated[
        Path | None, typer.Option(help="If the run passes, write it as a baseline file, small enough to commit.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the verdict on one line only.")] = False,
) -> None:
    """Hold a run to its panel's `gate`: not worse than the baseline, and good enough by itself.

    Exit codes: 0 passed, 1 failed, 3 inconclusive, 4 not comparable, 5 incomplete; 2 bad input.
    """
    from panel_eval import api

    found = api.find_gated_run(run, results)
    result = api.gate(
        found.run,
        baseline,
        settings=None if panel is None else api.load_panel(panel),
        allow_judge_change=allow_judge_change,
        results=found.results,
        out=_folder(found, out),
        save_baseline=save_baseline,
    )
    api.write_verdict(result, junit=junit, json=json, markdown=markdown)
    if out is None and (url := found.published) is not None:
        api.publish(found.run, url)  # the next night looks there for the last run that passed
    _print(result, github, quiet)
    if save_baseline is not None:
        _say_saved(result, save_baseline)
    if github:
        _add_to_summary(result)
    raise typer.Exit(result.exit_code)


def _folder(found: GatedRun, out: Path | None) -> Path | None:
    """The folder of the verdict: the one named, or `gate` in the run directory."""
    from panel_eval.api import GATE

    directory = found.run.directory
    return out if out is not None or directory is None else directory / GATE


def _print(result: GateResult, github: bool, quiet: bool) -> None:
    """What stands on stdout: the verdict in words, and the commands of GitHub where they are wanted."""
    from panel_eval.cli.console import to_stdout
    from panel_eval.report.gate import chat_line, github_annotations, print_gate, without_commands

    with without_commands(github, typer.echo):
        if quiet:
            typer.echo(chat_line(result))
        else:
            to_stdout(lambda console: print_gate(result, console))
    if github:
        for line in github_annotations(result):
            typer.echo(line)


def _say_saved(result: GateResult, target: Path) -> None:
    from panel_eval.cli.console import say

    if result.status == "PASS":
        say(f"panel-eval: baseline written to {target}")
    else:
        why = "only a run that passes becomes a baseline; to accept it as it is, gate it with --baseline none"
        say(f"panel-eval: no baseline was written: {why}")


def _add_to_summary(result: GateResult) -> None:
    from panel_eval.cli.console import say
    from panel_eval.report.gate import markdown_summary

    name = os.environ.get(STEP_SUMMARY)
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(f"{markdown_summary(result)}\n")
    except OSError as error:
        say(f"panel-eval: the step summary could not be written: {error.strerror}")
