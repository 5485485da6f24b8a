"""A million annotations imported: `panel-eval import long` beside reading the same table and nothing more.

    python benchmarks/importing.py [--quick] [--json FILE]

The table is synthetic: 200,000 items x 5 of 2,000 reviewers, rows shuffled, with texts, confidences and times.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

LABELS = ["1", "2", "3", "4", "5"]
PER_ITEM = 5


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="100,000 annotations")
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), 20_000 if given.quick else 200_000)
    print_table(figures)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measure(folder: Path, items: int) -> dict[str, float]:
    table, out = folder / "answers.csv", folder / "labels.jsonl"
    write_table(table, items)
    bare = timed([sys.executable, "-c", f"import csv\nfor row in csv.DictReader(open({str(table)!r})): pass"])[0]
    command = [sys.executable, "-m", "panel_eval", "import", "long", str(table), "-o", str(out), "--task", "t"]
    seconds, megabytes = timed(command)
    back = folder / "back.csv"
    out_seconds, _ = timed([sys.executable, "-m", "panel_eval", "export-labels", str(out), "long", "-o", str(back)])
    validate, _ = timed([sys.executable, "-m", "panel_eval", "validate", "--no-warnings", str(out)])
    return {
        "annotations": items * PER_ITEM,
        "seconds": round(seconds, 1),
        "rss_mb": round(megabytes),
        "ratio_bare_csv": round(seconds / bare, 1),
        "export_seconds": round(out_seconds, 1),
        "validate_seconds": round(validate, 1),
    }


def write_table(path: Path, items: int) -> None:
    generator = np.random.default_rng(8)
    rows = items * PER_ITEM
    item = np.repeat(np.arange(items), PER_ITEM)
    reviewer = (generator.integers(0, 400, items)[:, None] + 400 * np.arange(PER_ITEM)).ravel()
    label = generator.integers(0, len(LABELS), rows)
    sure = generator.integers(0, 101, rows) / 100
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["item", "reviewer", "label", "confidence", "at", "text"])
        for row in generator.permutation(rows).tolist():
            text = f"Text of item {item[row]}, a synthetic sentence of ordinary length and no meaning."
            at = f"2026-01-{1 + row % 28:02d}T03:04:05Z"
            writer.writerow([f"item-{item[row]}", f"r{reviewer[row]}", LABELS[label[row]], sure[row], at, text])


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds on the wall and MB at most, of a command in a process of its own."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def print_table(figures: dict[str, float]) -> None:
    print(f"{figures['annotations']:,} annotations, CSV")
    print(f"  import            {figures['seconds']:>8} s, {figures['rss_mb']:,} MB at most")
    print(f"  to a bare csv loop {figures['ratio_bare_csv']:>7} x")
    print(f"  validate          {figures['validate_seconds']:>8} s")
    print(f"  export-labels     {figures['export_seconds']:>8} s")


if __name__ == "__main__":
    main()
