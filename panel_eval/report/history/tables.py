"""The tables of a history: runs, streams, and what the instrument changed to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from panel_eval.report.cells import DAGGER, Cell, Row, Table, estimate_cell, metric_cell
from panel_eval.report.history.panels import PanelHistory
from panel_eval.report.history.words import KIND_TEXTS, night
from panel_eval.report.numbers import NO_NUMBER, count, decimal, percent, share
from panel_eval.report.printable import cut_line, one_line
from panel_eval.schema import Estimate
from panel_eval.schema.history import HistoryRun, Stream, StreamNight

COMMIT_CHARS = 7
_UNKNOWN = Estimate(estimate=None, n=0, note="not computed")


def night_labels(runs: Sequence[HistoryRun]) -> list[str]:
    """The date of each run; its time of day too where runs share the day."""
    shared = Counter(night(run.started_at) for run in runs)
    return [_moment(run.started_at) if shared[night(run.started_at)] > 1 else night(run.started_at) for run in runs]


def _moment(started_at: str) -> str:
    return f"{night(started_at)} {started_at[11:16]}".rstrip()


def usd(value: float | None) -> str:
    """A cost; small ones with more digits."""
    if value is None:
        return NO_NUMBER
    digits = 2 if value >= 1 or value == 0 else 3 if value >= 0.01 else 4
    return f"${decimal(value, digits)}"


def usable_text(votes: float | None) -> str:
    """The share of usable votes; 100% only where all are."""
    return NO_NUMBER if votes is None else share(round(votes * 1e6), 10**6)


def metric(run: HistoryRun, name: str) -> Estimate:
    """The panel's number of a run, overall; a null that says so where it was not computed."""
    return run.metrics.get(name, _UNKNOWN)


def gate_word(run: HistoryRun) -> str:
    """The gate's verdict; a dash where the run met none."""
    return run.gate or NO_NUMBER


def runs_table(history: PanelHistory, last: int | None, split: bool = True) -> Table:
    """The runs, oldest first, at most the `last` of them; with `split`, interval and commit have columns."""
    kept = len(history.runs) if last is None else min(last, len(history.runs))
    first = len(history.runs) - kept
    runs = history.runs[first:]
    labels = night_labels(history.runs)[first:]
    rows = tuple(Row(label, _run_cells(run, split)) for label, run in zip(labels, runs, strict=True))
    wide = ("night", "items", "CE bits", "95% interval", "skill", "n_eq", "gate", "cost", "votes", "commit")
    narrow = ("night", "items", "CE bits", "skill", "n_eq", "gate", "cost", "votes")
    columns = wide if split else narrow
    caption = history.title
    if kept < len(history.runs):
        caption += f": the last {count(kept)} of {count(len(history.runs))} runs"
    return Table(caption, columns, rows)


def _items_cell(run: HistoryRun) -> Cell:
    """Items scored, with a caution where not all were asked or the run is in no stream."""
    notes = [] if run.state == "sealed" else [f"the run is {run.state}"]
    notes += [f"watched in no stream, as {run.note}"] if run.note else []
    return Cell(count(run.n_scored) + (DAGGER if notes else ""), note="; ".join(notes))


def _run_cells(run: HistoryRun, split: bool) -> tuple[Cell, ...]:
    found = metric_cell(run.metrics, "ce_bits")
    level = (Cell(found.text, note=found.note), Cell(found.interval or NO_NUMBER)) if split else (found,)
    skill, worth = metric(run, "ce_skill"), metric_cell(run.metrics, "n_eq")
    # Where intervals stand below their numbers, commit and the second word of a verdict stand below, too.
    verdict, _, rest = (gate_word(run), "", "") if split else gate_word(run).partition(" ")
    commit = one_line(run.git_commit or NO_NUMBER)[:COMMIT_CHARS]
    return (
        _items_cell(run),
        *level,
        Cell(percent(skill.estimate, 0), note=skill.note or ""),
        Cell(worth.text, note=worth.note),
        Cell(verdict, rest),
        Cell(usd(run.cost_usd)),
        Cell(usable_text(run.usable_votes), "" if split else commit),
        *((Cell(commit),) if split else ()),
    )


def trend_table(history: PanelHistory, last: int) -> Table:
    """What the trend figure shows."""
    labels = night_labels(history.runs)
    rows = tuple(
        Row(
            label,
            (
                metric_cell(run.metrics, "ce_bits"),
                Cell(metric_cell(run.base_rate, "ce_bits").text),
                Cell(count(run.n_scored)),
                Cell(gate_word(run)),
                Cell(run.instrument),
            ),
        )
        for label, run in zip(labels, history.runs, strict=True)
    )
    columns = ("night", "cross-entropy, bits", "base rate, bits", "items scored", "gate", "instrument")
    return latest_rows(Table("Cross-entropy by night", columns, rows), last)


def stream_table(stream: Stream, last: int) -> Table:
    """Level, change and evidence of one stream by night."""
    rows = tuple(Row(night(found.started_at), _night_cells(found)) for found in stream.nights)
    columns = ("night", "items", "level, bits", "change since the first, bits", "evidence", "of means", "of ranks")
    caption = f"{KIND_TEXTS[stream.kind].capitalize()}, instrument {stream.instrument}"
    return latest_rows(Table(caption, columns, rows), last)


def _night_cells(found: StreamNight) -> tuple[Cell, ...]:
    numbers = (found.evidence, found.evidence_mean, found.evidence_ranks)
    return (
        Cell(count(found.n_items)),
        estimate_cell(found.level),
        estimate_cell(found.change),
        *(Cell(evidence_text(value)) for value in numbers),
    )


def evidence_text(value: float | None) -> str:
    """An e-value: with decimals where it is small; of large ones more than their size says nothing."""
    if value is None or value < 10:
        return decimal(value)
    return "over a million" if value > 1e6 else decimal(value, 0)


def streams_table(history: PanelHistory) -> Table:
    """Each stream: since when, why it began, how much it has changed, and its alarm."""
    rows = tuple(_stream_row(stream) for stream in history.streams)
    columns = ("items", "instrument", "since", "nights", "change, bits", "evidence", "alarm", "began because")
    return Table("Streams that are watched", columns, rows)


def _stream_row(stream: Stream) -> Row:
    latest = stream.nights[-1] if stream.nights else None
    alarm = stream.alarm
    change = Cell(NO_NUMBER, note=stream.note or "no nights to compare")
    if latest is not None:
        change = estimate_cell(latest.change)
    cells = (
        Cell(stream.instrument),
        Cell(night(stream.nights[0].started_at) if stream.nights else NO_NUMBER),
        Cell(count(len(stream.nights))),
        change,
        Cell(evidence_text(None if latest is None else latest.evidence)),
        Cell("none" if alarm is None else f"{alarm.direction}, {night(alarm.started_at)}"),
        Cell(cut_line(stream.began_because, 300)),
    )
    return Row(KIND_TEXTS[stream.kind], cells)


def changes_table(history: PanelHistory, last: int) -> Table:
    """The nights at which the instrument changed, by the numbers of the figures."""
    rows = tuple(
        Row(str(change.number), (Cell(night(change.run.started_at)), Cell(cut_line(change.what, 600))))
        for change in history.changes
    )
    return latest_rows(Table("What changed in the instrument", ("mark", "night", "what changed"), rows), last)


def latest_rows(table: Table, last: int) -> Table:
    """The table with at most its last rows; the caption says what it leaves out."""
    if len(table.rows) <= last:
        return table
    caption = f"{table.caption}: the last {count(last)} of {count(len(table.rows))}"
    return Table(caption, table.columns, table.rows[-last:])
