"""The history of a results root: all its runs, and whether the panel has changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panel_eval.api.history_runs import ReadRun, read_runs
from panel_eval.api.results_root import results_root
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.evaluation.monitoring import Series, watch
from panel_eval.schema.history import HistoryReport, HistoryRun, Stream

FIRST = "the first run"
OTHER_ITEMS = "its items, their texts or their human votes are not those of earlier runs"
_FEWEST_NIGHTS = 3


def history(
    root: str | Path = "results",
    *,
    panel: str | None = None,
    task: str | None = None,
    alpha: float = 0.05,
    last: int | None = None,
    since: str | None = None,
) -> HistoryReport:
    """All sealed runs of a results root, and what their nights say together. No model is asked.

    Args:
        root: the folder or URL that holds the runs.
        panel: only runs of the panel of this name.
        task: only runs of this task.
        alpha: chance that a stream in which nothing changes ever raises an alarm.
        last: show so many of the newest runs, and their streams and all that are current whole; all runs count as
            evidence.
        since: id of a run with which everything begins anew, as if no run had been before: a change up to then is
            accepted.

    Raises:
        InputError: the root cannot be read, an argument is out of range, or `since` is no run of the root.
    """
    if not 0.0 < alpha < 0.5:
        raise InputError(Problem("must lie between 0 and 0.5", key="alpha", value=shorten(alpha)))
    if last is not None and last < 1:
        raise InputError(Problem("must be at least 1", key="last", value=shorten(last)))
    skipped: dict[str, str] = {}
    runs = read_runs(results_root(root), panel, task, since, skipped)
    if since is not None and not runs:
        fix = "name the folder of a sealed run"
        raise InputError(Problem(f"no such run in {shorten(str(root), 200)}", key="since", value=since, fix=fix))
    told, streams = _watched(runs, alpha)
    shown = told if last is None else told[-last:]
    kept = {run.run_id for run in shown}
    streams = [one for one in streams if one.current or any(night.run_id in kept for night in one.nights)]
    return HistoryReport(
        alpha=alpha,
        runs=shown,
        streams=streams,
        skipped=dict(sorted(skipped.items())),
        advice=_advice(shown, streams),
    )


def alarmed(report: HistoryReport) -> list[Stream]:
    """The streams of the newest runs that stand in an alarm."""
    return [stream for stream in report.streams if stream.current and stream.alarm is not None]


def _watched(runs: Sequence[ReadRun], alpha: float) -> tuple[list[HistoryRun], list[Stream]]:
    """The runs with notes of those that are no nights, and the streams of all others."""
    told: list[HistoryRun] = []
    series: dict[tuple[str | None, str], list[ReadRun]] = {}
    seen: set[str] = set()
    for run in runs:
        note = run.run.note
        if run.votes is not None and run.votes in seen:
            note = "the same votes as an earlier run: no new night"
        seen |= {run.votes} if run.votes is not None else set()
        told.append(run.run.model_copy(update={"note": note}))
        if note is None:
            series.setdefault((run.run.panel, run.run.task), []).append(run)
    streams = [stream for nights in series.values() for stream in _series(nights, alpha)]
    watched = {night.run_id for stream in streams for night in stream.nights}
    return [
        run if run.note or run.run_id in watched else run.model_copy(update={"note": OTHER_ITEMS}) for run in told
    ], streams


def _series(runs: Sequence[ReadRun], alpha: float) -> list[Stream]:
    """The streams of one panel and task, instruments in the order in which they first came."""
    by_instrument: dict[str, list[ReadRun]] = {}
    because: dict[str, str] = {}
    for place, run in enumerate(runs):
        digest = run.instrument.digest
        if digest not in by_instrument:
            because[digest] = FIRST if place == 0 else run.instrument.changes_since(runs[place - 1].instrument)
        by_instrument.setdefault(digest, []).append(run)
    newest = runs[-1].instrument.digest
    return [
        stream
        for digest, nights in by_instrument.items()
        for stream in watch(
            [run.night for run in nights],
            Series(runs[0].run.panel, runs[0].run.task, digest, because[digest], digest == newest, alpha),
        )
    ]


def _advice(runs: Sequence[HistoryRun], streams: Sequence[Stream]) -> str:
    current = [stream for stream in streams if stream.current]
    if not runs:
        return "No finished run: finish one with `panel-eval run` or `panel-eval score`."
    alarms = [(stream, stream.alarm) for stream in current if stream.alarm is not None]
    if alarms:
        stream, alarm = min(alarms, key=lambda one: one[1].direction != "worse")
        seen = (stream.panel, stream.task) in {(run.panel, run.task) for run in runs}
        whose = "" if seen else f"{stream.panel or 'Votes made elsewhere'} on {stream.task}, not shown here: "
        return (
            f"{whose}{alarm.text} Compare runs of before and since (`panel-eval compare`), mend or accept it, and "
            "begin anew with `--since`."
        )
    if all(len(stream.nights) < _FEWEST_NIGHTS for stream in current):
        return "Too few nights to tell of a change: go on with the same panel and items."
    if runs[-1].note:
        return f"No change shown, but the newest run is compared with no other: {runs[-1].note}."
    return "No change shown on the newest runs."
