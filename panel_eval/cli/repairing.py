"""`panel-eval validate --fix`: shows what would change in a label file, asks, writes, and lists what is left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from panel_eval.cli.console import print_problems, say

if TYPE_CHECKING:
    from panel_eval.api.checking import FileKind
    from panel_eval.humans.repair import Change, MendedLine, Repairs
    from panel_eval.schema import Scale

SHOWN_LINES = 10
"""Changed lines that are shown; the others are counted by kind."""
_VALUE_CHARS = 70


@dataclass(frozen=True)
class RepairOptions:
    """What `--fix` is told.

    Attributes:
        rubric, scale, strict, kind: as `validate` takes them.
        out: where to write; None = the file itself.
        yes: write without asking.
    """

    rubric: str | None
    scale: Scale | None
    strict: bool
    kind: FileKind | None
    out: Path | None
    yes: bool


def repair(path: Path, options: RepairOptions) -> bool:
    """Mend one file as far as that is safe and agreed to; whether it is valid now, with nothing left to do."""
    from panel_eval.api import repair_labels, write_repairs
    from panel_eval.errors import InputError, shorten

    repairs = repair_labels(
        path, rubric=options.rubric, scale=options.scale, strict=options.strict, kind=options.kind
    )
    _show(repairs)
    wanted = bool(repairs.n_changed) or options.out is not None
    if wanted and _agreed(repairs, options):
        target = write_repairs(repairs, options.out)
        say(f"panel-eval: wrote {shorten(str(target), 300)}")
        wanted = False
    if repairs.remaining:
        say(f"panel-eval: left for people to mend in {shorten(str(path), 300)}:")
        print_problems(InputError(repairs.remaining))
    return not repairs.remaining and not wanted


def _agreed(repairs: Repairs, options: RepairOptions) -> bool:
    if options.yes:
        return True
    target = options.out or repairs.path
    if sys.stdin.isatty() and sys.stdout.isatty():
        from panel_eval.errors import shorten

        return typer.confirm(f"Write {shorten(str(target), 300)}?", default=False, err=True)
    say("panel-eval: nothing was written; to write this, add --yes (with -o FILE, to another file)")
    return False


def _show(repairs: Repairs) -> None:
    """The changes of the first lines, then all of them by kind."""
    from panel_eval.errors import shorten

    name = shorten(str(repairs.path), 300)
    if not repairs.n_changed:
        typer.echo(f"{name}: nothing to fix")
        return
    examples = repairs.examples(SHOWN_LINES)
    for line in examples:
        item = "" if line.item_id is None else f" {shorten(line.item_id)}"
        typer.secho(f"{name}:{line.number}{item}", bold=True)
        for text, colour in _told(line):
            typer.secho(text, fg=colour)
    if more := repairs.n_changed - len(examples):
        typer.echo(f"… and {more:,} more lines")
    typer.echo(f"{name}: {repairs.n_changed:,} of {repairs.n_lines:,} lines can be fixed")
    for text in _counted(repairs):
        typer.echo(f"  {text}")


def _told(line: MendedLine) -> Iterator[tuple[str, str | None]]:
    """Before and after of each change, the same reason only once in a row."""
    reason = None
    for change in line.changes:
        before, after = _values(change)
        if before is not None:
            yield f"  - {before}", "red"
        yield f"  + {after}{'' if change.why == reason else f'   ({change.why})'}", "green"
        reason = change.why


def _values(change: Change) -> tuple[str | None, str]:
    """A member before and after, safe to print; no before where it is added."""
    from json import dumps

    from panel_eval.errors import shorten
    from panel_eval.humans.repair import ABSENT

    def shown(value: object) -> str:
        return shorten(dumps(value, ensure_ascii=False), _VALUE_CHARS)

    way = ".".join(shorten(str(key), _VALUE_CHARS) for key in change.place[: -1 if change.renamed else None])
    before = None if change.before is ABSENT else f"{way}: {shown(change.before)}"
    return before, f"{way}: {shown(change.after)}"


def _counted(repairs: Repairs) -> Iterator[str]:
    from panel_eval.humans.repair import KINDS

    for kind, lines in repairs.lines.items():
        yield f"{lines:>7,} {'line ' if lines == 1 else 'lines'}  {KINDS[kind]}"
    lacks_class = "class" in repairs.lines or any(one.key == "disagreement_class" for one in repairs.remaining)
    if lacks_class and repairs.terms.scale is None:
        yield "        note   minor and major depend on whether labels have an order: for these, name a --rubric or"
        yield "               --scale nominal or ordinal"
