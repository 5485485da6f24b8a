"""The plugin is there where it is asked for, quickly, and nowhere else."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import pytest
from user_suite import QUICK

HEAVY = ("litellm", "numpy", "matplotlib", "pandas", "scipy", "pydantic", "yaml", "vcr", "aiohttp", "rich")


def test_loading_it_takes_little_and_imports_nothing_heavy():
    """A fresh process, pytest imported before; the best of three, since other processes run beside."""
    code = (
        "import sys, time, pytest; began = time.perf_counter(); import panel_eval.pytest_plugin; "
        f"print(time.perf_counter() - began, *[name for name in {HEAVY} if name in sys.modules])"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)
    ]
    assert [run.stdout.split()[1:] for run in said] == [[], [], []]
    assert min(float(run.stdout.split()[0]) for run in said) < 0.2


def test_a_suite_that_does_not_ask_for_it_does_not_have_it(pytester):
    points = importlib.metadata.entry_points(group="pytest11")
    assert not [point for point in points if "panel" in point.name or "panel_eval" in point.value]
    pytester.makepyfile("def test_bare(panel_run):\n    pass\n")
    result = pytester.runpytest_inprocess(*QUICK)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'panel_run' not found*"])
    assert pytester.runpytest_inprocess(*QUICK, "--panel-record=all").ret == pytest.ExitCode.USAGE_ERROR


def test_a_suite_whose_tests_use_none_of_it_imports_none_of_it(pytester):
    pytester.makeconftest('pytest_plugins = ["panel_eval.pytest_plugin"]')
    pytester.makepyfile(
        f"""
        import sys
        def test_light():
            assert not [name for name in {HEAVY!r} if name in sys.modules]
        """
    )
    pytester.runpytest_subprocess(
        "--strict-markers", "-W", "error", "-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:recording"
    ).assert_outcomes(passed=1)


def test_names_may_be_imported_beside_the_plugin_without_a_warning(pytester):
    pytester.makeconftest(
        "from panel_eval.pytest_plugin import assert_complete\npytest_plugins = ['panel_eval.pytest_plugin']\n"
    )
    pytester.makepyfile("def test_light():\n    pass\n")
    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:hypothesispytest", "-p", "no:anyio")
    result.assert_outcomes(passed=1)
