"""Does the panel's uncertainty find the items that reviewers disagree on, and would other people's do better?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import null
from panel_eval.evaluation.replicated import Replicated, replicated
from panel_eval.schema.deferral_metrics import DeferralRate, HumanCeiling, RandomDeferral
from panel_eval.schema.estimate import Estimate
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.bootstrap import percentile_interval
from panel_eval.stats.correlation import weighted_auroc
from panel_eval.stats.entropy import entropy_bits
from panel_eval.stats.expected_auroc import ScoreShares, expected_auroc, score_shares
from panel_eval.stats.posterior_predictive import draw_populations, draw_votes
from panel_eval.stats.selective import rank_losses, selective_areas
from panel_eval.stats.selective_points import average_precision, risk_among_deferred, risk_at_coverage

DISAGREEMENT = ("major", "unresolved")
AGREEMENT_SHARE = 0.9
RATES = (0.05, 0.1, 0.2, 0.3)
REVIEWERS = (None, 3, 4, 5, 10, 20)
MAX_ITEMS = 50_000
"""Most items that fresh reviewers are drawn for."""

_SEED = 611
_DRAWS, _MOST_DRAWS = 30_000, 20
"""Items times draws of fresh reviewers, and most draws of an item: enough for the third digit of an AUROC."""
_ROUNDING = 1e-9
_ONE_KIND = "undefined: no item, or every item, is of class major or unresolved"
_AT_CHANCE = "refused: such a group of people may find these items no better than chance"


class Targets(NamedTuple):
    """What a deferral score is held against; each (n_items,).

    Attributes:
        known: items that the panel answered and that have enough reviewers for a class.
        disagreement: class major or unresolved.
        major: class major.
        agreement: at least 9 in 10 reviewers chose the same label.
    """

    known: BoolArray
    disagreement: BoolArray
    major: BoolArray
    agreement: BoolArray


def deferral_targets(comparison: Comparison) -> Targets:
    """Marks of each item, from the reviewers' votes."""
    classes = np.array(comparison.humans.derived_class)
    return Targets(
        known=comparison.panel.scored & (classes != "insufficient"),
        disagreement=np.isin(classes, DISAGREEMENT),
        major=classes == "major",
        agreement=comparison.humans.distribution.max(axis=1) >= AGREEMENT_SHARE - _ROUNDING,
    )


def deferral_statistics(uncertainty: FloatArray, targets: Targets, comparison: Comparison) -> Replicated:
    """AUROC, AUPRC and prevalence of disagreement, and what each deferral rate wastes and misses."""
    marks = np.column_stack([targets.disagreement, targets.major, targets.agreement]).astype(np.float64)
    kept_shares = [1.0 - rate for rate in RATES]

    def statistics(rows: IntArray, w: FloatArray | None) -> FloatArray:
        ranked = rank_losses(-uncertainty[rows], marks[rows], w)
        areas = selective_areas(ranked)
        parts = [
            areas.auroc_failure[:1],
            average_precision(ranked.first(1)),
            areas.mean_loss,
            *risk_at_coverage(ranked.first(2), kept_shares),
            risk_among_deferred(ranked, RATES)[2],
        ]
        return np.moveaxis(np.concatenate(parts), 0, -1)

    names = (
        *("auroc", "auprc", "disagreement", "major", "agreement"),
        *(f"{name} at {rate}" for name in ("missed_disagreement", "missed_major", "wasted") for rate in RATES),
    )
    return replicated(names, statistics, targets.known, comparison.everything)


def deferral_rates(numbers: Replicated) -> list[DeferralRate]:
    """What handing over the least certain 5, 10, 20 and 30 % wastes and misses."""
    return [
        DeferralRate(
            rate=rate,
            wasted=numbers.number(f"wasted at {rate}"),
            missed_major=numbers.number(f"missed_major at {rate}"),
            missed_disagreement=numbers.number(f"missed_disagreement at {rate}"),
        )
        for rate in RATES
    ]


def random_deferral(numbers: Replicated) -> RandomDeferral:
    """The same shares among all items, which is what handing over at random leaves them at."""
    return RandomDeferral(
        wasted=numbers.number("agreement"),
        missed_major=numbers.number("major"),
        missed_disagreement=numbers.number("disagreement"),
    )


def disagreement_number(numbers: Replicated, name: str) -> Estimate:
    """AUROC or AUPRC, with why it may not exist."""
    return numbers.number(name, undefined=_ONE_KIND)


def auroc_by_score(
    scores: Mapping[str, FloatArray], targets: Targets, comparison: Comparison, default: tuple[str, Estimate]
) -> dict[str, Estimate]:
    """AUROC of disagreement by each score that items could be ranked by.

    Args:
        scores: name to (n_items,) scores; NaN where an item has none.
        targets: what they are held against.
        comparison: the panel beside the people.
        default: name and AUROC of the score in use.
    """
    numbers = {default[0]: default[1]}
    for name, score in scores.items():

        def statistics(rows: IntArray, w: FloatArray | None, score: FloatArray = score) -> FloatArray:
            return weighted_auroc(score[rows], targets.disagreement[rows], w)[..., None]

        part = targets.known & np.isfinite(score)
        if targets.known.any() and not part.any():
            numbers[name] = null("no item was answered by two or more judges")
            continue
        found = replicated((name,), statistics, part, comparison.everything)
        missing = int(targets.known.sum() - part.sum())
        left_out = f"{missing} items left out: fewer than two judges answered" if missing else None
        numbers[name] = found.number(name, left_out, undefined=_ONE_KIND)
    return numbers


def human_ceilings(uncertainty: FloatArray, targets: Targets, comparison: Comparison) -> list[HumanCeiling]:
    """AUROC of fresh reviewers' entropy against the actual reviewers' classes, and how near the panel's comes.

    Populations are drawn from each item's posterior, votes from the populations.
    """
    part, chosen_note = _drawn_part(targets.known, comparison.seed)
    drawn_rows = np.flatnonzero(part)
    place = np.cumsum(part) - 1
    shares = _fresh_shares(comparison, drawn_rows) if drawn_rows.size else []

    def statistics(rows: IntArray, w: FloatArray | None) -> FloatArray:
        disagree = targets.disagreement[rows]
        own = weighted_auroc(uncertainty[rows], disagree, w)
        return np.stack(
            [own, *(expected_auroc(share.select(place[rows]), disagree, w) for share in shares)], axis=-1
        )

    names = ("panel", *(str(n) for n in REVIEWERS))
    numbers = replicated(names, statistics, part, comparison.everything)
    notes = (chosen_note, comparison.posterior.note)
    return [
        HumanCeiling(
            reviewers=n,
            auroc=numbers.number(str(n), *notes, undefined=_ONE_KIND),
            relative_alignment=_relative(numbers, str(n), *notes),
        )
        for n in REVIEWERS
    ]


def _relative(numbers: Replicated, name: str, *notes: str | None) -> Estimate:
    """(AUROC - .5) / (AUROC of people - .5), resampled whole; refused where people may be at chance."""
    gain, best = numbers.value("panel") - 0.5, numbers.value(name) - 0.5
    gains, bests = numbers.resampled("panel") - 0.5, numbers.resampled(name) - 0.5
    if np.isfinite(best) and not numbers.no_interval:
        low = float(percentile_interval(bests)[0])
        if not low > 0:
            return null(_AT_CHANCE, numbers.n)
    elif np.isfinite(best) and best <= 0:
        return null(_AT_CHANCE, numbers.n)
    ratio = gain / best if np.isfinite(best) else np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.where(bests > 0, gains / bests, np.nan)
    return numbers.number_of(ratio, ratios, *notes, undefined=_ONE_KIND)


def _drawn_part(known: BoolArray, seed: int) -> tuple[BoolArray, str | None]:
    rows = np.flatnonzero(known)
    if rows.size <= MAX_ITEMS:
        return known, None
    chosen = np.zeros_like(known)
    chosen[np.random.default_rng([seed, _SEED]).choice(rows, MAX_ITEMS, replace=False)] = True
    return chosen, f"panel and people on {MAX_ITEMS:,} random items of {rows.size:,}"


def _fresh_shares(comparison: Comparison, rows: IntArray) -> list[ScoreShares]:
    """How often the votes of fresh reviewers of each item have which entropy, for each number of reviewers."""
    generator = np.random.default_rng([comparison.seed, _SEED, 1])
    alpha, own = comparison.posterior.alpha[rows], comparison.humans.reviewer_count[rows]
    n_draws = int(np.clip(_DRAWS // rows.size, 1, _MOST_DRAWS))
    entropies = np.empty((len(REVIEWERS), n_draws, rows.size))
    for draw in range(n_draws):
        populations = draw_populations(alpha, generator)
        for place, n in enumerate(REVIEWERS):
            people = own if n is None else n
            votes = draw_votes(populations, people, generator)
            entropies[place, draw] = entropy_bits(votes / votes.sum(axis=1, keepdims=True))
    return [score_shares(drawn) for drawn in entropies]
