"""A synthetic delivery with all that a file of soft labels can hold, scored with judges who give reasons.

Four named reviewers with confidences and evidence, gold items, adjudications; three judges, two votes each. One
reviewer (D) answers more at random than the others. Everything is made up.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from hostile_run import write_lines

from panel_eval.api import RunResult, score

LABELS: Final = ("mild", "moderate", "severe")
REVIEWERS: Final = ("A", "B", "C", "D")
_EVIDENCE: Final = {
    "mild": ("sub-threshold under the strict reading", "no mass effect", "smooth margins, 8mm"),
    "moderate": ("lesion 18mm > 15mm threshold", "size + parietal location", "irregular margin"),
    "severe": ("edema visible in T2-FLAIR", "midline shift 4mm", "ring enhancement"),
}
_JUDGES: Final = {"ada": 1.5, "bo": 1.0, "cy": 0.5}
"""Judge to how much sharper than the people it is."""


def delivered_run(folder: Path, n_items: int = 160, resamples: int = 200) -> RunResult:
    """Score the delivery and write it to `folder/run`."""
    rng = np.random.default_rng(11)
    people = rng.dirichlet([0.6] * len(LABELS), size=n_items)
    labels, votes = folder / "labels.jsonl", folder / "votes.jsonl"
    write_lines(labels, [_item(row, p, rng) for row, p in enumerate(people)])
    write_lines(votes, [vote for row, p in enumerate(people) for vote in _votes(row, p, rng)])
    return score(labels, votes, out=folder / "run", report=True, resamples=resamples)


def _item(row: int, p: np.ndarray[Any, Any], rng: np.random.Generator) -> dict[str, object]:
    sure = 0.8 if row % 5 else 0.4
    reviews = [_review(name, p if name != "D" else 0.6 * p + 0.4 / 3, sure, rng) for name in REVIEWERS]
    chosen = [str(review["label"]) for review in reviews]
    counts = {label: chosen.count(label) for label in LABELS}
    item: dict[str, object] = {
        "item_id": f"mri-{2000 + row}", "task": "tumor_severity_grade", "reviewer_count": len(REVIEWERS),
        "distribution": {label: n / len(REVIEWERS) for label, n in counts.items()}, "counts": counts,
        "rationales": reviews, "content": {"finding": f"Synthetic finding {row}, parietal, edema not looked for."},
    }  # fmt: skip
    if row % 10 == 0:
        item["gold_label"] = LABELS[int(p.argmax())]
    if row % 40 == 3:
        item |= {"adjudicated_label": chosen[0], "adjudication_reason": "a reviewer misread the prompt"}
    return item


def _review(name: str, p: np.ndarray[Any, Any], sure: float, rng: np.random.Generator) -> dict[str, object]:
    label = LABELS[int(rng.choice(3, p=p))]
    confidence = round(float(np.clip(rng.normal(sure, 0.1), 0, 1)), 2)
    return {"reviewer": name, "label": label, "evidence": _said(label, rng), "confidence": confidence}


def _votes(row: int, p: np.ndarray[Any, Any], rng: np.random.Generator) -> list[dict[str, object]]:
    votes: list[dict[str, object]] = []
    for judge, sharper in _JUDGES.items():
        q = p**sharper / (p**sharper).sum()
        for sample in range(2):
            vote: dict[str, object] = {"item_id": f"mri-{2000 + row}", "judge": judge, "sample": sample}
            if rng.random() < 0.04:
                votes.append(vote | {"outcome": "refusal", "raw": "I cannot help with that."})
                continue
            label = LABELS[int(rng.choice(3, p=0.8 * q + 0.2 / 3))]
            order = [LABELS[k] for k in rng.permutation(3)]
            votes.append(
                vote | {"label": label, "confidence": 0.9, "label_order": order, "rationale": _said(label, rng)}
            )
    return votes


def _said(label: str, rng: np.random.Generator) -> str:
    return str(rng.choice(_EVIDENCE[label]))
