"""The pilot's page and its summary in the terminal: what stands there, and that no text of data can do harm."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hostile_texts import XSS
from rich.console import Console

from panel_eval.evaluation.pilot import pilot_report
from panel_eval.humans import labels_from_counts
from panel_eval.report.pilot import print_pilot, render_pilot
from panel_eval.report.pilot.tables import items_table
from panel_eval.schema.pilot import PilotReport


@pytest.fixture(scope="module")
def report() -> PilotReport:
    generator = np.random.default_rng(3)
    counts = generator.multinomial(3, generator.dirichlet((0.9, 0.5), size=120)).astype(float)
    return pilot_report(labels_from_counts(counts, ("fine", "harmful"), task="safety"), resamples=100)


def test_the_page_says_what_the_document_says(report: PilotReport) -> None:
    page = render_pilot(report)
    assert "What a single label leaves on the table" in page
    for line in (report.headline, *report.findings, *report.advice):
        assert line.replace("'", "&#39;") in page
    assert "<script" not in page
    assert page.count("<svg") == 2
    assert page.count("held-out votes") >= 3


def test_the_same_document_makes_the_same_page(report: PilotReport) -> None:
    again = PilotReport.model_validate_json(report.model_dump_json())
    assert render_pilot(again) == render_pilot(report)


def test_missing_numbers_are_dashes_with_reasons(report: PilotReport) -> None:
    page = render_pilot(report)
    assert "Why – stands in place of a number" in page
    assert "no item has 4 or more reviewers" in page


def test_where_nothing_is_said_the_page_says_why() -> None:
    nothing = pilot_report(labels_from_counts(np.eye(2)[[0, 1] * 5], ("a", "b")), resamples=100)
    page = render_pilot(nothing)
    assert "Nothing can be said of what a single label loses" in page
    assert "<svg" not in page
    assert "Bits lost" not in page


def test_hostile_texts_are_escaped() -> None:
    bad = XSS[:8]
    counts = np.array([[2.0, 1.0]] * len(bad) + [[3.0, 0.0]] * 4)
    ids = [*bad, "w", "x", "y", "z"]
    humans = labels_from_counts(counts, (XSS[0], "b"), task=XSS[1], item_ids=ids)
    page = render_pilot(pilot_report(humans, resamples=100))
    for text in bad:
        if "<" in text:
            assert text not in page


def test_items_stand_with_their_votes(report: PilotReport) -> None:
    table = items_table(report)
    first = report.items[0]
    assert table.rows[0].header == first.item_id
    assert table.rows[0].cells[0].text in ("fine: 2 · harmful: 1", "harmful: 2 · fine: 1")


def test_tiles_hold_nothing_that_no_sentence_would_say() -> None:
    alike = render_pilot(pilot_report(labels_from_counts(np.tile([3.0, 0.0], (8, 1)), ("a", "b")), resamples=100))
    tiles = alike.split('<dl class="tiles">')[1].split("</dl>")[0]
    assert "95% interval 0.0% to 32.4%" in tiles
    assert "Bits lost" not in tiles
    assert "too sure" not in tiles


def test_the_terminal_shows_the_answer_first(report: PilotReport) -> None:
    out = io.StringIO()
    print_pilot(report, Console(file=out, width=100))
    lines = [line for line in out.getvalue().splitlines() if line.strip()]
    assert lines[0].strip().startswith("safety · 120 of 120 items, 360 votes")
    assert report.headline[:60] in lines[1]
    assert max(map(len, lines)) <= 100
