"""Assertions on runs: what passes, what fails, what cannot be told, and what the message shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from user_suite import QUICK

from panel_eval.errors import InputError
from panel_eval.pytest_plugin import assert_at_least, assert_at_most, assert_complete, assert_not_worse
from panel_eval.pytest_plugin.tiny_runs import PanelRunner

N = 30
ITEMS = [{"text": f"kind {n}", "counts": {"positive": 4, "neutral": 1}} for n in range(N)]
ITEMS += [{"text": f"mean {n}", "counts": {"negative": 4, "neutral": 1}} for n in range(N)]
GOOD = ["positive"] * N + ["negative"] * N


def answers_with_slips(slips):
    return ["positive"] * N + ["negative"] * (N - slips) + ["neutral"] * slips


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Runs that several tests look at, each made once."""
    runner, kept = PanelRunner(Path(), tmp_path_factory.mktemp("runs")), {}

    def made(answers, items=ITEMS):
        key = repr((answers, items))
        if key not in kept:
            kept[key] = runner(rubric="sentiment", labels=items, answers=answers)
        return kept[key]

    return made


def slip_bits():
    """Loss of an item where a judge says neutral instead of negative, by hand.

    One vote, smoothed with half a pseudo-vote a label: q = 1.5 / 2.5 = .6 for what was said, .2 for the others.
    Of the people .8 said negative and .2 neutral: .8 log2(.6 / .2) - .2 log2(.6 / .2) = .6 log2 3.
    """
    return 0.6 * np.log2(3.0)


def upper_end(slips):
    differences = np.concatenate([np.zeros(2 * N - slips), np.full(slips, slip_bits())])
    return stats.t.interval(0.95, 2 * N - 1, differences.mean(), stats.sem(differences))[1]


@pytest.mark.parametrize("slips", [2, 9])
def test_a_run_passes_where_the_whole_interval_lies_below_the_margin(scored, slips):
    base, run = scored(GOOD), scored(answers_with_slips(slips))
    high = upper_end(slips)
    assert_not_worse(run, base, high + 1e-6)
    with pytest.raises(AssertionError, match="assert_not_worse: "):
        assert_not_worse(run, base, high - 1e-6)


def test_a_run_is_no_worse_than_itself_and_a_better_one_passes(scored):
    base, run = scored(GOOD), scored(answers_with_slips(9))
    assert_not_worse(base, base, 1e-9)
    assert_not_worse(base, run, 1e-9)
    assert_not_worse(run.directory, run.directory, 0.01, segments=["overall"])
    assert_not_worse(str(base.directory), run, 0.01, metric="brier_debiased")


def test_what_cannot_be_told_is_not_passed_and_says_how_many_items_would_tell(scored):
    base, run = scored(GOOD), scored(answers_with_slips(2))
    with pytest.raises(AssertionError) as caught:
        assert_not_worse(run, base, 0.05)
    said = str(caught.value)
    assert said.startswith("assert_not_worse: cannot tell, and what cannot be told is not passed\n  INCONCLUSIVE: ")
    error = stats.sem(np.concatenate([np.zeros(2 * N - 2), np.full(2, slip_bits())]))
    needed = 2 * N * ((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * error / 0.05) ** 2
    assert f"about {int(np.ceil(needed))} independent items" in said
    assert "Cross-entropy (bits per vote)" in said  # the table of the comparison
    assert "+0.032" in said


def test_a_run_that_is_shown_to_be_worse(scored):
    with pytest.raises(AssertionError, match=r"^assert_not_worse: no\n  FAIL: ce_bits overall: 0\.634 bits worse"):
        assert_not_worse(scored(["positive"] * 2 * N), scored(GOOD), 0.05)


def test_each_segment_must_pass(scored):
    base, run = scored(GOOD), scored(answers_with_slips(1))
    assert_not_worse(run, base, 0.1)
    with pytest.raises(AssertionError, match=r"INCONCLUSIVE: ce_bits .*major"):
        assert_not_worse(run, base, 0.1, segments=["overall", "major"])  # no item is in this class
    with pytest.raises(TypeError, match="segments is a list"):
        assert_not_worse(run, base, 0.1, segments="overall")


def test_a_run_that_left_out_the_hard_items_does_not_pass(scored):
    """On the items that both answered it is as good as its baseline."""
    lazy = [answer if n % 10 else {"refuse": "no"} for n, answer in enumerate(GOOD)]
    run = scored(lazy)
    with pytest.raises(AssertionError, match="the run is incomplete") as caught:
        assert_not_worse(run, scored(GOOD), 0.5)
    assert "54 of 60 items have a forecast" in str(caught.value)
    with pytest.raises(AssertionError, match="54 of 60 votes have an answer"):
        assert_complete(run)
    assert_complete(scored(GOOD))


def test_runs_about_other_items_are_not_compared(scored):
    base = scored(GOOD)
    half = scored(GOOD[:40], ITEMS[:40])
    with pytest.raises(AssertionError, match="the runs cannot be compared"):
        assert_not_worse(half, base, 0.5)
    other = [{**item, "counts": {"neutral": 5}} for item in ITEMS]
    with pytest.raises(AssertionError, match="the runs cannot be compared"):
        assert_not_worse(scored(GOOD, other), base, 0.5)


def test_limits_by_interval_and_by_the_number_itself(scored):
    run = scored(GOOD)
    value = run.metrics.panel.overall["ce_bits"]
    assert value.low <= value.estimate <= value.high
    assert_at_most(run, "ce_bits", value.high)
    assert_at_least(run, "ce_bits", value.low)
    varied = scored(answers_with_slips(9))
    value = varied.metrics.panel.overall["ce_bits"]
    assert value.low < value.estimate < value.high
    assert_at_most(varied, "ce_bits", value.estimate, by="estimate")
    with pytest.raises(AssertionError, match="assert_at_most: cannot tell"):
        assert_at_most(varied, "ce_bits", value.estimate)
    with pytest.raises(AssertionError, match="assert_at_least: no"):
        assert_at_least(varied, "ce_bits", value.high + 0.1)
    with pytest.raises(InputError, match="no_such_metric"):
        assert_at_least(varied, "no_such_metric", 1.0)


def test_a_failed_assertion_shows_the_line_of_the_test_and_none_of_ours(pytester):
    pytester.makeconftest('pytest_plugins = ["panel_eval.pytest_plugin"]')
    pytester.makepyfile(
        """
        from panel_eval.pytest_plugin import assert_not_worse
        ITEMS = [{"text": f"{n}", "counts": {"positive": 4, "neutral": 1}} for n in range(30)]
        def test_gate(panel_run):
            base = panel_run(rubric="sentiment", labels=ITEMS, answers="positive")
            run = panel_run(rubric="sentiment", labels=ITEMS, answers="neutral")
            assert_not_worse(run, base, margin=0.05)
        """
    )
    result = pytester.runpytest_inprocess(*QUICK)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">       assert_not_worse(run, base, margin=0.05)",
            "E       AssertionError: assert_not_worse: no",
            "E         FAIL: ce_bits overall: *",
            "E  *difference*verdict",
            "test_*.py:6: AssertionError",
        ]
    )
    result.stdout.no_fnmatch_line("*assertions.py*")
