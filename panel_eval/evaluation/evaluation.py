"""The one way in: votes and human labels become an `Evaluation`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from panel_eval.errors import InputError
from panel_eval.evaluation.accounts import economics_section
from panel_eval.evaluation.agreement import agreement_section
from panel_eval.evaluation.beside import answers_beside, beside_section, parted_votes
from panel_eval.evaluation.calibration import calibration_section
from panel_eval.evaluation.class_populations import (
    PopulationClasses,
    draw_population_classes,
)
from panel_eval.evaluation.classes import classes_section
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.deferral import deferral_section
from panel_eval.evaluation.diagnosis import diagnosis_section
from panel_eval.evaluation.forecaster import Forecaster, judge_forecasters
from panel_eval.evaluation.human_entropy import human_entropy_section
from panel_eval.evaluation.human_panels import human_panel_scores
from panel_eval.evaluation.human_reliability import reliability_section
from panel_eval.evaluation.item_table import item_table
from panel_eval.evaluation.label_quality import check_items
from panel_eval.evaluation.masses import mass_section
from panel_eval.evaluation.metric_tables import make_standards, score_tables
from panel_eval.evaluation.missing_votes import coverage_section
from panel_eval.evaluation.posterior import human_posterior
from panel_eval.evaluation.precision import precision_section
from panel_eval.evaluation.prior_moves import prior_moves
from panel_eval.evaluation.rationales import rationale_section
from panel_eval.evaluation.references import base_rate, reference_forecasters
from panel_eval.evaluation.segments import make_segments
from panel_eval.evaluation.spread import spread_section
from panel_eval.evaluation.subset import ranked_items
from panel_eval.evaluation.warnings import Findings, find_warnings
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, PanelFacts, PanelPooling, VoteTable, collect_votes
from panel_eval.schema import FittedPool, Metrics, Scores, Smoothing, Vote
from panel_eval.stats.arrays import FloatArray, IntArray

DEFAULT_SMOOTHING: Final = Smoothing()

SmoothingChoice = Smoothing | Literal["none"]


@dataclass(frozen=True)
class Evaluation:
    """Everything that was computed about a panel.

    Attributes:
        metrics: the contents of metrics.json.
        items: one row per item, in the order of `humans` (columns: `evaluation.item_table`).
        humans: the human labels.
        forecasts: what each judge said, unsmoothed.
        panel_q: (n_items, n_labels) the panel's smoothed forecast; NaN rows where nobody answered.
        judge_q: judge to (n_items, n_labels), its own smoothed forecast.
    """

    metrics: Metrics
    items: pd.DataFrame
    humans: HumanLabels
    forecasts: JudgeForecasts
    panel_q: FloatArray
    judge_q: dict[str, FloatArray]


def evaluate(
    votes: Iterable[Vote] | JudgeForecasts,
    humans: HumanLabels,
    *,
    smoothing: SmoothingChoice = DEFAULT_SMOOTHING,
    weights: Mapping[str, float] | None = None,
    judge_ids: Sequence[str] | None = None,
    fitted: FittedPool | None = None,
    votes_planned: int | None = None,
    aside: Iterable[str] = (),
    beside: Collection[str] = (),
    seed: int = 0,
    resamples: int = 2000,
) -> Evaluation:
    """Compare a panel's votes with the distribution of human labels, item by item.

    The result does not depend on the order of votes or items: items are resampled in the order of their ids.

    Args:
        votes: the votes, failed ones included, or forecasts already collected from them.
        humans: the labelled items.
        smoothing: how forecasts are kept off zero; "none" lets cross-entropy become infinite.
        weights: judge id to weight in the pool; default 1.
        judge_ids: the judges of the panel; default: all that voted. Others' votes are left out and counted.
        fitted: joins the judges instead of their weighted mean; smoothing is then of single judges only.
        votes_planned: how many votes the panel was to cast on the labelled items, if known; fewer are warned
            about as partial.
        aside: ids of items without human labels that the judges were asked about as well; votes on them are in no
            score, only in what the votes cost.
        beside: models whose votes are scored like a judge's and take no part in the panel, such as a classifier.
        seed: seeds the bootstrap.
        resamples: number of bootstrap draws behind each 95 % interval.

    Raises:
        InputError: no items, unknown labels in votes, repeated votes, weights for unknown judges, models beside
            the panel that cast no vote.
        NotComparableError: the pool was fitted for other judges or labels.
    """
    pooling = PanelPooling(smoothing, weights or {}, fitted)
    if not len(humans):
        raise InputError("there are no labelled items to compare with")
    if resamples < 1:
        raise InputError(f"resamples must be at least 1; found {resamples}")
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")
    people = humans.select(by_id)
    if not isinstance(votes, JudgeForecasts):
        answers, others, own = _answers(votes, people, judge_ids, pooling.vote_strength, aside, beside)
    elif beside:
        raise InputError("models beside the panel are told apart by their votes: give votes, not forecasts")
    else:
        answers, others, own = votes.select(by_id), None, None
    pooling.refuse_other(PanelFacts(people.task, people.labels, people.scale, answers.judge_ids))
    settings = _settings(pooling, answers, humans, seed, resamples)
    comparison = _compare(people, answers, pooling, seed, resamples)
    scored = _scored(comparison, own, others, settings, votes_planned, fitted)
    del comparison
    return _in_file_order(scored, answers, humans, np.argsort(by_id))


@dataclass(frozen=True)
class _Scored:
    """What is kept of a comparison, items in the order of their ids."""

    metrics: Metrics
    panel_q: FloatArray
    judge_q: dict[str, FloatArray]
    columns: dict[str, NDArray[Any]]


def _scored(
    comparison: Comparison,
    votes: VoteTable | None,
    others: JudgeForecasts | None,
    settings: dict[str, str | int | float | None],
    votes_planned: int | None,
    fitted: FittedPool | None,
) -> _Scored:
    """The numbers; the comparison, which is large, is let go of before the item table is made."""
    drawn = draw_population_classes(comparison)
    metrics = _metrics(comparison, others, drawn, settings, votes_planned, fitted)
    diagnosis, diagnosed = diagnosis_section(comparison)
    reasons = rationale_section(comparison, votes)
    sides = diagnosis.humans, diagnosed.people
    labels = check_items(
        comparison.humans, comparison.segments, comparison.seed, base=comparison.base_rate, quadrants=sides
    )
    sections = {"diagnosis": diagnosis, "rationales": reasons.metrics, "label_quality": labels.quality}
    columns = diagnosed.columns() | reasons.columns() | labels.columns()
    return _Scored(
        metrics.model_copy(update=sections),
        comparison.panel.q,
        {judge.name: judge.q for judge in comparison.judges},
        columns,
    )


def _in_file_order(scored: _Scored, answers: JudgeForecasts, humans: HumanLabels, in_file: IntArray) -> Evaluation:
    panel_q, forecasts = scored.panel_q[in_file], answers.select(in_file)
    judge_q = {name: q[in_file] for name, q in scored.judge_q.items()}
    columns = {name: values[in_file] for name, values in scored.columns.items()}
    items = item_table(humans, forecasts, panel_q, columns)
    return Evaluation(scored.metrics, items, humans, forecasts, panel_q, judge_q)


def _answers(
    votes: Iterable[Vote],
    people: HumanLabels,
    judge_ids: Sequence[str] | None,
    strength: float,
    aside: Iterable[str],
    beside: Collection[str],
) -> tuple[JudgeForecasts, JudgeForecasts | None, VoteTable]:
    """What the panel's judges said, what models beside it did, if there are any, and the judges' votes."""
    own, apart = parted_votes(votes, beside)
    answers = collect_votes(own, people, judge_ids, strength, aside)
    return answers, answers_beside(apart, people, beside, strength, aside) if beside else None, own


def _compare(
    people: HumanLabels, answers: JudgeForecasts, pooling: PanelPooling, seed: int, resamples: int
) -> Comparison:
    """Everything, of items in the order of their ids, so that no number depends on the order of a file."""
    panel_q, smoothing = pooling.forecast(answers, people.labels), pooling.smoothing
    segments = make_segments(people, resamples, seed)
    base = base_rate(people)
    posterior = human_posterior(people, answers, panel_q, base, seed)
    return Comparison(
        humans=people,
        forecasts=answers,
        panel=Forecaster("panel", panel_q),
        judges=judge_forecasters(answers, smoothing, people.labels),
        base_rate=base,
        segments=segments,
        posterior=posterior,
        smoothing=smoothing,
        seed=seed,
        prior_moves=prior_moves(posterior, segments[0]),
    )


def _metrics(
    comparison: Comparison,
    others: JudgeForecasts | None,
    drawn: PopulationClasses,
    settings: dict[str, str | int | float | None],
    votes_planned: int | None,
    fitted: FittedPool | None,
) -> Metrics:
    humans, panel, sample = comparison.humans, comparison.panel, ranked_items(comparison)
    standards = make_standards(comparison)
    judges = comparison.judges
    floors = reference_forecasters(humans, comparison.smoothing, comparison.base_rate, panel.scored)
    # By place, not by name: a judge may have any name, "panel" and "uniform" included.
    panel_scores, *scores = score_tables([panel, *judges, *floors], comparison, standards)
    references = _named(floors, scores[len(judges) :]) | human_panel_scores(comparison)
    metrics = Metrics(
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        n_items=len(humans),
        n_scored=int(panel.scored.sum()),
        units={"information": "bits"},
        settings=settings,
        panel=panel_scores,
        judges=_named(judges, scores[: len(judges)]),
        beside={} if others is None else beside_section(others, comparison, standards, fitted),
        references=references,
        calibration=calibration_section(comparison, standards.entropy, panel_scores.overall),
        deferral=deferral_section(sample),
        spread=spread_section(sample),
        agreement=agreement_section(sample, humans),
        human_entropy=human_entropy_section(standards.entropy, comparison),
        reliability=reliability_section(comparison),
        classes=classes_section(comparison, standards.membership, drawn),
        economics=economics_section(comparison.forecasts),
        coverage=coverage_section(comparison),
        mass=mass_section(comparison),
        precision=precision_section(comparison),
        warnings=[],
    )
    findings = Findings(humans, comparison.forecasts, panel.q, panel_scores, references, votes_planned, fitted)
    return metrics.model_copy(update={"warnings": find_warnings(findings, metrics)})


def _named(forecasters: Sequence[Forecaster], scores: Sequence[Scores]) -> dict[str, Scores]:
    return {forecaster.name: own for forecaster, own in zip(forecasters, scores, strict=True)}


def _settings(
    pooling: PanelPooling, forecasts: JudgeForecasts, humans: HumanLabels, seed: int, resamples: int
) -> dict[str, str | int | float | None]:
    return pooling.settings() | {
        "vote_strength": forecasts.vote_strength,
        "seed": seed,
        "resamples": resamples,
        "interval_level": 0.95,
        "resampled": "items" if humans.clusters is None else "clusters",
        "n_clusters": None if humans.clusters is None else len(set(humans.clusters)),
    }
