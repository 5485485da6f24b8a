"""What a history says: changed since when, by how much, quiet, or too few nights; and where its lines break."""

from __future__ import annotations

from datetime import timedelta

import pytest
from synthetic_history import NULL, START, estimate, history, joined, run, stream

from panel_eval.report.history.axis import gaps, segments, tick_positions
from panel_eval.report.history.links import relative_href
from panel_eval.report.history.panels import panel_histories
from panel_eval.report.history.tables import evidence_text, night_labels, runs_table, usable_text, usd
from panel_eval.report.history.words import panel_said, report_said
from panel_eval.schema.history import Alarm, HistoryReport


def report(**fields: object) -> HistoryReport:
    return HistoryReport.model_validate({"alpha": 0.05, "runs": [], "streams": [], "advice": "made up", **fields})


def named(name: str, nights: int, drift: float = 0.0) -> HistoryReport:
    """A synthetic history of a panel of that name."""
    text = history(nights, drift=drift).model_dump_json().replace("synthetic panel", name)
    return HistoryReport.model_validate_json(text)


def test_one_run_can_be_compared_with_nothing() -> None:
    said = report_said(history(1))
    assert said.standing == "untold"
    assert said.headline == "synthetic panel on synthetic task: one run, nothing to compare it with yet."


def test_two_nights_are_too_few_but_their_numbers_are_told() -> None:
    said = report_said(history(2))
    assert (said.standing, said.headline) == (
        "untold",
        "synthetic panel on synthetic task: too few nights to tell.",
    )
    assert "0.000 bits (95% −0.150 to 0.150) on items asked again" in said.detail


def test_quiet_nights_say_what_could_hide_in_them() -> None:
    said = report_said(history(10))
    # Nine nights after the first: the synthetic half width is .15 / sqrt(9).
    assert (said.standing, said.headline) == (
        "quiet",
        "synthetic panel on synthetic task: no change shown in 10 nights.",
    )
    assert said.detail.startswith(
        "Cross-entropy since 2026-01-01: 0.000 bits (95% −0.050 to 0.050) on items asked again"
    )


def test_an_alarm_says_since_when_by_how_much_and_whether_better() -> None:
    runs = [run(at) for at in range(4)]
    alarm = Alarm(
        run_id=runs[3].run_id, started_at=runs[3].started_at, direction="better", since_run_id=runs[1].run_id,
        change=estimate(-0.06, 0.02), text="made up",
    )  # fmt: skip
    said = report_said(report(runs=runs, streams=[stream(runs, "canary", alarm=alarm)]))
    assert said.standing == "better"
    assert said.headline == (
        "synthetic panel on synthetic task has become better by 0.060 bits, most likely since 2026-01-02."
    )
    assert said.detail == "made up"
    # The nights before may not be among the runs that are shown.
    last = report_said(report(runs=runs[-1:], streams=[stream(runs, "canary", alarm=alarm)]))
    assert last.headline == said.headline


@pytest.mark.parametrize("since", [-0.02, 0.02, -0.2])
def test_an_alarm_that_later_nights_made_up_for_claims_no_size(since: float) -> None:
    """Worse for some nights, then better: the mean since (.05 to either side) is not how much worse it became."""
    runs = [run(at) for at in range(4)]
    alarm = Alarm(
        run_id=runs[1].run_id, started_at=runs[1].started_at, direction="worse", since_run_id=runs[1].run_id,
        change=estimate(since, 0.05), text="made up",
    )  # fmt: skip
    said = report_said(report(runs=runs, streams=[stream(runs, "canary", alarm=alarm)]))
    assert said.headline == "synthetic panel on synthetic task has become worse, most likely since 2026-01-02."


def test_an_alarm_whose_size_is_unknown_claims_none() -> None:
    runs = [run(at) for at in range(2)]
    alarm = Alarm(
        run_id=runs[1].run_id, started_at=runs[1].started_at, direction="worse", since_run_id="not here",
        change=NULL,
        text="made up",
    )  # fmt: skip
    said = report_said(report(runs=runs, streams=[stream(runs, "fresh", alarm=alarm)]))
    assert said.headline == "synthetic panel on synthetic task has become worse."


def test_the_alarm_of_an_earlier_instrument_is_not_todays() -> None:
    found = history(30, drift=0.2, change_at=29)
    history_ = panel_histories(found)[0]
    assert [entry.current for entry in history_.alarms] == [False, False]
    said = panel_said(history_)
    assert said.standing == "untold"
    assert "since the instrument changed on 2026-01-30 (1 run)" in said.headline


def test_of_several_panels_the_alarmed_are_named_and_the_others_counted() -> None:
    found = joined(named("calm", 8), named("new", 1), named("lost", 30, drift=0.2))
    said = report_said(found)
    assert said.standing == "worse"
    assert said.headline.startswith("lost on synthetic task has become worse by 0.200 bits")
    assert said.headline.endswith("Of 3 panels: no change shown in 1, too few nights to tell in 1.")
    assert [one.panel for one in panel_histories(found)] == ["lost", "calm", "new"]


def test_nothing_to_show_is_said() -> None:
    assert report_said(report()).headline == "No run to show."


def test_what_changed_stands_at_the_run_where_it_changed() -> None:
    change = panel_histories(history(12, change_at=7))[0].changes
    assert [(one.number, one.at, one.what) for one in change] == [
        (1, 7, "judge big: its prompt changed (synthetic)")
    ]


def test_an_instrument_that_comes_back_is_called_so() -> None:
    runs = [run(at, instrument=name) for at, name in enumerate(["a", "b", "a"])]
    streams = [
        stream([runs[0], runs[2]], "canary"),
        stream([runs[1]], "canary", began_because="a prompt changed", current=False),
    ]
    changes = panel_histories(report(runs=runs, streams=streams))[0].changes
    assert [one.what for one in changes] == ["a prompt changed", "back to instrument a"]


def at_days(*days: float) -> list:
    return [run(0, run_id=str(day), started_at=f"{(START + timedelta(days=day)).isoformat()}Z") for day in days]


def test_a_gap_is_four_times_the_usual_distance_and_more_than_two_days() -> None:
    assert gaps(at_days(0, 1, 2, 7, 8)) == {3}
    assert gaps(at_days(0, 1, 2, 5, 6)) == frozenset()
    # An afternoon of tries, and the next day: no gap, however short the usual distance.
    assert gaps(at_days(0, 0.01, 0.02, 1.2)) == frozenset()
    assert gaps([run(0), run(1, started_at="no time at all"), run(2)]) == frozenset()


def test_lines_are_parted_at_breaks_even_where_the_run_at_the_break_has_no_number() -> None:
    assert segments([0, 1, 3, 4], frozenset({2})) == [[0, 1], [3, 4]]
    assert segments([0, 1, 2], frozenset()) == [[0, 1, 2]]
    assert segments([], frozenset({1})) == []


@pytest.mark.parametrize(("runs", "expected"), [(1, [0]), (3, [0, 1, 2]), (9, [0, 2, 4, 6, 8]), (365, 8)])
def test_few_dates_are_written_and_the_last_among_them(runs: int, expected: list[int] | int) -> None:
    found = tick_positions(runs, 8)
    assert found[-1] == runs - 1
    assert (len(found) if isinstance(expected, int) else found) == expected


def test_runs_of_one_day_are_told_apart_by_their_time() -> None:
    assert night_labels(at_days(0, 0.25, 3)) == ["2026-01-01 02:15", "2026-01-01 08:15", "2026-01-04"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("night-1/report.html", "night-1/report.html"),
        ("../a b/100%/r.html", "../a%20b/100%25/r.html"),
        ("a\"><script>/r.html", "a%22%3E%3Cscript%3E/r.html"),
        ("a:b/report.html", None), ("javascript:alert(1)", None), ("JAVASCRIPT\n:alert(1)", None),
        ("//host/r.html", None), ("\\\\host\\r.html", None), ("/etc/passwd", None), ("https://host/r", None),
        ("", None), (None, None), ("\ud800/r.html", "%3F/r.html"), ("?x#y/r.html", "%3Fx%23y/r.html"),
    ],
)  # fmt: skip
def test_a_link_stays_beside_the_page(address: str | None, expected: str | None) -> None:
    assert relative_href(address) == expected


def test_numbers_are_written_no_rounder_than_they_are() -> None:
    assert [usable_text(value) for value in (1.0, 0.99999, 0.5, 0.0, None)] == [
        "100.0%",
        ">99.9%",
        "50.0%",
        "0.0%",
        "–",
    ]
    assert [usd(value) for value in (None, 0.0, 0.0012, 0.31, 1234.5)] == [
        "–",
        "$0.00",
        "$0.0012",
        "$0.310",
        "$1,234.50",
    ]
    assert [evidence_text(value) for value in (None, 0.5, 20.0, 12345.0, 1e300)] == [
        "–", "0.50", "20", "12,345", "over a million",
    ]  # fmt: skip


def test_a_partial_run_and_a_run_in_no_stream_carry_a_caution() -> None:
    runs = [run(0), run(1, state="partial"), run(2, note="its labels were lost")]
    table = runs_table(panel_histories(report(runs=runs))[0], last=None)
    assert table.caution_notes == (
        "2026-01-02: the run is partial",
        "2026-01-03: watched in no stream, as its labels were lost",
    )
