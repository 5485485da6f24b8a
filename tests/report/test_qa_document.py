"""The QA document as a file: pages, fonts, tags, nothing that acts, nothing read as markup, the same bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from qa_reading import Pdf, tidy
from qa_views import Made, made_view

from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.printable import printable
from panel_eval.report.qa import qa_document, typeset
from panel_eval.report.qa.characters import shown_with
from panel_eval.report.qa.document import (
    Bar,
    Bars,
    Chapter,
    Document,
    Facts,
    Grid,
    Quadrant,
    Quadrants,
    Text,
    Tile,
    Tiles,
)

SHAPES = {
    "three items": Made(items=5, reviewers=0, flagged=0, adjudicated=0, violations=0, missed=0, scale="nominal"),
    "vendor": Made(),
    "20,000 items": Made(items=20_000, reviewers=262, flagged=3000, adjudicated=900, violations=500, missed=60),
    "long names": Made(
        items=20_000, reviewers=262, flagged=3000, adjudicated=900, violations=500, missed=60, text="x" * 200,
        labels=tuple("y" * 200 + str(place) for place in range(12)),
    ),
    "long words": Made(reviewers=262, flagged=3000, violations=500, text="several words again and again " * 40),
}  # fmt: skip
HOSTILE = (
    '#import "@preview/cetz:0.3.4"', "#panic(1)", "$x^2$", "[b] *c* _d_ `e`", "= heading", "<label> @label",
    "\\ \\u{41}", "// comment", "/* open", "https://evil.example/x", '#link("https://evil.example")[x]',
    '#read("/etc/passwd")', "../../etc/passwd", "\x1b]0;owned\x07", "\u202eevil\u202c", "\u2067abc", '"}],"x":[{',
    "{{ 7*7 }}", "\u0000\ud800", "田中太郎", "محمد 3 of 4", "שלום", "👩‍👩‍👧 🏳️‍🌈", "e\u0301\u0323\u0308",
    "\ufdfd" * 9, "क्षत्रिय", "\U000e0041\U000e0042",
)  # fmt: skip


def pdf_of(made: Made) -> bytes:
    return typeset(qa_document(made_view(made)))


@pytest.fixture(scope="module")
def vendor() -> bytes:
    return pdf_of(SHAPES["vendor"])


@pytest.mark.parametrize("shape", SHAPES)
def test_it_has_two_to_eight_pages_and_each_says_which_it_is(shape: str) -> None:
    pdf = Pdf(pdf_of(SHAPES[shape]))
    assert 2 <= len(pdf.pages) <= 8
    for place, page in enumerate(pdf.pages, 1):
        assert f"page {place} of {len(pdf.pages)}" in page
        assert len(page) > 250, f"page {place} is all but empty"


def test_what_fits_one_page_has_two_all_the_same() -> None:
    chapters = [Chapter("First", (Text("One line."),)), Chapter("How", (Text("Another."),))]
    pdf = Pdf(typeset(Document("Title", "", "", "", None, chapters)))
    assert len(pdf.pages) == 2
    assert "page 1 of 2" in pdf.pages[0]
    assert "How Another." in pdf.pages[1]
    assert "page 2 of 2" in pdf.pages[1]


def test_every_font_stands_in_the_file_and_comes_with_the_packages(vendor: bytes) -> None:
    fonts = Pdf(pdf_of(replace(Made(), text="Ω ☃ "))).fonts() | Pdf(vendor).fonts()
    assert fonts
    assert all(fonts.values())
    assert {re.sub(r"^/\w+\+|-.*", "", name) for name in fonts} == {"LibertinusSerif", "DejaVuSans"}


def test_it_is_tagged_and_says_its_title_and_language(vendor: bytes) -> None:
    root = Pdf(vendor).reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert b"<pdfuaid:part>1</pdfuaid:part>" in vendor
    assert Pdf(vendor).reader.metadata["/Title"] == "QA of soft labels: tumor_severity_grade"


def test_figures_have_a_text_for_those_who_cannot_see_them(vendor: bytes) -> None:
    figures = [entry for entry in Pdf(vendor).entries() if isinstance(entry, dict) and entry.get("/S") == "/Figure"]
    assert len(figures) == 3
    assert all(entry.get("/Alt") for entry in figures)


def test_the_same_input_gives_the_same_bytes(vendor: bytes) -> None:
    assert pdf_of(SHAPES["vendor"]) == vendor
    assert b"CreateDate" not in vendor  # a label file has no date; the clock's would differ


def every_block(text: str) -> Chapter:
    """A text in every place where a text can stand."""
    quadrant = Quadrant(text, text, text, text)
    grid = Table(text, (text, text), (Row(text, (Cell(text, text, text),), text),))
    return Chapter(
        text,
        (
            Text(text), Text(text, "lead"), Text(text, "small"), Facts(((text, text),)),
            Tiles((Tile(text, text, text, text),)), Grid(grid, most=3, where=text), Grid(grid),
            Bars(text, text, (Bar(text, 0.5, text),)),
            Quadrants(text, text, (text, text), (text, text), (quadrant, quadrant, quadrant, quadrant)),
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def attacked() -> bytes:
    chapters = [every_block(text) for text in HOSTILE]
    return typeset(Document(HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[3], None, chapters))


@pytest.fixture(scope="module")
def attacked_text(attacked: bytes) -> str:
    return Pdf(attacked).text


def test_no_text_does_anything(attacked: bytes, attacked_text: str) -> None:
    acting = {"/Annots", "/Annot", "/URI", "/JavaScript", "/JS", "/OpenAction", "/AA", "/Launch", "/EmbeddedFiles"}
    assert not acting & Pdf(attacked).keys()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in attacked  # every character of theirs could be shown
    assert not re.search("[\u202a-\u202e\u2066\u2067\x00-\x08\x1b]", attacked_text)


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.isascii() and text.isprintable()])
def test_no_text_is_read_as_markup(attacked_text: str, text: str) -> None:
    found = attacked_text.replace(" ", "").count(tidy(text).replace(" ", ""))
    assert found >= 20  # in each place of `every_block` as it was written


@pytest.mark.parametrize("text", ['#import "x" $ [ ] * \\ ', "田中 محمد 👩‍👩‍👧 \u202e e\u0301 "])
def test_a_delivery_of_hostile_texts_is_set_like_any_other(text: str) -> None:
    content = pdf_of(Made(text=text, labels=(text, "b", "c")))
    assert b"pdfuaid" in content
    assert 2 <= len(Pdf(content).pages) <= 8


def test_a_character_that_no_font_has_is_its_code_point_so_that_names_stay_apart() -> None:
    shown = shown_with()
    assert shown.cell("田") == "‹7530›"
    assert shown.cell("山") == "‹5C71›"
    assert shown.cell("Müller Ω ≤ 3") == "Müller Ω ≤ 3"
    assert list(shown.lacking) == ["田", "山"]
    pdf = Pdf(pdf_of(Made(text="田中 ")))
    assert "‹7530›‹4E2D›" in pdf.text
    assert "shown by their code points" in pdf.text


def test_every_character_that_is_taken_for_known_can_be_set_upright_and_bold() -> None:
    known = [chr(code) for code in sorted(shown_with().known) if printable(chr(code)).strip()]
    assert len(known) > 5000
    chunks = ["".join(known[start : start + 100]) for start in range(0, len(known), 100)]
    content = typeset(Document("Title", "", "", "", None, [Chapter(text, (Text(text),)) for text in chunks]))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content  # PDF/UA allows no missing character


def test_fonts_of_the_user_add_their_characters() -> None:
    import matplotlib

    mathematics = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "STIXGeneral.ttf"
    assert shown_with().cell("\u2312") == "‹2312›"
    assert shown_with([mathematics]).cell("\u2312") == "\u2312"
    document = Document("Title", "", "", "", None, [Chapter("A", (Text("sign \u2312 here"),))])
    assert any("STIX" in name for name in Pdf(typeset(document, [mathematics])).fonts())


def test_a_name_from_right_to_left_keeps_to_itself() -> None:
    assert shown_with().text("محمد 3 of 4") == "\u2068محمد\u2069 3 of 4"


def test_a_long_id_shows_both_its_ends() -> None:
    shown = shown_with().name("batch-" + "0" * 200 + "-item-17").replace("\u200b", "")
    assert shown.startswith("batch-000")
    assert shown.endswith("-item-17")
    assert len(shown) == 48


def test_a_long_word_from_right_to_left_is_one_stretch_though_its_line_may_end_within() -> None:
    shown = shown_with().name("\u0628" * 30)
    assert (shown[0], shown[-1]) == ("\u2068", "\u2069")
    assert shown.count("\u2068") == 1
    assert "\u200b" in shown


@pytest.mark.parametrize("text", ["CONTENT_POLICY_BREACH", "CONTENT_POLICY_BREACH 3, HARASSMENT 1", "W" * 13])
def test_names_in_capitals_can_be_set_in_the_narrowest_column(text: str) -> None:
    # 23 mm less 2 mm between columns hold 8 letters of the widest kind (W, 2.6 mm at 8.5 pt), or 12 others
    pieces = re.split("[ \u200b]", shown_with().cell(text))
    assert all(len(piece) <= 8 or (len(piece) <= 12 and piece == "HARASSMENT") for piece in pieces)
    assert "".join(pieces) == text.replace(" ", "")


def rows_told(listed: int, total: int, complete: bool) -> str:
    rows = tuple(Row(f"item {place}", ()) for place in range(listed))
    grid = Grid(Table("Items", ("item",), rows), most=10, total=total, where="qa.json", complete=complete)
    return str(grid.record(shown_with(), 1.0)["more"])


def test_a_long_table_says_where_its_rest_is_and_promises_no_more_than_that_holds() -> None:
    assert rows_told(10, 10, complete=False) == ""
    assert rows_told(60, 60, complete=False) == "50 more in qa.json."
    assert rows_told(200, 3000, complete=False) == "2,990 more; qa.json holds the first 200."
    assert rows_told(200, 3000, complete=True) == "2,990 more in qa.json."
    assert rows_told(10, 30, complete=False) == "20 more."


def test_hashes_are_found_by_a_search() -> None:
    digest = "0123456789abcdef" * 4
    assert shown_with().fact(digest) == digest
    assert digest in Pdf(pdf_of(Made())).text


def test_the_document_says_when_the_data_were_made_not_when_it_was_written() -> None:
    from datetime import UTC, datetime

    document = Document(
        "Title", "", "", "", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), [Chapter("A", (Text("a"),))]
    )
    content = typeset(document)
    assert Pdf(content).reader.metadata["/CreationDate"].startswith("D:20260102030405")
    assert typeset(document) == content
