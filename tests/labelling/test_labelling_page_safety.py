"""The labelling page in a real browser: three experts, crashes, two windows; nothing that was said is lost."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from browser import needs_chromium
from labelling_page import Desk, OpenDesk, ServerProcess, answers_in, open_desk
from made_studies import LABELS, Serve, made_study, write_study

from panel_eval.api import check_file
from panel_eval.labelling import StudyItem, read_log, start_server

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.slow, needs_chromium]


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
