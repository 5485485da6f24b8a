"""The labelling page in a real browser: how it looks and reads, what it asks, and hostile texts."""

from __future__ import annotations

import re

import pytest
from browser import needs_chromium
from hostile_texts import BREAKING, RUNNING, XSS
from labelling_page import OpenDesk, answers_in
from made_studies import RUBRIC, Client, Serve, made_study

from panel_eval.labelling import Study, StudyItem, read_log
from panel_eval.schema import Criterion, Label, Rubric

pytest.importorskip("playwright.sync_api")

pytestmark = [pytest.mark.slow, needs_chromium]


def test_a_confidence_that_is_asked_for_is_asked_for(serve: Serve, sit: OpenDesk):
    server = serve(made_study(2, require_confidence=True, reviewers=("A",)))
    desk = sit(server.links["A"])
    desk.begin()
    desk.press("1", "Enter")
    assert "how sure you are" in desk.page.locator("#problem").inner_text()
    desk.press("0", "Enter")
    desk.wait_saved()
    assert [confidence for _, confidence, _ in answers_in(server.out).values()] == [0.0]


def test_the_time_on_an_item_leaves_pauses_out(serve: Serve, sit: OpenDesk):
    server = serve(made_study(2, in_order=True, reviewers=("A",)))
    desk = sit(server.links["A"])
    desk.page.clock.install()
    desk.page.reload()
    desk.begin()
    desk.page.clock.run_for(5_000)
    desk.press("1")
    desk.page.clock.run_for(600_000)  # ten minutes without a key: a minute of them counts
    desk.press("Enter")
    desk.wait_saved()
    assert read_log(server.state)[-1].seconds == pytest.approx(65, abs=1)


def test_hostile_texts_run_nothing_and_are_shown_as_they_are(serve: Serve, sit: OpenDesk):
    texts = [*XSS, *BREAKING]
    labels = [Label(name=text, definition=text, anchors=[text]) for text in texts[:8]]
    rubric = Rubric(
        task=texts[3], description="\n".join(RUNNING), labels=labels,
        criteria=[Criterion(name=text, description=text, anchors={texts[0]: text}) for text in texts],
        examples=[{"content": {text: text}, "label": texts[0], "rationale": text} for text in texts[:9]],
    )  # fmt: skip
    items = tuple(StudyItem(text, {text: text, "text": text}) for text in texts)
    name = RUNNING[0]
    server = serve(Study(rubric, items, (name,), in_order=True))
    desk = sit(server.links[name])
    desk.begin()
    desk.press("g")
    for row, text in enumerate(texts):
        assert desk.page.locator(".content dd").last.text_content() == text
        if row % 7 == 0:
            desk.page.locator("#evidence").fill(text)
        desk.press("Escape", "1", "Enter")
        assert not desk.opened.owned()
    assert desk.is_done
    desk.wait_saved()
    desk.press("Tab")
    assert not desk.opened.owned()
    assert desk.opened.utterances() == []
    assert len(answers_in(server.out)) == len(texts)


def test_the_policy_stops_what_would_slip_through(serve: Serve, sit: OpenDesk):
    desk = sit(serve().url)
    blocked = desk.page.evaluate(
        """async () => {
            const seen = [];
            addEventListener("securitypolicyviolation", event => seen.push(event.effectiveDirective));
            const script = document.createElement("script");
            try { script.textContent = "window.owned = 1"; } catch { seen.push("trusted-types"); }
            document.body.append(script);
            try { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.owned=1'>"); }
            catch { seen.push("markup"); }
            try { await fetch("https://attacker.example/"); } catch { seen.push("fetch"); }
            document.body.setAttribute("style", "color: red");
            await new Promise(done => setTimeout(done, 100));
            return seen;
        }"""
    )
    assert {"trusted-types", "markup", "fetch", "connect-src", "style-src-attr"} <= set(blocked)
    assert not desk.opened.owned()
    assert desk.opened.requests == []


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (800, False), (380, False), (380, True)])
def test_the_page_can_be_read_by_everybody_at_any_width(serve: Serve, sit: OpenDesk, width: int, dark: bool):
    long = "unbroken" * 60
    items = (
        StudyItem(long, {"text": f"{long}\n\nעברית 日本語 " + "words " * 900, "more": "x"}),
        StudyItem("b", {"text": "y", "more": ""}),
    )
    server = serve(Study(RUBRIC, items, in_order=True))
    desk = sit(server.url, width=width, dark=dark, touch=width < 400)

    def check(place: str) -> None:
        assert desk.opened.axe() == [], place
        assert desk.opened.overflow() == 0, place

    check("door")
    desk.page.locator("#name").fill("Anna")
    desk.press("Enter")
    desk.page.locator("#begin").wait_for()
    check("introduction")
    desk.begin()
    check("item")
    desk.press("2", "c", "6", "Escape", "g")
    check("item with guide")
    desk.press("o")
    check("overview")
    desk.press("Escape", "?")
    check("keys")
    desk.press("Escape", "Enter", "3", "Enter")
    desk.page.locator(".done").wait_for()
    desk.wait_saved()
    check("done")
    ink, paper = desk.opened.colours()
    assert (ink > paper) == dark
    assert desk.opened.utterances() == []


def test_a_link_that_is_not_valid_says_so(serve: Serve, sit: OpenDesk):
    server = serve()
    desk = sit(re.sub("key=.*", "key=wrong", server.url))
    assert "This link does not open the door" in desk.page.locator("h1").inner_text()


def test_others_answers_reach_nobodys_browser(serve: Serve, sit: OpenDesk):
    server = serve(made_study(3, reviewers=("Anna", "Boris")))
    for row in range(3):
        Client(server.links["Anna"]).save("Anna", f"item-{row}", "severe", evidence="quagga", confidence=0.37)
    desk = sit(server.links["Boris"])
    desk.begin()
    desk.press("1", "Enter")
    desk.wait_saved()
    heard = desk.page.evaluate(
        """async () => {
            const key = new URLSearchParams(location.hash.slice(1)).get("key");
            const headers = {"Content-Type": "application/json", "X-Labelling-Key": key};
            const paths = performance.getEntriesByType("resource").map(entry => entry.name);
            const bodies = {who: {}, begin: {reviewer: "Boris"}, changes: {reviewer: "Boris", since: 0}};
            const asked = Object.entries(bodies).map(([path, body]) =>
                fetch("/api/" + path, {method: "POST", headers, body: JSON.stringify(body)}));
            const texts = await Promise.all(asked.map(async reply => (await reply).text()));
            return texts.join() + document.documentElement.outerHTML + JSON.stringify(localStorage) + paths.join();
        }"""
    )
    assert "quagga" not in heard
    assert "0.37" not in heard
    assert "Anna" not in heard
