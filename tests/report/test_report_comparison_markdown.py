"""A comparison in Markdown: tables that stay tables, and texts from data that do nothing on GitHub."""

from __future__ import annotations

import re

import pytest
from comparisons import candidate, difference, number, report, report_saying, run
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from panel_eval.report import comparison_markdown, comparison_report_markdown
from panel_eval.report.comparison.markdown_text import code, prose
from panel_eval.report.printable import one_line

HOSTILE = (
    "a | b || c \\| d",
    "``` `tick` ``",
    "`",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</details></summary><h1>done</h1>",
    "@octocat please #12 GH-7 owner/repo#3",
    "[click](https://evil.example) ![i](https://evil.example/i.png) https://evil.example www.evil.example",
    "line one\n\n# heading\n- item\n\n---\n",
    "**bold** _it_ ~~gone~~ $x$ :tada:",
    "1. one",
    "\x1b[31mred\x9b2J\u202e",
    "::error file=a::b",
    "&lt;b&gt; &amp; &#64;octocat",
)


def parsed(text: str) -> list[Token]:
    """As CommonMark with GitHub's tables and strikethrough reads it, raw HTML let through."""
    tokens: list[Token] = []
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        tokens += [token, *(token.children or [])]
    return tokens


def kinds(text: str) -> list[str]:
    """The structure alone: blocks and inline elements in order, without code spans and texts."""
    unstructured = ("text", "code_inline", "softbreak", "text_special", "html_inline", "html_block")
    return [f"{token.type} {token.tag}" for token in parsed(text) if token.type not in unstructured]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("several", [False, True])
def test_texts_from_data_change_no_structure(text: str, several: bool) -> None:
    written = comparison_report_markdown(report_saying(text, several))
    assert kinds(written) == kinds(comparison_report_markdown(report_saying("plain", several)))
    html = "".join(token.content for token in parsed(written) if token.type.startswith("html"))
    assert set(re.findall(r"<[^>]*>", html)) <= {
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<sub>",
        "</sub>",
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_left_that_github_would_link(text: str) -> None:
    """Mentions, references and bare links are made from text outside code."""
    outside = " ".join(token.content for token in parsed(comparison_report_markdown(report_saying(text)))
                       if token.type in ("text", "text_special"))  # fmt: skip
    assert not re.search(r"(?<![\w`])@\w", outside)
    assert not re.search(r"#\d", outside)
    assert not re.search(r"\bGH-\d", outside)
    assert not re.search(r"://\w|www\.\w", outside)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_it_commands_a_terminal_or_a_runner(text: str) -> None:
    written = comparison_report_markdown(report_saying(text))
    assert not set("\x1b\x9b\u202e\r") & set(written)
    assert not any(line.lstrip().startswith("::") for line in written.splitlines())


def test_every_row_of_a_table_has_its_columns() -> None:
    for block in comparison_report_markdown(report_saying("a|b")).split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) <= 1


@given(st.text(min_size=1, max_size=50))
def test_a_name_in_code_shows_as_it_is_in_a_table(text: str) -> None:
    shown = one_line(text)
    table = f"| a |\n| --- |\n| {code(text)} |\n"
    cells = [token for token in parsed(table) if token.type == "code_inline"]
    assert [cell.content for cell in cells] == ([shown] if shown else [])


@given(st.text(max_size=60))
def test_a_sentence_reads_as_it_was_written(text: str) -> None:
    tokens = parsed(f"x {prose(text)}\n")
    assert {token.type for token in tokens} <= {
        "paragraph_open", "paragraph_close", "inline", "text", "text_special",
    }  # fmt: skip
    read = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
    assert read.replace("\u200b", "").split() == f"x {one_line(text)}".split()


def test_the_verdict_stands_first_without_a_heading() -> None:
    text = comparison_markdown(candidate(), run("old"))
    assert text.startswith("**What to make of new.**\n\nBaseline `old`, candidate `new`.")
    assert not re.search(r"^#", text, re.MULTILINE)
    assert "| **overall** | 1.500 | 1.469 | −0.031 (−0.056 to −0.006) | 0.020 | 0.035 | better |" in text


def test_a_caution_on_a_number_stands_below_its_table() -> None:
    noted = number(0.0, -0.1, 0.1).model_copy(update={"note": "one cluster holds half of the items"})
    text = comparison_markdown(candidate(tests=[difference("overall", 0.0, 0.1, difference=noted)]), run("old"))
    assert "0.000† (−0.100 to +0.100)" in text
    assert "\n\n† overall: one cluster holds half of the items\n" in text


def test_details_are_folded_and_the_deciding_table_is_not() -> None:
    open_part, _, folded = comparison_markdown(candidate(), run("old")).partition("<details>")
    assert "Cross-entropy" in open_part
    for inside in ("wise-1", "USD per 1,000 votes", "`ada`", "`i-1`", "Total variation distance"):
        assert inside not in open_part
        assert inside in folded


def test_it_fits_a_comment() -> None:
    """GitHub takes 65,536 characters in a comment."""
    many = [candidate().moved[0].model_copy(update={"item_id": f"{n}" + "i" * 500}) for n in range(500)]
    changes = [candidate().changes[0].model_copy(update={"base": "b" * 500, "name": f"{n}"}) for n in range(500)]
    text = comparison_report_markdown(report(candidate(moved=many, changes=changes)))
    assert len(text) < 20_000
    assert "… and 460 more." in text
