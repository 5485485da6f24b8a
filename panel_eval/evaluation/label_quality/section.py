"""The whole of `label-quality`, from labels alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from panel_eval.errors import InputError
from panel_eval.evaluation.class_populations import (
    PopulationClasses,
    class_probability_columns,
    draw_population_classes,
)
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.diagnosis.people import PeopleSide, people_section
from panel_eval.evaluation.label_quality.adjudications import adjudications
from panel_eval.evaluation.label_quality.delivery import Delivery, read_delivery
from panel_eval.evaluation.label_quality.doubts import chances, find_doubts
from panel_eval.evaluation.label_quality.nothing import nothing_read
from panel_eval.evaluation.label_quality.pass_rates import gold_items
from panel_eval.evaluation.label_quality.people import agreement_of, classes_of, people_alone
from panel_eval.evaluation.label_quality.reasons import Findings
from panel_eval.evaluation.label_quality.review import Reviewed, review_items
from panel_eval.evaluation.label_quality.reviewers import reviewers_of
from panel_eval.evaluation.label_quality.verdict import verdict_of
from panel_eval.evaluation.label_quality.violations import violations_of
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import Segment, make_segments
from panel_eval.humans import HumanLabels, Salvaged
from panel_eval.schema.diagnosis import HUMAN_QUADRANTS, HumanQuadrants
from panel_eval.schema.label_quality import DeliverySize, LabelQuality
from panel_eval.schema.label_review import Violations
from panel_eval.stats.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class CheckedLabels:
    """The document and what it says of each item.

    Attributes:
        quality: the document.
        reviewed: of each item, in the order of the labels that were checked.
        probable: class of an item's population to the chance of it, by the item's votes and all others'; no judge's
            answer enters.
    """

    quality: LabelQuality
    reviewed: Reviewed
    probable: Mapping[str, FloatArray]

    def columns(self) -> dict[str, Any]:
        """What the table of items holds of it."""
        return {**self.probable, **self.reviewed.columns()}


def label_quality(labels: HumanLabels | Salvaged, *, seed: int = 0, resamples: int = 2000) -> LabelQuality:
    """Whether human labels are sound; no judge is needed, and none changes the result.

    Args:
        labels: the labelled items, in any order, or what `salvage_soft_labels` made of a file, whose problems are
            then listed and weighed too.
        seed: seeds resamples and choices of items.
        resamples: bootstrap draws behind intervals.

    Raises:
        InputError: there are no items, or fewer than one resample is asked for. A file of which nothing could be
            read raises nothing: the document then says so.
    """
    salvaged = labels if isinstance(labels, Salvaged) else None
    humans = labels.humans if isinstance(labels, Salvaged) else labels
    if resamples < 1:
        raise InputError(f"resamples must be at least 1; found {resamples}")
    if salvaged is not None and humans is None:
        return nothing_read(salvaged)
    if humans is None or not len(humans):
        raise InputError("there are no labelled items")
    people = humans.select(np.argsort(np.array(humans.item_ids), kind="stable"))
    return check_items(people, make_segments(people, resamples, seed), seed, salvaged=salvaged).quality


def check_items(
    humans: HumanLabels,
    segments: Sequence[Segment],
    seed: int,
    *,
    base: FloatArray | None = None,
    quadrants: tuple[HumanQuadrants, PeopleSide] | None = None,
    salvaged: Salvaged | None = None,
) -> CheckedLabels:
    """`label_quality` of items in the order of their ids, with what it says of each.

    Args:
        humans: the labelled items, in the order of their ids.
        segments: of them, from `make_segments`.
        seed: of choices of items.
        base: from `base_rate`, where that was made already.
        quadrants: from `people_section`, where that was made already.
        salvaged: what was wrong with the file.
    """
    alone = people_alone(humans, base_rate(humans) if base is None else base, segments, seed)
    everything = alone.everything
    delivery = read_delivery(humans, everything.resampling.cluster, seed)
    section, side = quadrants or people_section(humans, alone.base_rate, everything, seed)
    gold, adjudicated = gold_items(delivery), adjudications(delivery)
    chance = chances(delivery, alone.posterior.prior)
    people = reviewers_of(delivery, gold, chance)
    doubts = find_doubts(delivery, people, chance)
    unclear = np.asarray(side.quadrant == HUMAN_QUADRANTS.index("rubric_problem"))
    found = Findings(delivery, people, gold, adjudicated, doubts, unclear)
    reviewed = review_items(found)
    drawn = draw_population_classes(alone)
    document = _document(alone, drawn, found, reviewed, section, violations_of(salvaged))
    return CheckedLabels(document, reviewed, class_probability_columns(drawn, len(humans)))


def _document(
    alone: Comparison,
    drawn: PopulationClasses,
    found: Findings,
    reviewed: Reviewed,
    quadrants: HumanQuadrants,
    violations: Violations,
) -> LabelQuality:
    humans, resampling = alone.humans, alone.everything.resampling
    size, agreement = _size(found.delivery, found.adjudicated.section.items), agreement_of(alone)
    people, gold, adjudication = found.people.section, found.gold.section, found.adjudicated.section
    return LabelQuality(
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        verdict=verdict_of(humans.scale, size, agreement, people, gold, reviewed.section, adjudication, violations),
        size=size,
        agreement=agreement,
        classes=classes_of(alone, drawn),
        reviewers=people,
        gold=gold,
        quadrants=quadrants,
        review=reviewed.section,
        adjudication=adjudication,
        violations=violations,
        settings={
            "seed": alone.seed,
            "resamples": len(resampling.draws),
            "interval_level": 0.95,
            "resampled": resampling.drawn,
        },
        notes=_notes(found.delivery),
    )


def _size(delivery: Delivery, adjudicated: int) -> DeliverySize:
    humans, named = delivery.humans, delivery.named
    per_item = humans.reviewer_count
    used = humans.distribution.sum(axis=0) > 0
    of_each = None if named is None else np.bincount(named.votes.reviewer)
    return DeliverySize(
        items=len(humans),
        votes=int(per_item.sum()),
        reviewers=None if named is None else len(named.votes.reviewers),
        items_with_named_reviewers=0 if named is None else named.votes.n_items,
        reviewers_per_item_min=int(per_item.min()),
        reviewers_per_item_mean=float(per_item.mean()),
        reviewers_per_item_max=int(per_item.max()),
        **_per_reviewer(of_each),
        effective_counts_only=int((~humans.counts_known).sum()),
        clusters=None if humans.clusters is None else len(set(humans.clusters)),
        gold_items=int((delivery.gold >= 0).sum()),
        adjudicated_items=adjudicated,
        labels_never_used=[label for label, some in zip(humans.labels, used, strict=True) if not some],
    )


def _per_reviewer(of_each: IntArray | None) -> dict[str, float | int | None]:
    names = ("items_per_reviewer_min", "items_per_reviewer_mean", "items_per_reviewer_max")
    if of_each is None:
        return dict.fromkeys(names)
    return dict(zip(names, (int(of_each.min()), float(of_each.mean()), int(of_each.max())), strict=True))


def _notes(delivery: Delivery) -> list[str]:
    said = []
    if gold := int((delivery.gold >= 0).sum()):
        said.append(
            f"{gold:,} gold items are among the items: panels are scored on them like on all others, and the "
            "reviewers' agreement is over them too; leave them out of the file where numbers should be without them"
        )
    if delivery.unread:
        said.append(f"of items with gold labels or adjudications {delivery.unread:,} were too many to read")
    if effective := int((~delivery.humans.counts_known).sum()):
        said.append(
            f"{effective:,} items have shares that are no whole votes: they are in no coefficient of agreement"
        )
    named = delivery.named
    if named is not None and named.votes.n_items < named.votes.n_read:
        said.append(
            f"on {named.votes.n_read - named.votes.n_items:,} of {named.votes.n_read:,} items not every vote has "
            "its reviewer's name: single reviewers are judged on the others"
        )
    return said
