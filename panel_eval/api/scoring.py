"""Scoring votes made elsewhere: files in, a scored run out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from panel_eval.api.pool_files import pool_hashes
from panel_eval.api.results import RunResult
from panel_eval.api.storing import scored_manifest, store_scores
from panel_eval.api.vote_files import paid_votes
from panel_eval.engine import file_sha256, rubric_hash
from panel_eval.errors import InputError, NotComparableError, Problem, shorten
from panel_eval.evaluation import Evaluation, evaluate
from panel_eval.humans import HumanLabels, UnlabelledItems, load_rubric, load_soft_labels, load_unlabelled
from panel_eval.pooling import VoteTable, latest_votes, read_vote_table
from panel_eval.schema import FittedPool, Rubric, RunManifest, Scale, Smoothing, Vote, read_json

SmoothingChoice = Smoothing | Literal["default", "none"]


def score(
    labels: str | Path | HumanLabels,
    votes: str | Path | Iterable[Vote],
    *,
    unlabelled: str | Path | None = None,
    rubric: str | Path | Rubric | None = None,
    scale: Scale | None = None,
    smoothing: SmoothingChoice = "default",
    fitted: str | Path | FittedPool | None = None,
    beside: Sequence[str] = (),
    seed: int = 0,
    resamples: int = 2000,
    out: str | Path | None = None,
    report: bool = False,
) -> RunResult:
    """Compare votes made elsewhere with human soft labels. No model is asked.

    Args:
        labels: a soft-label file, or labels already loaded.
        votes: a vote file, or vote records.
        unlabelled: a file of items without human labels; votes on them are kept beside the others and not scored.
        rubric: fixes label set, order and scale; without it they are those of the first item, nominal.
        scale: the scale where there is no rubric.
        smoothing: of the panel's forecast; "none" leaves zeros, and a human label there is infinitely wrong.
        fitted: a fitted pool (or its file) that joins the judges instead of their mean.
        beside: models among the votes, such as a classifier, scored like judges and no part of the panel.
        seed: of the intervals.
        resamples: bootstrap resamples behind each interval.
        out: folder to write to; nothing is written if absent.
        report: also write report.html there.

    Raises:
        InputError: with every problem found; nothing is written then.
        NotComparableError: the pool was fitted for other judges, labels or another rubric.
    """
    started = datetime.now(UTC)
    read = _read(labels, votes, unlabelled, rubric, scale, fitted)
    evaluation = evaluate(
        paid_votes(read.lines),
        read.humans,
        smoothing=Smoothing() if smoothing == "default" else smoothing,
        fitted=read.pool,
        aside=read.unlabelled.item_ids,
        beside=beside,
        seed=seed,
        resamples=resamples,
    )
    given = {"labels": labels, "unlabelled": unlabelled, "votes": votes, "pool": fitted}
    sources = {name: Path(path) for name, path in given.items() if isinstance(path, str | Path)}
    result = RunResult(
        _manifest(read, evaluation, sources, started, seed),
        read.humans,
        read.votes,
        evaluation.metrics,
        evaluation.items,
        evaluation=evaluation,
        unlabelled=read.unlabelled,
        pool=read.pool,
    )
    return result if out is None else store_scores(result, Path(out), report=report)


@dataclass(frozen=True)
class _Inputs:
    """What is scored.

    Attributes:
        rubric: fixes the labels, if there is one.
        humans: the labelled items.
        unlabelled: items that votes may be about, too.
        lines: every vote.
        votes: those that count.
        pool: joins the judges, if not their mean.
    """

    rubric: Rubric | None
    humans: HumanLabels
    unlabelled: UnlabelledItems
    lines: VoteTable
    votes: VoteTable
    pool: FittedPool | None


def _read(
    labels: str | Path | HumanLabels,
    votes: str | Path | Iterable[Vote],
    unlabelled: str | Path | None,
    rubric: str | Path | Rubric | None,
    scale: Scale | None,
    fitted: str | Path | FittedPool | None,
) -> _Inputs:
    the_rubric = load_rubric(rubric) if isinstance(rubric, str | Path) else rubric
    humans = labels if isinstance(labels, HumanLabels) else load_soft_labels(labels, the_rubric, scale=scale)
    others = UnlabelledItems()
    if unlabelled is not None:
        others = load_unlabelled(unlabelled, labelled=humans.item_ids, task=humans.task)
    lines = read_vote_table(Path(votes)) if isinstance(votes, str | Path) else VoteTable.of(votes)
    the_votes = latest_votes(lines)
    _refuse_strangers(the_votes, humans)
    return _Inputs(the_rubric, humans, others, lines, the_votes, _fitted_pool(fitted, the_rubric))


def _manifest(
    read: _Inputs, evaluation: Evaluation, sources: Mapping[str, Path], started: datetime, seed: int
) -> RunManifest:
    hashes = {name: file_sha256(path) for name, path in sources.items()}
    return scored_manifest(
        evaluation,
        read.rubric,
        started=started,
        seed=seed,
        n_unlabelled=len(read.unlabelled),
        votes_stored=len(read.votes),
        sources={name: path.name for name, path in sources.items()},
        hashes=hashes | pool_hashes(read.pool),  # of the copy that is kept, however the file was laid out
    )


def _fitted_pool(given: str | Path | FittedPool | None, rubric: Rubric | None) -> FittedPool | None:
    """The pool, if any; evaluation checks the rest of what must fit."""
    pool = read_json(Path(given), FittedPool) if isinstance(given, str | Path) else given
    if pool is not None and rubric is not None and pool.rubric_hash not in (None, rubric_hash(rubric)):
        raise NotComparableError(
            "the pool was fitted with another rubric. Remedy: fit the panel again (panel-eval fit)"
        )
    return pool


def _refuse_strangers(votes: VoteTable, humans: HumanLabels) -> None:
    """Some votes on unknown items are left out and counted; if all are, the files do not belong together."""
    if not len(votes):
        raise InputError("there are no votes to score")
    named = votes.columns.item_ids
    if not set(humans.item_ids).isdisjoint(named):
        return
    theirs, ours = shorten(named[0]), shorten(humans.item_ids[0])
    raise InputError(
        Problem(
            f"no vote is about an item of the label file: votes name {theirs!r} …, labels {ours!r} …",
            key="item_id",
            fix="use the same item ids in both files",
        )
    )
