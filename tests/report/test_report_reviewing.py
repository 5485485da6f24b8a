"""Reviewers as people read of them: page and terminal, of ordinary, large, unnamed and hostile deliveries."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from browser import OpenPage
from hostile_texts import XSS
from rich.cells import cell_len
from rich.console import Console

from panel_eval.api.reviewing import review_votes_csv, reviewer_report
from panel_eval.humans import HumanLabels, labels_from_counts
from panel_eval.report.reviewing import print_reviewers, render_reviewers
from panel_eval.schema import Rationale, SoftLabel
from panel_eval.schema.reviewer_report import ReviewerReport


def delivery(
    names: tuple[str, ...] = ("ann", "bob", "cy", "dee", "eve"),
    labels: tuple[str, ...] = ("low", "mid", "high"),
    evidence: str | None = None,
    items: int = 60,
    prefix: str = "item",
) -> HumanLabels:
    """Five people on every item, the first of them careless from the middle on; every third item is gold."""
    generator = np.random.default_rng(7)
    records, counts = [], np.zeros((items, 3))
    start = datetime(2026, 5, 1, tzinfo=UTC)
    for row in range(items):
        own, said = generator.permutation(3), []
        for place, name in enumerate(names):
            label = int(own[generator.choice(3, p=(0.9, 0.08, 0.02))])
            if place == 0 and row >= items // 2:
                label = int(own[generator.integers(1, 3)])
            counts[row, label] += 1
            at = (start + timedelta(hours=row)).isoformat()
            seconds = 20.0 if place or row < items // 2 else 4.0
            said.append(
                Rationale(reviewer=name, label=labels[label], evidence=evidence, at=at, seconds=seconds + row % 3)
            )
        gold = labels[own[0]] if row % 3 == 0 else None
        records.append(SoftLabel(item_id=f"{prefix} {row}", task="offence", rationales=said, gold_label=gold))
    ids = [record.item_id for record in records]
    return labels_from_counts(counts, labels, scale="ordinal", task="offence", item_ids=ids, records=tuple(records))


@pytest.fixture(scope="module")
def found() -> ReviewerReport:
    return reviewer_report(delivery(), resamples=200)


def in_terminal(found: ReviewerReport, width: int = 100) -> str:
    written = io.StringIO()
    print_reviewers(found, Console(file=written, width=width, color_system=None, highlight=False, emoji=False))
    return written.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_what_stands_out_stands_in_the_first_lines_within_the_width(found: ReviewerReport, width: int) -> None:
    text = in_terminal(found, width)
    lines = text.splitlines()
    assert max(cell_len(line) for line in lines) <= width
    assert any("ann" in line and "fails gold items" in line for line in lines[:6])
    assert "takes every item to have one true label" in " ".join(text.split())


def test_page_and_terminal_hold_what_was_computed(found: ReviewerReport) -> None:
    page, text = render_reviewers(found), " ".join(in_terminal(found, 120).split())
    ann = next(one for one in found.reviewers.reviewers if one.reviewer == "ann")
    assert f"{ann.gold.passed} of {ann.gold.n}" in page
    assert f"{ann.gold.passed} of {ann.gold.n}" in text
    assert ann.difference.estimate is not None
    assert f"−{abs(100 * ann.difference.estimate):.1f}%" in page
    matrix = next(one for one in found.confusion.reviewers if one.reviewer == "ann").matrix
    assert f">{100 * matrix.share[0][0]:.0f}</td>" in page
    sharpness = found.confusion.sharpness
    assert sharpness is not None
    assert f"it calls {sharpness.split_items_called_certain} certain" in page
    for answer in found.answer:
        assert answer in text


def test_one_reviewer_is_told_of_in_detail() -> None:
    text = in_terminal(reviewer_report(delivery(), reviewer="ann", resamples=200), 120)
    assert "Labels that ann gives (columns) by the assumed true label (rows)" in " ".join(text.split())
    assert "bob" not in text


def test_a_delivery_without_names_has_a_page_that_says_so() -> None:
    bare = reviewer_report(labels_from_counts([[3, 0], [2, 1]] * 6, ("a", "b")), resamples=100)
    page = render_reviewers(bare)
    assert "nothing can be said of single reviewers" in page
    assert "<table" not in page
    assert "nothing can be said" in " ".join(in_terminal(bare).split())


def test_the_table_of_votes_holds_no_formula() -> None:
    hostile = ("=1+2", "+cmd", "@sum", "-1", "\t=2")
    report = reviewer_report(
        delivery(names=hostile, labels=("=low", "+mid", "@high"), evidence="=HYPERLINK(1)", prefix="=item"),
        resamples=100,
    )
    rows = list(csv.reader(io.StringIO(review_votes_csv(report))))
    assert len(rows) == 1 + report.review.flagged > 5
    assert rows[0][:4] == ["item_id", "reviewer", "label", "others"]
    for row in rows[1:]:
        texts = [*row[:5], row[8], row[12]]
        assert all(not text.lstrip().startswith(("=", "+", "-", "@")) for text in texts)
    scores = [float(row[7]) for row in rows[1:] if row[1] == rows[1][1]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.slow
def test_no_text_of_the_corpus_runs(open_page: OpenPage, tmp_path: Path) -> None:
    """Five texts at a time as the names of five people, and as labels and evidence."""
    for first in range(0, len(XSS) - 4, 5):
        names = tuple(f"{text} {place}" for place, text in enumerate(XSS[first : first + 5]))
        report = reviewer_report(
            delivery(
                names=names, labels=(names[0], names[1], names[2]), evidence=names[3], items=24, prefix=names[4]
            ),
            resamples=100,
        )
        page = tmp_path / f"{first}.html"
        page.write_text(render_reviewers(report), encoding="utf-8")
        opened = open_page(page)
        assert not opened.owned()
        assert opened.utterances() == []
        assert opened.page.locator("script, iframe, object, embed, img, form, input, base").count() == 0


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [380, 1024])
def test_anyone_can_read_it(
    open_page: OpenPage, found: ReviewerReport, tmp_path: Path, width: int, dark: bool
) -> None:
    page = tmp_path / "reviewers.html"
    page.write_text(render_reviewers(found), encoding="utf-8")
    opened = open_page(page, width=width, dark=dark)
    opened.page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert opened.utterances() == []
    assert opened.overflow() == 0
    assert opened.axe() == []


def test_a_large_delivery_makes_no_large_page() -> None:
    names = tuple(f"reviewer {place}" for place in range(150))
    page = render_reviewers(reviewer_report(delivery(names=names, items=12), resamples=100))
    assert len(page) < 400_000
    assert "50 more are not shown" in page
