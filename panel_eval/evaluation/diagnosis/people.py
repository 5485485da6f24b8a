"""The human side: items by how split their reviewers are and how sure of themselves (METHODS 7.5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.errors import InputError
from panel_eval.evaluation.diagnosis.confidence_test import confidence_test
from panel_eval.evaluation.diagnosis.confidences import (
    FEWEST_OWN,
    Confidences,
    item_means,
    stated_confidences,
)
from panel_eval.evaluation.diagnosis.splits import DEAD_ZONE, TIE, Splits, vote_splits
from panel_eval.evaluation.diagnosis.tallies import Counting
from panel_eval.evaluation.diagnosis.words import QUADRANT_WORDS, SPLIT_WORDS
from panel_eval.evaluation.posterior import HumanPosterior, labels_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.humans import HumanLabels
from panel_eval.schema.diagnosis import HUMAN_QUADRANTS, HUMAN_SPLITS, HumanQuadrants
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray

_CODE = {name: code for code, name in enumerate(HUMAN_QUADRANTS)}


@dataclass(frozen=True)
class PeopleSide:
    """Where each item stands.

    Attributes:
        expected_entropy: (n_items,) expected entropy of the population over log2 labels, from 0 to 1.
        cut: (n_items,) what it would be had the votes split two to one.
        confidence: (n_items,) mean standardised confidence; NaN where none is stated.
        split, agreed: (n_items,) masks; both False: too close to the cut-off, or one reviewer.
        sure, unsure: (n_items,) masks; both False: too close to the median, or no confidence.
        quadrant: (n_items,) positions in `HUMAN_QUADRANTS`.
        read: (n_items,) whether the item's confidences were looked for: of very many items a random part is read.
        alpha: (n_items, n_labels) Dirichlet posterior of the population behind all this.
    """

    expected_entropy: FloatArray
    cut: FloatArray
    confidence: FloatArray
    split: BoolArray
    agreed: BoolArray
    sure: BoolArray
    unsure: BoolArray
    quadrant: IntArray
    read: BoolArray
    alpha: FloatArray

    def take(self, rows: IntArray) -> PeopleSide:
        """Some of the items."""
        return PeopleSide(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def human_quadrants(
    humans: HumanLabels, *, seed: int = 0, resamples: int = 2000
) -> tuple[HumanQuadrants, PeopleSide]:
    """The human side of labels that no judge need have seen.

    Args:
        humans: the labelled items, in any order; the result does not depend on it.
        seed: seeds the resamples, and the choice of items where not all are read.
        resamples: draws behind the interval of the rank correlation.

    Returns:
        The section, and where each item stands in the order of `humans`.

    Raises:
        InputError: there are no items.
    """
    if not len(humans):
        raise InputError("there are no labelled items")
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")
    people = humans.select(by_id)
    everything = Segment(OVERALL, np.arange(len(people)), make_resampling(people, resamples, seed))
    section, side = people_section(people, base_rate(people), everything, seed)
    return section, side.take(np.argsort(by_id))


def people_section(
    humans: HumanLabels, base: FloatArray, everything: Segment, seed: int
) -> tuple[HumanQuadrants, PeopleSide]:
    """The human side of items in the order of their ids.

    Args:
        humans: the labelled items.
        base: (n_items, n_labels) from `base_rate`.
        everything: all of them, with their resamples.
        seed: of the choices of items.
    """
    posterior = labels_posterior(humans, base, seed)
    splits = vote_splits(humans, posterior)
    stated = stated_confidences(humans, seed)
    mean = np.full(len(humans), np.nan) if stated is None else item_means(stated, len(humans))
    read = np.ones(len(humans), dtype=np.bool_) if stated is None else stated.read
    side, cut, zone = _placed(splits, mean, read, posterior.alpha)
    counting = Counting.of(humans, everything)
    between = np.where(side.split, 0, np.where(side.agreed, 1, 2))
    spread = splits.cut[splits.several] if splits.several.any() else splits.cut
    section = HumanQuadrants(
        quadrants=counting.among(read).tallies(side.quadrant[read], HUMAN_QUADRANTS, QUADRANT_WORDS),
        splits=counting.tallies(between, HUMAN_SPLITS, SPLIT_WORDS),
        n_items=len(humans),
        n_placed=int((side.quadrant <= _CODE["clear"]).sum()),
        n_with_confidence=int(np.isfinite(mean).sum()),
        n_standardised=0 if stated is None else int(stated.own.sum()),
        n_reviewers=0 if stated is None else len(stated.reviewers),
        entropy_estimator="jeffreys" if posterior.fit is None else "empirical_bayes",
        split_cut_lowest=float(spread.min()),
        split_cut_highest=float(spread.max()),
        split_dead_zone=splits.split_zone,
        agreed_dead_zone=splits.agreed_zone,
        confidence_cut=cut,
        confidence_dead_zone=zone,
        confidence_test=None if stated is None else confidence_test(humans, mean, everything, seed),
        note="; ".join(_notes(humans, posterior, splits, stated, zone)) or None,
    )
    return section, side


def _placed(
    splits: Splits, confidence: FloatArray, read: BoolArray, alpha: FloatArray
) -> tuple[PeopleSide, float | None, float | None]:
    """The quadrant of each item, and the cut-off of confidence with its dead zone."""
    stated = np.isfinite(confidence)
    cut = float(np.median(confidence[stated])) if stated.any() else None
    zone = DEAD_ZONE * float(confidence[stated].std()) if stated.any() else None
    apart = np.where(stated, confidence - (cut or 0.0), 0.0)
    sure, unsure = apart > (zone or 0.0) + TIE, apart < -(zone or 0.0) - TIE
    split, agreed = splits.split, splits.agreed
    quadrant = np.select(
        [~stated, split & sure, split & unsure, agreed & unsure, agreed & sure],
        [_CODE[name] for name in ("no_confidence", *HUMAN_QUADRANTS[:4])],
        default=_CODE["indeterminate"],
    )
    side = PeopleSide(splits.entropy, splits.cut, confidence, split, agreed, sure, unsure, quadrant, read, alpha)
    return side, cut, zone


def _notes(
    humans: HumanLabels,
    posterior: HumanPosterior,
    splits: Splits,
    stated: Confidences | None,
    zone: float | None,
) -> list[str]:
    """What must be known beside the counts."""
    said = [posterior.note] if posterior.note else []
    if alone := int((~splits.several).sum()):
        have = "item has" if alone == 1 else "items have"
        said.append(f"{alone:,} {have} a single reviewer, who can neither agree nor disagree")
    if stated is None:
        return [*said, "no confidences are stated: ambiguity and an unclear rubric cannot be told apart"]
    if not stated.read.all():
        said.append(
            f"confidences were read of {int(stated.read.sum()):,} random items of {len(humans):,}, and what goes "
            "by them is counted among these"
        )
    if zone == 0:
        said.append("the confidences do not differ between items: they place no item")
    if (stated.reviewer < 0).any():
        said.append("some confidences name no reviewer and are compared with everyone's")
    if few := int((~stated.own).sum()):
        said.append(
            f"{few:,} of {len(stated.reviewers):,} reviewers stated fewer than {FEWEST_OWN} confidences; theirs "
            "are compared with one another's"
        )
    return said
