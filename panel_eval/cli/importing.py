"""`panel-eval import`: annotations and votes of other tools become files of ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panel_eval.cli.console import say, to_stdout
from panel_eval.cli.score import ScaleName
from panel_eval.errors import InputError, Problem, shorten

if TYPE_CHECKING:
    from panel_eval.schema.import_mapping import ImportMapping


def import_(
    format_name: Annotated[
        str | None, typer.Argument(metavar="FORMAT", help="Such as long, label-studio or inspect; see --list.")
    ] = None,
    source: Annotated[Path | None, typer.Argument(help="The file or folder to read.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the label file (JSONL) there.")] = None,
    votes_out: Annotated[Path | None, typer.Option(help="Write votes of judges (JSONL) there.")] = None,
    items_out: Annotated[
        Path | None, typer.Option(help="Write items on which no person's vote was kept (JSONL) there.")
    ] = None,
    list_formats: Annotated[
        bool, typer.Option("--list", help="List the formats, each with how a record looks, and exit.")
    ] = False,
    rubric: Annotated[
        str | None,
        typer.Option(help="Rubric file, or name of a shipped one: task, labels, scale. Other labels are dropped."),
    ] = None,
    task: Annotated[str | None, typer.Option(help="Name of the task, where there is no rubric.")] = None,
    scale: Annotated[
        ScaleName | None, typer.Option(help="Scale of the labels, where there is no rubric; default: nominal.")
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="YAML file with everything below and more (panel-eval schema import-mapping)."),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(help="ROLE=NAME: the column or key that is the item, reviewer, label, confidence …; repeat."),
    ] = None,
    content: Annotated[
        list[str] | None, typer.Option(help="A column or key whose text judges are to see; repeat.")
    ] = None,
    map_label: Annotated[
        list[str] | None,
        typer.Option("--map", help="OLD=NEW: rename a label; OLD= counts it as no answer; repeat."),
    ] = None,
    judge: Annotated[
        list[str] | None, typer.Option(help="An annotator or column that is a judge, not a person; repeat.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with code 2 and write nothing if anything is dropped.")
    ] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Write the report there too; - prints it.")] = None,
) -> None:
    """Read annotations or votes of another tool; say what was kept, what was dropped and why."""
    from panel_eval import api
    from panel_eval.cli.deliveries import STDOUT, deliver, json_text, refuse_targets
    from panel_eval.report.importing import print_formats, print_import

    if list_formats:
        from panel_eval.importing import formats

        to_stdout(lambda console: print_formats(formats().values(), console))
        return
    if format_name is None or source is None:
        fix = "panel-eval import --list shows the formats"
        raise InputError(
            Problem("name a format and what to read: panel-eval import FORMAT SOURCE -o FILE", fix=fix)
        )
    refuse_targets([path for path in (out, votes_out, items_out, json) if path])
    if (
        json not in (None, STDOUT)
        and json.exists()
        and any(read is not None and read.exists() and json.samefile(read) for read in (source, mapping))
    ):
        raise InputError(Problem("is a file that is read", path=json, fix="name another file"))
    told = _told(mapping, field, content, map_label, judge, {"task": task, "scale": scale and scale.value})
    report = api.import_annotations(
        format_name, source, out, votes=votes_out, items=items_out, rubric=rubric, mapping=told, strict=strict
    )
    if json:
        deliver(json, json_text(report, json))
    if json != STDOUT:
        to_stdout(lambda console: print_import(report, console))
    for name, path in (("labels", out), ("votes", votes_out), ("items", items_out)):
        if path is not None:
            say(f"panel-eval: wrote {name} to {shorten(str(path), 300)}")


def _told(
    mapping: Path | None,
    fields: list[str] | None,
    content: list[str] | None,
    labels: list[str] | None,
    judges: list[str] | None,
    beside: dict[str, Any],
) -> ImportMapping:
    """The mapping file with what the options say laid over it.

    Raises:
        InputError: the file or an option cannot be read.
    """
    from panel_eval.api.importing import read_mapping

    renamed = {old: new or None for old, new in _assignments(labels, "--map")}
    return read_mapping(
        mapping,
        {
            **{name: value for name, value in beside.items() if value is not None},
            "fields": dict(_assignments(fields, "--field")),
            "content": content or [],
            "labels": renamed,
            "judges": judges or [],
        },
    )


def _assignments(given: list[str] | None, option: str) -> list[tuple[str, str]]:
    pairs = []
    for text in given or []:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise InputError(Problem("must be NAME=VALUE", key=option, value=shorten(text)))
        pairs.append((name.strip(), value.strip()))
    return pairs
