"""The whole report as people open it: nothing runs that is not ours, nothing is asked for, all can read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import OpenPage
from browser import chromium as chromium  # fixtures are found where they are imported
from browser import open_page as open_page
from delivered_run import delivered_run
from hostile_run import TEXTS, hostile_run
from hostile_texts import XSS

from panel_eval.api import fit, write_report
from panel_eval.demo import run_demo

pytestmark = pytest.mark.slow  # a browser
WIDTHS = (380, 1024, 1920)


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = hostile_run(tmp_path_factory.mktemp("hostile")).report_path
    assert found is not None
    return found


@pytest.fixture(scope="module")
def demo_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = run_demo(results=tmp_path_factory.mktemp("results"), recorded=True, say=lambda _: None)
    assert result.directory is not None
    fit(result.directory, resamples=200, out=result.directory / "fit")
    return write_report(result)


@pytest.fixture(scope="module")
def delivered_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = delivered_run(tmp_path_factory.mktemp("delivered")).report_path
    assert found is not None
    return found


def test_of_over_fifty_payloads_in_every_text_none_runs(open_page: OpenPage, hostile_page: Path) -> None:
    assert len(XSS) >= 50
    opened = open_page(hostile_page)
    page = opened.page
    # Everything that folds is unfolded, by script and by hand, and everything that reacts is made to.
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    buttons = page.locator("#items button[aria-expanded]")
    for position in range(min(buttons.count(), 30)):
        buttons.nth(position).click()
    page.keyboard.press("/")
    page.keyboard.type("<script>")
    page.evaluate("document.querySelectorAll('*').forEach(one => { one.focus?.(); })")
    page.mouse.move(200, 300)
    page.wait_for_timeout(300)
    assert not opened.owned()
    assert opened.utterances() == []
    assert page.locator("iframe, object, embed, base, form, video, audio, math, marquee").count() == 0
    assert page.locator("script").count() == 2  # the items as data, and ours


def test_hostile_texts_are_shown_as_they_are(open_page: OpenPage, hostile_page: Path) -> None:
    opened = open_page(hostile_page, script=False)
    shown = opened.page.locator("body").inner_text()
    assert XSS[0] in shown
    assert not set("\x1b\x07\u202e\u2066\x00") & set(shown)
    assert len(TEXTS) > 70


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["demo_page", "hostile_page", "delivered_page"])
def test_the_layout_holds(open_page: OpenPage, request: pytest.FixtureRequest, name: str, width: int) -> None:
    opened = open_page(request.getfixturevalue(name), width=width)
    assert opened.overflow() == 0
    opened.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert opened.overflow() == 0


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_serious(open_page: OpenPage, delivered_page: Path, dark: bool) -> None:
    opened = open_page(delivered_page, dark=dark)
    assert opened.utterances() == []
    assert opened.axe() == []


def test_axe_finds_nothing_serious_on_a_phone_unfolded(open_page: OpenPage, delivered_page: Path) -> None:
    opened = open_page(delivered_page, width=380)
    opened.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    opened.page.locator("#items button[aria-expanded]").first.click()
    assert opened.axe() == []


def test_dark_mode_changes_paper_ink_and_figures(open_page: OpenPage, demo_page: Path) -> None:
    def colours(dark: bool) -> tuple[str, str]:
        opened = open_page(demo_page, dark=dark)
        paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        drawn = opened.page.evaluate("getComputedStyle(document.querySelector('.plot svg text')).fill")
        return str(paper), str(drawn)

    (light_paper, light_ink), (dark_paper, dark_ink) = colours(False), colours(True)
    assert (light_paper, dark_paper) == ("rgb(252, 252, 250)", "rgb(21, 24, 27)")  # --paper of style.css
    assert light_ink != dark_ink


def test_on_paper_there_is_no_list_of_sections_and_no_control(open_page: OpenPage, demo_page: Path) -> None:
    opened = open_page(demo_page, printed=True)
    assert not opened.page.locator("body > nav").is_visible()
    assert opened.page.locator("main input:visible, main select:visible").count() == 0
    assert opened.page.locator("figure").first.is_visible()
    paper = opened.page.pdf(format="A4")
    assert paper.startswith(b"%PDF")


def test_the_keyboard_reaches_the_sections_and_comes_out_again(open_page: OpenPage, demo_page: Path) -> None:
    opened = open_page(demo_page)
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the results"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#results"
    seen = set()
    for _ in range(400):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.closest('section')?.id ?? ''"))
    assert {"results", "classes", "items", "settings"} <= seen
