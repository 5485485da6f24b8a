"""Each reviewer's confusion matrix under Dawid and Skene's model, with intervals and with its warning figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.label_quality.adjudications import SPLIT
from panel_eval.evaluation.label_quality.delivery import Delivery, NamedVotes
from panel_eval.evaluation.means import finite_or_none, mean_estimate, segment_means
from panel_eval.evaluation.segments import Segment
from panel_eval.schema import Estimate
from panel_eval.schema.reviewer_confusion import (
    ConfusedPair,
    ConfusionFit,
    ConfusionMatrix,
    ConfusionSection,
    ReviewerConfusion,
    Sharpness,
)
from panel_eval.stats import entropy_bits
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.chain_mixing import SETTLED, scale_reduction
from panel_eval.stats.dawid_skene import (
    STARTS,
    DawidSkene,
    ReviewedItems,
    accuracy,
    agreeing,
    confusion_counts,
    draw_confusions,
    fit_dawid_skene,
    information_bits,
    jeffreys_pseudo_counts,
    mean_shift,
)

PSEUDO_VOTES = 4.0
"""Votes a row by which a matrix is pulled to that of all reviewers; intervals keep their level with it (tests)."""
MOST_LABELS = 20
CERTAIN = 0.95
FEWEST_CONFUSED = 3.0
_DRAWS, _SKIPPED, _FEWEST_DRAWS = 1_000, 100, 200
_CELLS = 20_000_000
"""Numbers kept of all draws."""
_WORK = 150_000_000
"""Votes × labels looked at over all draws."""
_CHAINS = 2
_TAILS = (0.025, 0.975)
ASSUMPTION = (
    "The model takes every item to have one true label, from which reviewers stray by mistake. Where people "
    "honestly see an item in two ways there is no such label: its matrices then mix disagreement with error, and "
    "its posterior is surer than anybody should be. Read them to find labels that one reviewer uses unlike the "
    "others; nothing else here uses them, no soft label least of all."
)


@dataclass(frozen=True)
class _Draws:
    """Posterior draws: prior (n_draws, n_labels), confusion (n_draws, n_kept, n_labels, n_labels)."""

    prior: FloatArray
    confusion: FloatArray
    reduction: float


def confusion_section(
    delivery: Delivery, everything: Segment, listed: Sequence[str], seed: int
) -> ConfusionSection:
    """The section of the document.

    Args:
        delivery: the items with their votes by reviewer.
        everything: all items with their resamples.
        listed: reviewers whose matrices are told.
        seed: of starts and draws.
    """
    named, labels = delivery.named, delivery.humans.labels
    if missing := _missing(delivery):
        return _nothing(labels, named, missing)
    assert named is not None
    rows, item = np.unique(named.votes.item, return_inverse=True)
    items = ReviewedItems.of(
        item, named.votes.reviewer, named.votes.label, rows.size, len(named.votes.reviewers), len(labels)
    )
    together = fit_dawid_skene(items.by_one(), jeffreys_pseudo_counts(len(labels)), seed=seed)[0].confusion[0]
    pulled = PSEUDO_VOTES * together
    fits = fit_dawid_skene(items, pulled, seed=seed)
    kept = np.isin(np.array(named.votes.reviewers), np.array(listed))
    draws = _draw(items, fits, pulled, kept, seed)
    sharpness = _sharpness(delivery, everything, rows, fits[0])
    return ConfusionSection(
        assumption=ASSUMPTION,
        labels=list(labels),
        items=rows.size,
        votes=named.votes.item.size,
        prior={label: _drawn(draws.prior[:, k], rows.size) for k, label in enumerate(labels)},
        together=together.tolist(),
        reviewers=_reviewers(delivery, named, items, draws, kept, fits[0]),
        sharpness=sharpness,
        fit=_fit_facts(fits, draws),
        note=_note(fits, draws, everything),
    )


def _missing(delivery: Delivery) -> str | None:
    """Why there can be no matrices."""
    if delivery.named is None:
        return "the file does not name who cast which vote"
    if len(delivery.humans.labels) > MOST_LABELS:
        return (
            f"more than {MOST_LABELS} labels: a matrix of them would rest on too little, and nobody could read it"
        )
    if np.bincount(delivery.named.votes.item).max() < 3:
        return "no item has three reviewers: with two, nothing tells who of them is right"
    return None


def _nothing(labels: Sequence[str], named: NamedVotes | None, note: str) -> ConfusionSection:
    return ConfusionSection(
        assumption=ASSUMPTION,
        labels=list(labels),
        items=0 if named is None else named.votes.n_items,
        votes=0 if named is None else named.votes.item.size,
        prior={},
        together=None,
        reviewers=[],
        sharpness=None,
        fit=None,
        note=note,
    )


def _draw(items: ReviewedItems, fits: list[DawidSkene], pulled: FloatArray, kept: np.ndarray, seed: int) -> _Draws:
    """Two chains, from the best fit and from the worst: where these differ, intervals hold both."""
    cells = max(1, int(kept.sum()) * items.n_labels**2)
    work = max(1, int(items.table.nnz) * items.n_labels)
    draws = int(np.clip(min(_CELLS // cells, _WORK // work), _FEWEST_DRAWS, _DRAWS)) // _CHAINS
    chains = [
        draw_confusions(items, fit, pulled, kept=kept, draws=draws, skipped=_SKIPPED, seed=seed + chain)
        for chain, fit in enumerate((fits[0], fits[-1]))
    ]
    told = [np.column_stack([prior, accuracy(prior[:, None], own)]) for prior, own in chains]
    prior, confusion = (np.concatenate(parts) for parts in zip(*chains, strict=True))
    return _Draws(prior, confusion, float(scale_reduction(np.stack(told)).max()))


def _reviewers(
    delivery: Delivery, named: NamedVotes, items: ReviewedItems, draws: _Draws, kept: np.ndarray, fit: DawidSkene
) -> list[ReviewerConfusion]:
    labels, ordinal = delivery.humans.labels, delivery.humans.scale == "ordinal"
    expected = confusion_counts(items, fit.posterior).sum(axis=2)
    cast = np.bincount(named.votes.reviewer, minlength=len(named.votes.reviewers))
    right = accuracy(draws.prior[:, None], draws.confusion)
    told = information_bits(draws.prior[:, None], draws.confusion)
    shift = mean_shift(draws.prior[:, None], draws.confusion) if ordinal else None
    found = []
    for place, code in enumerate(np.flatnonzero(kept).tolist()):
        matrix = _matrix(draws.confusion[:, place], expected[code])
        n = int(cast[code])
        found.append(
            ReviewerConfusion(
                reviewer=named.votes.reviewers[code],
                votes=n,
                matrix=matrix,
                accuracy=_drawn(right[:, place], n),
                information_bits=_drawn(told[:, place], n),
                severity=None if shift is None else _drawn(shift[:, place], n),
                most_confused=_most_confused(matrix, labels),
            )
        )
    return found


def _matrix(draws: FloatArray, expected: FloatArray) -> ConfusionMatrix:
    low, high = np.quantile(draws, _TAILS, axis=0)
    return ConfusionMatrix(
        share=draws.mean(axis=0).tolist(), low=low.tolist(), high=high.tolist(), votes=expected.tolist()
    )


def _most_confused(matrix: ConfusionMatrix, labels: Sequence[str]) -> ConfusedPair | None:
    """The largest share beside the diagonal, of rows that rest on enough votes."""
    share = np.array(matrix.share)
    share[np.array(matrix.votes) < FEWEST_CONFUSED] = -1.0
    np.fill_diagonal(share, -1.0)
    true, given = divmod(int(share.argmax()), len(labels))
    if share[true, given] < 0:
        return None
    return ConfusedPair(
        true=labels[true],
        given=labels[given],
        share=matrix.share[true][given],
        low=matrix.low[true][given],
        high=matrix.high[true][given],
    )


def _drawn(draws: FloatArray, n: int) -> Estimate:
    low, high = np.quantile(draws, _TAILS)
    return Estimate(estimate=float(draws.mean()), low=float(low), high=float(high), n=n)


def _sharpness(delivery: Delivery, everything: Segment, rows: IntArray, fit: DawidSkene) -> Sharpness:
    columns = {name: np.full(len(delivery.humans), np.nan) for name in ("model", "votes")}
    columns["model"][rows] = entropy_bits(fit.posterior)
    columns["votes"][rows] = entropy_bits(delivery.humans.distribution[rows])
    means = segment_means(columns, everything)
    split = np.isin(np.array(delivery.humans.derived_class, dtype=object)[rows], list(SPLIT))
    return Sharpness(
        posterior_entropy_bits=mean_estimate(means["model"]),
        votes_entropy_bits=mean_estimate(means["votes"]),
        split_items=int(split.sum()),
        split_items_called_certain=int((split & (fit.posterior.max(axis=1) > CERTAIN)).sum()),
    )


def _fit_facts(fits: list[DawidSkene], draws: _Draws) -> ConfusionFit:
    return ConfusionFit(
        steps=fits[0].steps,
        converged=fits[0].converged,
        starts=len(fits),
        starts_agreeing=agreeing(fits),
        draws=len(draws.prior),
        scale_reduction=finite_or_none(draws.reduction),
        pseudo_votes=PSEUDO_VOTES,
    )


def _note(fits: list[DawidSkene], draws: _Draws, everything: Segment) -> str | None:
    said = []
    if not draws.reduction <= SETTLED:
        said.append(
            f"two chains of draws did not meet (R = {draws.reduction:.2f}): these votes do not settle the "
            "matrices; do not read single cells"
        )
    if agreeing(fits) < STARTS:
        said.append(
            f"{agreeing(fits)} of {STARTS} starts came to the best fit: others explain the votes nearly as well"
        )
    if not fits[0].converged:
        said.append("the fit did not settle within its steps")
    if everything.resampling.drawn == "clusters":
        said.append(
            "intervals of matrices take items as independent; the clusters in the file may make them too narrow"
        )
    return "; ".join(said) or None
