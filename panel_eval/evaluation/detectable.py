"""What a sample of items could show, before any judge is asked: the smallest difference between two versions."""

from __future__ import annotations

import math

import numpy as np

from panel_eval.humans import HumanLabels
from panel_eval.schema import CLASS_NAMES
from panel_eval.schema.plan_estimate import Detectable
from panel_eval.stats.power import cluster_design_effect, minimum_detectable_effect

SD_BITS = 0.276 / math.log(2.0)
"""Standard deviation between items of the difference of two versions in ce_bits: .276 nats on ChaosNLI with 100
reviewers an item (METHODS 3.4). Fewer reviewers make it larger."""

CLUSTER_ICC = 0.2
"""Assumed correlation of the difference between items of one cluster."""

LARGE_BITS = 0.25
"""A sample that would miss differences as large as this tests nothing: few versions differ by more."""


def detectable_differences(humans: HumanLabels, sd_bits: float = SD_BITS) -> list[Detectable]:
    """Smallest differences in ce_bits that are found four times in five at the 5 % level: overall and by class.

    Args:
        humans: the labelled items.
        sd_bits: standard deviation between items of the difference.
    """
    classes = np.array(humans.derived_class)
    everyone = np.ones(len(humans), dtype=np.bool_)
    parts = {"overall": everyone} | {name: classes == name for name in CLASS_NAMES if (classes == name).any()}
    clusters = None if humans.clusters is None else np.unique(humans.clusters, return_inverse=True)[1]
    return [
        _detectable(name, int(part.sum()), None if clusters is None else clusters[part], sd_bits)
        for name, part in parts.items()
    ]


def _detectable(name: str, items: int, clusters: np.ndarray | None, sd_bits: float) -> Detectable:
    effect = 1.0
    if clusters is not None and items:
        sizes = np.bincount(clusters)
        # Of unequal clusters the size that counts is that of the cluster an item is in.
        effect = cluster_design_effect(float((sizes**2).sum()) / items, CLUSTER_ICC)
    difference = minimum_detectable_effect(sd_bits, items, design_effect=effect) if items else None
    return Detectable(
        name=name,
        items=items,
        design_effect=effect,
        difference_bits=difference,
        testable=difference is not None and difference <= LARGE_BITS,
    )
