"""How a run is carried out, apart from what it asks: the options that runs, shards and batch runs share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from panel_eval.api.engines import HERE, EngineChoice
from panel_eval.api.preparing import Prepared
from panel_eval.api.probing import OnNotice, probe_first
from panel_eval.engine import OnProgress, StopSignal
from panel_eval.schema import Budget, Probe


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out.

    Attributes:
        results: folder in which the run directory is made, or a URL such as `s3://bucket/prefix`, to which the run
            is published when it is sealed.
        work: folder in which the run directory is made where `results` is a URL.
        retry_failed: also ask again for votes that ended in an error. Of a run that is sealed already, a new run
            takes over all other votes.
        fresh: start a new run even if an unfinished one could be gone on with.
        reuse: earlier runs (directories or vote files) whose votes are taken over where they answer the same
            question; the first named wins.
        budget: what the run may spend, all its sessions together; limits that are None are the panel's.
        allow_unpriced: with a budget in dollars, also ask judges whose price is not known; the budget in tokens
            holds them.
        probe: first ask each judge behind an API once about a made-up item, and do not begin if it cannot do what
            the panel asks of it.
        resamples: bootstrap resamples behind each interval.
        report: write report.html.
        on_progress: told how far the run is.
        on_notice: told what a user should know before votes are bought.
        stop: lets the caller end the run early.
        engine: what carries the requests: this process, or workers on a Ray cluster.
        publish_to: where `results` is a folder, the URL that a run in it is bought for; `bought_here` sets it.
    """

    results: Path = Path("results")
    retry_failed: bool = False
    fresh: bool = False
    reuse: tuple[Path, ...] = ()
    budget: Budget | None = None
    allow_unpriced: bool = False
    probe: bool = True
    resamples: int = 2000
    report: bool = True
    on_progress: OnProgress | None = None
    on_notice: OnNotice | None = None
    stop: StopSignal = field(default_factory=StopSignal)
    engine: EngineChoice = HERE
    work: Path = Path("results")
    publish_to: str | None = None

    def first_probes(self, prepared: Prepared) -> list[Probe]:
        """What asking the judges once shows; see `probe_first`."""
        if not self.probe:
            return []
        return probe_first(prepared, self.results, fresh=self.fresh, stop=self.stop, on_notice=self.on_notice)


class RunKeywords(TypedDict, total=False):
    """The fields of `RunOptions`, as `run` takes them by name; the others it names or finds itself."""

    retry_failed: bool
    fresh: bool
    budget: Budget | None
    allow_unpriced: bool
    probe: bool
    resamples: int
    report: bool
    on_progress: OnProgress | None
    on_notice: OnNotice | None
    engine: EngineChoice
    work: Path
