"""How long `panel-eval score` takes, against the per-item scipy loop that people write in notebooks.

The data is synthetic: item populations drawn from a Dirichlet, eight reviewers and any number of judges drawn from
them. The loop only computes KL, JS distance and W1 of each forecaster; ours is the whole command: reading both
files, every metric with 2,000 resamples, and writing the results. Of many items the loop is timed on some, and its
time scaled up: it does the same for each. The command is also timed on a quarter of the items, to see how it grows.

    python benchmarks/score_scale.py [--quick] [--json FILE] [--items N] [--judges M]
    python benchmarks/score_scale.py --items 1000000 --judges 3
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
LOOP_ITEMS = 2_000
"""Most items that the loop is timed on."""


def write_synthetic(folder: Path, items: int, judges: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Write labels.jsonl and votes.jsonl; returns human and smoothed judge distributions for the loop."""
    draw = np.random.default_rng(seed)
    population = draw.dirichlet(np.full(len(LABELS), 0.6), size=items)
    counts = draw.multinomial(REVIEWERS, population)
    below = population.cumsum(axis=1)[:, :-1]
    choices = np.stack([(draw.random((items, 1)) > below).sum(axis=1) for _ in range(judges)])
    with (folder / "labels.jsonl").open("w") as file:
        shares = ", ".join(f'"{label}": %d' for label in LABELS)
        line = '{"item_id": "i%d", "task": "synthetic", "counts": {' + shares + "}}\n"
        file.writelines(line % (item, *row) for item, row in enumerate(counts.tolist()))
    with (folder / "votes.jsonl").open("w") as file:
        for judge, labels in enumerate(choices):
            line = f'{{"item_id": "i%d", "judge": "j{judge}", "label": "%s"}}\n'
            file.writelines(line % (item, LABELS[label]) for item, label in enumerate(labels.tolist()))
    hot = np.eye(len(LABELS))[choices[:, :LOOP_ITEMS]]
    return counts[:LOOP_ITEMS] / REVIEWERS, (hot + 0.5) / (1 + 0.5 * len(LABELS))


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
    """Seconds of the whole command, and the peak memory (MB) of the largest one so far."""
    command = [sys.executable, "-m", "panel_eval", "score", "--labels", "labels.jsonl", "--votes", "votes.jsonl"]
    start = time.perf_counter()
    subprocess.run(
        [*command, "--scale", "ordinal", "--out", "out"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def measure(items: int, judges: int) -> dict[str, float]:
    """All figures for one size."""
    quarter = max(items // 4, 1)
    with tempfile.TemporaryDirectory() as temporary:
        small, whole = Path(temporary) / "quarter", Path(temporary) / "whole"
        small.mkdir()
        whole.mkdir()
        write_synthetic(small, quarter, judges)
        quarter_seconds, _ = time_score(small)
        p, q = write_synthetic(whole, items, judges)
        seconds, rss_mb = time_score(whole)
        loop_seconds = time_loop(p, q) * items / len(p)
    return {
        "items": items,
        "judges": judges,
        "seconds": round(seconds, 2),
        "rss_mb": round(rss_mb),
        "quarter_items": quarter,
        "quarter_seconds": round(quarter_seconds, 2),
        "loop_items_timed": len(p),
        "loop_seconds": round(loop_seconds, 2),
        "ratio_scipy_loop": round(loop_seconds / seconds, 2),
    }


def print_table(figures: dict[str, float]) -> None:
    """The figures, one a line, and what they mean."""
    for name, value in figures.items():
        print(f"{name:>18}  {value:,}")
    items, timed = figures["items"], figures["loop_items_timed"]
    scaled = f", timed on {timed:,} items and scaled up to {items:,}" if timed < items else ""
    growth = figures["seconds"] / figures["quarter_seconds"]
    print(f"\nsynthetic data; loop: scipy item by item{scaled}; ratio: loop ÷ whole score command")
    print(f"four times the items take {growth:.2f} times as long (linear: at most 4)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="6,000 items, 3 judges; ends within 50 s")
    parser.add_argument("--items", type=int, default=1500)
    parser.add_argument("--judges", type=int, default=9)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    size = (6_000, 3) if arguments.quick else (arguments.items, arguments.judges)
    figures = measure(*size)
    print_table(figures)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
