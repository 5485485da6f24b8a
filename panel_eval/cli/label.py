"""`panel-eval label`: collect labels from a few experts on a page of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from panel_eval.labelling import LabellingServer


def label(
    items: Annotated[
        Path | None,
        typer.Argument(
            help="Items to label (JSONL). A label file will do: its votes are not shown.", show_default=False
        ),
    ] = None,
    rubric: Annotated[
        str | None,
        typer.Option(help="Rubric file, or name of a shipped one: the question, labels and definitions."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The label file, written anew after each label.")] = Path(
        "labels.jsonl"
    ),
    reviewers: Annotated[
        str | None,
        typer.Option(
            help="Who labels, such as A,B,C: each gets a link of their own. Default: whoever opens the page."
        ),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="The log of all answers, from which labelling goes on; default: beside OUT.")
    ] = None,
    content: Annotated[
        Path | None, typer.Option(help="A second file with the items' text, joined on item_id (JSONL).")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port on this machine; default: the last one, or a free one."),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser here.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of each reviewer's order of items.")] = 0,
    in_order: Annotated[bool, typer.Option("--in-order", help="Show everybody the file's order.")] = False,
    require_confidence: Annotated[
        bool, typer.Option("--require-confidence", help="Take no label without a confidence.")
    ] = False,
    new_wording: Annotated[
        bool,
        typer.Option("--new-wording", help="Go on although the rubric's words changed since the first labels."),
    ] = False,
    new_links: Annotated[
        bool, typer.Option("--new-links", help="Make new links; those handed out before stop working.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Only say how far each reviewer is; also while the page is open.")
    ] = False,
    export: Annotated[
        bool, typer.Option("--export", help="Only write the label file from the log, without a page.")
    ] = False,
) -> None:
    """Collect labels from a few experts: a page on this machine, keyboard first, blind to others' answers.

    Reviewers choose a label, say how sure they are and what they saw. Every answer is on the disk before the page
    calls it saved; the label file holds the soft-label contract at any time. Ctrl-C ends; the same command goes on.
    """
    from panel_eval.api.labelling import export_labels_of, log_path, serve_labelling
    from panel_eval.cli.console import say
    from panel_eval.errors import shorten

    log = log_path(out) if state is None else state
    names = [] if reviewers is None else reviewers.split(",")
    if status:
        _show_status(log, names)
        return
    if items is None or rubric is None:
        raise typer.BadParameter("name a file of items and a --rubric; --status alone needs only -o or --state")
    if export:
        count = export_labels_of(log, items, rubric, out, content=content)
        say(f"panel-eval: wrote {shorten(str(out), 300)}: {_some(count, 'labelled item')}")
        return
    server = serve_labelling(
        items,
        rubric,
        out,
        reviewers=names,
        state=log,
        content=content,
        port=port,
        seed=seed,
        in_order=in_order,
        require_confidence=require_confidence,
        new_wording=new_wording,
        new_links=new_links,
        tell=lambda words: say(f"panel-eval: {words}"),
    )
    with server:
        _say_begin(server, items)
        _wait(server, open_page)
    _say_end(server)


def _say_begin(server: LabellingServer, items: Path) -> None:
    from panel_eval.cli.console import say
    from panel_eval.errors import shorten
    from panel_eval.labelling import holds_labels

    study = server.study
    labels = ", ".join(shorten(name, 40) for name in study.rubric.label_names)
    say(
        f"panel-eval: {_some(len(study.items), 'item')} to label, "
        f"task {shorten(study.rubric.task)}: {shorten(labels, 300)}"
    )
    if holds_labels(items):
        say(f"Labels that stand in {shorten(items.name)} already are not shown, and are no part of the new file.")
    if server.port_changed:
        say("The port of the last start is taken: links handed out before lead nowhere; use these.")
    for name, link in server.links.items():
        typer.echo(f"  {shorten(name)}: {link}")
    typer.echo(f"  {'anybody' if server.links else 'Open'}: {server.url}")
    say("Links work on this machine only, and let in whoever has them.")
    say(f"Labels: {shorten(str(server.out), 300)}. Every answer: {shorten(str(server.state), 300)}.")
    say("Ctrl-C ends; the same command goes on.")


def _wait(server: LabellingServer, open_page: bool) -> None:
    """Until Ctrl-C or a request to end; also of a process that ignores Ctrl-C, as those in the background do."""
    import signal
    import threading

    ended, door = threading.Event(), server.state.with_name(f"{server.state.name}.open.html")
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if open_page:
            _open(server.url, door)
        while not ended.wait(0.5):
            pass
    finally:
        door.unlink(missing_ok=True)
        for number, handler in before.items():
            signal.signal(number, handler)


def _open(url: str, door: Path) -> None:
    """Open the page by way of a file that only its owner can read: command lines can be read by everybody here."""
    import os
    import webbrowser

    from panel_eval.cli.console import say

    door.unlink(missing_ok=True)
    with os.fdopen(os.open(door, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f'<!doctype html><title>Labelling</title><meta http-equiv="refresh" content="0;url={url}">\n')
    if not webbrowser.open(door.absolute().as_uri()):
        say("No browser could be opened here: open a link by hand.")


def _say_end(server: LabellingServer) -> None:
    from panel_eval.cli.console import say
    from panel_eval.errors import shorten

    progress = server.progress()
    told = ", ".join(f"{shorten(one.reviewer)} {one.labelled} of {progress.items}" for one in progress.reviewers)
    say(f"\npanel-eval: stopped. Labelled: {told or 'nothing yet'}.")
    say(f"Labels: {shorten(str(server.out), 300)}. The same command goes on.")


def _show_status(log: Path, names: list[str]) -> None:
    from panel_eval.api.labelling import labelling_progress
    from panel_eval.cli.console import to_stdout
    from panel_eval.report.labelling_text import print_progress

    progress = labelling_progress(log, names)
    to_stdout(lambda console: print_progress(progress, console))


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
