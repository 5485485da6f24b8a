"""What a pool of items is like, in the terminal: a table for each quantity, then what to do."""

from __future__ import annotations

from rich.console import Console

from panel_eval.report.cells import DAGGER, Cell, Row, Table
from panel_eval.report.grids import cautions, grid, safe_text
from panel_eval.report.numbers import count
from panel_eval.report.summary import WIDTH
from panel_eval.schema import Estimate
from panel_eval.schema.pool_estimate import PoolEstimate, PoolMean


def print_pool(pool: PoolEstimate, console: Console) -> None:
    """Print the estimates of a pool.

    Args:
        pool: the estimates.
        console: where to print; plain text where it is no terminal.
    """
    width = min(WIDTH, console.width)
    known = f"{count(pool.n_labelled)} labelled items speak for {count(pool.n_unlabelled)} more"
    console.print(safe_text(f"{pool.task}: {known}", "bold"), width=width)
    console.print(safe_text(f"Panel: {pool.panel}. Intervals: {pool.interval}."), width=width)
    for mean in pool.estimates:
        table = pool_table(mean)
        console.print()
        console.print(grid(table, False, width >= WIDTH), width=width)
        for note in cautions([table]):
            console.print(safe_text(f"{DAGGER} {note}", "dim"), width=width)
        console.print(safe_text(mean.advice), width=width)
    console.print()
    console.print(safe_text(f"Holds if {pool.assumption}."), width=width)


def pool_table(mean: PoolMean) -> Table:
    """One quantity: with the panel, without it, by the panel alone."""
    what = "Mean severity" if mean.of == "severity" else f"Rate of {', '.join(mean.labels)}"
    labels = "" if mean.effective_labels is None else f"{mean.effective_labels:.0f}"
    rows = (
        Row("people and panel", (*_cells(mean.estimate), Cell(labels)), emphasis=True),
        Row("people alone", (*_cells(mean.classical), Cell(count(mean.classical.n)))),
        Row("panel alone: biased", (*_cells(mean.panel_only), Cell(""))),
        Row("panel less people", (*_cells(mean.panel_error), Cell(""))),
        Row("labelled less unlabelled", (*_cells(mean.sample_gap), Cell(""))),
    )
    return Table(f"{what} (power {mean.power:.2f})", ("", "estimate", "95 % interval", "worth labels"), rows)


def _cells(number: Estimate) -> tuple[Cell, Cell]:
    value = "–" if number.estimate is None else f"{number.estimate:.4f}"
    interval = "" if number.low is None or number.high is None else f"{number.low:.4f} to {number.high:.4f}"
    return Cell(value + (DAGGER if number.note else ""), note=number.note or ""), Cell(interval)
