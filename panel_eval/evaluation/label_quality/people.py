"""The labelled items as a comparison in which nobody judges: what is said of the reviewers needs no panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panel_eval.evaluation.agreement_coefficients import Labels, estimates, group_agreement
from panel_eval.evaluation.class_populations import PopulationClasses, class_certainty, population_estimates
from panel_eval.evaluation.classes import model_words, population_rule
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.entropy_level import entropy_level
from panel_eval.evaluation.forecaster import Forecaster
from panel_eval.evaluation.human_reliability import split_half
from panel_eval.evaluation.means import estimate, mean_estimate, null, segment_means
from panel_eval.evaluation.posterior import labels_posterior
from panel_eval.evaluation.prior_moves import prior_moves
from panel_eval.evaluation.segments import Segment
from panel_eval.evaluation.subset import drawn_items, ranked_items
from panel_eval.humans import HumanLabels, class_confusion
from panel_eval.pooling import collect_votes
from panel_eval.schema import CLASS_NAMES, Estimate
from panel_eval.schema.label_quality import ClassShares, ReviewerAgreement
from panel_eval.stats import entropy_bits
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.dirichlet_multinomial import HIGHEST, LOWEST, concentration
from panel_eval.stats.posterior_expectations import expected_entropy_bits

_NO_PAIRS = "no item has two or more reviewers with known counts"


def people_alone(humans: HumanLabels, base: FloatArray, segments: Sequence[Segment], seed: int) -> Comparison:
    """The reviewers beside the base rate; no judge, so that every number is the same whoever judged the items.

    Args:
        humans: the labelled items, in the order of their ids.
        base: (n_items, n_labels) from `base_rate`.
        segments: of them, from `make_segments`.
        seed: of the choices of items.
    """
    posterior = labels_posterior(humans, base, seed)
    return Comparison(
        humans=humans,
        forecasts=collect_votes((), humans, ()),
        panel=Forecaster("base_rate", base, constant=True),
        judges=(),
        base_rate=base,
        segments=segments,
        posterior=posterior,
        smoothing="none",
        seed=seed,
        prior_moves=prior_moves(posterior, segments[0]),
    )


def agreement_of(alone: Comparison) -> ReviewerAgreement:
    """How far the reviewers agree, and how well their shares would be found again.

    Args:
        alone: from `people_alone`; many items are sampled.
    """
    sample = ranked_items(alone)
    humans = sample.humans
    found = group_agreement(
        lambda rows: np.where(humans.counts_known[rows, None], humans.counts[rows], 0.0),
        humans.counts_known & (humans.reviewer_count >= 2),
        Labels(humans.label_values, humans.scale),
        sample.everything,
    )
    shares = zip(humans.labels, found.prevalence, strict=True)
    return ReviewerAgreement(
        coefficients=estimates(found.coefficients, _NO_PAIRS),
        prevalence={label: float(share) for label, share in shares if not np.isnan(share)},
        share_reliability=_share_reliability(alone),
        split_half=split_half(*drawn_items(alone)),
    )


def classes_of(alone: Comparison, drawn: PopulationClasses) -> ClassShares:
    """Classes of the votes, and of the populations behind them.

    Args:
        alone: from `people_alone`.
        drawn: populations of its items.
    """
    humans = alone.humans
    certainty = class_certainty(drawn)
    codes, n = np.unique(np.array(humans.derived_class), return_counts=True)
    counts = dict.fromkeys(CLASS_NAMES, 0) | dict(zip(codes.tolist(), n.tolist(), strict=True))
    return ClassShares(
        counts=counts,
        reported_vs_derived=class_confusion(humans.reported_class, humans.derived_class),
        population={name: score.share for name, score in population_estimates(drawn).items()},
        probability=certainty.probability,
        observed_is_population=certainty.observed_is_population,
        human_entropy_bits=_population_entropy(alone),
        votes_entropy_bits=_votes_entropy(alone),
        population_rule=population_rule(humans.scale),
        note=model_words(alone.posterior),
    )


def _population_entropy(alone: Comparison) -> Estimate:
    sample = ranked_items(alone)
    level = entropy_level(sample, expected_entropy_bits(sample.posterior.alpha))
    everyone = np.ones(len(sample.humans), dtype=np.bool_)
    mean = level.mean(sample.everything, everyone)
    return mean_estimate(mean, sample.posterior.interval_note, sample.posterior.note)


def _votes_entropy(alone: Comparison) -> Estimate:
    bits = entropy_bits(alone.humans.distribution)
    return mean_estimate(segment_means({"bits": bits}, alone.everything)["bits"])


def _share_reliability(alone: Comparison) -> Estimate:
    """Mean n / (n + s): the prior's correlation of an item's shares with those of as many other people."""
    posterior, moves = alone.posterior, alone.prior_moves
    if posterior.fit is None or moves is None:
        return null(posterior.note or "no prior was fitted")
    if np.count_nonzero(alone.humans.distribution.any(axis=0)) < 2:
        return null("undefined: everyone gave the same label, so that shares differ nowhere")
    used, n = posterior.fit.used, alone.humans.reviewer_count
    sizes, times = np.unique(n[used].astype(np.float64), return_counts=True)
    weights = times / times.sum()
    replicates = concentration(np.clip(moves.thetas[:, 0], LOWEST[0], HIGHEST[0]))
    without = alone.everything.interval_note(used)
    return estimate(
        float(_found_again(sizes, weights, np.array([posterior.concentration]))[0]),
        None if without else _found_again(sizes, weights, replicates),
        int(used.sum()),
        without,
    )


def _found_again(sizes: FloatArray, weights: FloatArray, s: FloatArray) -> FloatArray:
    mean: FloatArray = (sizes / (sizes + s[:, None])) @ weights
    return mean
