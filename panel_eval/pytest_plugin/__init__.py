"""A pytest plugin for suites that test rubrics, prompts and judges: cassettes, tiny runs, assertions on runs.

It is used only where a ``conftest.py`` asks for it::

    pytest_plugins = ["panel_eval.pytest_plugin"]

Nothing heavy is imported before a test wants it. docs/testing-judges.md shows all of it. Assertions here write
their own messages: PYTEST_DONT_REWRITE.
"""

from panel_eval.pytest_plugin.assertions import (
    assert_at_least,
    assert_at_most,
    assert_complete,
    assert_not_worse,
)
from panel_eval.pytest_plugin.fixtures import (
    panel_cassette,
    panel_cassette_by_marker,
    panel_cassette_dir,
    panel_run,
)
from panel_eval.pytest_plugin.hooks import pytest_addoption, pytest_configure, pytest_runtest_call

__all__ = [
    "assert_at_least",
    "assert_at_most",
    "assert_complete",
    "assert_not_worse",
    "panel_cassette",
    "panel_cassette_by_marker",
    "panel_cassette_dir",
    "panel_run",
    "pytest_addoption",
    "pytest_configure",
    "pytest_runtest_call",
]
