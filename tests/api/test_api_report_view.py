"""What the report is told of a run beside its scores: each judge's own forecasts, and what the policy decides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fitted_runs import write_pilot

import panel_eval as pe
from panel_eval.api.reporting import run_view
from panel_eval.pooling import collect_votes


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pilot")
    labels, votes, rubric = write_pilot(folder, 90)
    pe.score(labels, votes, rubric=rubric, resamples=100, out=folder / "run")
    return folder / "run"


def test_judges_forecasts_are_those_of_the_votes_in_the_order_of_the_labels(run: Path) -> None:
    result = pe.open_run(run)
    view = run_view(result)
    assert view.forecasts is not None
    expected = collect_votes(result.votes, result.humans, tuple(result.metrics.judges))
    assert view.forecasts.judge_ids == expected.judge_ids
    np.testing.assert_array_equal(view.forecasts.q_raw, expected.q_raw)
    assert view.folder == "run"
    assert view.decided is None  # no policy yet


@pytest.mark.slow
def test_the_policy_of_fit_decides_as_apply_does(run: Path) -> None:
    pe.fit(run, out=run / "fit", method="temperature", folds=3, resamples=100)
    view = run_view(pe.open_run(run))
    applied = pe.apply_policy(run, run / "fit" / "policy.json")
    assert view.decided is not None
    assert view.decided.tolist() == applied.decisions.decided.tolist()
