"""Progress where there is no terminal: a line now and then, not one for each vote."""

from __future__ import annotations

import pytest

from panel_eval.cli.progress import VoteProgress
from panel_eval.engine import Progress
from panel_eval.engine.governor import Pace
from panel_eval.engine.progress import Load


def at(ok: int, load: Load | None = None) -> Progress:
    """A run of 100 votes, all stored, the failed ones of which are asked again."""
    outcomes = {"ok": ok, "error": 100 - ok}
    return Progress(100, ok, outcomes, rate_per_s=None, eta_s=None, load=load or Load())


def test_failed_votes_that_are_asked_again_make_no_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    with VoteProgress() as progress:
        for ok in range(50, 100):
            progress.show(at(ok))
        progress.show(at(100))
        progress.show(at(100))
    assert capsys.readouterr().err == "votes 100/100  100 ok\n"


def test_while_nothing_is_stored_a_line_a_minute_says_what_is_waited_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    progress = VoteProgress(lambda: now[0])
    for second in range(0, 140):
        now[0] = float(second)
        pace = Pace(16, 0, 16, 0, 1, 1, closed_for_s=300.0 - second)
        progress.show(at(40, Load(paces={"one": pace})))
    lines = [line.split("  ")[3] for line in capsys.readouterr().err.splitlines()]
    # The first line after ten seconds, then one a minute.
    assert lines == [f"rate limited, {left} s to wait" for left in (290, 230, 170)]
