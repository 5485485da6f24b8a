"""A scored run: what is in memory, what stands in its directory, and reading it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pandas as pd
from pydantic import BaseModel, ValidationError

from panel_eval.api.pool_files import POOL, pool_hashes, pooling_of, read_pool
from panel_eval.api.recorded_plan import recorded_plan
from panel_eval.api.results_urls import as_url
from panel_eval.api.vote_files import load_planned, load_votes
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.evaluation import Evaluation
from panel_eval.humans import HumanLabels, UnlabelledItems, load_soft_labels, load_unlabelled
from panel_eval.pooling import PanelPooling, VoteTable
from panel_eval.schema import FittedPool, Metrics, RunManifest, Scale, Vote, read_bytes

ModelT = TypeVar("ModelT", bound=BaseModel)

MANIFEST, METRICS, ITEMS, VOTES, VOTES_TABLE, LABELS, UNLABELLED, REPORT, QA = (
    "run.json", "metrics.json", "items.parquet", "votes.jsonl", "votes.parquet", "labels.jsonl", "unlabelled.jsonl",
    "report.html", "qa.pdf",
)  # fmt: skip


FAILED_LIMIT = 0.02
"""Share of votes that may end in an error before a run counts as incomplete."""


@dataclass(frozen=True)
class RunResult:
    """A run and its scores.

    Attributes:
        manifest: what was asked of whom.
        humans: the soft labels it is compared with.
        votes: every vote that counts, one for each vote key.
        metrics: every number; equals metrics.json.
        items: one row an item; equals items.parquet.
        directory: where it lies, or None if nothing was written.
        evaluation: the evaluation in full; None when read back from a directory.
        report_path: report.html, if written.
        stopped_judges: judge id to the error that ended it, if any judge had to be given up.
        unlabelled: the items without human labels that the judges were asked about as well; they are in no score.
        pool: joins the judges, if not their weighted mean.
    """

    manifest: RunManifest
    humans: HumanLabels
    votes: Sequence[Vote]
    metrics: Metrics
    items: pd.DataFrame
    directory: Path | None = None
    evaluation: Evaluation | None = None
    report_path: Path | None = None
    stopped_judges: Mapping[str, str] = field(default_factory=dict)
    unlabelled: UnlabelledItems = field(default_factory=UnlabelledItems)
    pool: FittedPool | None = None

    @property
    def pooling(self) -> PanelPooling:
        """How the panel's judges become one forecast."""
        return pooling_of(self.metrics, self.pool)

    @property
    def failed(self) -> int:
        """Votes that ended in an error: asked for, paid for perhaps, but no answer came."""
        return VoteTable.of(self.votes).outcome_counts().get("error", 0)

    @property
    def over_budget(self) -> int:
        """Votes that the budget had no room for."""
        return VoteTable.of(self.votes).outcome_counts().get("over_budget", 0)

    @property
    def vote_strength(self) -> float:
        """How many votes a probability-valued vote was taken for when the run was scored."""
        strength = self.metrics.settings.get("vote_strength")
        if not isinstance(strength, float | int):
            fix = "score the run again"
            raise InputError(
                Problem("a number must stand here", path=METRICS, key="settings.vote_strength", fix=fix)
            )
        return float(strength)

    @property
    def unasked(self) -> int:
        """Planned votes that are not stored at all: the run was stopped."""
        return self.manifest.votes_planned - self.manifest.votes_stored

    @property
    def incomplete(self) -> bool:
        """Votes are open still, a judge was given up, or over `FAILED_LIMIT` of the votes ended in an error."""
        return _incomplete(self.manifest, self.failed, bool(self.stopped_judges))


@dataclass(frozen=True)
class ShardResult:
    """A shard whose votes were asked for; it is scored when all shards are merged.

    Attributes:
        manifest: what was asked of whom.
        directory: where it lies.
        outcomes: stored votes by outcome.
        stopped_judges: judge id to the error that ended it, if any judge had to be given up.
    """

    manifest: RunManifest
    directory: Path
    outcomes: Mapping[str, int]
    stopped_judges: Mapping[str, str]

    @property
    def failed(self) -> int:
        """Votes that ended in an error."""
        return self.outcomes.get("error", 0)

    @property
    def over_budget(self) -> int:
        """Votes that the budget had no room for."""
        return self.outcomes.get("over_budget", 0)

    @property
    def unasked(self) -> int:
        """Planned votes that are not stored at all."""
        return self.manifest.votes_planned - self.manifest.votes_stored

    @property
    def incomplete(self) -> bool:
        """As for `RunResult`."""
        return _incomplete(self.manifest, self.failed, bool(self.stopped_judges))


def _incomplete(manifest: RunManifest, failed: int, judges_stopped: bool) -> bool:
    too_many = failed > FAILED_LIMIT * max(manifest.votes_planned, 1)
    unfinished = manifest.state == "partial" or manifest.votes_planned > manifest.votes_stored
    return unfinished or judges_stopped or (manifest.kind != "score" and too_many)


def open_run(directory: str | Path) -> RunResult:
    """Read a run directory back.

    Args:
        directory: the run directory, or the URL of a published run, which is fetched into a local cache first.

    Raises:
        InputError: a file is missing or is not what this version writes.
    """
    directory = _on_this_machine(directory)
    manifest = read_manifest(directory)
    if not (directory / METRICS).exists():
        raise InputError(
            Problem("this run has no metrics.json yet", path=directory, fix="finish it by running its panel again")
        )
    report = directory / REPORT
    humans = load_soft_labels(directory / LABELS, manifest.rubric, scale=_scale(manifest))
    unlabelled = stored_unlabelled(directory, humans)
    return RunResult(
        manifest=manifest,
        humans=humans,
        votes=_votes(directory / VOTES, manifest, humans, unlabelled),
        metrics=_read(directory / METRICS, Metrics),
        items=_read_items(directory / ITEMS),
        directory=directory,
        report_path=report if report.exists() else None,
        unlabelled=unlabelled,
        pool=_pool(directory, manifest),
    )


def _on_this_machine(directory: str | Path) -> Path:
    if (url := as_url(directory)) is None:
        return Path(directory)
    from panel_eval.api.remote import fetch_run  # a folder needs nothing of it

    return fetch_run(url)


def _pool(directory: Path, manifest: RunManifest) -> FittedPool | None:
    pool, told = read_pool(directory), manifest.hashes.get("pool")
    if pool is not None and told is not None and pool_hashes(pool)["pool"] != told:
        fix = "put the file back that the run was scored with, or score the run again"
        raise InputError(Problem("is not the pool that run.json tells of", path=directory / POOL, fix=fix))
    return pool


def stored_unlabelled(directory: Path, humans: HumanLabels) -> UnlabelledItems:
    """The unlabelled items of a run directory; none where it holds no such file.

    Raises:
        InputError: the file is not what this version writes.
    """
    path = directory / UNLABELLED
    if not path.exists():
        return UnlabelledItems()
    return load_unlabelled(path, labelled=humans.item_ids, task=humans.task)


def _votes(path: Path, manifest: RunManifest, humans: HumanLabels, unlabelled: UnlabelledItems) -> VoteTable:
    """The votes of a run; a journal may hold others too, on items that were mended or taken out since."""
    votes = load_votes(path)
    if len(votes) == manifest.votes_stored or manifest.panel is None or manifest.rubric is None:
        return votes
    return load_planned(path, recorded_plan(manifest, manifest.panel, manifest.rubric, humans, unlabelled)).standing


def read_manifest(directory: Path) -> RunManifest:
    """Read the run.json of a run directory, in whatever state the run is.

    Raises:
        InputError: it is missing or is not what this version writes.
    """
    if not directory.is_dir():
        fix = "name a folder made by run, score or demo"
        raise InputError(Problem("no such run directory", path=directory, fix=fix))
    if not (directory / MANIFEST).exists():
        fix = _run_inside(directory)
        raise InputError(Problem(f"is no run directory: it holds no {MANIFEST}", path=directory, fix=fix))
    return _read(directory / MANIFEST, RunManifest)


def _run_inside(folder: Path) -> str:
    """What to name instead of a folder that is no run: often the folder that runs are written to was named."""
    runs = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))
    if not runs:
        return "name a folder made by run, score or demo"
    return f"name a run in it: {shorten(str(folder / runs[-1]), 300)}"


def _read_items(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        fix = "score the run's votes.jsonl against its labels.jsonl again"
        raise InputError(Problem(f"cannot be read as a table: {error}", path=path, fix=fix)) from None


def _scale(manifest: RunManifest) -> Scale | None:
    """The scale where no rubric fixes it."""
    if manifest.rubric is not None:
        return None
    return "ordinal" if manifest.settings.get("scale") == "ordinal" else "nominal"


def _read(path: Path, model: type[ModelT]) -> ModelT:
    try:
        return model.model_validate_json(read_bytes(path))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InputError(
            Problem(first["msg"], path=path, key=key, fix="was it written by another version, or cut off?")
        ) from None
