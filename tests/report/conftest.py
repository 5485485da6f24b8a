"""Constructed results for the tests of the report, as `made_results` builds them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from made_results import build_metrics, build_records, build_view, build_votes, view_saying

from panel_eval.report import RunView
from panel_eval.schema import Metrics


@pytest.fixture
def make_metrics() -> Callable[..., Metrics]:
    """Builds constructed metrics; keyword arguments replace whole fields."""
    return build_metrics


@pytest.fixture
def run_view() -> RunView:
    """Four items, two judges, one refusal, one judge with a rationale."""
    return build_view(build_records(), build_metrics(), build_votes())


@pytest.fixture
def make_view() -> Callable[[str], RunView]:
    """The same results with one text in every place where text comes from data; labels get a number appended."""
    return view_saying
