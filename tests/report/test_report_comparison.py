"""A comparison in words and in the terminal: the verdict first, within 80 columns, deaf to what data say."""

from __future__ import annotations

import io

import pytest
from comparisons import candidate, difference, family, number, report, report_saying, run
from rich.console import Console

from panel_eval.report import comparison_text, print_comparison
from panel_eval.schema.comparison import Change, Missing, Overlap

HOSTILE = "[bold red]x[/] \x1b]0;owned\x07\x1b[2J\x9b31m \u202egnp"


def test_a_p_value_is_never_0() -> None:
    rows = comparison_text(report(candidate(tests=[difference("overall", 0.1, 0.01, p_holm=0.0001)]))).splitlines()
    assert next(row for row in rows if row.startswith(" overall ")).split()[4] == "<0.001"


def test_the_verdict_comes_first_and_then_the_numbers() -> None:
    lines = comparison_text(report()).splitlines()
    assert lines[0] == "What to make of new."
    shown = "\n".join(lines)
    for expected in (
        "scored by the baseline only",
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
    change = Change(what="data", name="items with other human votes", key="5 items", base="as they were",
                    candidate="changed", instrument=False)  # fmt: skip
    overlap = Overlap(shared=400, compared=400, only_base=0, only_candidate=0, other_votes=5, other_content=0,
                      examples={"other_votes": ["i-7", "i-9"]})  # fmt: skip
    text = comparison_text(report(candidate(changes=[change], overlap=overlap)))
    assert "  data: 5 items with other human votes" in text
    assert "Items that are not compared, such as those with other human votes: i-7, i-9." in text
    same = overlap.model_copy(update={"other_votes": 0, "examples": {}})
    assert "not compared" not in comparison_text(report(candidate(overlap=same)))


def test_what_missing_forecasts_could_hide_is_said() -> None:
    lines = [line.strip() for line in comparison_text(report()).splitlines() if line.strip()]
    rows = {line.rpartition("  ")[0].strip(): line.split()[-1] for line in lines}
    assert rows["scored by the baseline only"] == "3"
    assert rows["usable votes, base"] == "97.5%"
    assert rows["bits, base rate in their place"] == "−0.028"
    assert rows["Brier, best for the candidate"] == "−0.047"
    assert rows["Brier, worst for the candidate"] == "+0.039"
    whole = Missing(only_base_scored=0, only_candidate_scored=0, neither_scored=0, as_base_rate=number(0.0),
                    best=0.0, worst=0.0)  # fmt: skip
    assert "without a forecast" not in comparison_text(report(candidate(missing=whole)))


def test_judges_that_say_the_same_on_both_sides_are_counted_only() -> None:
    same = difference("overall", 0.0, 0.0, p=1.0, p_holm=None)
    other = difference("overall", 0.015625, 0.02, p=0.125, p_holm=None)
    text = comparison_text(report(candidate(judges={"ada": [other], "bo": [same], "cy": [same]})))
    assert "2 more say the same on both sides" in " ".join(text.split())
    assert next(line for line in text.splitlines() if line.startswith(" ada ")).split()[1:] == [
        "1.500", "1.516", "+0.016", "0.125",
    ]  # fmt: skip
    assert "\n bo " not in text


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
