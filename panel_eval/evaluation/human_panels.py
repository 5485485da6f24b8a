"""The ceilings: what fresh panels of people would score, on the very votes that any forecaster is scored on.

A fresh panel is drawn from what is known of each item's population: p ~ its posterior, n votes ~ p. Its shares are
smoothed as the panel's are, and scored against the reviewers' observed votes as the panel's are, so that every
number stands beside one that people would have got under the same few votes, ties and biases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.fresh_correlations import fresh_entropy_correlations
from panel_eval.evaluation.item_scores import human_impurity, item_scores
from panel_eval.evaluation.means import Mean, estimate, mean_estimate, null
from panel_eval.evaluation.metric_tables import as_scores, metric_names
from panel_eval.evaluation.moving_columns import MovingColumns
from panel_eval.evaluation.posterior import MODEL_KNOWN, HumanPosterior
from panel_eval.evaluation.ratios import base_rate_skill, reviewers_estimate
from panel_eval.evaluation.segments import OVERALL, Segment
from panel_eval.evaluation.subset import drawn_items
from panel_eval.pooling import smooth
from panel_eval.schema import Estimate, MetricTable, Scores
from panel_eval.stats import (
    calibration_errors,
    cross_entropy_bits,
    entropy_bits,
    smooth_calibration_error,
    top_label_calibration,
)
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.fresh_panel import fresh_panel_cross_entropy_bits
from panel_eval.stats.posterior_expectations import expected_entropy_bits, expected_impurity
from panel_eval.stats.posterior_predictive import draw_populations, draw_votes

PANEL_SIZES = (1, 3, 5, 10, 20)
SAME_SIZE = "human_panel"
MOST_PEOPLE = 1_000
"""Panels are summed over person by person; a larger one loses under .0008 bits a label less than so many people."""
_SEED = 32
_DRAWN_ROWS = 15_000
_MOST_DRAWS = 20
_CALIBRATION_DRAWS = 3
_NO_INTERVAL = "mean over fresh panels; no interval is estimated for it"
_SAME_VOTES = "the same votes define the class"
_MODELLED = "the same votes define the class, so populations stand for them"
_CLOSED_FORM = ("brier_debiased", "n_eq")
"""Made of the votes alone, overall."""
_UNSMOOTHED = "of the people's unsmoothed shares"
_EXPECTED = ("ce_bits", "ce_skill", "kl_bits", "kl_plugin_bits", "kl_naive_bias_bits", "brier_debiased", "n_eq")
"""Expectations over panels, which move with the prior; drawn panels do not."""
_BY_MODEL = ("kl_bits", "kl_naive_bias_bits", "brier_debiased", "n_eq")
_ABSENT = null("not computed for human panels")
_NO_COUNTS = "no item has two or more reviewers with known counts"


@dataclass(frozen=True)
class FreshPanel:
    """Fresh panels of people for every item, drawn several times.

    Attributes:
        name: "human_panel" or "human_panel_N".
        n: (n_items,) people on each panel.
        scores: metric to (n_items,) its mean over the draws, or in closed form.
        under: those in closed form of the items in `Comparison.other_priors`, under the prior of each node.
        draws: (n_items, n_labels) the smoothed shares of each draw.
    """

    name: str
    n: IntArray
    scores: Columns
    under: Sequence[Columns]
    draws: list[FloatArray]


def human_panel_scores(comparison: Comparison) -> dict[str, Scores]:
    """Scores of fresh human panels, as many people as each item has ("human_panel"), and 1, 3, 5, 10, 20 of them.

    Cross-entropy and KL are exact expectations over panels, `brier_debiased` and `n_eq` closed forms of unsmoothed
    shares (so that n people are worth n people); everything else is averaged over drawn panels.

    Args:
        comparison: the panel, its judges and the people.

    Returns:
        "human_panel", then "human_panel_1" ... "human_panel_20".
    """
    sample, chosen = drawn_items(comparison)
    panels = fresh_panels(sample) if len(sample.humans) else []
    if not panels:
        nothing = dict.fromkeys(metric_names(sample.humans.scale), null("no items"))
        empty = as_scores({segment.name: nothing for segment in comparison.segments})
        return dict.fromkeys((SAME_SIZE, *map(panel_name, PANEL_SIZES)), empty)
    tables: dict[str, dict[str, MetricTable]] = {panel.name: {} for panel in panels}
    for segment in sample.segments:
        for name, table in _tables(panels, sample, segment).items():
            by_class = segment.name != OVERALL
            tables[name][segment.name] = {
                metric: _annotated(table.get(metric, _ABSENT), metric, by_class, sample.posterior, chosen)
                for metric in metric_names(sample.humans.scale)
            }
    return {name: as_scores(by_segment) for name, by_segment in tables.items()}


def panel_name(size: int) -> str:
    """What a human panel of `size` people is called among the references."""
    return f"{SAME_SIZE}_{size}"


def fresh_panels(sample: Comparison) -> list[FreshPanel]:
    """Draw panels of every size; a larger one holds the people of the smaller ones."""
    humans = sample.humans
    sizes = {SAME_SIZE: humans.reviewer_count} | {
        panel_name(size): np.full(len(humans), size) for size in PANEL_SIZES
    }
    generator = np.random.default_rng([sample.seed, _SEED])
    draws: dict[str, list[FloatArray]] = {name: [] for name in sizes}
    for _ in range(int(np.clip(_DRAWN_ROWS // len(humans), 1, _MOST_DRAWS))):
        population = draw_populations(sample.posterior.alpha, generator)
        votes, seated = np.zeros_like(population), 0
        draws[SAME_SIZE].append(draw_votes(population, humans.reviewer_count, generator))
        for size in PANEL_SIZES:
            votes = votes + draw_votes(population, size - seated, generator)
            seated = size
            draws[panel_name(size)].append(votes)
    return [_scored(name, n, draws[name], sample) for name, n in sizes.items()]


def pseudo_votes(sample: Comparison) -> FloatArray:
    """(n_labels,) what the smoothing of forecasts adds to the votes for each label."""
    labels, smoothing = sample.humans.labels, sample.smoothing
    if smoothing == "none":
        return np.zeros(len(labels))
    # Smoothing a panel of no votes leaves what is smoothed towards.
    base = smooth(np.full((1, len(labels)), 1.0 / len(labels)), np.zeros(1), smoothing, labels)[0]
    extra: FloatArray = smoothing.alpha * len(labels) * base
    return extra


def expected_ce_bits(sample: Comparison, n: int | IntArray, *, modelled: bool = False) -> FloatArray:
    """(n_items,) expected cross-entropy of n fresh people, smoothed as the panel is.

    Args:
        sample: the items.
        n: people, one number or (n_items,); of more than `MOST_PEOPLE`, so many.
        modelled: against the population as its posterior has it, not against the observed votes.
    """
    target = None if modelled else sample.humans.distribution
    people = np.minimum(n, MOST_PEOPLE)
    return fresh_panel_cross_entropy_bits(sample.posterior.alpha, people, pseudo_votes(sample), target)


def _scored(name: str, n: IntArray, votes: list[FloatArray], sample: Comparison) -> FreshPanel:
    humans = sample.humans
    draws = [smooth(v / n[:, None], n.astype(np.float64), sample.smoothing, humans.labels) for v in votes]
    sums: dict[str, FloatArray] = {}
    for q in draws:
        for metric, values in item_scores(humans, q).items():
            sums[metric] = sums[metric] + values if metric in sums else values
    scores: Columns = {metric: values / len(draws) for metric, values in sums.items()}
    scores |= _closed_forms(n, sample)
    under = [_closed_forms(n[sample.other_priors.rows], other) for other in sample.other_priors.comparisons]
    return FreshPanel(name, n, scores, under, draws)


def _closed_forms(n: IntArray, sample: Comparison) -> Columns:
    """What is expected of fresh panels without drawing any: against observed votes, and against the population."""
    humans, alpha = sample.humans, sample.posterior.alpha
    entropy = expected_entropy_bits(alpha)
    scores: Columns = {"base_ce_bits": cross_entropy_bits(humans.distribution, sample.base_rate)}
    scores["ce_bits"] = expected_ce_bits(sample, n)
    scores["kl_plugin_bits"] = scores["ce_bits"] - entropy_bits(humans.distribution)
    scores["kl_bits"] = scores["ce_bits"] - entropy
    scores["kl_bits_modelled"] = expected_ce_bits(sample, n, modelled=True) - entropy
    for kind in ("", "_modelled"):
        finite = np.isfinite(scores["kl_plugin_bits"]) & np.isfinite(scores[f"kl_bits{kind}"])
        bias = np.subtract(
            scores["kl_plugin_bits"], scores[f"kl_bits{kind}"], where=finite, out=np.full(n.size, np.inf)
        )
        scores[f"kl_naive_bias_bits{kind}"] = bias
    scores["impurity"] = human_impurity(humans)
    scores["impurity_modelled"] = expected_impurity(alpha)
    for kind in ("", "_modelled"):
        scores[f"brier_debiased{kind}"] = scores[f"impurity{kind}"] / n
    return scores


def _tables(panels: Sequence[FreshPanel], sample: Comparison, segment: Segment) -> dict[str, MetricTable]:
    """All panels on one segment: the resamples are gone through once for all of them."""
    if not segment.rows.size:
        return {panel.name: dict.fromkeys(metric_names(sample.humans.scale), null("no items")) for panel in panels}
    means = _together(panels, sample).means(segment)
    correlations = fresh_entropy_correlations(sample.humans, {panel.name: panel.draws for panel in panels}, segment)
    tables = {}
    for panel in panels:
        own = {metric: means[f"{panel.name} {metric}"] for metric in panel.scores}
        table = _of_means(own, segment.name != OVERALL)
        tables[panel.name] = table | correlations[panel.name] | _calibration(sample, panel, segment)
    return tables


def _together(panels: Sequence[FreshPanel], sample: Comparison) -> MovingColumns:
    """The scores of all panels, by "PANEL METRIC"."""
    columns: Columns = {}
    under: list[Columns] = [{} for _ in sample.other_priors.comparisons]
    for panel in panels:
        columns |= {f"{panel.name} {metric}": values for metric, values in panel.scores.items()}
        for table, own in zip(under, panel.under, strict=True):
            table |= {f"{panel.name} {metric}": values for metric, values in own.items()}
    return MovingColumns.made(sample, columns, under)


def _of_means(means: Mapping[str, Mean], by_class: bool) -> MetricTable:
    kind = "_modelled" if by_class else ""
    distance, impurity = means[f"brier_debiased{kind}"], means[f"impurity{kind}"]
    return {metric: mean_estimate(mean) for metric, mean in means.items()} | {
        "ce_skill": base_rate_skill(means["ce_bits"], means["base_ce_bits"]),
        "kl_bits": mean_estimate(means[f"kl_bits{kind}"]),
        "kl_naive_bias_bits": mean_estimate(means[f"kl_naive_bias_bits{kind}"]),
        "brier_debiased": mean_estimate(distance, _UNSMOOTHED, missing=_NO_COUNTS),
        "n_eq": reviewers_estimate(impurity, distance, _NO_COUNTS),
    }


def _annotated(
    number: Estimate, metric: str, by_class: bool, posterior: HumanPosterior, chosen: str | None
) -> Estimate:
    if number.estimate is None:
        return number
    said = [number.note, chosen, posterior.note]
    if number.low is not None and (by_class or metric not in _CLOSED_FORM):
        said.append(posterior.interval_note if metric in _EXPECTED else MODEL_KNOWN)
    if by_class:
        said.append(_MODELLED if metric in _BY_MODEL else _SAME_VOTES)
    return number.model_copy(update={"note": "; ".join(part for part in said if part) or None})


def _calibration(sample: Comparison, panel: FreshPanel, segment: Segment) -> MetricTable:
    """Calibration errors of a few of the drawn panels, averaged."""
    p = sample.humans.distribution[segment.rows]
    found = []
    for drawn in panel.draws[:_CALIBRATION_DRAWS]:
        q = drawn[segment.rows]
        errors = calibration_errors(p, q)
        top = top_label_calibration(p, q)
        smoothed = smooth_calibration_error(top.confidence, top.soft_hit)
        found.append([float(e) for e in (errors.soft, errors.classwise, smoothed, errors.hard)])
    names = ("soft_ece", "classwise_soft_ece", "smooth_ece", "hard_ece")
    means = np.mean(found, axis=0)
    return {
        name: estimate(float(value), None, segment.rows.size, _NO_INTERVAL)
        for name, value in zip(names, means, strict=True)
    }
