"""The browser harness itself: it would find a script that runs, a request, an error, and what axe finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import Opened, OpenPage
from hostile_texts import RUNNING, SLEEPING

pytestmark = pytest.mark.slow


def written(folder: Path, body: str) -> Path:
    page = folder / "a page.html"
    page.write_text(f"<!doctype html><html lang=en><meta charset=utf-8><title>x</title>{body}", encoding="utf-8")
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


# Where a careless page puts a text as it is; most run in the first.
PLACES = (
    "<p>{}</p>", '<input value="{}">', "<input value='{}'>", "<p title={}>", "<a href='{}'>x</a>", "<!-- {} -->",
    "<script>let a = '{}'</script>", "<script>let a = `{}`</script>", "<script>{}</script>",
)  # fmt: skip
# Only what leads to a script is clicked: the rest would lead away from the page.
TOUCH_EVERYTHING = """document.querySelectorAll("*").forEach(part => {
    part.focus?.();
    part.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
    const link = part.form?.action ?? part.href?.baseVal ?? part.href ?? "";
    const click = new MouseEvent("click", {bubbles: true, cancelable: true});
    if (link.startsWith("javascript:")) part.dispatchEvent(click);
})"""


def runs_in(opened: Opened, folder: Path, place: str) -> bool:
    written(folder, place)
    opened.page.goto(opened.url)
    opened.page.evaluate(TOUCH_EVERYTHING)
    opened.page.wait_for_timeout(20)
    return opened.owned()


def test_each_text_that_is_said_to_run_runs_on_a_page_that_lets_it(open_page: OpenPage, tmp_path: Path) -> None:
    assert len(set(RUNNING)) >= 50
    opened = open_page(written(tmp_path, ""))
    idle = [
        text
        for text in RUNNING
        if not any(runs_in(opened, tmp_path, place.replace("{}", text)) for place in PLACES)
    ]
    assert idle == []


def test_the_texts_that_load_something_ask_the_network_on_a_page_that_lets_them(
    open_page: OpenPage, tmp_path: Path
) -> None:
    loading = [text for text in SLEEPING if "localhost" in text]
    assert len(loading) == 3
    for text in loading:
        opened = open_page(written(tmp_path, f"<p>{text}"))
        opened.page.wait_for_timeout(20)
        assert any("localhost" in url for url in opened.requests), text


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
