"""Runs beside a baseline: better, worse, or can't tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import ceil
from pathlib import Path

from panel_eval.api.results import RunResult, open_run
from panel_eval.api.versions import compared_run, panel_version
from panel_eval.errors import InputError, Problem
from panel_eval.evaluation.versions import (
    TESTED_CLASSES,
    ComparisonSettings,
    compare_versions,
    joint_advice,
    judge_together,
)
from panel_eval.schema.comparison import CandidateComparison, ComparisonReport


def compare(
    base: str | Path | RunResult,
    candidates: str | Path | RunResult | Sequence[str | Path | RunResult],
    *,
    alpha: float = 0.05,
    flips: int = 10_000,
    seed: int = 0,
    resamples: int = 2000,
    moved: int = 20,
) -> ComparisonReport:
    """Compare runs with a baseline, item by item, on the items that they share. No model is asked.

    Args:
        base: the baseline: a run directory, or a run in memory.
        candidates: one run, or several.
        alpha: chance of calling any difference where there is none, over the tests of each metric: overall and the
            testable classes, of all candidates together.
        flips: random sign patterns of the permutation test.
        seed: of these and of the resamples.
        resamples: bootstrap resamples behind the intervals of display metrics.
        moved: most items to list as having moved: half of them worse, half better.

    Raises:
        InputError: a run cannot be read, there is no candidate, or the sign patterns are too few to show anything.
        NotComparableError: a candidate is about other labels or other items.
    """
    others = [candidates] if isinstance(candidates, str | Path | RunResult) else list(candidates)
    if not others:
        raise InputError("there is nothing to compare the baseline with: name at least one more run")
    _refuse_powerless(alpha, flips, len(others))
    first, settings = _opened(base), ComparisonSettings(alpha, flips, seed, resamples, moved)
    version, facts = panel_version(first), compared_run(first)
    found = []
    for other in others:
        run = _opened(other)
        found.append(compare_versions(version, panel_version(run), (facts, compared_run(run)), settings))
    found = judge_together(found, alpha)
    return ComparisonReport(
        task=version.humans.task,
        labels=list(version.humans.labels),
        scale=version.humans.scale,
        settings=asdict(settings),
        base=facts,
        candidates=found,
        advice=joint_advice(found),
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


def _refuse_powerless(alpha: float, flips: int, candidates: int) -> None:
    """Check that the smallest p there is, 1 / (1 + flips), can be alpha or less after Holm's adjustment.

    Raises:
        InputError: an alpha that is none, or too few flips for it.
    """
    if not 0.0 < alpha < 0.5:
        raise InputError(Problem("must lie above 0 and below 0.5", key="alpha", value=str(alpha)))
    tests = candidates * (1 + len(TESTED_CLASSES))
    if (least := ceil(tests / alpha) - 1) > flips:
        message = f"so few sign patterns can show no difference in {tests} tests at an alpha of {alpha:g}"
        raise InputError(Problem(message, key="flips", value=str(flips), fix=f"take {least} or more"))


def _opened(run: str | Path | RunResult) -> RunResult:
    return run if isinstance(run, RunResult) else open_run(run)
