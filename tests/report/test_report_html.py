"""The page: what data say stays text, the page asks for nothing, equal results give equal bytes."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from panel_eval.report import RunView, render_report, write_html
from panel_eval.report.html import MAX_BYTES
from panel_eval.report.items import answer_rows, item_views
from panel_eval.schema import SoftLabel, Vote

HOSTILE = [
    "<script>document.title='owned'</script>",
    "\"><img src=x onerror=document.title='owned'>",
    "' autofocus onfocus=alert(1) x='",
    "javascript:alert(1)",
    "</style><svg onload=alert(1)><style>",
    "</title></summary></details><h1>owned</h1>",
    "<!--", "-->", "]]>", "<![CDATA[", "&lt;script&gt;&#x3c;script&#62;",
    "{{ 7 * 7 }}{% for x in y %}{# #}", "${7*7}", "$\\frac{1}{2}$", "\\$x_$",
    "\x1b]0;owned\x07\x9b31m", "\u202eevil\u2066", "\ufffe", "\x00ITEMS\x00",
    "=cmd|' /C calc'!A0", "a\u2028b\r\nc", "url(#kl-x) #040404 var(--x)", "漢字 عربى",
]  # fmt: skip
PAIRS = [" ".join(HOSTILE[i : i + 2]) for i in range(0, len(HOSTILE), 2)]
TEXT_ATTRIBUTES = {"aria-label", "title", "data-at"}


class Shape(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self._in_plot = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        drawn = tag in {"path", "use", "text", "g", "svg", "rect", "clippath", "defs", "pattern", "circle"}
        # Text of another width moves a drawing's parts; which parts there are must not change.
        kept = [(n, None if drawn or n in TEXT_ATTRIBUTES else v) for n, v in attrs]
        self.elements.append((tag, tuple(kept)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def elements_without_plots(page: str) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    return Shape(re.sub(r'(<div class="plot".*?>)<svg.*?</svg>', r"\1", page, flags=re.S)).elements


@functools.cache
def rendered(make_view: Callable[[str], RunView], text: str) -> str:
    return render_report(make_view(text))


@pytest.mark.parametrize("text", PAIRS)
def test_no_element_and_no_attribute_comes_from_data(make_view: Callable[[str], RunView], text: str) -> None:
    plain, page = rendered(make_view, "plain words"), rendered(make_view, text)
    assert elements_without_plots(page) == elements_without_plots(plain)
    assert [tag for tag, _ in Shape(page).elements] == [tag for tag, _ in Shape(plain).elements]
    page.encode("utf-8")
    assert not set("\x00\x1b\x07\x9b\u202e\u2066") & set(page)


@pytest.mark.parametrize("text", PAIRS)
def test_the_page_runs_nothing_and_asks_for_nothing(make_view: Callable[[str], RunView], text: str) -> None:
    shape = Shape(rendered(make_view, text))
    assert "script" not in {tag for tag, _ in shape.elements}
    for tag, name, value in shape.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in {"src", "srcset", "action", "formaction", "xlink:href", "srcdoc"}, (tag, name)
        if name == "href":
            assert value.startswith("#") or value == "data:,", (tag, value)
        if name == "style" and tag not in {"i"}:
            assert "url(" not in value.replace("url(#", ""), (tag, value)


def test_what_data_say_can_be_read_on_the_page(make_view: Callable[[str], RunView]) -> None:
    text = '<b>5 < 6 & "7"</b>'
    words = Shape(render_report(make_view(text))).text
    assert sum(text in word for word in words) > 20


def test_judges_and_labels_in_the_tables_on_trust_are_text(make_view: Callable[[str], RunView]) -> None:
    text = '<b>5 < 6 & "7"</b>'
    page = render_report(make_view(text))
    section = page[page.index('<section id="calibration">') : page.index('<section id="items"')]
    words = Shape(section).text
    # The judges in the alternative annotator test, among unusable votes and in bounds; labels in kappa and advice.
    assert sum(f"{text}k" in word for word in words) >= 3
    assert any(f"{text}0: 90.0%" in word for word in words)
    assert any(f"gives {text}0 too little and {text}2 too much" in word for word in words)
    assert not {"b", "script"} & {tag for tag, _ in Shape(section).elements}


def test_the_policy_forbids_scripts_and_requests(run_view: RunView) -> None:
    page = render_report(run_view)
    policy = next(v for _, n, v in Shape(page).attributes if n == "content" and "default-src" in v)
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy  # falls back to 'none'
    assert not re.search(r"https?:|//[a-z]", page)


def test_equal_results_give_equal_bytes(run_view: RunView, tmp_path: Path) -> None:
    write_html(run_view, tmp_path / "a.html")
    with matplotlib.rc_context({"font.size": 30, "axes.grid": False, "svg.fonttype": "path"}):
        write_html(run_view, tmp_path / "b.html")  # a user's own settings change nothing
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_ids_are_unique_and_every_reference_finds_its_target(run_view: RunView) -> None:
    shape = Shape(render_report(run_view))
    ids = [value for _, name, value in shape.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    targets = {value[1:] for _, name, value in shape.attributes if name == "href" and value.startswith("#")}
    targets |= set(re.findall(r"url\(#([^)]*)\)", " ".join(value for _, _, value in shape.attributes)))
    targets |= {value for _, name, value in shape.attributes if name in {"for", "aria-labelledby"}}
    assert targets <= set(ids)


def test_every_figure_has_a_title_words_for_it_and_its_numbers(run_view: RunView) -> None:
    page = render_report(run_view)
    figures = re.findall(r'<figure id="figure-(\w+)">(.*?)</figure>', page, flags=re.S)
    assert [name for name, _ in figures] == ["kl", "reliability", "entropy", "risk", "outcomes"]
    for _, body in figures:
        assert re.search(r"<h3>[^<]{10,}</h3>", body)
        assert re.search(r'role="img" aria-label="[^"]{20,}"', body)
        assert re.search(r"<details.*<table>.*<td", body, flags=re.S)


def test_the_item_the_panel_misses_most_comes_first(run_view: RunView) -> None:
    # Constructed cross-entropies: 1.0, 1.5, 1.25, 9.0.
    assert [item.row for item in item_views(run_view)] == [3, 1, 2, 0]


def test_items_without_a_score_come_last_and_infinite_losses_first(run_view: RunView) -> None:
    run_view.items["ce_bits"] = [np.nan, 1.5, np.inf, 2.0]
    assert [item.row for item in item_views(run_view)] == [2, 3, 1, 0]


def test_an_item_shows_who_said_what(run_view: RunView) -> None:
    first = next(iter(item_views(run_view)))
    by_answer = {row.answer: row for row in first.rows}
    assert by_answer["mild"].judges.entries[0].text == "ada saw a smooth edge"
    assert by_answer["mild"].people.entries[0].text == "clear margins"
    refused = by_answer["no vote: refusal"]
    assert (refused.human, refused.panel) == (None, None)
    assert refused.judges.entries[0].who == "bo"
    assert (by_answer["mild"].human, by_answer["severe"].panel) == (0.5, 0.6)


def test_repeated_votes_of_a_judge_are_counted(run_view: RunView) -> None:
    votes = [Vote(item_id="scan 3", judge="ada", sample=s, label="severe") for s in range(3)]
    first = next(iter(item_views(replace(run_view, votes=votes))))
    assert {row.answer: row.judges.names for row in first.rows}["severe"] == "ada ×3"


def test_a_page_stays_under_its_size_whatever_the_judges_write(run_view: RunView) -> None:
    votes = [
        Vote(item_id=f"scan {i}", judge=f"judge {j}", label="mild", rationale="€<" * 400)
        for i in range(4)
        for j in range(2000)
    ]
    page = render_report(replace(run_view, votes=votes))
    assert len(page.encode()) <= MAX_BYTES
    assert "more characters" in page
    assert "and 1,940 more" in page or "and 1940 more" in page


def test_items_that_do_not_fit_are_said_to_be_left_out(run_view: RunView, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = len(render_report(run_view).encode())
    monkeypatch.setattr("panel_eval.report.html.MAX_BYTES", whole - 200)
    page = render_report(run_view)
    assert "3 of 4 items" in page
    assert "left out" in page
    assert "id=item-0" not in page  # the item with the least cross-entropy


def test_importing_the_room_leaves_matplotlib_alone() -> None:
    code = "import sys, panel_eval.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_of_many_labels_those_with_mass_are_kept() -> None:
    labels = [f"label {k:02d}" for k in range(40)]
    human, panel = np.zeros(40), np.zeros(40)
    human[[5, 39]], panel[[39, 20]] = (0.25, 0.75), (0.9, 0.1)
    votes = [Vote(item_id="i", judge="ada", label="label 20"), Vote(item_id="i", judge="bo", outcome="abstain")]
    rows = answer_rows(
        labels, human, panel, SoftLabel(item_id="i", task="t", distribution={"label 05": 1.0}), votes
    )
    assert [row.answer for row in rows[:3]] == ["label 39", "label 05", "label 20"]
    assert [row.answer for row in rows[40:]] == ["no vote: abstain"]
    assert rows[2].judges.names == "ada"
