"""The page of a history: what data say stays text, nothing is asked for, every night's numbers are on it."""

from __future__ import annotations

import functools
import re
import time
from pathlib import Path

import matplotlib
import pytest
from synthetic_history import CLASSES, NULL, estimate, history, joined, run, stream
from test_report_html import HOSTILE, Shape, elements_without_plots

from panel_eval.report import write_history_page
from panel_eval.report.history.by_class import class_finding
from panel_eval.report.history.lines import Point, points
from panel_eval.report.history.page import render_history
from panel_eval.schema import Estimate
from panel_eval.schema.history import HistoryReport

# Without "; ", which parts a note into clauses.
GROUPS = [" ".join(HOSTILE[at : at + 6]).replace("; ", ";") for at in range(0, len(HOSTILE), 6)]


def saying(text: str) -> HistoryReport:
    """Two instruments, alarms, skipped folders; every text of any origin is `text`."""
    report = history(6, drift=0.9, change_at=3)
    named = {"panel": text, "task": text, "git_commit": text, "gate_headline": text, "note": text, "state": text}
    runs = [one.model_copy(update={**named, "instrument": f"{text}{one.instrument}"}) for one in report.runs]
    # A note for every null: it stands in title attributes.
    lost = Estimate(estimate=None, n=0, note=text)
    runs[1] = runs[1].model_copy(update={"metrics": {**runs[1].metrics, "ce_bits": lost}})
    streams = [
        one.model_copy(
            update={
                "panel": text, "task": text, "began_because": text, "instrument": f"{text}{one.instrument}",
                "note": text, "alarm": one.alarm and one.alarm.model_copy(update={"text": text}),
            }
        )
        for one in report.streams
    ]  # fmt: skip
    return report.model_copy(
        update={"runs": runs, "streams": streams, "advice": text, "skipped": {text: text, f"{text}2": text}}
    )


@functools.cache
def rendered(text: str) -> str:
    return render_history(saying(text), {})


@pytest.mark.parametrize("text", GROUPS)
def test_no_element_and_no_attribute_comes_from_data(text: str) -> None:
    plain, page = rendered("plain words"), rendered(text)
    assert elements_without_plots(page) == elements_without_plots(plain)
    assert [tag for tag, _ in Shape(page).elements] == [tag for tag, _ in Shape(plain).elements]
    page.encode("utf-8")
    assert not set("\x00\x1b\x07\x9b\u202e\u2066") & set(page)


@pytest.mark.parametrize("text", GROUPS[:2])
def test_the_page_runs_nothing_and_asks_for_nothing(text: str) -> None:
    report = saying(text)
    shape = Shape(render_history(report, {one.run_id: f"{text}/report.html" for one in report.runs}))
    assert "script" not in {tag for tag, _ in shape.elements}
    for tag, name, value in shape.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in {"src", "srcset", "action", "formaction", "xlink:href", "srcdoc"}, (tag, name)
        if name == "href" and not value.startswith("#") and value != "data:,":
            assert re.fullmatch(r"[\w%./~-]+/report\.html", value), (tag, value)
            assert not value.startswith("/")
    policy = next(value for _, name, value in shape.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy


def test_what_data_say_can_be_read_on_the_page() -> None:
    text = '<b>5 < 6 & "7"</b>'
    words = Shape(render_history(saying(text), {})).text
    assert sum(text in word for word in words) > 20


def test_equal_reports_give_equal_bytes(tmp_path: Path) -> None:
    report = history(12, drift=0.2, change_at=8)
    write_history_page(report, tmp_path / "a.html")
    with matplotlib.rc_context({"font.size": 30, "axes.grid": False, "svg.fonttype": "path"}):
        write_history_page(report, tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def named(name: str, nights: int, drift: float = 0.0) -> HistoryReport:
    return HistoryReport.model_validate_json(
        history(nights, drift).model_dump_json().replace("synthetic panel", name)
    )


def test_ids_are_unique_and_every_reference_finds_its_target() -> None:
    shape = Shape(render_history(joined(named("a", 5), named("b", 6, 0.3)), {}))
    ids = [value for _, name, value in shape.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    targets = {value[1:] for _, name, value in shape.attributes if name == "href" and value.startswith("#")}
    targets |= set(re.findall(r"url\(#([^)]*)\)", " ".join(value for _, _, value in shape.attributes)))
    assert targets <= set(ids)


def test_every_figure_has_a_title_words_for_it_and_its_numbers() -> None:
    figures = re.findall(r'<figure id="figure-(\w+)">(.*?)</figure>', render_history(history(6), {}), flags=re.S)
    assert [name for name, _ in figures] == ["p1trend", "p1canary", "p1fresh", "p1class", "p1cost", "p1votes"]
    for _, body in figures:
        assert re.search(r"<h3>[^<]{10,}</h3>", body)
        assert re.search(r'role="img" aria-label="[^"]{20,}"', body)
        # The table beside the drawing has all six nights.
        assert body.count('<th scope="row">2026-01-0') == 6


def drawn(page: str, figure: str) -> str:
    return re.findall(rf'<figure id="figure-{figure}">.*?(<svg.*?</svg>)', page, flags=re.S)[0]


def test_verdicts_have_marks_of_their_own_and_a_legend() -> None:
    page = drawn(render_history(history(48), {}), "p1trend")
    words = ["gate passed", "failed", "inconclusive", "not comparable", "incomplete", "no gate", "base rate"]
    assert [word for word in words if f">{word}</text>" not in page] == []
    assert ">instrument changed<" not in page
    assert "alarm" not in page


def test_where_the_instrument_changed_there_is_a_numbered_line_and_what_changed() -> None:
    page = render_history(history(12, change_at=7), {})
    assert ">instrument changed</text>" in drawn(page, "p1trend")
    row = r'<th scope="row">1</th><td>2026-01-08</td><td>judge big: its prompt changed \(synthetic\)</td>'
    assert re.search(row, page)


@pytest.mark.parametrize(("drift", "direction"), [(0.3, "worse"), (-0.3, "better")])
def test_an_alarm_is_marked_in_trend_and_stream(drift: float, direction: str) -> None:
    page = render_history(history(20, drift=drift), {})
    for figure in ("p1trend", "p1canary", "p1fresh"):
        assert f">alarm: {direction}</text>" in drawn(page, figure)
        assert f">likely {direction} since</text>" in drawn(page, figure)
    assert f"has become {direction} by 0.300 bits" in page


def test_commands_in_an_advice_look_like_commands_and_nothing_else_does() -> None:
    advice = "Ask `panel-eval compare`, then `--since`; never `<b>x</b>` or `rm`."
    page = render_history(history(1).model_copy(update={"advice": advice}), {})
    assert (
        "Ask <code>panel-eval compare</code>, then <code>--since</code>; never `&lt;b&gt;x&lt;/b&gt;` or `rm`"
        in page
    )


def test_runs_are_linked_where_their_reports_are() -> None:
    page = render_history(history(3), {"night-0001": "runs/night-0001/report.html", "night-0002": "https://x/r"})
    assert re.findall(r'<a href="(runs[^"]*)">([^<]*)</a>', page) == [("runs/night-0001/report.html", "2026-01-02")]
    assert "https:" not in page


def test_one_night_is_drawn_and_nothing_is_compared() -> None:
    page = render_history(history(1), {})
    assert re.findall(r'<figure id="figure-(\w+)">', page) == ["p1trend"]
    assert "one run, nothing to compare it with yet" in page


def test_nulls_infinities_and_missing_intervals_are_left_out_of_the_drawing() -> None:
    infinite = Estimate.model_construct(estimate=float("inf"), low=None, high=None, n=4, note=None)
    endless = Estimate.model_construct(estimate=1.0, low=0.5, high=float("inf"), n=4, note=None)
    bare = Estimate(estimate=1.5, n=4)
    found = points(enumerate([NULL, None, infinite, endless, bare, estimate(1.0, 0.25)]))
    assert found == [Point(3, 1.0, None), Point(4, 1.5, None), Point(5, 1.0, (0.75, 1.25))]
    runs = [run(0, metrics={"ce_bits": NULL}), run(1, metrics={}), run(2, metrics={"ce_bits": infinite})]
    page = render_history(HistoryReport.model_construct(
        schema_version=1, alpha=0.05, runs=runs, streams=[], skipped={}, advice="made up"), {})  # fmt: skip
    assert "figure-p1trend" not in page
    assert "∞" in page
    assert "nan" not in page.lower().replace("insufficient", "")


def test_evidence_beyond_all_scales_is_drawn_at_the_edge() -> None:
    report = history(20, drift=0.9)
    assert max(night.evidence or 0 for night in report.streams[0].nights) > 1e100
    assert "over a million" in render_history(report, {})


def test_runs_without_streams_and_streams_of_runs_not_shown_do_no_harm() -> None:
    report = history(9, drift=0.5)
    page = render_history(report.model_copy(update={"runs": report.runs[-2:]}), {})
    assert "figure-p1canary" in page
    bare = render_history(report.model_copy(update={"streams": []}), {})
    assert "figure-p1canary" not in bare
    empty = HistoryReport(alpha=0.05, runs=[], streams=[], advice="Run it once.")
    assert "No run to show." in render_history(empty, {})


def test_streams_of_an_instrument_that_comes_and_goes_are_drawn_in_pieces() -> None:
    runs = [run(at, instrument="ab"[at // 2 % 2]) for at in range(8)]
    streams = [
        stream([one for one in runs if one.instrument == name], "canary", current=name == "b") for name in "ab"
    ]
    report = HistoryReport(alpha=0.05, runs=runs, streams=streams, advice="made up")
    page = render_history(report, {})
    assert page.count("back to instrument") == 2


def test_the_class_that_moved_most_is_named_and_moves_within_its_interval_are_called_so() -> None:
    calm, moved = [Point(0, 1.0, None), Point(1, 1.01, None)], [Point(0, 1.5, None), Point(1, 1.4, (1.3, 1.6))]
    assert class_finding({"minor": calm, "major": moved}) == (
        "By disagreement class: in the latest run, major moved most (−0.100 bits, within its interval)"
    )
    assert class_finding({"minor": calm[:1]}) == "By disagreement class"


def test_every_class_has_its_small_figure_of_one_span() -> None:
    svg = drawn(render_history(history(5), {}), "p1class")
    assert [name for name in CLASSES if f">{name}</text>" not in svg] == []


def test_of_many_panels_all_have_tables_and_the_first_have_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panel_eval.report.history.page.FIGURED_PANELS", 2)
    report = joined(*(named(f"panel {at}", 1) for at in range(5)))
    page = render_history(report, {})
    assert len(re.findall(r'<section id="p\d+">', page)) == 5
    assert page.count("<summary>All runs</summary>") == 5
    assert len(re.findall(r'id="figure-p\d+trend"', page)) == 2


@pytest.mark.slow
def test_a_year_of_nights_is_small_and_quick(tmp_path: Path) -> None:
    report = history(365, drift=0.05, change_at=200)
    began = time.perf_counter()
    path = write_history_page(report, tmp_path / "year.html")
    assert time.perf_counter() - began < 10.0
    assert path.stat().st_size < 1_500_000
    page = path.read_text(encoding="utf-8")
    # Markers are thinned out, data are not: the band and the line hold each night.
    assert page.count('<th scope="row">2026-') >= 5 * 365
    assert ">gate passed<" not in drawn(page, "p1trend")
    assert ">failed<" in drawn(page, "p1trend")
