"""The labelling page in a real browser: everything by keys, on any layout."""

from __future__ import annotations

import pytest
from browser import needs_chromium
from labelling_page import OpenDesk, answers_in
from made_studies import RUBRIC, Serve, made_study, replace_rubric

from panel_eval.labelling import read_log
from panel_eval.schema import Criterion, Label

pytest.importorskip("playwright.sync_api")

pytestmark = [pytest.mark.slow, needs_chromium]
KEY = "init => { document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, ...init})); }"


def test_every_step_has_a_key(serve: Serve, sit: OpenDesk):
    names = [f"grade {number}" for number in range(1, 12)]
    rubric = RUBRIC.model_copy(
        update={"labels": [Label(name=name, definition="d", anchors=["case"]) for name in names]}
    )
    rubric = rubric.model_copy(update={"criteria": [Criterion(name="size", description="s")]})
    server = serve(replace_rubric(made_study(5, in_order=True, reviewers=("A",)), rubric))
    desk = sit(server.links["A"])
    desk.begin()
    page = desk.page
    desk.press("Enter")
    assert "Choose a label first" in page.locator("#problem").inner_text()
    desk.press("b")  # 1-9, then letters that are no command: a, b
    assert page.locator("#label-10").is_checked()
    desk.press("ArrowUp")  # within the labels
    assert page.locator("#label-9").is_checked()
    desk.press("c")
    for digit in "85":  # at once: digits that follow each other within a moment are one number
        assert page.evaluate(KEY, {"key": digit, "code": f"Digit{digit}"}) is None
    assert page.locator("output").inner_text() == "85 %"
    desk.press("ArrowLeft")  # within the confidence: a step of five
    assert page.locator("output").inner_text() == "80 %"
    desk.press("e")
    page.keyboard.type("j k 1 saw")
    desk.press("Shift+Enter")
    page.keyboard.type("it")
    desk.press("Escape", "r", "ArrowDown", "Escape", "Enter")
    desk.wait_saved()
    event = read_log(server.state)[-1]
    assert (event.label, event.confidence, event.evidence, event.criterion) == (
        "grade 10",
        0.8,
        "j k 1 saw\nit",
        "size",
    )
    assert desk.item == "item-1"
    desk.press("s")
    assert desk.item == "item-2"
    desk.press("k")
    assert (desk.item, page.locator("#item-status").inner_text()) == ("item-1", "left for later")
    desk.press("j", "ArrowRight", "1", "Enter")
    assert desk.item == "item-4"
    desk.press("1", "Enter")
    assert desk.item == "item-2"  # what nobody left for later comes first
    desk.press("1", "Enter")
    assert desk.item == "item-1"
    assert not page.locator("article .guide").is_visible()
    desk.press("g")
    assert page.locator("article .guide").is_visible()
    desk.press("o")
    assert page.locator("#overview [aria-current=true]").inner_text() == "2"
    desk.press("Escape", "?")
    assert page.locator("#help").is_visible()
    desk.press("Escape", "1", "Enter")
    assert desk.is_done
    assert desk.opened.utterances() == []


def test_keys_of_a_cyrillic_layout_and_of_an_input_method_do_what_they_should(serve: Serve, sit: OpenDesk):
    server = serve(made_study(3, in_order=True, reviewers=("A",)))
    desk = sit(server.links["A"])
    desk.begin()
    desk.page.evaluate(KEY, {"key": "о", "code": "KeyJ"})
    assert desk.item == "item-1"
    desk.press("1", "e")
    desk.page.evaluate(KEY, {"key": "Enter", "code": "Enter", "isComposing": True})
    assert desk.item == "item-1"
    desk.press("Enter")
    assert desk.item == "item-2"


def test_digits_have_their_key_where_the_layout_wants_shift_for_them(serve: Serve, sit: OpenDesk):
    server = serve(made_study(3, in_order=True, reviewers=("A",)))
    desk = sit(server.links["A"])
    desk.begin()
    desk.page.evaluate(KEY, {"key": "é", "code": "Digit2"})  # French
    assert desk.page.locator("#label-1").is_checked()
    desk.page.evaluate(KEY, {"key": "٣", "code": "Digit3"})  # Arabic
    assert desk.page.locator("#label-2").is_checked()
    desk.page.evaluate(KEY, {"key": "!", "code": "Digit1", "shiftKey": True})  # a shifted key is another one
    assert desk.page.locator("#label-2").is_checked()


def test_a_key_held_down_saves_one_item_only(serve: Serve, sit: OpenDesk):
    server = serve(made_study(3, in_order=True, reviewers=("A",)))
    desk = sit(server.links["A"])
    desk.begin()
    desk.press("ArrowRight", "3", "ArrowLeft", "1")  # the second item has a label that is not saved yet
    for repeat in (False, True, True):
        desk.page.evaluate(KEY, {"key": "Enter", "code": "Enter", "repeat": repeat})
    desk.wait_saved()
    assert desk.item == "item-1"
    assert answers_in(server.out) == {("A", "item-0"): ("mild", None, None)}
