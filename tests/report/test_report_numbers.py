"""Every number of the page is one of the run's files: exactly that whose place it names, or else one of them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from delivered_run import delivered_run

from panel_eval.api import fit, write_report
from panel_eval.demo import run_demo

pytestmark = pytest.mark.slow  # a run of the demo, fitted

NUMBER = re.compile(r"(?<![\w.])−?\d[\d,]*(?:\.\d+)?%?(?![\w])")
VOID = {"meta", "link", "br", "img", "input", "hr", "wbr", "col"}
NOT_NUMBERS = {"svg", "script", "style", "code", "pre"}


@dataclass
class Node:
    """An element of the page with its text."""

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def text(self) -> str:
        kept = (c if isinstance(c, str) else c.text() for c in self.children if isinstance(c, str) or c.shown)
        apart = " " if self.tag == "td" else ""  # its interval stands on a line of its own
        return apart.join(kept)

    def own_text(self) -> str:
        return "".join(child for child in self.children if isinstance(child, str)).strip()

    @property
    def shown(self) -> bool:
        return self.tag not in NOT_NUMBERS


class Tree(HTMLParser):
    """The page as nodes; an element that HTML lets open is closed by its parent."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = Node("root", {})
        self._open = [self.root]
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def value_of(shown: str) -> tuple[float, float]:
    """A number as it is written, and half a unit of its last digit; percentages as shares."""
    scale = 0.01 if shown.endswith("%") else 1.0
    plain = shown.rstrip("%").replace("−", "-").replace(",", "")
    decimals = len(plain.partition(".")[2])
    return float(plain) * scale, (0.5 * 10.0**-decimals + 1e-9) * scale


def resolve(documents: dict[str, Any], place: str) -> dict[str, Any]:
    name = next(name for name in documents if place.startswith(f"{name}/"))
    found = documents[name]
    for key in place[len(name) + 1 :].split("/"):
        key = key.replace("~1", "/").replace("~0", "~")
        found = found[int(key)] if isinstance(found, list) else found[key]
    return found


def leaves(value: Any) -> Iterator[float]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, dict):
        yield float(len(value))
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        yield float(len(value))
        for part in value:
            yield from leaves(part)
    elif isinstance(value, str):  # advice and notes of the files are shown as they are
        for token in NUMBER.findall(value.replace(" %", "%").replace("-", "−")):
            yield value_of(token)[0]


@pytest.fixture(scope="module", params=["the demo", "a delivery with all that labels can hold"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Node, dict[str, Any]]:
    """The report of a run, fitted, and the files that its numbers come from."""
    folder = tmp_path_factory.mktemp("results")
    if request.param == "the demo":
        result = run_demo(results=folder, recorded=True, say=lambda _: None)
    else:
        result = delivered_run(folder)
    assert result.directory is not None
    fit(result.directory, resamples=200, out=result.directory / "fit")
    path = write_report(result)
    names = ("metrics.json", "fit/fit.json", "run.json")
    documents = {name: json.loads((result.directory / name).read_text()) for name in names}
    return Tree(path.read_text(encoding="utf-8")).root, documents


def test_every_number_that_names_its_place_is_the_number_that_stands_there(
    page: tuple[Node, dict[str, Any]],
) -> None:
    root, documents = page
    placed = [node for node in root.walk() if "data-at" in node.attributes]
    assert len(placed) > 400
    for node in placed:
        place = node.attributes["data-at"]
        estimate, shown = resolve(documents, place), node.own_text().rstrip("†")
        if estimate["estimate"] is None:
            assert shown == "–", place
            continue
        if math.isinf(float(estimate["estimate"])):
            assert shown in {"∞", "−∞"}, place
            continue
        value, unit = value_of(shown)
        assert value == pytest.approx(estimate["estimate"], abs=unit), place
        for small in (child for child in node.walk() if child.tag == "small"):
            told = small.text()
            if told.endswith(" or more"):
                assert estimate["high"] is None, place
            ends = [value_of(end) for end in told.removesuffix(" or more").split(" to ")]
            names = ("low",) if told.endswith(" or more") else ("low", "high")
            assert [end for end, _ in ends] == [
                pytest.approx(estimate[name], abs=unit) for name, (_, unit) in zip(names, ends, strict=True)
            ], place


def test_every_other_number_of_tables_and_sentences_is_one_of_the_files(page: tuple[Node, dict[str, Any]]) -> None:
    root, documents = page
    known = sorted({round(number, 12) for document in documents.values() for number in leaves(document)})
    strays = [
        (token, text[:90])
        for node in sections(root)
        for text in texts(node)
        for token in NUMBER.findall(text)
        if not stands_in(known, token)
    ]
    assert strays == []


def sections(root: Node) -> Iterator[Node]:
    """What tells results: the header and the sections before the items."""
    for node in root.walk():
        if node.tag == "header" or (node.tag == "section" and node.attributes.get("id") not in {"items", "words"}):
            yield node


def texts(node: Node) -> Iterator[str]:
    for part in node.walk():
        if part.tag in {"p", "li", "td", "h3", "figcaption", "dd"} and "data-at" not in part.attributes:
            # Percentage points are shares, too: "16.9 to 33.2 percentage points".
            yield re.sub(r"([\d.]+)(?: to ([\d.]+))? (?:percentage )?points", r"\1% \2%", part.text())


def stands_in(known: list[float], token: str) -> bool:
    value, unit = value_of(token)
    return any(abs(number - value) <= unit for number in known)
