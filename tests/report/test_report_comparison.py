"""A comparison in words and in the terminal: the verdict first, within 80 columns, deaf to what data say."""

from __future__ import annotations

import io

import pytest
from comparisons import candidate, difference, family, number, report, report_saying, run, untestable
from rich.console import Console

from panel_eval.report import comparison_headline, comparison_text, difference_text, print_comparison
from panel_eval.schema.comparison import Overlap

HOSTILE = "[bold red]x[/] \x1b]0;owned\x07\x1b[2J\x9b31m \u202egnp"


def test_better_says_by_how_much_and_what_would_have_been_found() -> None:
    # -.03125 with .025 on either side; detectable 1.4 * .025
    assert comparison_headline(candidate()) == (
        "Better: cross-entropy is 0.031 bits better than the baseline's (−0.031 bits per human vote, 95% interval "
        "−0.056 to −0.006), over 400 items. These items would show a true difference of 0.035 bits four times in "
        "five."
    )


def test_worse_is_said_in_words_beside_the_sign() -> None:
    text = comparison_headline(candidate(overall=0.125))
    assert text.startswith("Worse: cross-entropy is 0.125 bits worse than the baseline's (+0.125 bits")


def test_no_difference_shown_warns_of_smaller_ones() -> None:
    text = comparison_headline(candidate(overall=0.01))
    assert text.startswith("No difference shown: ")
    assert text.endswith("four times in five. A smaller one may be there.")


def test_a_difference_that_rounds_to_nothing_has_no_direction() -> None:
    same = difference("overall", -0.0001, 0.0, detectable=0.0, verdict="no difference shown")
    text = comparison_headline(candidate(tests=[same], verdict="no difference shown"))
    assert "is the baseline's to three digits (0.000 bits" in text
    assert "four times in five" not in text  # every item scores the same: nothing was measured with an error


def test_without_a_number_the_reason_is_said() -> None:
    lost = difference("overall", 0.0, 0.1, difference=number(None), testable=False, verdict="not testable")
    text = comparison_headline(candidate(tests=[lost], verdict="not testable"))
    assert text == "Not testable: no difference in cross-entropy can be told: Made up."


def test_one_difference_in_a_line() -> None:
    assert difference_text(difference("minor", 0.0625, 0.03125)) == (
        "ce_bits, minor: 0.062 bits worse (+0.062, 95% interval +0.031 to +0.094; p 0.020 after Holm): worse"
    )
    assert difference_text(untestable("major")) == (
        "ce_bits, major: 0.200 bits worse (+0.200, no interval): not testable"
    )


def test_a_p_value_is_never_0() -> None:
    text = difference_text(difference("overall", 0.1, 0.01, p_holm=0.0001))
    assert "p <0.001 after Holm" in text


def test_the_verdict_comes_first_and_then_the_numbers() -> None:
    lines = comparison_text(report()).splitlines()
    assert lines[0].startswith("Better: cross-entropy is 0.031 bits better")
    shown = "\n".join(lines)
    for expected in (
        "What to make of new.",
        "Not testable: unresolved (3 independent units",
        "TVD says the opposite. (signs_differ)",
        "judge ada, model: wise-1 → wise-2",
        "judge bo: only in the baseline (votes made elsewhere)",
        "i-1 ",
    ):
        assert expected in shown
    assert lines.index(next(line for line in lines if line.startswith(" overall "))) < 14


def test_rows_of_the_family_stand_on_one_line_each() -> None:
    shown = [line for line in comparison_text(report()).splitlines() if line.startswith(" ") and line.strip()]
    rows = {line.split()[0]: line.split() for line in shown}
    assert comparison_text(report()).count("\n minor ") == 2  # one row for each score
    assert rows["minor"][1:] == ["1.500", "1.438", "−0.062", "0.020", "0.042", "better"]
    assert rows["unresolved"][-3:] == ["1.250", "not", "testable"]


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("text", ["plain", "w" * 300, "two words " * 30, HOSTILE])
def test_no_line_is_wider_than_80_columns(text: str, several: bool) -> None:
    for width in (80, 100, 200):
        shown = comparison_text(report_saying(text, several), width)
        assert max(len(line) for line in shown.splitlines()) <= 80


def test_a_narrow_terminal_is_kept_to() -> None:
    assert max(len(line) for line in comparison_text(report(), 48).splitlines()) <= 48


def test_of_several_candidates_the_table_comes_first() -> None:
    worse = candidate("other", 0.125)
    text = comparison_text(report(candidate(), worse))
    lines = text.splitlines()
    assert lines[0] == "Take the first."
    rows = [line.split() for line in lines if line.startswith((" new-panel ", " other-panel "))]
    assert [row[1:6] for row in rows] == [
        ["1.469", "−0.031", "0.020", "0.035", "better"],
        ["1.625", "+0.125", "0.020", "0.035", "worse"],
    ]
    assert lines.index("Candidate new-panel") > 5


def test_candidates_of_one_panel_are_told_apart_by_their_runs() -> None:
    text = comparison_text(
        report(candidate("n1", run=run("n1", panel="p")), candidate("n2", run=run("n2", panel="p")))
    )
    assert "Candidate n1" in text
    assert "Candidate n2" in text


def test_other_data_are_counted_and_named() -> None:
    text = " ".join(comparison_text(report()).split())
    assert (
        "405 items are the same in both runs and compared. Left out: 5 only in the baseline (such as i-7), 5 only"
        in text
    )
    same = Overlap(shared=400, compared=400, only_base=0, only_candidate=0, other_votes=0, other_content=0)
    assert "The data differ" not in comparison_text(report(candidate(overlap=same)))


def test_what_missing_forecasts_could_hide_is_said() -> None:
    text = " ".join(comparison_text(report()).split())
    assert "400 are scored by both, 3 by the baseline only, 1 by the candidate only, 1 by neither." in text
    assert "in place of missing forecasts the difference in cross-entropy is −0.028 bits" in text
    assert "make the difference in Brier score +0.039, at the best −0.047" in text


def test_cost_and_latency_stand_side_by_side() -> None:
    text = comparison_text(report(candidate(run=run("new", cost_usd=None, cost_per_vote_usd=None))))
    rows = {line.split("  ")[0].strip(): line.split() for line in text.splitlines()}
    assert rows["cost, USD"][-2:] == ["1.25", "–"]
    assert rows["USD per 1,000 votes"][-2:] == ["1.56", "–"]
    assert rows["seconds a vote, mean"][-2:] == ["0.75", "0.75"]


def test_data_can_neither_command_the_terminal_nor_set_markup() -> None:
    plain = comparison_text(report_saying(HOSTILE))
    assert "[bold red]x[/]" in plain
    assert not set("\x1b\x9b\x07\u202e") & set(plain)
    out = io.StringIO()
    print_comparison(
        report_saying(HOSTILE), Console(file=out, width=80, force_terminal=True, color_system="truecolor")
    )
    assert "\x1b]" not in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()
    assert "\x9b" not in out.getvalue()


def test_a_caution_on_a_number_is_marked_and_told() -> None:
    noted = number(0.0, -0.1, 0.1).model_copy(update={"note": "one cluster holds half of the items"})
    tests = [difference("overall", 0.0, 0.1, difference=noted), *family(0.0)[1:]]
    text = comparison_text(report(candidate(tests=tests)))
    assert "0.000†" in text
    assert "† overall: one cluster holds half of the items" in text
