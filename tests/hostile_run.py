"""A scored run in which every text is hostile: ids, labels, contents, rationales, reviewers, judges, errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
from hostile_texts import BREAKING, XSS

from panel_eval.api import RunResult, score

TEXTS: Final = (*XSS, *BREAKING)
JUDGES: Final = 6
LABELS: Final = 4
SEED: Final = 7


def hostile_run(folder: Path, resamples: int = 50) -> RunResult:
    """Score made-up votes on one item a text, and write the run to `folder/run`.

    The text of an item is its id, content, rationale and error; label and judge names are the first texts.
    """
    labels, votes = folder / "labels.jsonl", folder / "votes.jsonl"
    rng = np.random.default_rng(SEED)
    write_lines(labels, [_item(row, text, rng) for row, text in enumerate(TEXTS)])
    write_lines(votes, [vote for row, text in enumerate(TEXTS) for vote in _votes(row, text, rng)])
    return score(labels, votes, out=folder / "run", report=True, resamples=resamples)


def write_lines(path: Path, records: list[dict[str, object]]) -> None:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")


def _label(k: int) -> str:
    return TEXTS[k]


def _item(row: int, text: str, rng: np.random.Generator) -> dict[str, object]:
    chosen = rng.integers(LABELS, size=4).tolist()
    return {
        "item_id": text,
        "task": XSS[0],
        "distribution": {_label(k): chosen.count(k) / 4 for k in range(LABELS)},
        "reviewer_count": 4,
        "counts": {_label(k): chosen.count(k) for k in range(LABELS)},
        "rationales": [
            {"reviewer": TEXTS[10 + r], "label": _label(k), "evidence": text, "confidence": 0.25 * (r + 1)}
            for r, k in enumerate(chosen)
        ],
        "content": {text: text, "text": f"{text} {text}"},
        "adjudicated_label": _label(0) if row % 9 == 0 else None,
        "adjudication_reason": text if row % 9 == 0 else None,
        "gold_label": _label(1) if row % 7 == 0 else None,
        "metadata": {text: text},
    }


def _votes(row: int, text: str, rng: np.random.Generator) -> list[dict[str, object]]:
    votes: list[dict[str, object]] = []
    for j in range(JUDGES):
        vote: dict[str, object] = {"item_id": text, "judge": TEXTS[20 + j]}
        if (row + j) % 11 == 0:
            vote |= {"outcome": "error", "error": {"kind": text, "message": text}, "raw": text}
        elif j % 2:
            mass = rng.dirichlet(np.ones(LABELS)).tolist()
            vote |= {"distribution": {_label(k): value for k, value in enumerate(mass)}, "rationale": text}
        else:
            vote |= {"label": _label(int(rng.integers(LABELS))), "rationale": text, "confidence": 0.5}
        votes.append(vote)
    return votes
