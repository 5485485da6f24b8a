"""A pytest plugin for suites that test rubrics, prompts and judges: cassettes, tiny runs, assertions on runs.

It is used only where a ``conftest.py`` asks for it::

    pytest_plugins = ["panel_eval.pytest_plugin"]

Nothing heavy is imported before a test wants it. docs/testing-judges.md shows all of it. Assertions here write
their own messages: PYTEST_DONT_REWRITE.
"""

from panel_eval.pytest_plugin.fixtures import (
    panel_cassette,
    panel_cassette_by_marker,
    panel_cassette_dir,
)
from panel_eval.pytest_plugin.hooks import pytest_addoption, pytest_configure, pytest_runtest_call

__all__ = [
    "panel_cassette",
    "panel_cassette_by_marker",
    "panel_cassette_dir",
    "pytest_addoption",
    "pytest_configure",
    "pytest_runtest_call",
]
