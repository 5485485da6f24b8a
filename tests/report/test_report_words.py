"""What the numbers mean, and how sections stand on the page: words for all, pages that are there, no half rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import panel_eval
from panel_eval.report import RunView, render_report
from panel_eval.report.cells import Row, Table
from panel_eval.report.glossary import METRIC_TEXTS
from panel_eval.report.page import page_environment
from panel_eval.report.part import Part
from panel_eval.report.section import Section
from panel_eval.report.section_words import SECTION_WORDS, words_of
from panel_eval.report.sections import report_sections
from panel_eval.schema import Metrics

DOCS = Path(panel_eval.__file__).parent.parent / "docs"


def test_every_section_with_numbers_has_its_words(run_view: RunView) -> None:
    sections = {section.name for section in report_sections(run_view)}
    assert sections <= {words.section for words in SECTION_WORDS}
    page = render_report(run_view)
    words = page[page.index('<section id="words">') : page.index('<section id="settings">')]
    for group in words_of(frozenset(sections)):
        assert f"<h3>{group.title}</h3>" in words
        assert all(f"docs/{name}" in words for name in group.pages)


@pytest.mark.parametrize("page", sorted({page for words in SECTION_WORDS for page in words.pages}))
def test_the_pages_of_the_documentation_that_words_name_are_there(page: str) -> None:
    assert (DOCS / page).is_file()


def test_every_metric_of_a_run_is_explained(make_metrics: Callable[..., Metrics]) -> None:
    assert set(make_metrics().panel.overall) <= set(METRIC_TEXTS)
    assert all(text.meaning for text in METRIC_TEXTS.values())


def test_warnings_that_fold_on_the_screen_stand_on_paper(run_view: RunView) -> None:
    page = render_report(run_view)
    warnings = run_view.metrics.warnings
    head = page[: page.index("<main>")]
    assert all(
        head.count(f"<li>{text}</li>") == 1 for text in (one.text for one in warnings[:4]) if "&" not in text
    )
    assert ('<ul class="paper">' in head) is (len(warnings) > 4)


@pytest.mark.parametrize(
    ("columns", "alone"),
    [((6, 3, 6), [False, True, False]), ((3, 3, 6, 3), [False, False, False, True]), ((6, 3), [False, True])],
)
def test_a_part_with_no_neighbour_takes_the_page_and_not_half_of_it(
    columns: tuple[int, ...], alone: list[bool]
) -> None:
    parts = tuple(
        Part(f"part{place}", "?", (), (Table("made up", tuple("abcdefg"[:size]), (Row("x", ()),)),))
        for place, size in enumerate(columns)
    )
    template = page_environment().from_string('{% import "macros.html.j2" as m %}{{ m.section(section) }}')
    page = template.render(section=Section("made", "Made", "Made up", parts=parts))
    assert [f'class="part alone" id="made-part{place}"' in page for place in range(len(parts))] == alone
