"""How long fitting a panel takes, and that the same seed gives the same pool to the last byte.

The data is synthetic: item populations drawn from a Dirichlet, eight reviewers drawn from them, judges that each
draw their one vote from a distorted copy of the population and now and then do not answer. What is timed is
`fit_panel`: every method, their choice in five outer folds, both targets, scores and intervals. It is timed on a
quarter of the items, too, to see how it grows.

    python benchmarks/fit_scale.py [--quick] [--json FILE] [--items N] [--judges M] [--labels K]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import time
from pathlib import Path

import numpy as np
from synthetic import humans_from_counts

from panel_eval.evaluation.fitting import FitSettings, PanelFit, fit_panel
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, collect_votes
from panel_eval.pooling.fitted import parameters_of

REVIEWERS = 8
MISSING = 0.02
"""Share of a judge's answers that are missing."""


def synthetic(items: int, judges: int, labels: int, seed: int = 1) -> tuple[HumanLabels, JudgeForecasts]:
    """Labelled items and what judges said of them."""
    draw = np.random.default_rng(seed)
    population = draw.dirichlet(np.full(labels, 0.6), size=items)
    counts = draw.multinomial(REVIEWERS, population)
    humans = humans_from_counts(counts, [f"label-{label}" for label in range(labels)], "ordinal")
    empty = collect_votes([], humans, [f"judge-{judge}" for judge in range(judges)])
    q_raw, strength = empty.q_raw.copy(), empty.strength.copy()
    for judge in range(judges):
        bent = population ** draw.uniform(0.5, 1.5) * np.exp(draw.normal(0.0, 0.7, labels))
        below = (bent / bent.sum(axis=1, keepdims=True)).cumsum(axis=1)[:, :-1]
        said = np.eye(labels)[(draw.random((items, 1)) > below).sum(axis=1)]
        there = draw.random(items) >= MISSING
        q_raw[judge] = np.where(there[:, None], said, np.nan)
        strength[judge] = there
    return humans, JudgeForecasts(**{**vars(empty), "q_raw": q_raw, "strength": strength})


def digest(fit: PanelFit, humans: HumanLabels, forecasts: JudgeForecasts) -> str:
    """sha256 of the pool's parameters as they would stand in a file."""
    parameters = parameters_of(fit.fitted.pool, forecasts.judge_ids, humans.labels)
    return hashlib.sha256(parameters.model_dump_json().encode()).hexdigest()


def measure(items: int, judges: int, labels: int) -> dict[str, float]:
    """All figures for one size."""
    small, small_forecasts = synthetic(max(items // 4, 10), judges, labels)
    start = time.perf_counter()
    first = fit_panel(small, small_forecasts, FitSettings())
    quarter_seconds = time.perf_counter() - start
    second = fit_panel(small, small_forecasts, FitSettings())
    same = digest(first, small, small_forecasts) == digest(second, small, small_forecasts)
    humans, forecasts = synthetic(items, judges, labels)
    start, spent = time.perf_counter(), time.process_time()
    fit = fit_panel(humans, forecasts, FitSettings())
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - spent
    section = fit.section
    for note in section.notes:
        print(note)
    return {
        "items": items,
        "judges": judges,
        "labels": labels,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "quarter_seconds": round(quarter_seconds, 2),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "same_bytes": int(same),
        "ce_bits_raw": section.raw_panel["ce_bits"].estimate or float("nan"),
        "ce_bits_base": section.base_rate["ce_bits"].estimate or float("nan"),
        "ce_bits_fitted": section.fitted["soft"]["ce_bits"].estimate or float("nan"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="5,000 items; ends within 50 s")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--judges", type=int, default=9)
    parser.add_argument("--labels", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    figures = measure(5_000 if arguments.quick else arguments.items, arguments.judges, arguments.labels)
    for name, value in figures.items():
        print(f"{name:>18}  {value:,}")
    print("\nsynthetic data; seconds of fit_panel: every method, nested choice, both targets, intervals")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
