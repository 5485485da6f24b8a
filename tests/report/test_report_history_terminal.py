"""A history in the terminal: the sentence first, readable in 80 columns and when piped, deaf to what data say."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from synthetic_history import NULL, history, joined, run
from test_report_summary import HOSTILE

from panel_eval.report import print_history
from panel_eval.schema.history import HistoryReport


def printed(report: HistoryReport, width: int = 80, terminal: bool = False, last: int | None = 30) -> str:
    out = io.StringIO()
    colours = "truecolor" if terminal else None
    console = Console(file=out, width=width, force_terminal=terminal, color_system=colours, highlight=False)
    print_history(report, console, last=last)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 100, 200])
def test_lines_keep_to_the_width_and_to_100(width: int) -> None:
    text = printed(history(40, drift=0.2, change_at=30), width)
    assert max(len(line) for line in text.splitlines()) <= min(width, 100)


@pytest.mark.parametrize("width", [80, 100])
def test_every_column_can_be_read(width: int) -> None:
    """Widest verdicts, an item count of five digits: nothing is cut."""
    wide = run(0, n_scored=12_345, gate="NOT COMPARABLE", git_commit="abcdef0123", usable_votes=0.99999)
    runs = [wide, run(1, gate="INCONCLUSIVE")]
    text = printed(HistoryReport(alpha=0.05, runs=runs, streams=[], advice="made up"), width)
    shown = ["12,345", "1.600", "1.560 to 1.640", "12%", "4.2", "INCONCLUSIVE", "$0.310", ">99.9%", "abcdef0"]
    assert [word for word in [*shown, "NOT", "COMPARABLE"] if word not in text] == []


def test_the_sentence_comes_first_then_what_to_do() -> None:
    lines = printed(history(30, drift=0.2), 100).strip().splitlines()
    assert lines[0].startswith(
        "synthetic panel on synthetic task has become worse by 0.200 bits, most likely since"
    )
    assert any("Synthetic: nothing to do." in line for line in lines[1:4])


def test_the_newest_runs_are_shown_newest_last() -> None:
    report = history(40)
    shown = [line.split()[0] for line in printed(report, 100).splitlines() if line.startswith(" 2026-")]
    assert shown == [one.started_at[:10] for one in report.runs[-30:]]
    assert "the last 30 of 40 runs" in printed(report, 100)
    assert printed(report, 100, last=None).count("\n 2026-") == 40


def test_what_changed_the_instrument_is_told_with_its_night() -> None:
    assert "2026-01-08: judge big: its prompt changed (synthetic)" in printed(history(12, change_at=7), 100)


def test_panels_are_grouped() -> None:
    other = history(3).model_dump_json().replace("synthetic panel", "another panel")
    text = printed(joined(history(2), HistoryReport.model_validate_json(other)), 100)
    first, second = text.index("\nanother panel on"), text.index("\nsynthetic panel on")
    assert text[first:second].count("\n 2026-") == 3
    assert text[second:].count("\n 2026-") == 2


def test_a_null_is_a_dash() -> None:
    lost = run(
        0, metrics={"ce_bits": NULL}, cost_usd=None, gate=None, usable_votes=None, git_commit=None, panel=None,
        state="partial",
    )  # fmt: skip
    text = printed(HistoryReport(alpha=0.05, runs=[lost], streams=[], advice="made up"), 100)
    row = next(line for line in text.splitlines() if line.startswith(" 2026-"))
    assert row.split() == ["2026-01-01", "398†", *["–"] * 8]
    assert "panel of votes made elsewhere on synthetic task" in text
    assert "† 2026-01-01: the run is partial" in text


def test_skipped_folders_are_named_with_their_reasons_up_to_twenty() -> None:
    text = printed(history(1, skipped={f"folder-{at:02d}": f"reason {at}" for at in range(25)}), 100)
    assert "Skipped: 25 folders" in text
    assert "folder-19: reason 19" in text
    assert "folder-20" not in text
    assert "and 5 more" in text


def test_data_can_neither_command_the_terminal_nor_set_markup() -> None:
    dumped = history(4, drift=0.9, change_at=2, skipped={"synthetic panel": "synthetic task"})
    text = dumped.model_dump_json()
    report = HistoryReport.model_validate_json(text)
    hostile = {"panel": HOSTILE, "task": HOSTILE, "instrument": HOSTILE, "git_commit": HOSTILE}
    runs = [one.model_copy(update=hostile) for one in report.runs]
    streams = [
        one.model_copy(update={"panel": HOSTILE, "task": HOSTILE, "instrument": HOSTILE, "began_because": HOSTILE})
        for one in report.streams
    ]
    spoilt = report.model_copy(
        update={"runs": runs, "streams": streams, "advice": HOSTILE, "skipped": {HOSTILE: HOSTILE}}
    )
    plain = printed(spoilt)
    assert "[bold red]x[/]" in plain
    assert not set("\x1b\x9b\x07\u202e") & set(plain)
    coloured = printed(spoilt, terminal=True)
    assert "\x1b]" not in coloured
    assert "\x1b[2J" not in coloured


def test_plain_output_has_no_escape_at_all() -> None:
    assert "\x1b" not in printed(history(5))


def test_an_empty_root_is_said() -> None:
    assert "No run to show." in printed(HistoryReport(alpha=0.05, runs=[], streams=[], advice="Run it once."))
