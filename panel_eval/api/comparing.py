"""Runs beside a baseline: better, worse, or can't tell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panel_eval.api.results import RunResult, open_run
from panel_eval.api.versions import compared_run, panel_version
from panel_eval.errors import InputError
from panel_eval.evaluation.versions import ComparisonSettings, compare_versions
from panel_eval.schema.comparison import CandidateComparison, ComparisonReport


def compare(
    base: str | Path | RunResult,
    candidates: str | Path | RunResult | Sequence[str | Path | RunResult],
    *,
    alpha: float = 0.05,
    flips: int = 10_000,
    seed: int = 0,
    resamples: int = 2000,
) -> ComparisonReport:
    """Compare runs with a baseline, item by item, on the items that they share. No model is asked.

    Args:
        base: the baseline: a run directory, or a run in memory.
        candidates: one run, or several.
        alpha: chance of calling any difference where there is none, over the family of each metric.
        flips: random sign patterns of the permutation test.
        seed: of these and of the resamples.
        resamples: bootstrap resamples behind the intervals of display metrics.

    Raises:
        InputError: a run cannot be read, or there is no candidate.
        NotComparableError: a candidate is about other labels or other items.
    """
    others = [candidates] if isinstance(candidates, str | Path | RunResult) else list(candidates)
    if not others:
        raise InputError("there is nothing to compare the baseline with: name at least one more run")
    first, settings = _opened(base), ComparisonSettings(alpha, flips, seed, resamples)
    version = panel_version(first)
    found = [compare_runs(first, _opened(other), settings) for other in others]
    return ComparisonReport(
        task=version.humans.task,
        labels=list(version.humans.labels),
        scale=version.humans.scale,
        settings={"alpha": alpha, "flips": flips, "seed": seed, "resamples": resamples},
        base=compared_run(first),
        candidates=found,
        advice=found[0].advice,
    )


def compare_runs(
    base: RunResult, candidate: RunResult, settings: ComparisonSettings | None = None
) -> CandidateComparison:
    """Compare one run with a baseline.

    Raises:
        NotComparableError: they are about other labels or other items.
    """
    runs = compared_run(base), compared_run(candidate)
    return compare_versions(panel_version(base), panel_version(candidate), runs, settings or ComparisonSettings())


def _opened(run: str | Path | RunResult) -> RunResult:
    return run if isinstance(run, RunResult) else open_run(run)
