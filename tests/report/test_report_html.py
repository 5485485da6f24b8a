"""The page: what data say stays text, the page asks for nothing, equal results give equal bytes."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import matplotlib
import pytest

from panel_eval.report import RunView, render_report, write_html

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
    scripts = [dict(attributes) for tag, attributes in shape.elements if tag == "script"]
    assert [script.get("type") for script in scripts] == ["application/json", None]
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
    assert any(f"gives “{text}0” too little and “{text}2” too much" in word for word in words)
    assert not {"b", "script"} & {tag for tag, _ in Shape(section).elements}


def test_the_policy_allows_one_script_by_its_hash_and_no_request(run_view: RunView) -> None:
    page = render_report(run_view)
    policy = next(v for _, n, v in Shape(page).attributes if n == "content" and "default-src" in v)
    assert policy.startswith("default-src 'none';")
    ran = re.findall(r"<script>(.*?)</script>", page, flags=re.S)
    assert len(ran) == 1
    digest = base64.b64encode(hashlib.sha256(ran[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    assert not re.search(r"https?:|//[a-z]", page.replace("http://www.w3.org/2000/svg", ""))


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
    assert [name for name, _ in figures] == ["kl", "skill", "reliability", "entropy", "shares", "risk", "outcomes"]
    for _, body in figures:
        assert re.search(r"<h3>[^<]{10,}</h3>", body)
        assert re.search(r'role="img" aria-label="[^"]{20,}"', body)
        assert re.search(r"<details.*<table>.*<td", body, flags=re.S)


def test_importing_the_room_leaves_matplotlib_alone() -> None:
    code = "import sys, panel_eval.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
