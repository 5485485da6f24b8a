"""The browser harness itself: it would find a script that runs, a request, an error, and what axe finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import OpenPage
from xss_corpus import XSS

pytestmark = pytest.mark.slow


def written(folder: Path, body: str) -> Path:
    page = folder / "a page.html"
    page.write_text(f"<!doctype html><html lang=en><title>x</title>{body}", encoding="utf-8")
    return page


def test_a_calm_page_utters_nothing(open_page: OpenPage, tmp_path: Path) -> None:
    opened = open_page(written(tmp_path, "<link rel=icon href=data:,><main><h1>calm</h1></main>"))
    assert opened.utterances() == []
    assert opened.axe() == []
    assert 0 < opened.first_paint_ms() < 10_000
    assert opened.overflow() == 0


def test_messages_errors_and_requests_are_recorded(open_page: OpenPage, tmp_path: Path) -> None:
    opened = open_page(
        written(tmp_path, "<img src=other.png><script>console.warn('seen'); throw Error('thrown')</script>")
    )
    assert "warning: seen" in opened.console
    assert opened.errors == ["thrown"]
    assert [url.rpartition("/")[2] for url in opened.requests] == ["other.png"]


def test_the_corpus_would_run_on_a_page_that_lets_it(open_page: OpenPage, tmp_path: Path) -> None:
    """Seven in ten run or load something; the others need a pointer, a framework or another place than these."""
    opened = open_page(written(tmp_path, ""))
    found = 0
    for text in XSS:
        opened.requests.clear()
        fields = f"<input value=\"{text}\"><input value='{text}'><select><option>{text}</option></select>"
        written(tmp_path, f"<style>{text}</style><textarea>{text}</textarea>{fields}<p>{text}")
        opened.page.reload()
        opened.page.wait_for_timeout(20)
        found += opened.owned() or any("localhost" in url for url in opened.requests)
    assert found >= 0.7 * len(XSS)


def test_options_reach_the_page(open_page: OpenPage, tmp_path: Path) -> None:
    opened = open_page(
        written(tmp_path, "<p style='width: 500px'>wide</p>"),
        width=380, dark=True, printed=True, reduced_motion=True, fragment="#there",
    )  # fmt: skip
    asked = """[innerWidth, location.hash].concat(
        ["(prefers-color-scheme: dark)", "print", "(prefers-reduced-motion)"].map(q => matchMedia(q).matches)
    )"""
    assert opened.page.evaluate(asked) == [380, "#there", True, True, True]
    assert opened.overflow() > 100


def test_findings_of_axe_are_told(open_page: OpenPage, tmp_path: Path) -> None:
    found = open_page(written(tmp_path, "<button></button>")).axe()
    assert len(found) == 1
    assert found[0].startswith("button-name (critical)")


def test_without_script_none_runs(open_page: OpenPage, tmp_path: Path) -> None:
    opened = open_page(written(tmp_path, "<p>a</p><script>document.title = 'b'</script>"), script=False)
    assert opened.page.title() == "x"
