"""How a run's batches are collected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from panel_eval.engine import OnProgress, StopSignal
from panel_eval.engine.batch import Collection
from panel_eval.schema import Budget

OnRound = Callable[[Collection], None]
"""Told what one look at the batches found."""


@dataclass(frozen=True)
class CollectOptions:
    """How batches are collected.

    Attributes:
        live: then ask live for every vote that is neither stored nor out: what expired or failed, and what was
            never submitted.
        wait: look again and again until all batches have ended.
        cancel: first ask for the end of all batches; what they answered by then is kept, and billed.
        every_s: seconds between two looks.
        other_key: collect with another key than the one that submitted; both must belong to one account.
        forget: batches (their ids or tags) that are given up: their votes may be asked for, and paid for, again.
        retry_failed: with `live`, also ask again for votes that ended in an error.
        budget: what the run may spend, all its sessions together; limits that are None are those it had last.
        resamples: bootstrap resamples behind each interval.
        report: write report.html.
        on_progress: told how far asking live is.
        on_round: told what each look found.
        stop: lets the caller end the collecting early.
    """

    live: bool = False
    wait: bool = False
    cancel: bool = False
    every_s: float = 60.0
    other_key: bool = False
    forget: Sequence[str] = ()
    retry_failed: bool = False
    budget: Budget | None = None
    resamples: int = 2000
    report: bool = True
    on_progress: OnProgress | None = None
    on_round: OnRound | None = None
    stop: StopSignal = field(default_factory=StopSignal)


class CollectKeywords(TypedDict, total=False):
    """The fields of `CollectOptions`, as `collect` takes them by name."""

    live: bool
    wait: bool
    cancel: bool
    every_s: float
    other_key: bool
    forget: Sequence[str]
    retry_failed: bool
    budget: Budget | None
    resamples: int
    report: bool
    on_progress: OnProgress | None
    on_round: OnRound | None
