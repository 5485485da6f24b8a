"""Progress where there is no terminal: a line now and then, not one for each vote."""

from __future__ import annotations

import pytest

from panel_eval.cli.progress import VoteProgress
from panel_eval.engine import Progress
from panel_eval.engine.progress import Load


def at(ok: int, under_way: int) -> Progress:
    """A run of 100 votes, all stored, the failed ones of which are asked again."""
    outcomes = {"ok": ok, "error": 100 - ok}
    return Progress(100, 100, outcomes, rate_per_s=None, eta_s=None, load=Load(under_way=under_way))


def test_failed_votes_that_are_asked_again_make_no_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    with VoteProgress() as progress:
        for ok in range(50, 100):
            progress.show(at(ok, under_way=3))
        progress.show(at(100, under_way=0))
    assert capsys.readouterr().err == "votes 100/100  100 ok\n"
