"""A synthetic pilot: items labelled by five people, judges who see something of it and like one label too well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

LABELS = ("low", "mid", "high")
JUDGES = ("a", "b", "c")
RUBRIC: dict[str, Any] = {
    "task": "mood",
    "version": "1",
    "description": "Which mood?",
    "scale": "ordinal",
    "labels": [{"name": name, "definition": f"It is {name}."} for name in LABELS],
}


def populations(n_items: int, seed: int = 0) -> np.ndarray:
    """What the people behind each item think: (n_items, 3)."""
    return np.random.default_rng([seed, 1]).dirichlet([0.6, 0.6, 0.6], size=n_items)


def label_records(n_items: int, prefix: str = "i", seed: int = 0, people: int = 5) -> list[dict[str, Any]]:
    """Soft labels of people drawn from the populations."""
    draw = np.random.default_rng([seed, 2])
    counts = [draw.multinomial(people, p).tolist() for p in populations(n_items, seed)]
    return [
        {
            "item_id": f"{prefix}{row:04d}",
            "task": "mood",
            "counts": dict(zip(LABELS, own, strict=True)),
            "content": {"text": f"item {row}"},
        }
        for row, own in enumerate(counts)
    ]


def votes_of(n_items: int, seed: int = 0) -> dict[str, list[str]]:
    """Judge to its label of each item: the population's, or `high` three times in ten."""
    draw = np.random.default_rng([seed, 3])
    said = {}
    for judge in JUDGES:
        own = [LABELS[draw.choice(3, p=p)] for p in populations(n_items, seed)]
        said[judge] = [label if draw.random() > 0.3 else "high" for label in own]
    return said


def vote_records(n_items: int, prefix: str = "i", seed: int = 0) -> list[dict[str, Any]]:
    """One vote of each judge on each item, but for one refusal in twenty."""
    draw = np.random.default_rng([seed, 4])
    records: list[dict[str, Any]] = []
    for judge, labels in votes_of(n_items, seed).items():
        for row, label in enumerate(labels):
            answer = {"outcome": "refusal"} if draw.random() < 0.05 else {"label": label}
            records.append({"item_id": f"{prefix}{row:04d}", "judge": judge, **answer})
    return records


def write_lines(path: Path, records: list[dict[str, Any]]) -> Path:
    """Records as JSONL."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def write_pilot(folder: Path, n_items: int = 90, prefix: str = "i", seed: int = 0) -> tuple[Path, Path, Path]:
    """Label, vote and rubric file in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rubric = folder / "mood.yaml"
    rubric.write_text(json.dumps(RUBRIC))  # JSON is YAML
    labels = write_lines(folder / "labels.jsonl", label_records(n_items, prefix, seed))
    return labels, write_lines(folder / "votes.jsonl", vote_records(n_items, prefix, seed)), rubric
