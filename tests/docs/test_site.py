"""The built site: it asks the network for nothing, formulas are set, every name is there, it can be searched."""

from __future__ import annotations

import inspect
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import OpenPage
from python_pages import name_kinds

import panel_eval

pytestmark = pytest.mark.slow
DOCS = Path(__file__).resolve().parents[2] / "docs"


class Fetched(HTMLParser):
    """Collects what a browser fetches of itself when it opens a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and given.get("rel") in ("prev", "next", "canonical"):
            return
        for name in ("src", "srcset", "href", "data", "poster"):
            if given.get(name) and (tag != "a" or name != "href"):
                self.addresses.append(str(given[name]))


def test_no_page_style_or_script_of_the_site_is_fetched_from_elsewhere(site: Path):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 90
    for page in pages:
        fetched = Fetched()
        fetched.feed(page.read_text(encoding="utf-8"))
        assert fetched.addresses
        assert not [address for address in fetched.addresses if re.match(r"(\w+:)?//", address)], page
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)'\"]*", text), sheet


def test_every_link_within_the_site_leads_to_a_file(site: Path):
    seen = 0
    for page in site.rglob("*.html"):
        for address in re.findall(r'<a [^>]*?href="?([^"\s>]+)', page.read_text(encoding="utf-8")):
            path = urlsplit(address).path
            if urlsplit(address).scheme or not path or page.name == "404.html":
                continue
            seen += 1
            assert (page.parent / unquote(path)).is_file(), f"{page.relative_to(site)}: {address}"
    assert seen > 5000


def test_every_formula_of_a_page_is_set(site: Path):
    seen = 0
    for page in DOCS.rglob("*.md"):
        prose = re.sub(
            r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
        )
        formulas = re.findall(r"\$\$.+?\$\$|\$(?=\S)[^$\n]*?(?<=\S)\$(?!\d)", prose, re.DOTALL)
        name = page.relative_to(DOCS).with_suffix(".html")
        built = (site / ("index.html" if page.name == "README.md" else name)).read_text(encoding="utf-8")
        assert built.count("<math ") == len(formulas), page
        assert "arithmatex" not in built, page
        seen += len(formulas)
    assert seen > 40


def test_each_public_names_docstring_is_on_its_page(site: Path):
    for kind, names in name_kinds().items():
        page = (site / "reference" / "python" / f"{kind.lower().replace(' ', '-')}.html").read_text(
            encoding="utf-8"
        )
        text = plain(page)
        for name in names:
            assert f'id="panel_eval.{name}"' in page, name
            first = (inspect.getdoc(getattr(panel_eval, name)) or "").partition("\n")[0]
            assert name == "__version__" or plain(first.replace("`", "")) in text, name


def plain(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())


def test_the_site_opens_from_a_folder_and_is_searched_there(site: Path, open_page: OpenPage):
    opened = open_page(site / "index.html", width=1280)
    opened.page.keyboard.press("/")
    opened.page.keyboard.type("n_eq")
    opened.page.locator(".md-search-result__link").first.wait_for()
    results = opened.page.locator(".md-search-result__link").evaluate_all("links => links.map(link => link.href)")
    assert any("human-equivalent.html" in address for address in results)
    assert [*opened.console, *opened.errors] == []
    assert not [address for address in opened.requests if not address.startswith(site.as_uri())]


PAGES = (
    "index.html", "metrics/kl.html", "reference/commands/gate.html", "how-to/own-labels.html",
    "reference/formats/metrics.html", "reference/python/score-and-report.html",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("width", "dark"), [(380, True), (1280, False)])
def test_pages_can_be_read_on_a_phone_and_on_a_desk(
    site: Path, open_page: OpenPage, page: str, width: int, dark: bool
):
    opened = open_page(site / page, width=width, dark=dark)
    assert opened.overflow() == 0
    assert [*opened.console, *opened.errors] == []
    assert opened.axe() == []  # last: axe asks for style sheets again, which a file: page may not, and says so
