"""Both sides of each item joined, and the section `diagnosis`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.diagnosis.judging import JudgesSide, judges_section, judges_side
from panel_eval.evaluation.diagnosis.people import PeopleSide, people_section
from panel_eval.evaluation.diagnosis.tallies import Counting
from panel_eval.evaluation.diagnosis.words import DIAGNOSIS_WORDS
from panel_eval.evaluation.segments import Segment
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema.diagnosis import DIAGNOSES, HUMAN_QUADRANTS, JUDGE_QUADRANTS, Diagnosis, DiagnosisName
from panel_eval.stats import mode_sets
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray, quotient


@dataclass(frozen=True)
class ItemDiagnoses:
    """What is said of each item.

    Attributes:
        people: the human side.
        judges: the judges' side.
        diagnosis: (n_items,) positions in `DIAGNOSES`.
    """

    people: PeopleSide
    judges: JudgesSide
    diagnosis: IntArray

    def columns(self) -> dict[str, NDArray[Any]]:
        """For the table of items; `reviewer_confidence` is standardised, `expected_entropy` over log2 labels."""
        return {
            "human_quadrant": _named(self.people.quadrant, HUMAN_QUADRANTS),
            "reviewer_confidence": self.people.confidence,
            "expected_entropy": self.people.expected_entropy,
            "judge_quadrant": _named(self.judges.quadrant, JUDGE_QUADRANTS),
            "diagnosis": _named(self.diagnosis, DIAGNOSES),
        }


def diagnosis_section(comparison: Comparison) -> tuple[Diagnosis, ItemDiagnoses]:
    """Why people and judges differ, counted, and what is said of each item.

    Args:
        comparison: the panel beside the people, items in the order of their ids.
    """
    return diagnose(
        comparison.humans, comparison.forecasts, comparison.base_rate, comparison.everything, comparison.seed
    )


def diagnose(
    humans: HumanLabels, forecasts: JudgeForecasts, base: FloatArray, everything: Segment, seed: int
) -> tuple[Diagnosis, ItemDiagnoses]:
    """`diagnosis_section` of what it needs, items in the order of their ids.

    Args:
        humans: the labelled items.
        forecasts: what each judge said about them.
        base: (n_items, n_labels) from `base_rate`.
        everything: all of them, with their resamples.
        seed: of the choices of items.
    """
    human_section, people = people_section(humans, base, everything, seed)
    judges = judges_side(forecasts)
    diagnosis = _diagnosed(people, judges, _same_label(humans, forecasts))
    counting = Counting.of(humans, everything)
    section = Diagnosis(
        humans=human_section,
        judges=judges_section(judges, counting, len(humans.labels)),
        diagnoses=counting.among(people.read).tallies(diagnosis[people.read], DIAGNOSES, DIAGNOSIS_WORDS),
    )
    return section, ItemDiagnoses(people, judges, diagnosis)


def _diagnosed(people: PeopleSide, judges: JudgesSide, same_label: BoolArray) -> IntArray:
    """(n_items,) positions in `DIAGNOSES`: the first that fits.

    The labels come first: judges are not blamed where the reviewers are less sure than usual.
    """
    split, agreed = people.split, people.agreed
    fits: Mapping[DiagnosisName, BoolArray] = {
        "no_forecast": judges.silent,
        "rubric_problem": split & people.unsure,
        "ambiguity_missed": split & people.sure & judges.agree,
        "genuine_ambiguity": split & people.sure,
        "split_missed": split & judges.agree,
        "split_unexplained": split,
        "fragile_consensus": agreed & people.unsure,
        "judge_confusion": agreed & judges.contradict,
        "needless_doubt": agreed & judges.unsure,
        "judges_confidently_wrong": agreed & ~same_label,
        "clear": agreed & people.sure,
        "agreed": agreed,
    }
    codes = [DIAGNOSES.index(name) for name in fits]
    return np.select(list(fits.values()), codes, default=DIAGNOSES.index("indeterminate"))


def _same_label(humans: HumanLabels, forecasts: JudgeForecasts) -> BoolArray:
    """(n_items,) whether a label that most reviewers chose is one that the judges, equally weighted, favour."""
    said = forecasts.q_raw
    heard = forecasts.answered[:, :, None]
    pool = quotient(np.where(heard, said, 0.0).sum(axis=0), heard.sum(axis=0))
    return np.asarray((mode_sets(humans.distribution) & mode_sets(pool)).any(axis=1))


def _named(codes: IntArray, names: Sequence[str]) -> NDArray[Any]:
    return np.array(names, dtype=object)[codes]
