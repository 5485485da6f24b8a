"""How long the HTML report takes, how large it is, and how quickly it answers in Chromium.

The data is synthetic: item populations drawn from a Dirichlet, eight reviewers and three judges drawn from them,
each item with a made-up text of some 200 characters, reviewers with evidence, judges with a rationale. The run is
scored first, which is not timed. Then: `write_report` alone; the whole `panel-eval report` process; the size of the
file; and in headless Chromium (Debian's, through Playwright) the first contentful paint, and how long the page
takes from a change of filter or order until the next frame is drawn. Each is the median of several.

    python benchmarks/report.py [--quick] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from browser import CHROMIUM, FLAGS, Opened, opened_in

LABELS = ("none", "slight", "moderate", "marked", "severe")
JUDGES = ("north", "south", "west")
REVIEWERS = 8
WORDS = (
    "margin", "edge", "lesion", "smooth", "irregular", "border", "contrast", "dense", "faint", "left", "right",
    "upper", "lower", "lobe", "scan", "series", "slice", "shadow", "signal", "vessel", "swelling", "stable",
    "grown", "since", "earlier", "report", "unclear", "artefact", "motion", "repeat", "compare", "node",
)  # fmt: skip
BARS = {"seconds": 10.0, "mb": 3.0, "paint_ms": 1000.0, "filter_ms": 100.0, "sort_ms": 100.0}
"""What each figure is held to."""
FILTERS = {"text": ("input", ("margin", "dense lobe", "")), "class": ("change", ("major", "agreement", ""))}
SORTS = ("ce", "human", "id", "kl")
CHANGE = """([name, event, value]) => new Promise((done) => {
  const control = document.getElementById(`x-${name}`);
  const begun = performance.now();
  control.value = value;
  control.dispatchEvent(new Event(event));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun), 0));
})"""


def write_synthetic(folder: Path, items: int, seed: int = 1) -> None:
    """Write labels.jsonl and votes.jsonl."""
    draw = np.random.default_rng(seed)
    population = draw.dirichlet(np.full(len(LABELS), 0.6), size=items)
    counts = draw.multinomial(REVIEWERS, population)
    below = population.cumsum(axis=1)[:, :-1]

    def words(number: int) -> str:
        return " ".join(WORDS[k] for k in draw.integers(len(WORDS), size=number))

    with (folder / "labels.jsonl").open("w") as file:
        for item, row in enumerate(counts.tolist()):
            said = [label for label, n in zip(LABELS, row, strict=True) for _ in range(n)]
            reasons = [{"reviewer": f"r{k}", "label": label, "evidence": words(5)} for k, label in enumerate(said)]
            record = {"item_id": f"i{item}", "task": "synthetic", "counts": dict(zip(LABELS, row, strict=True))}
            file.write(json.dumps({**record, "content": {"text": words(30)}, "rationales": reasons}) + "\n")
    with (folder / "votes.jsonl").open("w") as file:
        for judge in JUDGES:
            chosen = (draw.random((items, 1)) > below).sum(axis=1).tolist()
            for item, label in enumerate(chosen):
                vote = {"item_id": f"i{item}", "judge": judge, "label": LABELS[label], "rationale": words(15)}
                file.write(json.dumps(vote) + "\n")


def score(folder: Path) -> Path:
    """Score the votes; gives the run directory."""
    command = [sys.executable, "-m", "panel_eval", "score", "--labels", "labels.jsonl", "--votes", "votes.jsonl"]
    subprocess.run(
        [*command, "--scale", "ordinal", "--resamples", "100", "--out", "run"],
        cwd=folder, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return folder / "run"


def report_times(run: Path, repeats: int) -> dict[str, float]:
    """Seconds of `write_report` in a process of its own, of the whole command, and the size of the page."""
    alone = (
        "import sys, time; from panel_eval import api; run = api.open_run(sys.argv[1])\n"
        "begun = time.perf_counter(); api.write_report(run); print(time.perf_counter() - begun)"
    )
    inside, whole, processor = [], [], []
    for _ in range(repeats):
        done = subprocess.run([sys.executable, "-c", alone, str(run)], check=True, capture_output=True, text=True)
        inside.append(float(done.stdout))
        begun, used = time.perf_counter(), _processor_seconds()
        subprocess.run(
            [sys.executable, "-m", "panel_eval", "report", str(run), "--quiet"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        whole.append(time.perf_counter() - begun)
        processor.append(_processor_seconds() - used)
    size = (run / "report.html").stat().st_size / 1e6
    return {
        "seconds": statistics.median(inside),
        "process_seconds": statistics.median(whole),
        "process_cpu_seconds": statistics.median(processor),
        "mb": size,
    }


def _processor_seconds() -> float:
    """What all finished processes of ours have used: other work on the machine does not add to it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def browser_times(page: Path, repeats: int) -> dict[str, float]:
    """Milliseconds to the first paint, and from a change of filter or order to the next frame."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), chromium_sandbox=False)
        paints = []
        for _ in range(repeats):
            opened = opened_in(browser, page)
            paints.append(opened.first_paint_ms())
            opened.page.context.close()
        opened = opened_in(browser, page)
        filters = [_change(opened, name, *one) for _ in range(repeats) for name, one in _filter_changes()]
        sorts = [_change(opened, "sort", "change", value) for _ in range(repeats) for value in SORTS]
        browser.close()
    return {
        "paint_ms": statistics.median(paints),
        "filter_ms": statistics.median(filters),
        "filter_worst_ms": max(filters),
        "sort_ms": statistics.median(sorts),
    }


def _filter_changes() -> list[tuple[str, tuple[str, str]]]:
    return [(name, (event, value)) for name, (event, values) in FILTERS.items() for value in values]


def _change(opened: Opened, name: str, event: str, value: str) -> float:
    return float(opened.page.evaluate(CHANGE, [name, event, value]))


def measure(items: int, repeats: int) -> dict[str, float]:
    """All figures for one size."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_synthetic(folder, items)
        run = score(folder)
        figures = report_times(run, repeats)
        if CHROMIUM is not None:
            figures |= browser_times(run / "report.html", 2 * repeats + 1)
    return {name: round(value, 2) for name, value in figures.items()}


def print_table(measured: dict[str, dict[str, float]]) -> None:
    """The figures of each size, beside their bars."""
    print(f"synthetic: {len(LABELS)} labels, {len(JUDGES)} judges, {REVIEWERS} reviewers, texts made up")
    print(
        f"{'figure':>19}" + "".join(f"{name + ' items':>14}" for name in measured) + f"{'bar':>8}{'bar ÷ 10k':>11}"
    )
    for name in measured["10k"]:
        bar = BARS.get(name)
        beside = f"{bar:>8g}{bar / measured['10k'][name]:>11.1f}" if bar else ""
        print(f"{name:>19}" + "".join(f"{figures[name]:>14,.2f}" for figures in measured.values()) + beside)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="10,000 items only, each once")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    repeats = 1 if arguments.quick else 5
    sizes = {"10k": 10_000} if arguments.quick else {"10k": 10_000, "2k": 2_000}
    measured = {name: measure(items, repeats) for name, items in sizes.items()}
    print_table(measured)
    if arguments.json:
        flat = {
            f"{figure}_{name}": value for name, figures in measured.items() for figure, value in figures.items()
        }
        arguments.json.write_text(json.dumps(flat) + "\n")


if __name__ == "__main__":
    main()
