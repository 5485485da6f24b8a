"""The page in a real browser: it opens from a file in silence, hostile text does not run, anyone can read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from browser import Opened, OpenPage
from explored_runs import alone, demo_view, explored_view
from hostile_texts import XSS

from panel_eval.report import RunView, write_html

pytestmark = pytest.mark.slow

TENTHS = [XSS[first : first + 5] for first in range(0, len(XSS), 5)]


@pytest.fixture(scope="module", params=["demo", "synthetic"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole report of the demo, and of a synthetic run that has rationales."""
    folder = tmp_path_factory.mktemp("page")
    view = demo_view() if request.param == "demo" else explored_view(folder)
    return write_html(view, folder / "report.html")


def open_every_part(opened: Opened) -> None:
    """Open all that is folded: the items one by one, the details at once."""
    for head in opened.page.locator(".x-head").all():
        head.click()
    opened.page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    opened.page.wait_for_timeout(20)


def harmless(opened: Opened) -> bool:
    """Whether no text has run, loaded anything or made an element that we do not make."""
    made = opened.page.locator("iframe, object, embed, img, video, audio, base, form, textarea, image, animate")
    return not opened.owned() and opened.utterances() == [] and made.count() == 0


@pytest.mark.parametrize("texts", TENTHS, ids=range(0, len(XSS), 5))
def test_no_text_of_the_corpus_runs_in_the_report(
    open_page: OpenPage, make_view: Callable[[str], RunView], tmp_path: Path, texts: tuple[str, ...]
) -> None:
    """Five texts everywhere at once; of names, which are cut, the first of them is shown."""
    page = write_html(make_view(" ".join(texts)), tmp_path / "report.html")
    opened = open_page(page)
    open_every_part(opened)
    assert harmless(opened)
    assert opened.page.title().endswith("· panel-eval")


@pytest.mark.parametrize("texts", TENTHS, ids=range(0, len(XSS), 5))
def test_no_text_of_the_corpus_runs_in_the_explorer(
    open_page: OpenPage, make_view: Callable[[str], RunView], tmp_path: Path, texts: tuple[str, ...]
) -> None:
    """Each text by itself as id, label, judge, reviewer, content, evidence, rationale, error and adjudication."""
    page = tmp_path / "items.html"
    for text in texts:
        page.write_text(alone(replace(make_view(text), folder=text)), encoding="utf-8")
        opened = open_page(page)
        open_every_part(opened)
        assert harmless(opened), text
        assert opened.page.locator(".x-body").count() == 4
        opened.page.context.close()


def test_a_page_that_lets_texts_run_would_be_found_out(open_page: OpenPage, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(f"<!doctype html><title>x</title><p>{XSS[14]}")
    opened = open_page(page)
    opened.page.wait_for_timeout(50)
    assert not harmless(opened)


@pytest.mark.parametrize(("width", "dark"), [(380, True), (1024, False), (1920, True)])
def test_the_report_is_silent_fits_its_window_and_can_be_read_by_everyone(
    open_page: OpenPage, page: Path, width: int, dark: bool
) -> None:
    opened = open_page(page, width=width, dark=dark)
    assert opened.overflow() == 0
    assert opened.axe() == []
    open_every_part(opened)
    assert opened.overflow() == 0
    assert opened.utterances() == []


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_follows_the_colours_that_the_reader_prefers(open_page: OpenPage, page: Path, dark: bool) -> None:
    ink, paper = open_page(page, dark=dark).colours()
    assert (paper < 40 and ink > 200) if dark else (paper > 240 and ink < 60)


def test_paper_is_white_and_shows_a_table_of_items(open_page: OpenPage, page: Path) -> None:
    opened = open_page(page, dark=True, printed=True)
    assert opened.colours() == (0, 255)
    assert opened.page.locator(".x-static").is_visible()
    assert opened.page.locator("nav").first.is_hidden()
    printed = opened.page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
