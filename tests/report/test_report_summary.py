"""The terminal summary: within 100 columns, plain when it is no terminal, deaf to what data say."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from panel_eval.report import print_summary
from panel_eval.schema import Estimate, Metrics, Warning

Build = Callable[..., Metrics]
HOSTILE = "[bold red]x[/] \x1b]0;owned\x07\x1b[2J\x9b31m \u202egnp"


def printed(metrics: Metrics, width: int = 100, terminal: bool = False, **places: Path) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=terminal, color_system="truecolor" if terminal else None
    )
    print_summary(metrics, console, **places)
    return out.getvalue()


@pytest.mark.parametrize("width", [100, 140, 200])
def test_no_line_is_wider_than_100_columns(make_metrics: Build, width: int) -> None:
    long = make_metrics(judges=("j" * 64, "k" * 300))
    assert max(len(line) for line in printed(long, width).splitlines()) <= 100


def test_the_panel_stands_beside_its_floor_and_its_best_judge(make_metrics: Build) -> None:
    text = printed(make_metrics(), run_dir=Path("/results/1"), report_path=Path("/results/1/report.html"))
    for line in ("uniform", "base rate", "hard label", "best judge: ada"):
        assert f"\n {line} " in text
    assert "2.400 to 2.600" in text
    assert "Report: /results/1/report.html" in text
    assert "There are few reviewers. (few_reviewers)" in text


def test_plain_output_has_no_escape_at_all(make_metrics: Build) -> None:
    assert "\x1b" not in printed(make_metrics())


def test_data_can_neither_command_the_terminal_nor_set_markup(make_metrics: Build) -> None:
    metrics = make_metrics(task=HOSTILE, judges=(HOSTILE,), warnings=[Warning(code=HOSTILE, text=HOSTILE)])
    plain = printed(metrics)
    assert "[bold red]x[/]" in plain
    assert not set("\x1b\x9b\x07\u202e") & set(plain)
    coloured = printed(metrics, terminal=True)
    assert "\x1b]" not in coloured
    assert "\x1b[2J" not in coloured
    assert "\x9b" not in coloured


def test_a_null_is_a_dash(make_metrics: Build) -> None:
    metrics = make_metrics(judges=("ada",))
    missing = Estimate(estimate=None, n=0, note="made up")
    ada = metrics.judges["ada"].model_copy(update={"overall": metrics.judges["ada"].overall | {"n_eq": missing}})
    rows = printed(metrics.model_copy(update={"judges": {"ada": ada}})).splitlines()
    assert [row.split()[-2] for row in rows if row.startswith(" ada ")] == ["–"]
