"""The item explorer in a real browser: filter, sort, search, keys, links; nothing said, asked for or run."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from browser import Opened, OpenPage
from explored_runs import HOSTILE_ID, JUDGES, LABELS, alone, explored_view

from panel_eval.report import RunView
from panel_eval.schema import SoftLabel, Vote

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> RunView:
    return explored_view(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def page(view: RunView, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "items.html"
    path.write_text(alone(view), encoding="utf-8")
    return path


def shown_ids(opened: Opened) -> list[str]:
    return opened.page.locator("#x-list .id").all_inner_texts()


def count(opened: Opened) -> str:
    return opened.page.locator("#x-count").inner_text()


def expected(view: RunView, column: str, descending: bool = True) -> list[str]:
    """Ids by a column of the table of items, those without a number last."""
    items = view.items.sort_values(column, ascending=not descending, kind="stable", na_position="last")
    return [item_id if item_id != HOSTILE_ID else shown_hostile() for item_id in items["item_id"]]


def shown_hostile() -> str:
    return "x' </script><b>& \ufffd\ufffd[31m$(true)"


def test_it_opens_with_the_furthest_items_first_and_is_silent(
    open_page: OpenPage, page: Path, view: RunView
) -> None:
    opened = open_page(page)
    assert len(shown_ids(opened)) == 50
    distance = dict(
        zip(expected(view, "item_id"), view.items.sort_values("item_id")["kl_plugin_bits"][::-1], strict=True)
    )
    furthest = view.items["kl_plugin_bits"].sort_values(ascending=False)[:50].tolist()
    assert [distance[item_id] for item_id in shown_ids(opened)] == furthest
    assert count(opened) == "All 60 items shown here, by KL divergence."
    opened.page.click("#x-more")
    assert sorted(shown_ids(opened)) == sorted(distance)
    assert opened.page.locator("#x-more").is_hidden()
    assert opened.page.evaluate("document.activeElement.id") == opened.page.locator(".x-head").nth(
        50
    ).get_attribute("id")
    assert opened.utterances() == []


@pytest.mark.parametrize(
    ("sort", "column"),
    [("ce", "ce_bits"), ("human", "human_entropy_bits"), ("panel", "panel_entropy_bits")],
)
def test_it_sorts_both_ways_with_missing_numbers_last(
    open_page: OpenPage, page: Path, view: RunView, sort: str, column: str
) -> None:
    opened = open_page(page, fragment=f"#sort={sort}")
    values = dict(
        zip(expected(view, "item_id"), view.items.sort_values("item_id", ascending=False)[column], strict=True)
    )
    for ascending in (False, True):
        found = np.array([values[item_id] for item_id in shown_ids(opened)])
        assert (np.diff(found[np.isfinite(found)]) * (1 if ascending else -1) >= -5e-4).all()
        opened.page.click("#x-direction")
    assert opened.utterances() == []


def test_ids_sort_as_people_count_and_the_file_keeps_its_order(open_page: OpenPage, page: Path) -> None:
    opened = open_page(page)
    opened.page.select_option("#x-sort", "id")
    assert shown_ids(opened)[:4] == ["mri-2031", "scan 0002", "scan 0003", "scan 0004"]
    opened.page.select_option("#x-sort", "row")
    assert shown_ids(opened)[:3] == ["mri-2031", shown_hostile(), "scan 0002"]
    opened.page.click("#x-direction")
    assert shown_ids(opened)[0] == "scan 0059"


def test_filters_agree_with_the_table_of_items(open_page: OpenPage, page: Path, view: RunView) -> None:
    opened, items = open_page(page), view.items
    for name, number in items["human_class"].value_counts().items():
        opened.page.select_option("#x-class", str(name))
        assert count(opened).startswith(f"{number} of 60 items")
    opened.page.click("#x-clear")
    opened.page.select_option("#x-answer", "unusable")
    assert count(opened).startswith(f"{(items['n_unusable'] > 0).sum()} of 60")
    opened.page.select_option("#x-answer", "none")
    assert shown_ids(opened) == ["scan 0003"]
    opened.page.select_option("#x-answer", "refusal")
    opened.page.select_option("#x-who", str(JUDGES.index("ada")))
    assert shown_ids(opened) == ["scan 0003"]
    opened.page.select_option("#x-who", str(JUDGES.index("cy")))
    assert len(shown_ids(opened)) == 7  # items 4, 14 … 54 and the one that nobody answers
    opened.page.select_option("#x-who", "")
    opened.page.select_option("#x-answer", "differs")
    differing = (items["mode_hit"] == 0).sum()
    assert count(opened).startswith(f"{differing} of 60")
    opened.page.click("#x-clear")
    opened.page.select_option("#x-sure", "surest-25")
    unsure = items["uncertainty"].dropna()  # equals stand together: 20 of the 59 are among the surest quarter
    assert count(opened).startswith(f"{((unsure.rank(method='min') - 1) / len(unsure) < 0.25).sum()} of 60")


def test_every_word_of_a_search_must_occur_in_any_case(open_page: OpenPage, page: Path) -> None:
    opened = open_page(page)
    opened.page.fill("#x-text", "FLAIR edema")
    assert shown_ids(opened) == ["mri-2031"]
    opened.page.fill("#x-text", "flair absent")
    assert count(opened) == "No item fits. Clear the filters to see all."
    opened.page.fill("#x-text", "margin seen 17")
    assert shown_ids(opened) == ["scan 0017"]


def test_an_item_shows_who_said_what(open_page: OpenPage, page: Path, view: RunView) -> None:
    opened = open_page(page, fragment="#item=mri-2031")
    body = opened.page.locator(".x-body")
    labels = body.locator(".x-label")
    assert labels.locator("h4").all_inner_texts() == list(LABELS)
    assert "Reviewers 25% · 1 of 4" in labels.nth(0).inner_text()
    assert "C edema visible in T2-FLAIR" in labels.nth(2).inner_text()
    assert "D strict reading sub-threshold" in labels.nth(0).inner_text()
    own = view.forecasts.q_raw[:, 0]  # (judges, labels): two votes each, so that a share is 0, 50 or 100 %
    for k, label in enumerate(labels.all()):
        for judge, name in enumerate(JUDGES):
            line = label.locator(".x-judges li", has_text=name)
            assert line.count() == (own[judge, k] > 0)
            if own[judge, k] > 0:
                assert line.locator(".x-part").inner_text() == f"{100 * own[judge, k]:.0f}%"
    row = view.items.set_index("item_id").loc["mri-2031"]
    facts = dict(zip(body.locator("dt").all_inner_texts(), body.locator("dd").all_inner_texts(), strict=True))
    assert facts["cross-entropy"] == f"{row['ce_bits']:.2f} bits"
    assert facts["entropy of the reviewers"] == "1.50 bits"
    assert facts["adjudicated"] == "not collapsed to one label: honest disagreement; not collapsed by default"
    assert facts["finding"] == "18 mm lesion, parietal"
    assert opened.page.locator(".x-link code").inner_text() == "panel-eval explain 'a run' mri-2031"


def test_votes_without_an_answer_are_listed_with_what_came_instead(open_page: OpenPage, page: Path) -> None:
    failed = open_page(page, fragment="#item=scan%200003").page.locator(".x-failed")
    assert failed.locator("li").all_inner_texts() == [f"{judge} refusal ×2" for judge in JUDGES]
    assert "cy (2 times) answer as received: I cannot help with scans" in failed.inner_text()


@pytest.mark.parametrize(("each", "counted"), [(2, " · 2 of 40"), (200, "")])
def test_of_many_labels_no_share_is_said_to_be_nothing_that_is_something(
    open_page: OpenPage, tmp_path: Path, each: int, counted: str
) -> None:
    """Twenty labels of 30 with the same votes, twelve of them listed; the panel's smoothed mass is on all 30."""
    labels = [f"label {k:02d}" for k in range(30)]
    records = [
        SoftLabel(item_id=name, task="many", counts={label: each * (k < 20) for k, label in enumerate(labels)})
        for name in ("first", "second")
    ]
    votes = [Vote(item_id=name, judge="ada", label=labels[29]) for name in ("first", "second")]
    page = tmp_path / "items.html"
    page.write_text(alone(explored_view(tmp_path, records, votes)), encoding="utf-8")
    body = open_page(page, fragment="#item=first").page.locator(".x-body")
    said = dict(zip(body.locator("h4").all_inner_texts(), body.locator(".x-label").all_inner_texts(), strict=True))
    assert f"Reviewers 5%{counted}\n" in f"{said['label 00']}\n"
    assert "Reviewers" not in said["label 29"]  # it is not listed of them
    assert not any("Panel 0%" in text for text in said.values())
    notes = body.locator(".note").all_inner_texts()
    assert any("Shares that are not listed: 40% of the reviewers, " in note for note in notes)
    assert not any("obody" in note for note in notes)


def test_where_the_clipboard_may_not_be_written_what_is_to_be_copied_is_selected(
    open_page: OpenPage, page: Path
) -> None:
    opened = open_page(page, width=380, fragment="#item=scan%200005")
    refused = "{writeText: () => Promise.reject(new DOMException('refused'))}"
    opened.page.evaluate(f"Object.defineProperty(navigator, 'clipboard', {{value: {refused}}})")
    for button, text in (("command", "panel-eval explain 'a run' 'scan 0005'"), ("link", opened.page.url)):
        opened.page.get_by_role("button", name=f"Copy {button}").click()
        opened.page.get_by_role("button", name="Selected: copy it").first.wait_for()
        assert opened.page.evaluate("getSelection().toString()") == text
    assert opened.overflow() == 0
    assert opened.utterances() == []


def test_keys_move_open_close_and_search(open_page: OpenPage, page: Path) -> None:
    opened = open_page(page)
    keys, focused = opened.page.keyboard, "document.activeElement.id"
    heads = [head.get_attribute("id") for head in opened.page.locator(".x-head").all()]
    keys.press("j")
    assert opened.page.evaluate(focused) == heads[0]
    for key in ("j", "ArrowDown", "ArrowDown", "k", "ArrowUp"):
        keys.press(key)
    assert opened.page.evaluate(focused) == heads[1]
    keys.press("Enter")
    assert opened.page.locator(f"#{heads[1]}").get_attribute("aria-expanded") == "true"
    keys.press("Tab")  # into the item: the way out is Escape
    keys.press("Escape")
    assert opened.page.locator(".x-body").count() == 0
    assert opened.page.evaluate(focused) == heads[1]
    keys.press("Space")
    assert opened.page.locator(".x-body").count() == 1
    keys.press("/")
    keys.type("j/k?")
    assert opened.page.input_value("#x-text") == "j/k?"
    keys.press("Control+a")
    keys.press("Delete")
    keys.press("Escape")
    keys.press("?")
    assert opened.page.locator("#x-keys").is_visible()
    keys.press("Escape")
    assert opened.page.locator("#x-keys").is_hidden()
    for _ in range(70):
        keys.press("j")
    assert len(shown_ids(opened)) == 60  # moving on loads the rest
    assert opened.utterances() == []


def test_single_keys_can_be_switched_off(open_page: OpenPage, page: Path) -> None:
    opened = open_page(page)
    opened.page.click("#x-help")
    opened.page.uncheck("#x-single")
    opened.page.click("#x-close")
    opened.page.evaluate("document.activeElement.blur()")
    opened.page.keyboard.press("j")
    assert opened.page.evaluate("document.activeElement === document.body")


@pytest.mark.parametrize("item_id", ["scan 0042", HOSTILE_ID])
def test_a_link_opens_its_item_and_clears_filters_that_hide_it(
    open_page: OpenPage, page: Path, item_id: str
) -> None:
    opened = open_page(page)
    opened.page.fill("#x-text", "no such words")
    opened.page.evaluate("link => { location.hash = link; }", f"#item={quote(item_id, safe='')}")
    body = opened.page.locator(".x-body")
    body.wait_for()
    assert body.locator("xpath=..").locator(".id").inner_text() == (
        item_id if item_id != HOSTILE_ID else shown_hostile()
    )
    again = open_page(page, fragment=opened.page.url.partition("#")[2].join(["#", ""]))
    assert again.page.locator(".x-body").count() == 1
    link = again.page.locator(".x-link a").get_attribute("href")
    assert link == f"#item={again.page.evaluate('id => encodeURIComponent(id)', item_id)}"
    assert opened.utterances() == again.utterances() == []
    assert not opened.owned()


def test_the_address_keeps_filter_and_order(open_page: OpenPage, page: Path) -> None:
    opened = open_page(page)
    opened.page.select_option("#x-class", "major")
    opened.page.select_option("#x-sort", "human")
    opened.page.fill("#x-text", "lobe & left")
    opened.page.click("#x-direction")
    before = shown_ids(opened)
    again = open_page(page, fragment="#" + opened.page.url.partition("#")[2])
    assert shown_ids(again) == before
    assert count(again) == count(opened)
    again.page.click("#x-clear")
    assert "#" not in again.page.url


def test_a_link_to_an_item_that_is_not_here_says_so(open_page: OpenPage, page: Path) -> None:
    opened = open_page(page, fragment="#item=elsewhere")
    assert "not on this page" in count(opened)


def test_links_and_commands_can_be_copied(open_page: OpenPage, page: Path) -> None:
    opened = open_page(page, fragment=f"#item={quote(HOSTILE_ID, safe='')}")
    opened.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for button in opened.page.locator(".x-copy").all():
        button.click()
    opened.page.get_by_text("Copied").nth(1).wait_for()
    copied = opened.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(page.as_uri() + "#item=x")
    command = opened.page.locator(".x-link code").inner_text()
    assert command.isascii()
    read = subprocess.run(["bash", "-c", f"printf '%s\\0' {command}"], capture_output=True, check=True).stdout
    assert read.decode().split("\0") == ["panel-eval", "explain", "a run", HOSTILE_ID, ""]


def test_without_script_and_on_paper_the_table_stands_in_its_place(open_page: OpenPage, page: Path) -> None:
    plain, paper, screen = open_page(page, script=False), open_page(page, printed=True), open_page(page)
    for opened in (plain, paper):
        assert opened.page.locator(".x-static").is_visible()
        assert opened.page.locator("#explorer").is_hidden()
        assert opened.page.locator(".x-static tbody tr").count() == 20
    assert screen.page.locator(".x-static").is_hidden()


@pytest.mark.parametrize(("width", "dark"), [(380, True), (1024, False), (1920, True)])
def test_it_is_readable_by_everyone_at_every_width(open_page: OpenPage, page: Path, width: int, dark: bool) -> None:
    opened = open_page(page, width=width, dark=dark, fragment="#item=mri-2031")
    assert opened.axe() == []
    assert opened.overflow() == 0
    opened.page.click("#x-help")
    assert opened.axe("#x-keys") == []


def test_filter_and_sort_of_two_thousand_items_answer_at_once(
    open_page: OpenPage, page: Path, tmp_path: Path
) -> None:
    """The 60 items over and over; the bar is 100 ms on an idle machine."""
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition('id="x-data">')
    body, _, tail = rest.partition("</script>")
    document = json.loads(body)
    for name, column in document["columns"].items():
        document["columns"][name] = [column[row % 60] for row in range(2000)]
    document["columns"]["id"] = [f"item {row}" for row in range(2000)]
    large = tmp_path / "large.html"
    large.write_text(f'{head}id="x-data">{json.dumps(document).replace("<", chr(92) + "u003c")}</script>{tail}')
    opened = open_page(large)
    assert count(opened).startswith("All 2,000 items")
    set_text = "const box = document.getElementById('x-text'); box.value = '{}'; " \
        "box.dispatchEvent(new Event('input'))"  # fmt: skip
    set_sort = "const box = document.getElementById('x-sort'); box.value = '{}'; " \
        "box.dispatchEvent(new Event('change'))"  # fmt: skip
    times = [opened.time_ms(set_text.format(word)) for word in ("lobe", "edema 1", "margin", "")]
    times += [opened.time_ms(set_sort.format(sort)) for sort in ("id", "ce", "row", "kl")]
    assert float(np.median(times)) < 100
