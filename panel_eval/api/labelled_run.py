"""A run as it is fitted: its labelled items in the order of their ids, and what its judges said about them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from panel_eval.api.item_lines import item_lines
from panel_eval.api.results import RunResult
from panel_eval.engine import rubric_hash
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, PanelPooling, VoteTable, collect_votes, surely_new
from panel_eval.schema import JudgeIdentity


@dataclass(frozen=True)
class LabelledRun:
    """A run and its labelled items.

    Attributes:
        run: the run.
        humans: its labelled items, in the order of their ids.
        forecasts: what its judges said about them.
    """

    run: RunResult
    humans: HumanLabels
    forecasts: JudgeForecasts

    @classmethod
    def of(cls, run: RunResult) -> LabelledRun:
        """The labelled items of a run."""
        by_id = np.argsort(np.array(run.humans.item_ids), kind="stable")
        return cls(run, run.humans.select(by_id), judge_forecasts(run).select(by_id))

    @property
    def as_it_is(self) -> PanelPooling:
        """How the panel pools today; without its fitted pool if that was, or may have been, fitted to these."""
        pooling = self.run.pooling
        if pooling.fitted is not None and not surely_new(pooling.fitted, self.humans.item_ids):
            return replace(pooling, fitted=None)
        return pooling

    @property
    def rubric_hash(self) -> str | None:
        """sha256 of the rubric; None where there was none."""
        rubric = self.run.manifest.rubric
        return None if rubric is None else rubric_hash(rubric)

    @cached_property
    def judges(self) -> list[JudgeIdentity]:
        """The judges with the hashes of their instruments, where the run knows them."""
        known = {judge.id: judge.instrument_hash for judge in self.run.manifest.judges}
        return [JudgeIdentity(id=name, instrument_hash=known.get(name)) for name in self.forecasts.judge_ids]

    @cached_property
    def hashes(self) -> dict[str, str]:
        """sha256 of the run's labels and of its votes that count, the same for any order of their lines."""
        votes = (line + b"\n" for line in VoteTable.of(self.run.votes).json_lines())
        return {"labels": _sorted_hash(item_lines(self.humans)), "votes": _sorted_hash(votes)}


def _sorted_hash(lines: Iterable[bytes]) -> str:
    hasher = hashlib.sha256()
    for line in sorted(lines):
        hasher.update(line)
    return hasher.hexdigest()


def judge_forecasts(result: RunResult) -> JudgeForecasts:
    """What each judge of a run said about its labelled items, in the order of the labels.

    Models that were scored beside the panel are none of its judges.
    """
    return collect_votes(result.votes, result.humans, tuple(result.metrics.judges), result.vote_strength)
