"""The primer's MRI item with synthetic judges, who never look at the edema, among synthetic items."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np

from panel_eval import RunResult, Vote, load_soft_labels, score

PRIMER: Final = Path(__file__).parent / "humans" / "mri-2031.jsonl"
LABELS: Final = ("mild", "moderate", "severe")
SAYS: Final = {
    "large": "size is above the threshold of 15 mm",
    "strict": "below the threshold under strict reading",
}


def mri_run(folder: Path, confidence: float | None = 0.95, resamples: int = 100) -> RunResult:
    """Score three synthetic judges of six samples each on the MRI item and 60 synthetic ones.

    On the MRI item judge `large` always says moderate, `strict` mild, and `first` whichever label stands first.

    Args:
        folder: to write the label file to.
        confidence: of the reviewers of the MRI item; None for no confidences in the file.
        resamples: draws behind intervals.
    """
    record = json.loads(PRIMER.read_text())
    record["content"] = {"finding": "Lesion of 18 mm, parietal; T2-FLAIR series attached."}
    if confidence is not None:
        record["confidence"] = [{"reviewer": name, "value": confidence} for name in "ABCD"]
    lines = [record, *(_made_up(row, confidence is not None) for row in range(60))]
    labels = folder / "mri.jsonl"
    labels.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    votes = [vote for line in lines for vote in _votes(line["item_id"], line.get("counts"))]
    return score(load_soft_labels(labels, scale="ordinal"), votes, resamples=resamples)


def _made_up(row: int, sure: bool) -> dict[str, object]:
    """An item that all four reviewers agree on, with evidence that says little."""
    label = LABELS[row % 3]
    record: dict[str, object] = {
        "item_id": f"made-up-{row:02d}",
        "task": "tumor_severity_grade",
        "counts": {name: 4 * (name == label) for name in LABELS},
        "rationales": [
            {"reviewer": name, "label": label, "evidence": f"lesion is {label} by size"} for name in "ABCD"
        ],
    }
    if sure:
        values = 0.5 + 0.1 * np.random.default_rng(row).random(4)
        record["confidence"] = [
            {"reviewer": n, "value": round(float(v), 3)} for n, v in zip("ABCD", values, strict=True)
        ]
    return record


def _votes(item_id: str, counts: dict[str, int] | None) -> list[Vote]:
    votes = []
    for sample in range(6):
        order = [LABELS[(place + sample) % 3] for place in range(3)]
        agreed = max(counts, key=counts.__getitem__) if counts else None
        said = {"large": agreed or "moderate", "strict": agreed or "mild", "first": agreed or order[0]}
        votes += [
            Vote(
                item_id=item_id,
                judge=judge,
                sample=sample,
                label=label,
                label_order=order,
                rationale=SAYS.get(judge),
            )
            for judge, label in said.items()
        ]
    return votes
