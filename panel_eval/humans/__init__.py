"""The human side: soft labels loaded and validated, rubrics, disagreement classes."""

from panel_eval.humans.digests import ItemDigests, item_digests
from panel_eval.humans.disagreement import (
    NOT_REPORTED,
    class_confusion,
    disagreement_class,
    disagreement_codes,
    dispersion,
)
from panel_eval.humans.from_counts import labels_from_counts
from panel_eval.humans.integrity import votes_from_mass
from panel_eval.humans.labels import HumanLabels, lacks_content, missing_content
from panel_eval.humans.loading import Salvaged, load_soft_labels, salvage_soft_labels, validate_labels
from panel_eval.humans.rubrics import load_rubric, rubric_path
from panel_eval.humans.unlabelled import UnlabelledItems, load_unlabelled

__all__ = [
    "NOT_REPORTED",
    "HumanLabels",
    "ItemDigests",
    "Salvaged",
    "UnlabelledItems",
    "class_confusion",
    "disagreement_class",
    "disagreement_codes",
    "dispersion",
    "item_digests",
    "labels_from_counts",
    "lacks_content",
    "load_rubric",
    "load_soft_labels",
    "load_unlabelled",
    "missing_content",
    "rubric_path",
    "salvage_soft_labels",
    "validate_labels",
    "votes_from_mass",
]
