"""The history's page in a real browser: no text runs, it follows light and dark, wide and narrow, and prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import OpenPage
from hostile_texts import XSS
from pypdf import PdfReader
from synthetic_history import history
from test_report_history_page import saying

from panel_eval.report import write_history_page

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("first", range(0, len(XSS), 10))
def test_no_text_of_the_corpus_runs(open_page: OpenPage, tmp_path: Path, first: int) -> None:
    text = " ".join(XSS[first : first + 10])
    report = saying(text)
    hrefs = {one.run_id: f"{text}/report.html" for one in report.runs}
    opened = open_page(write_history_page(report, tmp_path / "history.html", hrefs))
    opened.page.wait_for_timeout(20)
    assert not opened.owned()
    assert opened.utterances() == []
    assert opened.page.locator("script, iframe, img, object, embed").count() == 0
    assert opened.page.title().endswith("· panel-eval history")


@pytest.mark.parametrize(("width", "dark"), [(1024, False), (380, True)])
def test_the_page_is_drawn_in_the_readers_colours(
    open_page: OpenPage, tmp_path: Path, width: int, dark: bool
) -> None:
    page = write_history_page(history(30, drift=0.2, change_at=20), tmp_path / "history.html")
    opened = open_page(page, width=width, dark=dark)
    ink, paper = opened.colours()
    assert (paper < 40 and ink > 200) if dark else (paper > 240 and ink < 60)
    assert opened.utterances() == []
    assert opened.overflow() == 0


def test_it_prints(open_page: OpenPage, tmp_path: Path) -> None:
    paper = tmp_path / "history.pdf"
    open_page(write_history_page(history(30), tmp_path / "history.html")).page.pdf(path=paper)
    assert 2 <= len(PdfReader(paper).pages) <= 8
