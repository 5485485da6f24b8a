"""The options of `panel-eval collect` alone, each with its help text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RunPath = Annotated[Path, typer.Argument(help="The run directory that `panel-eval run --batch` made.")]
Wait = Annotated[
    bool, typer.Option("--wait", help="Look again and again until all batches have ended (usually within a day).")
]
Live = Annotated[
    bool, typer.Option("--live", help="Then ask live, at the full price, for votes that expired or failed.")
]
Cancel = Annotated[
    bool, typer.Option("--cancel", help="First end all batches; what they answered by then is kept, and billed.")
]
Every = Annotated[float, typer.Option(min=1.0, help="With --wait: seconds between two looks.")]
RetryFailed = Annotated[
    bool, typer.Option("--retry-failed", help="With --live: also ask again for votes that ended in an error.")
]
MovedPanel = Annotated[
    Path | None, typer.Option(help="The panel file, if it was moved since the run began.", show_default=False)
]
OtherKey = Annotated[
    bool, typer.Option("--other-key", help="Your key was changed since; the new one belongs to the same account.")
]
Forget = Annotated[
    list[str] | None,
    typer.Option(
        metavar="BATCH",
        help="Give a batch up, by its id: its votes may be asked, and paid, again. May be repeated.",
        show_default=False,
    ),
]
BudgetUsd = Annotated[
    float | None,
    typer.Option(
        metavar="USD",
        help="What the run may spend in US dollars, all its sessions together; default: what it might so far.",
        show_default=False,
    ),
]
BudgetTokens = Annotated[
    int | None,
    typer.Option(metavar="TOKENS", help="The same in tokens, in and out.", show_default=False),
]
