"""Models beside the panel: their votes are scored like a judge's, and change no number of the panel."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.forecaster import Forecaster, judge_forecasters
from panel_eval.evaluation.means import mean_estimate, segment_means
from panel_eval.evaluation.metric_tables import Standards, score_tables
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, VoteTable, collect_votes, surely_new
from panel_eval.schema import OUTCOMES, Estimate, FittedPool, Vote
from panel_eval.schema.beside_metrics import Beside
from panel_eval.stats import cross_entropy_bits


def parted_votes(votes: Iterable[Vote], beside: Collection[str]) -> tuple[VoteTable, VoteTable]:
    """The votes of the panel, and those of the models beside it.

    Args:
        votes: votes of both.
        beside: names of the models.

    Raises:
        InputError: no vote is of a model with such a name, or none is left for the panel.
    """
    table = VoteTable.of(votes)
    if not beside:
        return table, table[:0]
    judges = table.columns.judges
    if unknown := sorted(set(beside) - set(judges)):
        raise InputError([_unknown(name, judges) for name in unknown])
    apart = np.array([judge in set(beside) for judge in judges], dtype=bool)[table.columns.judge]
    if apart.all():
        fix = "leave at least one judge in the panel"
        raise InputError(Problem("no votes are left for the panel", key="beside", fix=fix))
    return table.take(np.flatnonzero(~apart)), table.take(np.flatnonzero(apart))


def _unknown(name: str, judges: Sequence[str]) -> Problem:
    near = nearest(name, judges)
    known = f"the votes are of {', '.join(map(shorten, sorted(judges)[:10]))}"
    fix = f"did you mean {shorten(near)!r}? {known}" if near else known
    return Problem("no vote is of a model with this name", key="beside", value=shorten(name), fix=fix)


def answers_beside(
    votes: VoteTable, people: HumanLabels, beside: Collection[str], strength: float, aside: Iterable[str]
) -> JudgeForecasts:
    """What the models said about the labelled items; see `collect_votes`."""
    return collect_votes(votes, people, sorted(set(beside)), strength, aside)


def beside_section(
    answers: JudgeForecasts, comparison: Comparison, standards: Standards, fitted: FittedPool | None = None
) -> dict[str, Beside]:
    """Each model's scores, and its distance from the panel over the items that both forecast.

    Args:
        answers: what the models said, items in the order of the comparison.
        comparison: the panel beside the people.
        standards: what all forecasters are scored with.
        fitted: the pool that joins the panel's judges, if it was fitted: on its own items it flatters the panel.
    """
    seen = fitted is not None and not surely_new(fitted, comparison.humans.item_ids)
    models = judge_forecasters(answers, comparison.smoothing, comparison.humans.labels)
    votes = answers.outcomes.sum(axis=1).tolist()
    section = {}
    for model, scores, counts in zip(models, score_tables(models, comparison, standards), votes, strict=True):
        behind = _behind(model, comparison)
        if seen:
            behind = behind.model_copy(update={"note": "; ".join(filter(None, (behind.note, _FLATTERED)))})
        section[model.name] = Beside(
            scores=scores,
            outcomes={name: count for name, count in zip(OUTCOMES, counts, strict=True) if count},
            behind_panel_bits=behind,
            advice=_advice(shorten(model.name), behind, seen),
        )
    return section


def _behind(model: Forecaster, comparison: Comparison) -> Estimate:
    p = comparison.humans.distribution
    with np.errstate(invalid="ignore"):  # both infinite: neither is ahead, and the item is left out
        difference = cross_entropy_bits(p, model.q) - cross_entropy_bits(p, comparison.panel.q)
    means = segment_means({"difference": difference}, comparison.everything)
    return mean_estimate(means["difference"], missing="no item has a forecast of both")


_FLATTERED = "the panel's pool learned from these items or may have, which flatters the panel"


def _advice(name: str, behind: Estimate, seen: bool) -> str:
    value, low, high = behind.estimate, behind.low, behind.high
    if value is None or low is None or high is None:
        return f"How {name} compares with the panel cannot be told: {behind.note}."
    if high < 0:
        return (
            f"{name} is closer to the reviewers than the panel, by {-value:.3f} bits a vote ({-high:.3f} to "
            f"{-low:.3f}): of the two, use {name}, unless it was trained on these items."
        )
    if seen:
        return (
            f"These items cannot tell whether {name} or the panel is closer to the reviewers ({name} less panel: "
            f"{low:.3f} to {high:.3f} bits a vote): {_FLATTERED}. Compare them on items that the pool has not seen."
        )
    if low > 0:
        return (
            f"The panel is closer to the reviewers than {name}, by {value:.3f} bits a vote ({low:.3f} to "
            f"{high:.3f}): of the two, use the panel."
        )
    return (
        f"These items do not tell whether {name} or the panel is closer to the reviewers ({name} less panel: "
        f"{low:.3f} to {high:.3f} bits a vote): label more items, or choose by cost."
    )
