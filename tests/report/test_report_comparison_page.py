"""The comparison as a page: one file that asks for nothing, with everything from data escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser

import pytest
from comparisons import candidate, difference, moved, number, report, report_saying, run, untestable

from panel_eval.report import render_comparison

CANARIES = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=document.title='owned'>",
    "</style></title><svg onload=document.title='owned'>",
    "\" autofocus onfocus=document.title='owned' x=\"",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[31m\u202egnp",
)


class Elements(HTMLParser):
    """Every element of a page with its attributes, and every id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, *names: str) -> Iterator[str]:
        for _, attributes in self.found:
            yield from (attributes[name] or "" for name in names if name in attributes)


@cache
def harmless(several: bool) -> Elements:
    return Elements(render_comparison(report_saying("plain", several)))


@pytest.mark.parametrize(("text", "several"), [*((text, False) for text in CANARIES), (CANARIES[1], True)])
def test_texts_from_data_make_no_element_and_no_attribute(text: str, several: bool) -> None:
    hostile, plain = Elements(render_comparison(report_saying(text, several))), harmless(several)
    assert [tag for tag, _ in hostile.found] == [tag for tag, _ in plain.found]
    assert [sorted(attributes) for _, attributes in hostile.found] == [sorted(own) for _, own in plain.found]
    assert not set("\x1b\u202e") & set("".join(hostile.texts))


def test_the_page_asks_for_nothing() -> None:
    elements = Elements(render_comparison(report(candidate(), candidate("other", 0.125))))
    assert not {"script", "iframe", "img", "object", "form"} & {tag for tag, _ in elements.found}
    assert all(value.startswith(("#", "data:")) for value in elements.values("href", "src", "xlink:href"))
    assert not re.search(r"@import|url\((?!#)", render_comparison(report()))


def test_anchors_are_unique_and_lead_somewhere() -> None:
    elements = Elements(render_comparison(report(candidate(), candidate("other", 0.125), candidate("third", 0.0))))
    ids = list(elements.values("id"))
    assert len(ids) == len(set(ids))
    links = {value[1:] for value in elements.values("href") if value.startswith("#")}
    assert links <= set(ids)


def test_the_page_says_what_the_terminal_says() -> None:
    texts = " ".join(Elements(render_comparison(report())).texts)
    for expected in (
        "What to make of new.",
        "TVD says the opposite.",
        "To look at, not to decide on",
        "Total variation distance",
        "wise-2",
        "Shown to be better in minor",
        "scored by the baseline only",
    ):
        assert expected in texts


def test_an_item_that_moved_shows_both_sides() -> None:
    page = render_comparison(report(candidate(moved=[moved("i-1", 1.75)])))
    item = page[page.index("<details class=item>") : page.index('id="look-1"')]
    assert "+1.750 bits, worse" in item
    assert item.count('class=h style="width:75.0%"') == 1  # 3 of 4 reviewers said no
    assert item.count('class=b style="width:70.0%"') == 1
    assert item.count('class=q style="width:10.0%"') == 1
    assert "yes ×2, refusal" in item


def test_the_figure_marks_what_is_shown_and_what_is_not() -> None:
    page = render_comparison(report())
    assert page.count('<figure id="figure-') == 2
    title = "Shown to be better in minor"
    assert title in page
    nothing = [difference("overall", 0.0, 0.1), difference("minor", 0.0, 0.1)]
    assert "In no class is a difference shown" in render_comparison(report(candidate(tests=nothing)))


def test_without_numbers_there_is_a_page_still() -> None:
    lost = difference("overall", 0.0, 0.1, base=None, candidate=None, difference=number(None), p=None, p_holm=None,
                      detectable=None, testable=False, verdict="not testable")  # fmt: skip
    bare = candidate(tests=[lost], verdict="not testable", display=[], moved=[], judges={}, changes=[], warnings=[],
                     missing=None, run=run("new", votes={}, cost_usd=None, latency_mean_s=None))  # fmt: skip
    page = render_comparison(report(bare))
    assert "<li>overall: made up</li>" in page or "<li>made up</li>" in page
    assert "<figure" not in page
    assert "nan" not in page.lower().replace("finance", "")


def test_a_test_that_lacks_its_number_is_not_said_to_lack_items() -> None:
    lost = difference("minor", 0.0, 0.1, base=None, candidate=None, difference=number(None), p=None, p_holm=None,
                      detectable=None, testable=False, verdict="not testable")  # fmt: skip
    page = render_comparison(report(candidate(tests=[difference("overall", 0.1, 0.05), lost])))
    assert "too few items to test</li>" not in page
    few = render_comparison(report(candidate(tests=[difference("overall", 0.1, 0.05), untestable("minor")])))
    assert "too few items to test</li>" in few


def test_the_same_comparison_gives_the_same_bytes() -> None:
    assert render_comparison(report()) == render_comparison(report())


def test_a_large_comparison_stays_small() -> None:
    """Many candidates, each with hundreds of long items, keep to a megabyte."""
    long = moved("i", 1.0).model_copy(update={"content": {f"field {n}": "word " * 400 for n in range(5)}})
    many = [long.model_copy(update={"item_id": f"i-{n}"}) for n in range(300)]
    page = render_comparison(report(*(candidate(f"c{n}", moved=many) for n in range(6))))
    assert len(page.encode()) < 1_000_000
    assert page.count("<details class=item>") > 100
