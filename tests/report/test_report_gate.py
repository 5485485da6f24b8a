"""A verdict as JUnit XML, GitHub annotations, Markdown, a chat line and text: safe whatever names hold."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from gate_results import STATUSES, verdict
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from panel_eval.report.gate import (
    chat_line,
    gate_text,
    github_annotations,
    junit_xml,
    markdown_summary,
    without_commands,
)

HOSTILE = (
    "]]></failure><testcase name='x'/>\x00\x1b[31m\x0b\ufffe\ud800",
    "a\n::error::owned\r\n::set-output name=x::y",
    "%0A::warning::x",
    "##[error]x",
    "<script>alert(1)</script> <!channel> @everyone [x](http://evil) ![i](//evil) `|` \u202e",
    "&amp; | `code` *x* _y_ #1",
)
any_text = st.text(st.characters(), max_size=60) | st.sampled_from(HOSTILE)


def unescaped(text: str) -> str:
    """What GitHub's runner makes of the data of a command (actions/runner, ActionCommand.cs)."""
    for mark, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(mark, char)
    return text


def test_junit_has_a_case_for_each_check_and_counts_that_add_up() -> None:
    root = ElementTree.fromstring(junit_xml(verdict()))
    (suite,) = root.findall("testsuite")
    cases = suite.findall("testcase")
    for element in (root, suite):
        counts = {name: int(element.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}
        assert counts == {"tests": 6, "failures": 1, "errors": 3, "skipped": 1}
    assert [len(suite.findall(f"testcase/{kind}")) for kind in ("failure", "error", "skipped")] == [1, 3, 1]
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in cases}) == len(STATUSES)
    assert all(float(case.attrib["time"]) == 0 for case in cases)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])


def test_what_is_not_known_is_no_passing_test_case() -> None:
    root = ElementTree.fromstring(junit_xml(verdict()))
    told = {
        (child.tag, child.get("type"))
        for case in root.iter("testcase")
        for child in case
        if child.tag != "system-out"
    }
    assert told == {
        ("failure", "FAIL"), ("error", "INCONCLUSIVE"), ("error", "NOT COMPARABLE"), ("error", "INCOMPLETE"),
        ("skipped", None),
    }  # fmt: skip


@given(name=any_text, text=any_text)
def test_junit_parses_back_whatever_names_hold(name: str, text: str) -> None:
    root = ElementTree.fromstring(junit_xml(verdict(name=name, text=text)).encode())
    assert len(list(root.iter("testcase"))) == len(STATUSES)
    assert int(root.attrib["tests"]) == len(STATUSES)


@given(name=any_text, text=any_text)
def test_an_annotation_is_one_command_and_stays_it(name: str, text: str) -> None:
    for line in github_annotations(verdict(name=name, text=text)):
        assert len(line.splitlines()) == 1
        found = re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(.*)", line)
        assert found is not None, line
        assert "%" not in re.sub("%(25|0A|0D|3A|2C)", "", found[2] + found[3])


def test_annotations_say_what_the_check_says() -> None:
    lines = github_annotations(verdict(text="Loss: 5 %, or 0.05 bits."))
    assert lines[0] == "::error title=panel-eval gate%3A FAIL::FAIL: Loss: 5 %25, or 0.05 bits."
    titles = [unescaped(line.split("title=")[1].split("::")[0]) for line in lines[1:]]
    assert titles == [
        "FAIL: margin ce_bits overall 1",
        "NOT COMPARABLE: margin ce_bits overall 3",
        "INCOMPLETE: margin ce_bits overall 4",
        "INCONCLUSIVE: margin ce_bits overall 2",
        "SKIPPED: margin ce_bits overall 5",
    ]
    assert unescaped(lines[1].split("::")[2]).startswith("Loss: 5 %, or 0.05 bits.")


def test_github_shows_ten_annotations_of_a_kind_and_the_verdict_is_among_them() -> None:
    many = verdict()
    many = many.model_copy(update={"checks": [many.checks[1]] * 30})
    lines = github_annotations(many)
    assert len(lines) == 10
    assert "panel-eval gate" in lines[0]


def test_between_stop_commands_nothing_is_read_as_one() -> None:
    written: list[str] = []
    with without_commands(True, written.append):
        written.append("::error::from a name")
    token = written[0].removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    assert written == [f"::stop-commands::{token}", "::error::from a name", f"::{token}::"]
    with without_commands(False, written.append):
        pass
    assert len(written) == 3


@given(name=any_text, text=any_text)
def test_one_line_for_chat_makes_no_mention_and_no_link_markup(name: str, text: str) -> None:
    line = chat_line(verdict(name=name, text=text))
    assert len(line.splitlines()) == 1
    assert len(line) <= 400
    assert not set("<>@`") & set(line)


def test_the_chat_line() -> None:
    line = chat_line(verdict("INCONCLUSIVE", name="nightly", text="Nobody knows."))
    assert line == "panel-eval gate INCONCLUSIVE (nightly, run nightly): Nobody knows."


def inline_tokens(markdown: str) -> list[Token]:
    """What a Markdown reader makes of the text, tables included."""
    blocks = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [*blocks, *(child for block in blocks for child in block.children or ())]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_do_nothing_in_the_summary(name: str) -> None:
    tokens = inline_tokens(markdown_summary(verdict(name=name, text=name)))
    assert not {token.type for token in tokens} & {"html_inline", "html_block", "link_open", "image", "em_open"}
    assert sum(token.type == "heading_open" for token in tokens) == 1
    assert sum(token.type == "tr_open" for token in tokens) == 1 + len(STATUSES)
    assert sum(token.type == "td_open" for token in tokens) == 3 * len(STATUSES)
    assert not any("@everyone" in token.content for token in tokens if token.type == "text")


def test_the_summary_begins_with_the_verdict() -> None:
    lines = markdown_summary(verdict()).splitlines()
    assert lines[0] == "## Gate: ❌ FAIL"
    assert lines[2].startswith("**FAIL: 0.080 bits worse")


@pytest.mark.parametrize("name", HOSTILE)
def test_the_terminal_is_told_the_verdict_first_and_obeys_nothing(name: str) -> None:
    text = gate_text(verdict(name=name))
    assert text.startswith("FAIL: 0.080 bits worse")
    assert all(char == "\n" or char.isprintable() or char == "\ufffd" for char in text)
    assert all(status in text for status in STATUSES)
