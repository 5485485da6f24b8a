"""The labelling page in a real browser: as three experts use it, through crashes, and with hostile texts."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import needs_chromium
from hostile_texts import BREAKING, RUNNING, XSS
from labelling_page import Desk, ServerProcess, open_desk
from made_studies import LABELS, RUBRIC, Client, Serve, made_study, write_study

from panel_eval.api import check_file
from panel_eval.labelling import Study, StudyItem, read_log, start_server
from panel_eval.schema import Criterion, Label, Rubric

if TYPE_CHECKING:
    from playwright.sync_api import Browser

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.slow, needs_chromium]
OpenDesk = Callable[..., Desk]
KEY = "init => { document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, ...init})); }"


@pytest.fixture
def sit(chromium: Browser) -> Iterator[OpenDesk]:
    """Opens a link for a reviewer: `sit(link, …)`; closed when the test ends."""
    contexts = []

    def opener(link: str, **options: Any) -> Desk:
        desk = open_desk(chromium, link, **options)
        contexts.append(desk.page.context)
        return desk

    yield opener
    for context in contexts:
        context.close()


def answers_in(path: Path) -> dict[tuple[str, str], tuple[str, float | None, str | None]]:
    """(reviewer, item) to label, confidence and evidence, as they stand in a label file."""
    return {
        (one["reviewer"], record["item_id"]): (one["label"], one["confidence"], one["evidence"])
        for record in map(json.loads, path.read_bytes().splitlines())
        for one in record["rationales"]
    }


class Expert:
    """Labels the item in front of them, each in another way, and remembers what they said."""

    def __init__(self, name: str, desk: Desk, rng: random.Random) -> None:
        self.name, self.desk, self.rng = name, desk, rng
        self.said: dict[tuple[str, str], tuple[str, float | None, str | None]] = {}

    def label(self) -> None:
        item, place = self.desk.item, self.rng.randrange(3)
        share = self.rng.choice([None, 0.3, 0.8, 0.0])
        evidence = self.rng.choice([None, f"{self.name} saw it\nin {item}", "דם"])
        if self.name == "B" and self.rng.random() < 0.2:
            share = self.with_mouse(place, evidence)
        else:
            self.with_keys(place, share, evidence)
        self.said[self.name, item] = (LABELS[place], share, evidence)

    def with_keys(self, place: int, share: float | None, evidence: str | None) -> None:
        keys = self.desk.page.keyboard
        keys.press(str(place + 1))
        if share is not None:
            self.desk.press("c", f"{10 * share:.0f}", "Escape")
        if evidence is not None:
            keys.press("e")
            for number, line in enumerate(evidence.split("\n")):
                if number:
                    keys.press("Shift+Enter")
                keys.insert_text(line)
        keys.press("Enter")

    def with_mouse(self, place: int, evidence: str | None) -> float | None:
        page = self.desk.page
        page.locator(".choice").nth(place).click()
        page.locator("#confidence").click()  # its middle
        if evidence is not None:
            page.locator("#evidence").fill(evidence)
        page.locator("#save").click()
        return 0.5


def test_three_experts_label_fifty_items_while_the_server_is_killed_again_and_again(sit: OpenDesk, tmp_path: Path):
    """Killed at random moments, and with requests under way (stopped first, so that they surely are). Each answer
    that was given is in the file at the end, as it was given last, and the file keeps the whole contract."""
    rng = random.Random(8)
    write_study(tmp_path, 50)
    server = ServerProcess(tmp_path, "--reviewers", "A,B,C")
    try:
        widths = {"A": 1280, "B": 800, "C": 380}
        experts = [Expert(name, sit(server.links[name], width=widths[name]), rng) for name in "ABC"]
        for expert in experts:
            expert.desk.begin()
        kill_at = rng.sample(range(4, 140), 4)
        kills, step, up_at = 0, 0, None
        while busy := [one for one in experts if len(one.said) < 50]:
            step += 1
            expert = rng.choice(busy)
            if up_at is None and step >= min(kill_at, default=step + 1):
                kill_at.remove(min(kill_at))
                if kills % 2 == 0:
                    server.freeze()
                    expert.label()
                server.kill()
                kills, up_at = kills + 1, step + rng.randrange(1, 8)
            elif up_at is not None and step >= up_at:
                server.start()
                up_at = None
            if len(expert.said) < 50:
                expert.label()
            if step % 9 == 0 and up_at is None:
                experts[0].desk.wait_saved()
                assert experts[0].said.items() <= answers_in(tmp_path / "labels.jsonl").items()
        if up_at is not None:
            server.start()
        assert all(expert.desk.is_done for expert in experts)
        # A goes back, by keys alone, and changes an answer.
        a = experts[0]
        a.desk.page.locator(".grid button").nth(7).press("Enter")
        a.said.pop((a.name, a.desk.item), None)
        a.desk.page.locator("#evidence").fill("")
        a.desk.press("Escape", "2", "Enter")
        for expert in experts:
            expert.desk.wait_saved()
            assert "Everything is saved" in expert.desk.page.locator("#closing").inner_text()
            assert expert.desk.opened.errors == []
            assert expert.desk.opened.requests == []
        server.kill()
        server.start()
        assert server.stop() == 0
    finally:
        server.kill()
    assert kills == 4
    given = {key: value for expert in experts for key, value in expert.said.items()}
    found = answers_in(tmp_path / "labels.jsonl")
    assert len(found) == 150
    assert given.items() <= found.items()
    assert len(given) == 149
    summary = check_file(tmp_path / "labels.jsonl", rubric=tmp_path / "rubric.yaml", strict=True)
    assert summary.startswith("valid soft labels: 50 items, 150 ratings")
    events = read_log(tmp_path / "labels.log.jsonl")
    saves = [(event.reviewer, event.save_id) for event in events if event.save_id]
    assert len(saves) == len(set(saves)) == 151  # nothing twice


def test_answers_given_while_the_server_is_away_are_kept_shown_and_sent_when_it_is_back(
    sit: OpenDesk, tmp_path: Path
):
    write_study(tmp_path, 4)
    server = ServerProcess(tmp_path, "--reviewers", "A")
    try:
        desk = sit(server.links["A"])
        desk.begin()
        server.kill()
        desk.press("3", "Enter", "2", "Enter")
        expect(desk.page.locator("#banner")).to_contain_text(
            "does not answer. Go on: 2 answers are kept in this browser"
        )
        assert desk.page.locator("#state").inner_text() == "2 answers not sent yet"
        button = desk.page.locator("#save").bounding_box()
        assert button is not None
        assert button["y"] + button["height"] <= 850  # the banner pushes nothing out of the window
        context = desk.page.context
        desk.page.close(run_before_unload=False)
        server.start()
        desk = open_desk(context.browser, server.links["A"], context=context)
        desk.wait_saved()
        assert desk.page.locator("#banner").inner_text() == ""
        assert desk.page.locator("#done-count").inner_text() == "2 of 4 labelled"
        assert sorted(label for label, _, _ in answers_in(tmp_path / "labels.jsonl").values()) == [
            "moderate",
            "severe",
        ]
    finally:
        server.kill()


def test_two_windows_of_one_reviewer_the_last_answer_counts_and_the_other_window_hears_of_it(
    serve: Serve, sit: OpenDesk
):
    server = serve(made_study(3, in_order=True))
    first = sit(server.url)
    first.page.locator("#name").fill("Zoë")
    first.press("Enter")
    first.begin()
    second = open_desk(first.page.context.browser, server.url, context=first.page.context)
    second.page.locator("#name").fill("zoë ")
    second.press("Enter")
    second.begin()
    first.press("1", "Enter")
    first.wait_saved()
    second.press("3", "Enter")
    second.wait_saved()
    expect(second.page.locator("#said")).to_contain_text("in another window too")
    assert answers_in(server.out) == {("Zoë", "item-0"): ("severe", None, None)}
    assert [event.label for event in read_log(server.state)[1:]] == ["mild", "severe"]
    first.press("ArrowLeft")
    assert first.page.locator("#label-0").is_checked()
    first.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(first.page.locator("#label-2")).to_be_checked()
    assert first.page.locator("#said").inner_text() == "You changed this item in another window."


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


def test_an_answer_to_what_reads_otherwise_by_now_comes_back_as_a_draft_beside_the_new_text(
    sit: OpenDesk, tmp_path: Path
):
    """The item is corrected, and the server started again, while a page shows the old text."""
    study = made_study(2, in_order=True, reviewers=("A",))
    files = tmp_path / "log.jsonl", tmp_path / "labels.jsonl"
    with start_server(study, *files) as server:
        desk = sit(server.links["A"])
        desk.begin()
    corrected = replace(study, items=(StudyItem("item-0", {"text": "corrected"}), study.items[1]))
    with start_server(corrected, *files):
        desk.press("2", "e")
        desk.page.keyboard.insert_text("seen")
        desk.press("Enter")
        expect(desk.page.locator("#banner")).to_contain_text("not taken: the item or the rubric reads")
        desk.begin()  # what the words mean comes first again
        assert desk.page.locator(".content dd").inner_text() == "corrected"
        assert desk.page.locator("#label-1").is_checked()
        assert desk.page.locator("#evidence").input_value() == "seen"
        assert len(read_log(files[0])) == 2
        desk.press("Enter")
        desk.wait_saved()
        assert answers_in(files[1]) == {("A", "item-0"): ("moderate", None, "seen")}


def test_words_that_are_not_saved_yet_outlive_a_reload(serve: Serve, sit: OpenDesk):
    server = serve(made_study(3, in_order=True, reviewers=("A",)))
    desk = sit(server.links["A"])
    desk.begin()
    desk.press("2", "Enter", "3", "c", "7", "e")
    desk.page.keyboard.insert_text("half a thought")
    desk.wait_saved()
    desk.page.reload()
    desk.page.locator("#form").wait_for()
    assert desk.item == "item-1"
    assert desk.page.locator("#label-2").is_checked()
    assert desk.page.locator("output").inner_text() == "70 %"
    assert desk.page.locator("#evidence").input_value() == "half a thought"
    assert answers_in(server.out) == {("A", "item-0"): ("moderate", None, None)}
    desk.press("ArrowLeft")
    desk.page.locator("#withdraw").click()
    desk.wait_saved()
    assert answers_in(server.out) == {}


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


def replace_rubric(study: Study, rubric: Rubric) -> Study:
    return Study(rubric, study.items, study.reviewers, in_order=study.in_order)
