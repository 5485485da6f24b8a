"""Assertions on runs, by the rules of `panel-eval gate`; what cannot be told is not passed.

What is heavy is imported when an assertion is made, so that a test file may import these names at its top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from panel_eval.api import RunResult
    from panel_eval.schema.comparison import ComparisonReport
    from panel_eval.schema.gate_result import GateCheck
    from panel_eval.schema.gate_settings import GateSettings, Segment

__tracebackhide__ = True  # pytest then shows the line of the test

_RESAMPLES = 200  # behind the intervals of numbers that are only shown


def assert_not_worse(
    run: RunResult | str | Path,
    baseline: RunResult | str | Path,
    margin: float,
    *,
    metric: Literal["ce_bits", "brier_debiased"] = "ce_bits",
    segments: Sequence[Segment] = ("overall",),
    alpha: float = 0.05,
) -> None:
    """Check that a run loses less than a margin against a baseline, on the items that both have.

    It passes where the 95 % interval of the paired difference lies below the margin, in each segment; both runs
    must be about the same items (the panel's `gate.shared_items`), and the run must be complete.

    Args:
        run: the run, or its directory.
        baseline: what it is held to.
        margin: the largest loss that is tolerated, in the unit of the metric.
        metric: ce_bits or brier_debiased; lower is better.
        segments: overall, and disagreement classes.
        alpha: chance of calling a run worse that is not; it decides what the message says, not what passes.

    Raises:
        AssertionError: with the reasons and the table of the comparison.
        NotComparableError: the runs have no item in common, or answer different questions.
    """
    from panel_eval.api.comparing import compare
    from panel_eval.evaluation.gate.coverage import coverage_checks
    from panel_eval.evaluation.gate.data import overlap_checks
    from panel_eval.evaluation.gate.losses import loss_checks
    from panel_eval.schema.gate_settings import Margin

    if isinstance(segments, str):
        raise TypeError("assert_not_worse: segments is a list of names, such as ['overall', 'major']")
    opened = _opened(run)
    report = compare(_opened(baseline), opened, alpha=alpha, resamples=_RESAMPLES)
    found = report.candidates[0]
    settings = _settings(
        opened,
        alpha=alpha,
        watch_classes=False,
        margins=[Margin(metric=metric, segment=segment, margin=margin) for segment in segments],
    )
    checks = [
        *coverage_checks(opened.manifest, opened.metrics, settings),
        *overlap_checks(found.overlap, settings),
        *loss_checks(found.tests, settings),
    ]
    _hold("assert_not_worse", checks, report)


def assert_complete(run: RunResult | str | Path) -> None:
    """Check that a run is finished, with enough answers and forecasts (the panel's `gate.usable_votes`, …).

    Raises:
        AssertionError: says what is missing.
    """
    from panel_eval.evaluation.gate.coverage import coverage_checks

    opened = _opened(run)
    _hold("assert_complete", coverage_checks(opened.manifest, opened.metrics, _settings(opened)))


def assert_at_least(
    run: RunResult | str | Path,
    metric: str,
    value: float,
    *,
    segment: Segment = "overall",
    by: Literal["interval", "estimate"] = "interval",
) -> None:
    """Check that a number of the panel is at least `value`; see `assert_at_most`."""
    _hold_limit("assert_at_least", run, {"metric": metric, "segment": segment, "at_least": value, "by": by})


def assert_at_most(
    run: RunResult | str | Path,
    metric: str,
    value: float,
    *,
    segment: Segment = "overall",
    by: Literal["interval", "estimate"] = "interval",
) -> None:
    """Check that a number of the panel is at most `value`.

    Args:
        run: the run, or its directory.
        metric: as in metrics.json, such as n_eq or ce_bits.
        value: the limit.
        segment: overall, or a disagreement class.
        by: interval: the whole 95 % interval keeps to it; estimate: the number itself does.

    Raises:
        AssertionError: it does not, or that cannot be told.
        InputError: the run has no such number.
    """
    _hold_limit("assert_at_most", run, {"metric": metric, "segment": segment, "at_most": value, "by": by})


def _hold_limit(name: str, run: RunResult | str | Path, limit: dict[str, object]) -> None:
    from panel_eval.evaluation.gate.limits import limit_checks
    from panel_eval.schema.gate_settings import Limit

    opened = _opened(run)
    _hold(name, limit_checks(opened.metrics, _settings(opened, limits=[Limit.model_validate(limit)])))


def _hold(name: str, checks: Iterable[GateCheck], report: ComparisonReport | None = None) -> None:
    """Fail with every check that did not pass, and the table behind them."""
    failed = [check for check in checks if check.status not in ("PASS", "SKIPPED")]
    if not failed:
        return
    lines = [f"{name}: {_said(failed)}"]
    for check in failed:
        lines.append(f"  {check.status}: {check.text}")
        if check.fix:
            lines.append(f"    → {check.fix}")
    if report is not None:
        from panel_eval.report.comparison import comparison_text

        lines += ["", *(line.rstrip() for line in comparison_text(report).splitlines())]
    raise AssertionError("\n".join(lines))


def _said(failed: Sequence[GateCheck]) -> str:
    """The verdict in words."""
    from panel_eval.evaluation.gate.status import gate_status

    words = {
        "FAIL": "no",
        "INCONCLUSIVE": "cannot tell, and what cannot be told is not passed",
        "INCOMPLETE": "the run is incomplete",
        "NOT COMPARABLE": "the runs cannot be compared",
    }
    return words[gate_status(failed)]


def _settings(run: RunResult, **changes: object) -> GateSettings:
    """The panel's gate settings, or the defaults, with what the assertion says."""
    from panel_eval.schema.gate_settings import GateSettings

    panel = run.manifest.panel
    gate = GateSettings() if panel is None or panel.gate is None else panel.gate
    return gate.model_copy(update={"margins": [], "limits": [], **changes})


def _opened(run: RunResult | str | Path) -> RunResult:
    from panel_eval.api import open_run

    return open_run(run) if isinstance(run, str | Path) else run
