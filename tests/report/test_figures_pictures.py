"""One drawing as part of a page, as SVG and as PNG: the same bytes anywhere, self-contained, told in words."""

from __future__ import annotations

import io
import re
import struct
from xml.etree import ElementTree

import matplotlib
import matplotlib.image
import numpy as np
import pytest
from constructed import LABELS
from drawn_figures import SVG, colours_in, every_figure, words

from panel_eval.report import png_of, svg_of
from panel_eval.report.figures import Figure
from panel_eval.report.palette import PAGE, picture_palette
from panel_eval.schema import OUTCOMES, Coverage

JUDGES = ("ada", "bo", "cleo")
FIGURES = every_figure(JUDGES, LABELS)
NAMED = [pytest.param(figure, id=figure.name) for figure in FIGURES]
FEW = [
    pytest.param(figure, id=figure.name) for figure in FIGURES if figure.name in ("shares", "entropy", "outcomes")
]


def chunk_texts(png: bytes) -> dict[str, str]:
    """The texts stored in a PNG: keyword, then a zero byte, then the text (iTXt: four more zeros)."""
    found, at = {}, 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"tEXt":
            key, _, text = data.partition(b"\0")
            found[key.decode()] = text.decode("latin-1")
        elif kind == b"iTXt":
            key, _, rest = data.partition(b"\0")
            found[key.decode()] = rest[2:].split(b"\0", 2)[2].decode()
        at += 12 + length
    return found


def test_every_kind_of_figure_is_here() -> None:
    assert [figure.name for figure in FIGURES] == [
        "kl", "skill", "reliability", "entropy", "shares", "self-confidence", "risk", "judge-agreement",
        "judge-value", "position", "outcomes", "outcomes-by-class", "policy",
    ]  # fmt: skip


@pytest.mark.parametrize("figure", FEW)
def test_the_same_bytes_twice_and_under_any_matplotlibrc(figure: Figure) -> None:
    first = figure.drawing.as_page_svg(figure.name), svg_of(figure), png_of(figure)
    foreign = {"font.size": 30, "svg.fonttype": "path", "savefig.dpi": 30, "axes.facecolor": "black",
               "lines.linewidth": 9, "hatch.color": "red", "svg.hashsalt": "other"}  # fmt: skip
    with matplotlib.rc_context(foreign):
        again = figure.drawing.as_page_svg(figure.name), svg_of(figure), png_of(figure)
    assert first == again


@pytest.mark.parametrize("figure", NAMED)
def test_a_page_gets_variables_and_a_file_gets_colours(figure: Figure) -> None:
    placeholders = set(vars(PAGE).values())
    page, alone = figure.svg, svg_of(figure).decode()
    assert "var(--ink)" in page
    assert not colours_in(page), "a colour on the page that does not follow dark mode"
    assert "var(" not in alone
    assert not colours_in(alone) & placeholders
    assert colours_in(alone) <= set(vars(picture_palette()).values())
    # Nothing but the colours differs: every path of the page is in the file.
    assert re.findall(r' d="([^"]*)"', page) == re.findall(r' d="([^"]*)"', alone)


@pytest.mark.parametrize("figure", NAMED)
def test_a_lone_svg_tells_its_title_and_asks_for_nothing(figure: Figure) -> None:
    root = ElementTree.fromstring(svg_of(figure))
    title, caption, paper = list(root)[:3]
    assert (title.tag, title.text) == (f"{SVG}title", figure.title)
    assert (caption.tag, caption.text) == (f"{SVG}desc", figure.caption)
    assert (paper.tag, paper.get("fill")) == (f"{SVG}rect", "#ffffff")
    assert root.get("aria-labelledby") == f"{title.get('id')} {caption.get('id')}"
    links = {value for element in root.iter() for key, value in element.attrib.items() if key.endswith("href")}
    assert all(link.startswith("#") for link in links)
    assert {element.tag.rpartition("}")[2] for element in root.iter()}.isdisjoint(
        {"script", "image", "foreignObject"}
    )
    styles = " ".join(element.get("style", "") for element in root.iter(f"{SVG}text"))
    assert "font-family" in styles
    assert "sans-serif" in styles


def test_a_transparent_picture_has_no_paper() -> None:
    figure = FIGURES[0]
    assert "<rect" not in svg_of(figure, transparent=True).decode().split("<defs", 1)[0]
    clear = matplotlib.image.imread(io.BytesIO(png_of(figure, transparent=True)))
    white = matplotlib.image.imread(io.BytesIO(png_of(figure)))
    assert clear[0, 0, 3] == 0.0
    assert white[0, 0] == pytest.approx([1, 1, 1, 1])


@pytest.mark.parametrize("figure", FEW)
def test_a_png_is_of_144_dots_an_inch_and_tells_its_title(figure: Figure) -> None:
    content = png_of(figure)
    height, width = matplotlib.image.imread(io.BytesIO(content)).shape[:2]
    assert (width, height) == pytest.approx((144 * figure.drawing.width, 144 * figure.drawing.height), abs=1)
    assert chunk_texts(content) == {"Title": figure.title, "Description": figure.caption}
    # No placeholder is left: no pixel is nearly black.
    assert (matplotlib.image.imread(io.BytesIO(content))[:, :, :3].max(axis=2) < 0.05).sum() == 0


@pytest.mark.slow
@pytest.mark.parametrize("figure", NAMED)
def test_nothing_drawn_is_cut_off(figure: Figure) -> None:
    """The outermost two rows and columns of pixels are paper."""
    pixels = matplotlib.image.imread(io.BytesIO(png_of(figure)))[:, :, :3]
    edge = np.concatenate([pixels[:2].reshape(-1, 3), pixels[-2:].reshape(-1, 3), pixels[:, -2:].reshape(-1, 3)])
    assert (edge > 0.99).all()


@pytest.mark.parametrize("figure", NAMED)
def test_every_figure_states_a_finding_says_how_to_read_it_and_has_its_numbers(figure: Figure) -> None:
    assert 10 < len(figure.title) < 160
    assert figure.caption.endswith(".")
    assert len(figure.caption) > 60
    assert figure.table.rows
    assert all(len(row.cells) == len(figure.table.columns) - 1 for row in figure.table.rows)
    assert words(figure.svg)


def test_no_figure_weighs_down_a_page() -> None:
    """A page of at most 2.9 MB holds some fifteen figures and the items; patterns of dots once took 260 kB each."""
    seen = dict.fromkeys(OUTCOMES, 1)
    coverage = Coverage(total=seen, by_judge={"ada": seen, "bo": seen}, by_class={"minor": seen, "major": seen})
    heavy = {
        figure.name: len(figure.svg)
        for figure in every_figure(JUDGES, tuple("abcdefghij"), coverage=coverage)
        if len(figure.svg) > 160_000
    }
    assert not heavy
