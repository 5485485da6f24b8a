"""The document `disagreement`, and what it says of each item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.errors import InputError
from panel_eval.evaluation.class_populations import (
    PopulationClasses,
    class_probability_columns,
    draw_population_classes,
)
from panel_eval.evaluation.diagnosis.people import PeopleSide, people_section
from panel_eval.evaluation.disagreement.criteria import criteria_section
from panel_eval.evaluation.disagreement.mentions import CriterionMentions, criterion_mentions
from panel_eval.evaluation.disagreement.words import disagreement_sentences
from panel_eval.evaluation.label_quality.people import classes_of, people_alone
from panel_eval.evaluation.means import null
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import Segment, make_segments
from panel_eval.humans import HumanLabels
from panel_eval.schema import Estimate
from panel_eval.schema.diagnosis import HUMAN_QUADRANTS, CountedShare
from panel_eval.schema.disagreement import TELLING_QUADRANTS, ClassCertainties, Disagreement, TellingDisagreement
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.class_probability import POPULATION_CLASSES
from panel_eval.stats.wilson import clustered_wilson_interval

_OF_EACH = 3
"""Items told of each quadrant, and of those whose class is least sure."""
_TIE_DIGITS = 9


@dataclass(frozen=True)
class DisagreementOfItems:
    """The document, and a row for each item.

    Attributes:
        document: the document.
        humans: the items, in the order of their ids.
        side: where each stands.
        probable: (n_items, 4) P(class), as `POPULATION_CLASSES`; NaN where no populations were drawn.
        mentions: which criteria their reviewers told; None where there are none to look for.
    """

    document: Disagreement
    humans: HumanLabels
    side: PeopleSide
    probable: FloatArray
    mentions: CriterionMentions | None

    def columns(self) -> dict[str, NDArray[Any]]:
        """What the table of items holds of each, votes and names aside."""
        own = own_probability(self.humans, self.probable)
        return {
            "class_probability": own,
            **{f"class_prob_{name}": self.probable[:, code] for code, name in enumerate(POPULATION_CLASSES)},
            "expected_entropy": self.side.expected_entropy,
            "entropy_cut": self.side.cut,
            "reviewer_confidence": self.side.confidence,
            "quadrant": np.array(HUMAN_QUADRANTS, dtype=object)[self.side.quadrant],
        }


def disagreement_of(
    humans: HumanLabels, criteria: Sequence[str] | None = None, *, seed: int = 0, resamples: int = 2000
) -> DisagreementOfItems:
    """Where people disagree, how sure that is, and by which criterion.

    Args:
        humans: the labelled items, in any order; the result does not depend on it.
        criteria: names of the rubric's criteria; None where there is no rubric: then those that rationales name.
        seed: of draws, resamples and choices of items.
        resamples: bootstrap draws behind intervals.

    Raises:
        InputError: there are no items, or fewer than one resample is asked for.
    """
    if not len(humans):
        raise InputError("there are no labelled items")
    if resamples < 1:
        raise InputError(f"resamples must be at least 1; found {resamples}")
    people = humans.select(np.argsort(np.array(humans.item_ids), kind="stable"))
    alone = people_alone(people, base_rate(people), make_segments(people, resamples, seed), seed)
    drawn = draw_population_classes(alone)
    quadrants, side = people_section(people, alone.base_rate, alone.everything, seed)
    probable = np.column_stack(list(class_probability_columns(drawn, len(people)).values()))
    mentions = criterion_mentions(people, criteria, seed)
    by_criterion = (
        None
        if mentions is None
        else criteria_section(people, mentions, side, alone.everything, seed, criteria is not None)
    )
    document = Disagreement(
        task=people.task,
        labels=list(people.labels),
        scale=people.scale,
        n_items=len(people),
        n_votes=int(people.reviewer_count.sum()),
        classes=classes_of(alone, drawn),
        certainty=_certainty(people, probable, alone.everything),
        quadrants=quadrants,
        criteria=by_criterion,
        telling=_telling(people, side, probable, mentions),
        sentences=[],
        settings={
            "seed": seed, "resamples": resamples, "interval_level": 0.95,
            "resampled": alone.everything.resampling.drawn,
        },
        notes=_notes(people, drawn),
    )  # fmt: skip
    document = document.model_copy(update={"sentences": disagreement_sentences(document)})
    return DisagreementOfItems(document, people, side, probable, mentions)


def own_probability(humans: HumanLabels, probable: FloatArray) -> FloatArray:
    """(n_items,) chance that everyone's class is that of the votes; NaN where it is not known."""
    code = {name: place for place, name in enumerate(POPULATION_CLASSES)}
    own = np.array([code.get(name, -1) for name in humans.derived_class])
    return np.where(own >= 0, probable[np.arange(len(own)), own], np.nan)


def _certainty(humans: HumanLabels, probable: FloatArray, everything: Segment) -> ClassCertainties:
    own = own_probability(humans, probable)
    known = np.isfinite(own)
    clustered = everything.resampling.drawn == "clusters"

    def counted(hit: BoolArray) -> CountedShare:
        if not known.any():
            return CountedShare(items=0, share=null("no item has enough reviewers for a class"))
        cluster = everything.resampling.cluster[known] if clustered else None
        low, high = clustered_wilson_interval(hit[known], cluster)
        items, n = int(hit[known].sum()), int(known.sum())
        return CountedShare(items=items, share=Estimate(estimate=items / n, low=low, high=high, n=n))

    return ClassCertainties(
        items=int(known.sum()),
        above_90_percent=counted(own >= 0.9),
        above_50_percent=counted(own >= 0.5),
        unlikeliest=counted(probable.max(axis=1) > own + 1e-9),
    )


def _telling(
    humans: HumanLabels, side: PeopleSide, probable: FloatArray, mentions: CriterionMentions | None
) -> list[TellingDisagreement]:
    """Of each quadrant the items furthest from both cut-offs, then those whose class is least sure."""
    entropy = np.abs(side.expected_entropy - side.cut)
    spread = np.nanstd(side.confidence) if np.isfinite(side.confidence).any() else 0.0
    middle = np.nanmedian(side.confidence) if spread else 0.0
    far = entropy * np.nan_to_num(np.abs(side.confidence - middle))
    found: list[tuple[str, int]] = []
    for name in TELLING_QUADRANTS:
        rows = np.flatnonzero(side.quadrant == HUMAN_QUADRANTS.index(name))
        found += [(name, row) for row in _highest(rows, far[rows])]
    own = own_probability(humans, probable)
    rows = np.flatnonzero(np.isfinite(own))
    found += [("uncertain_class", row) for row in _highest(rows, -own[rows])]
    return [
        TellingDisagreement(
            item_id=humans.item_ids[row],
            why=why,
            votes=dict(zip(humans.labels, humans.counts[row].tolist(), strict=True)),
            disagreement_class=humans.derived_class[row],
            class_probability=_or_none(own[row]),
            expected_entropy=float(side.expected_entropy[row]),
            confidence=_or_none(side.confidence[row]),
            criteria=[] if mentions is None else criteria_told(mentions, row),
        )
        for why, row in found
    ]


def criteria_told(mentions: CriterionMentions, row: int) -> list[str]:
    """Names of the criteria that an item's reviewers told."""
    return [name for name, told in zip(mentions.names, mentions.items[row], strict=True) if told]


def _highest(rows: IntArray, values: FloatArray) -> list[int]:
    """The rows with the highest values; ties in the order of the ids."""
    order = np.lexsort((rows, -np.round(values, _TIE_DIGITS)))
    return [int(row) for row in rows[order[:_OF_EACH]]]


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _notes(humans: HumanLabels, drawn: PopulationClasses) -> list[str]:
    said = []
    if drawn.rows.size < len(humans):
        said.append(
            f"of {len(humans):,} items the populations of {drawn.rows.size:,} random ones were drawn: the chances "
            "of classes are about these"
        )
    if effective := int((~humans.counts_known).sum()):
        said.append(f"{effective:,} items have shares that are no whole votes: these count as votes")
    return said
