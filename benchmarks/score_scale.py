"""How long `panel-eval score` takes, against the per-item scipy loop that people write in notebooks.

The data is synthetic: item populations drawn from a Dirichlet, reviewers and judges drawn from them. The loop only
computes KL, JS distance and W1 of each forecaster; ours is the whole command: reading both files, every metric with
2,000 resamples, and writing the results.

    python benchmarks/score_scale.py [--quick] [--json FILE] [--items N] [--judges M]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, wasserstein_distance

LABELS = ("1", "2", "3", "4", "5")
REVIEWERS = 8


def write_synthetic(folder: Path, items: int, judges: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Write labels.jsonl and votes.jsonl; returns human and smoothed judge distributions for the loop."""
    draw = np.random.default_rng(seed)
    population = draw.dirichlet(np.full(len(LABELS), 0.6), size=items)
    counts = np.stack([draw.multinomial(REVIEWERS, p) for p in population])
    choices = np.stack([draw.choice(len(LABELS), size=items) for _ in range(judges)])
    with (folder / "labels.jsonl").open("w") as file:
        for i, row in enumerate(counts):
            record = {
                "item_id": f"i{i}",
                "task": "synthetic",
                "counts": dict(zip(LABELS, row.tolist(), strict=True)),
            }
            file.write(json.dumps(record) + "\n")
    with (folder / "votes.jsonl").open("w") as file:
        for j in range(judges):
            for i in range(items):
                vote = {"item_id": f"i{i}", "judge": f"j{j}", "label": LABELS[choices[j, i]]}
                file.write(json.dumps(vote) + "\n")
    hot = np.eye(len(LABELS))[choices]
    return counts / REVIEWERS, (hot + 0.5) / (1 + 0.5 * len(LABELS))


def time_loop(p: np.ndarray, q: np.ndarray) -> float:
    """Seconds of the notebook loop over every judge and their mean."""
    positions = np.arange(len(LABELS))
    start = time.perf_counter()
    for forecast in [*q, q.mean(axis=0)]:
        for human, model in zip(p, forecast, strict=True):
            entropy(human, model)
            jensenshannon(human, model)
            wasserstein_distance(positions, positions, human, model)
    return time.perf_counter() - start


def time_score(folder: Path) -> tuple[float, float]:
    """Seconds and peak memory (MB) of the whole command."""
    command = [sys.executable, "-m", "panel_eval", "score", "--labels", "labels.jsonl", "--votes", "votes.jsonl"]
    start = time.perf_counter()
    subprocess.run(
        [*command, "--scale", "ordinal", "--out", "out"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="300 items; ends within 50 s")
    parser.add_argument("--items", type=int, default=1500)
    parser.add_argument("--judges", type=int, default=9)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    items = 300 if arguments.quick else arguments.items
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        p, q = write_synthetic(folder, items, arguments.judges)
        seconds, rss_mb = time_score(folder)
        loop_s = time_loop(p, q)
    figures = {
        "items": items,
        "judges": arguments.judges,
        "seconds": round(seconds, 2),
        "rss_mb": round(rss_mb),
        "loop_seconds": round(loop_s, 2),
        "ratio_scipy_loop": round(loop_s / seconds, 2),
    }
    print("synthetic data; ratio = per-item scipy loop ÷ whole score command")
    for name, value in figures.items():
        print(f"{name:>18}  {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
