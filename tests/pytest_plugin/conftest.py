"""The fixture `suite`: a user's suite that is run in this process."""

from __future__ import annotations

import aiohttp  # noqa: F401  # pytester forgets what a run imports, and numpy does not bear a second import
import httpx  # noqa: F401
import pytest
from user_suite import Suite

import panel_eval.api
import panel_eval.judges.direct_transport
import panel_eval.pytest_plugin.tape
import panel_eval.pytest_plugin.tiny_runs  # noqa: F401


@pytest.fixture
def suite(pytester, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    return Suite(pytester.path, pytester.runpytest_inprocess)
