"""What a probe found, in the terminal: a row for each judge, then a line for each trouble; within 100 columns."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from panel_eval.report.costs import usd
from panel_eval.report.numbers import NO_NUMBER, count, decimal
from panel_eval.report.printable import cut_line, one_line
from panel_eval.schema import Probe, ProbedJudge, ProbeReport

WIDTH = 100
_JUDGE_CHARS = 20
_NAME_CHARS = 48
_NAMES = ("judge", "model")
_WORDS = ("answer", "format", "kept", "seed")
_NUMBERS = ("logprobs", "n=2", "s")
_LEGEND = (
    "model: = is the name in the answer, if it is another; format: how the answer's shape was asked for; kept: "
    "whether the answer was that and nothing else; logprobs: alternatives where the model answers; n=2: answers "
    "that came when two were asked for; s: seconds."
)


def print_probe(report: ProbeReport, console: Console) -> None:
    """Print what a probe found.

    Args:
        report: what it found.
        console: where to print; plain text where it is no terminal.
    """
    width = min(WIDTH, console.width)
    asked = sum(judge.probe is not None for judge in report.judges)
    console.print(_text(_headline(report, asked), "bold"), width=width)
    console.print()
    console.print(_table(report), width=width)
    console.print()
    if asked:
        console.print(_text(f"{_LEGEND} {_cost(report)}"), width=width)
        console.print()
    if report.able:
        console.print(_text("Every judge can do what the panel asks.", "bold"), width=width)
        return
    console.print(_text("What the panel asks for and did not get", "bold"), width=width)
    for judge in report.judges:
        for lack in judge.lacks:
            # One line each, however long: for searching and copying.
            console.print(Text(f"  {one_line(f'{judge.judge} ({judge.model}): {lack}')}"), soft_wrap=True)


def _headline(report: ProbeReport, asked: int) -> str:
    judges = f"{count(len(report.judges))} judge{'' if len(report.judges) == 1 else 's'}"
    if not asked:
        return f"{report.panel}: none of {judges} was asked; nothing was sent."
    return f"{report.panel}: {asked} of {judges} asked once about a made-up item. Nothing is stored."


def _cost(report: ProbeReport) -> str:
    named = ", ".join(report.unpriced[:5]) + (" …" if report.unpriced[5:] else "")
    return f"Cost: {usd(report.usd)} USD" + (f"; price unknown: {named}." if report.unpriced else ".")


def _table(report: ProbeReport) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for column in (*_NAMES, *_WORDS):
        grid.add_column(column, overflow="fold", no_wrap=column not in _NAMES)
    for column in _NUMBERS:
        grid.add_column(column, justify="right", no_wrap=True)
    for judge in report.judges:
        grid.add_row(_text(cut_line(judge.judge, _JUDGE_CHARS)), _model(judge), *map(_text, _cells(judge)))
    return grid


def _model(judge: ProbedJudge) -> Text:
    named = _text(cut_line(judge.model, _NAME_CHARS))
    reported = None if judge.probe is None else judge.probe.model_reported
    if reported is None or reported == judge.model.rpartition("/")[2]:
        return named
    return named.append(f"\n= {cut_line(reported, _NAME_CHARS)}")


def _cells(judge: ProbedJudge) -> tuple[str, ...]:
    """What came, from the column `answer` on."""
    probe = judge.probe
    if probe is None:
        state = judge.kind if judge.kind in ("scripted", "recorded") else "not asked"
        return (state, *[NO_NUMBER] * 6)
    came = probe.response_mode is not None
    return (
        _answer(probe),
        probe.response_mode or NO_NUMBER,
        _yes(probe.obeyed),
        _yes(None if probe.seed is None else probe.seed == "sent"),
        NO_NUMBER if probe.logprobs is None else str(probe.logprobs),
        ("no" if probe.n is None else str(probe.n)) if came else NO_NUMBER,
        decimal(probe.latency_s, 1),
    )


def _answer(probe: Probe) -> str:
    return probe.error.kind if probe.outcome == "error" and probe.error is not None else probe.outcome


def _yes(value: bool | None) -> str:
    return NO_NUMBER if value is None else "yes" if value else "no"


def _text(text: str, style: str = "") -> Text:
    return Text(one_line(text), style=style)
