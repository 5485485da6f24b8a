"""ChaosNLI-SNLI and the predictions of Baan et al. (2022), for the benchmarks that use them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np

DATA = Path(os.environ.get("PANEL_EVAL_DATA") or Path(__file__).resolve().parents[1] / "../shared/data")
LABELS = ("entailment", "neutral", "contradiction")
_THEIR_ORDER = [0, 2, 1]
"""The predictions stand in the order entailment, contradiction, neutral; the votes do not."""


def require_data(*folders: str) -> None:
    """Say what is missing and stop, without failing: the data sets do not ship with panel-eval."""
    missing = [name for name in folders if not (DATA / name).is_dir()]
    if missing:
        print(f"skipped: no {', '.join(missing)} in {DATA}; set PANEL_EVAL_DATA to the folder of the data sets")
        sys.exit(0)


def read_lines(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def load_counts() -> tuple[list[str], np.ndarray]:
    """Ids of the items and their 100 votes, (n_items, 3)."""
    items = read_lines(DATA / "chaosnli" / "chaosNLI_snli.jsonl")
    return [item["uid"] for item in items], np.array([item["label_count"] for item in items], dtype=float)


def load_logits(ids: list[str], seed: int) -> np.ndarray:
    """RoBERTa-base's logits for the items, (n_items, 3), in the order of the votes."""
    logits = {}
    for split in ("dev", "test"):
        for record in read_lines(DATA / "chaosnli" / f"SNLI_{split}_roberta-base_{seed}.json"):
            logits[record["uid"]] = record["logits"]
    return np.array([logits[item] for item in ids])[:, _THEIR_ORDER]


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    scaled = logits / temperature
    shares = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)
