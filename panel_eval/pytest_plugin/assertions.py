"""Assertions on runs, by the rules of `panel-eval gate`; what cannot be told is not passed.

What is heavy is imported when an assertion is made, so that a test file may import these names at its top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from pydantic import BaseModel

    from panel_eval.api import RunResult
    from panel_eval.schema.gate_result import GateCheck
    from panel_eval.schema.gate_settings import GateSettings, Segment

ModelT = TypeVar("ModelT", bound="BaseModel")

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

    It passes where the upper end of the 95 % interval of the paired difference lies below the margin, in each
    segment; both runs must be about the same items (the panel's `gate.shared_items`), and the run be complete.

    Args:
        run: the run, or its directory.
        baseline: what it is held to.
        margin: the largest loss that is tolerated, in the unit of the metric.
        metric: ce_bits or brier_debiased; lower is better.
        segments: overall, and disagreement classes.
        alpha: chance of calling a run worse that is not; it decides what the message says, not what passes.

    Raises:
        AssertionError: with the reasons, and the table of the comparison if there can be one.
    """
    from panel_eval.api.versions import panel_version
    from panel_eval.evaluation.gate import coverage_checks, gate_versions
    from panel_eval.schema.gate_settings import Margin

    if isinstance(segments, str):
        raise TypeError("assert_not_worse: segments is a list of names, such as ['overall', 'major']")
    ours, theirs = _opened(run), _opened(baseline)
    settings = _settings(
        ours,
        alpha=alpha,
        watch_classes=False,
        margins=[_checked(Margin, metric=metric, segment=segment, margin=margin) for segment in segments],
    )
    checks = [
        *coverage_checks(ours.manifest, ours.metrics, settings),
        *gate_versions(panel_version(theirs), panel_version(ours), settings),
    ]
    _hold("assert_not_worse", checks, lambda: _table(theirs, ours))


def assert_complete(run: RunResult | str | Path) -> None:
    """Check that a run is finished, with enough answers and forecasts (the panel's `gate.usable_votes`, …).

    Raises:
        AssertionError: says what is missing.
    """
    from panel_eval.evaluation.gate import coverage_checks

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
    _hold_limit("assert_at_least", run, metric=metric, segment=segment, at_least=value, by=by)


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
    _hold_limit("assert_at_most", run, metric=metric, segment=segment, at_most=value, by=by)


def _hold_limit(name: str, run: RunResult | str | Path, **limit: object) -> None:
    from panel_eval.evaluation.gate import limit_checks
    from panel_eval.schema.gate_settings import Limit

    opened = _opened(run)
    _hold(name, limit_checks(opened.metrics, _settings(opened, limits=[_checked(Limit, **limit)])))


def _hold(name: str, checks: Iterable[GateCheck], table: Callable[[], str] = str) -> None:
    """Fail with every check that did not pass, and the table behind them."""
    failed = [check for check in checks if check.status not in ("PASS", "SKIPPED")]
    if not failed:
        return
    lines = [f"{name}: {_said(failed)}"]
    for check in failed:
        lines.append(f"  {check.status}: {check.text}")
        if check.fix:
            lines.append(f"    → {check.fix}")
    raise AssertionError("\n".join([*lines, *table().splitlines()]))


def _table(baseline: RunResult, run: RunResult) -> str:
    """The comparison as `panel-eval compare` prints it; nothing where there is nothing to compare."""
    from panel_eval.api.comparing import compare
    from panel_eval.errors import NotComparableError
    from panel_eval.report.comparison import comparison_text

    try:
        text = comparison_text(compare(baseline, run, resamples=_RESAMPLES))
    except NotComparableError:
        return ""
    return "\n".join(["", *(line.rstrip() for line in text.splitlines())])


def _said(failed: Sequence[GateCheck]) -> str:
    """The verdict in words."""
    from panel_eval.evaluation.gate import gate_status

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


def _checked(model: type[ModelT], **values: object) -> ModelT:
    """What an assertion was given, as the gate would take it.

    Raises:
        InputError: it would not.
    """
    from pydantic import ValidationError

    from panel_eval.errors import InputError, Problem

    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InputError(
            [Problem(each["msg"], key=".".join(map(str, each["loc"]))) for each in error.errors()]
        ) from None


def _opened(run: RunResult | str | Path) -> RunResult:
    from panel_eval.api import open_run

    return open_run(run) if isinstance(run, str | Path) else run
