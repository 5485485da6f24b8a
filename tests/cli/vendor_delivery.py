"""A synthetic delivery of a vendor: four reviewers with confidences and rationales, gold items, adjudications.

Reviewer D answers at random on one item in three. Nothing in it was labelled by anybody.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

import numpy as np

LABELS = ("mild", "moderate", "severe")
REVIEWERS = ("A", "B", "C", "D")
CARELESS = "D"
EVIDENCE = {
    "mild": "sub-threshold under the strict reading", "moderate": "lesion above the 15 mm threshold",
    "severe": "edema visible in T2-FLAIR",
}  # fmt: skip
BAD_LINES = {
    3: '{"item_id": "mri-0002", "task": "tumor_severity_grade", "counts": {"mild": 3, "modrate": 1}}',
    7: '{"item_id": "mri-0006", "task": "tumor_severity_grade", "distribution": {"mild": 0.5, "moderate": 0.6}, '
    '"reviewer_count": 4}',
    9: "{not json",
}
"""Line number to what stands there in a delivery that breaks its contract."""


def vendor_lines(n_items: int = 120, seed: int = 7) -> list[str]:
    """The delivery, one item a line."""
    random = np.random.default_rng(seed)
    return [json.dumps(_item(random, place)) for place in range(n_items)]


def broken_lines(n_items: int = 120) -> list[str]:
    """The same with three lines that break the contract."""
    lines = vendor_lines(n_items)
    for number, line in BAD_LINES.items():
        lines[number - 1] = line
    return lines


def _item(random: np.random.Generator, place: int) -> dict[str, Any]:
    sharpness = random.choice([0.5, 6.0])
    shares = random.dirichlet(np.full(3, 1.0 / sharpness))
    chosen = {name: int(random.choice(3, p=shares)) for name in REVIEWERS}
    if random.random() < 1 / 3:
        chosen[CARELESS] = int(random.integers(3))
    counts = Counter(LABELS[code] for code in chosen.values())
    distribution = {label: counts[label] / 4 for label in LABELS}
    sure = {name: round(float(random.uniform(0.3, 1.0)), 2) for name in REVIEWERS}
    record: dict[str, Any] = {
        "item_id": f"mri-{place:04d}",
        "task": "tumor_severity_grade",
        "distribution": distribution,
        "reviewer_count": 4,
        "entropy_bits": round(-sum(p * math.log2(p) for p in distribution.values() if p), 4) + 0.0,
        "confidence": [{"reviewer": name, "value": sure[name]} for name in REVIEWERS],
        "rationales": [
            {"reviewer": name, "label": LABELS[code], "evidence": EVIDENCE[LABELS[code]]}
            for name, code in chosen.items()
        ],
        "adjudicated_label": None,
        "adjudication_reason": None,
    }
    if place % 6 == 0:
        record["gold_label"] = LABELS[int(np.argmax(shares))]
    if place % 25 == 1:
        record |= {"adjudicated_label": "moderate", "adjudication_reason": "the second scan settled it"}
    return record
