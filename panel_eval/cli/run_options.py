"""The options that `panel-eval run`, `plan`, `collect` and `merge` share, each with its help text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panel_eval.errors import InputError

if TYPE_CHECKING:
    from panel_eval.schema import Budget

PanelPath = Annotated[Path, typer.Argument(help="The panel file (YAML).")]
Results = Annotated[Path, typer.Option(help="Folder in which run directories are made.")]
ResultsRoot = Annotated[
    Path,
    typer.Option(
        help="Folder in which run directories are made, or a URL such as s3://BUCKET/PREFIX: the run is made in "
        "--work then, and published there once it is sealed."
    ),
]
Work = Annotated[
    Path, typer.Option(help="With a URL as --results: folder in which run directories are made.", show_default=True)
]
RetryFailed = Annotated[
    bool,
    typer.Option(
        "--retry-failed",
        help="Also ask again for votes that ended in an error; all other votes of the last run are kept.",
    ),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Start a new run even if an unfinished one could be gone on with.")
]
Reuse = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="RUN",
        help="Take over votes of an earlier run (its directory, or a vote file) that answer the same questions. "
        "May be repeated; the first named wins.",
        show_default=False,
    ),
]
BudgetUsd = Annotated[
    float | None,
    typer.Option(
        metavar="USD",
        help="What the run may spend in US dollars, all its sessions together; replaces the panel's.",
        show_default=False,
    ),
]
BudgetTokens = Annotated[
    int | None,
    typer.Option(
        metavar="TOKENS", help="What it may spend in tokens, in and out; replaces the panel's.", show_default=False
    ),
]
AllowUnpriced = Annotated[
    bool,
    typer.Option(
        "--allow-unpriced",
        help="With a budget in dollars, also ask judges whose price is not known; a budget in tokens holds them.",
    ),
]
NoProbe = Annotated[
    bool,
    typer.Option(
        "--no-probe",
        help="Do not ask each judge once about a made-up item before votes are bought (see panel-eval probe).",
    ),
]
Batch = Annotated[
    bool,
    typer.Option(
        "--batch",
        help="Submit votes to providers' batch services (often half the price, answers within a day) and end; "
        "[bold]panel-eval collect[/bold] fetches them. Judges whose provider has none are asked live.",
    ),
]
ShardOf = Annotated[
    str | None,
    typer.Option(
        metavar="I/N",
        help="Ask only about part I of N of the items; [bold]panel-eval merge[/bold] scores all together.",
    ),
]
Engine = Annotated[
    str, typer.Option(help="What carries the requests: asyncio (this process) or ray (workers on a cluster).")
]
RayAddress = Annotated[
    str | None,
    typer.Option(help="HOST:PORT of the Ray head node, or auto; default: RAY_ADDRESS, else Ray is started here."),
]
Resamples = Annotated[int, typer.Option(min=100, help="Bootstrap resamples behind each interval.")]


def read_budget(usd: float | None, tokens: int | None) -> Budget | None:
    """The limits given on the command line, or None.

    Raises:
        InputError: a limit that is not above zero.
    """
    from panel_eval.schema import Budget

    if usd is not None and not 0.0 < usd < float("inf"):
        raise InputError(f"--budget-usd must be above 0 (found {usd:g})")
    if tokens is not None and tokens < 1:
        raise InputError(f"--budget-tokens must be above 0 (found {tokens})")
    return None if usd is None and tokens is None else Budget(usd=usd, tokens=tokens)
