"""The typer application, its global options, and how errors become messages and exit codes."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from panel_eval.cli import (
    adjudicate,
    allocate,
    apply,
    collect,
    compare,
    demo,
    disagreement,
    estimate,
    explain,
    export,
    export_labels,
    fit,
    gate,
    history,
    importing,
    init,
    label,
    merge,
    pilot,
    plan,
    probe,
    publish,
    qa,
    report,
    reviewers,
    run,
    schema,
    score,
    validate,
)
from panel_eval.cli.console import print_problems
from panel_eval.errors import PanelEvalError
from panel_eval.version import __version__

INTERRUPTED = 130

app = typer.Typer(
    name="panel-eval",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Compare panels of LLM judges with the distribution of human labels, item by item.\n\n"
    "New here? Try: [bold]panel-eval demo --recorded[/bold] (no model, no key, a few seconds).\n\n"
    "Exit codes: 0 done, 1 gate failed, 2 bad input or usage, 3 gate inconclusive, 4 not comparable, 5 votes are "
    "missing, 130 interrupted.",
)
app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("import")(importing.import_)
app.command("label")(label.label)
app.command("validate")(validate.validate)
app.command("plan")(plan.plan)
app.command("probe")(probe.probe)
app.command("run")(run.run)
app.command("collect")(collect.collect)
app.command("merge")(merge.merge)
app.command("score")(score.score)
app.command("compare")(compare.compare)
app.command("gate")(gate.gate)
app.command("history")(history.history)
app.command("publish")(publish.publish)
app.command("fit")(fit.fit)
app.command("apply")(apply.apply)
app.command("export")(export.export)
app.command("export-labels")(export_labels.export_labels)
app.command("estimate")(estimate.estimate)
app.command("report")(report.report)
app.command("qa")(qa.qa)
app.command("adjudicate")(adjudicate.adjudicate)
app.command("reviewers")(reviewers.reviewers)
app.command("disagreement")(disagreement.disagreement)
app.command("allocate")(allocate.allocate)
app.command("pilot")(pilot.pilot)
app.command("explain")(explain.explain)
app.command("schema")(schema.schema)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"panel-eval {__version__}")
        raise typer.Exit


@app.callback()
def _global_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Options that go before the command."""


def main() -> None:
    """Run the command line and exit with the code of DESIGN §4.7."""
    try:
        app()
    except PanelEvalError as error:
        if "--debug" in sys.argv[1:]:
            raise
        print_problems(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `panel-eval schema vote | head` is no error
        sys.stderr.close()
        sys.exit(0)
