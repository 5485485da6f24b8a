"""The comparison in a real browser: no text runs, no network, no sideways scrolling, light and dark, on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import OpenPage
from comparisons import candidate, report, report_saying
from hostile_texts import XSS
from pypdf import PdfReader

from panel_eval.report import render_comparison

pytestmark = pytest.mark.slow


def written(folder: Path, page: str) -> Path:
    path = folder / "comparison.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.mark.parametrize("first", range(0, len(XSS), 10))
def test_no_text_of_the_corpus_runs(open_page: OpenPage, tmp_path: Path, first: int) -> None:
    text = " ".join(XSS[first : first + 10])
    opened = open_page(written(tmp_path, render_comparison(report_saying(text, several=True))))
    opened.page.wait_for_timeout(20)
    assert not opened.owned()
    assert opened.utterances() == []
    assert opened.page.locator("script, iframe, img, object, embed").count() == 0
    assert opened.page.title().endswith("· panel-eval")


@pytest.mark.parametrize("width", [1100, 360])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_drawn_in_the_readers_colours(
    open_page: OpenPage, tmp_path: Path, width: int, dark: bool
) -> None:
    page = written(tmp_path, render_comparison(report(candidate(), candidate("other", 0.125))))
    opened = open_page(page, width=width, dark=dark)
    ink, paper = opened.colours()
    assert (paper < 40 and ink > 200) if dark else (paper > 240 and ink < 60)
    assert opened.utterances() == []


@pytest.mark.parametrize("text", ["plain", "w" * 300])
def test_a_narrow_window_scrolls_in_one_direction_only(open_page: OpenPage, tmp_path: Path, text: str) -> None:
    page = render_comparison(report_saying(text, True)).replace("<details", "<details open")
    assert open_page(written(tmp_path, page), width=360).overflow() == 0


def test_the_measure_would_find_a_wide_page(open_page: OpenPage, tmp_path: Path) -> None:
    page = render_comparison(report()).replace("<main>", "<main style='width: 600px'>")
    assert open_page(written(tmp_path, page), width=360).overflow() > 200


def test_it_prints(open_page: OpenPage, tmp_path: Path) -> None:
    paper = tmp_path / "page.pdf"
    open_page(written(tmp_path, render_comparison(report()))).page.pdf(path=paper)
    text = "".join(page.extract_text() for page in PdfReader(paper).pages)
    assert "What to make of new." in " ".join(text.split())
