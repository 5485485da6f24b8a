"""A million annotations imported: `panel-eval import` from six formats beside a bare CSV loop, and back out again.

    python benchmarks/importing.py [--quick] [--json FILE]

The table is synthetic: 200,000 items x 5 of 2,000 reviewers, rows shuffled, with texts, confidences and times. The
CSV is imported first; `export-labels` writes what it gave in the other formats, and each is imported again.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

LABELS = ["1", "2", "3", "4", "5"]
PER_ITEM = 5
WRITTEN = {
    "long": "back.csv",
    "long, Parquet": "back.parquet",
    "label-studio": "label-studio.json",
    "argilla": "argilla.json",
    "prodigy": "prodigy.jsonl",
    "huggingface": "folder",
}
"""What `export-labels` writes in each format."""


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
    table, labels = folder / "answers.csv", folder / "labels.jsonl"
    write_table(table, items)
    figures: dict[str, float] = {"annotations": items * PER_ITEM}
    bare = f"import csv\nfor row in csv.DictReader(open({str(table)!r})): pass"
    figures["bare csv loop s"], _ = timed(["-c", bare])
    run(figures, "import CSV", ["import", "long", table, "-o", labels, "--task", "t"])
    run(figures, "validate", ["validate", "--no-warnings", labels])
    for named, file in WRITTEN.items():
        kind, again = named.partition(",")[0], folder / "again.jsonl"
        run(figures, f"export {named}", ["export-labels", labels, kind, "-o", folder / file])
        run(figures, f"import {named}", ["import", kind, folder / file, "-o", again, "--task", "t"])
        again.unlink()
    return figures


def run(figures: dict[str, float], step: str, command: list[str | Path]) -> None:
    seconds, megabytes = timed(["-m", "panel_eval", *map(str, command)])
    figures[f"{step} s"], figures[f"{step} MB"] = round(seconds, 1), round(megabytes)


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


def timed(arguments: list[str]) -> tuple[float, float]:
    """Seconds on the wall and MB at most, of a Python process of its own."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{arguments}: {said.decode(errors='replace')}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def print_table(figures: dict[str, float]) -> None:
    bare = figures["bare csv loop s"]
    print(f"{figures['annotations']:,} annotations; a bare csv loop over them takes {bare:.1f} s")
    print("| step | s | ÷ bare csv loop | MB at most |\n|---|---|---|---|")
    for name in [key.removesuffix(" MB") for key in figures if key.endswith(" MB")]:
        seconds = figures[f"{name} s"]
        print(f"| {name} | {seconds:.1f} | {seconds / bare:.1f} | {figures[f'{name} MB']:,} |")


if __name__ == "__main__":
    main()
