"""The HTML report of a run, with what `fit` found out about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from panel_eval.api.applying import apply_policy
from panel_eval.api.fit_files import FIT, POLICY_FILE, read_fit
from panel_eval.api.folders import refuse_run_file
from panel_eval.api.labelled_run import LabelledRun, judge_forecasts
from panel_eval.api.results import REPORT, RunResult
from panel_eval.errors import InputError, Problem
from panel_eval.schema import FitReport
from panel_eval.stats.arrays import BoolArray

if TYPE_CHECKING:
    from panel_eval.report import RunView


def write_report(result: RunResult, path: str | Path | None = None) -> Path:
    """Write the HTML report of a run and return its path (default: report.html in the run directory).

    Raises:
        InputError: it cannot be written, is another file of a run, or what `fit` wrote cannot be read.
    """
    from panel_eval.report import write_html

    if path is None:
        if result.directory is None:
            raise InputError("this run was not written to a directory; name a file for the report")
        path = result.directory / REPORT
    elif Path(path).name != REPORT:
        refuse_run_file(Path(path))
    try:
        return write_html(run_view(result), Path(path))
    except OSError as error:
        raise InputError(Problem(f"the report cannot be written: {error.strerror}", path=path)) from None


def run_view(result: RunResult) -> RunView:
    """A run as its report shows it, with what `fit` found out if that was asked.

    Raises:
        InputError: what `fit` wrote cannot be read.
    """
    from panel_eval.report import RunView

    found = None if result.directory is None else read_fit(result.directory)
    outdated = found is not None and _outdated(found, result)
    return RunView(
        result.manifest,
        result.metrics,
        result.items,
        result.humans,
        result.votes,
        found,
        fit_outdated=outdated,
        forecasts=judge_forecasts(result),
        decided=_decided(result, fitted=found is not None and not outdated),
        folder=None if result.directory is None else result.directory.resolve().name,
    )


def _decided(result: RunResult, fitted: bool) -> BoolArray | None:
    """(n_items,) whether the policy of `fit`, or else the run's own, lets the panel decide; None without one."""
    if result.directory is None:
        return None
    candidates = [result.directory / FIT / POLICY_FILE] if fitted else []
    for path in [*candidates, result.directory / POLICY_FILE]:
        if path.exists():
            return apply_policy(result, path).decisions.decided[: len(result.humans)]
    return None


def _outdated(found: FitReport, result: RunResult) -> bool:
    """Whether a fit was made from other votes or labels than the run has now, as it was gone on with since."""
    return found.hashes != LabelledRun.of(result).hashes
