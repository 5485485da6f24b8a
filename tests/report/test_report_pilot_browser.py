"""The pilot's page in a real browser: calm, readable at any width, dark and light, on paper, by anyone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from browser import OpenPage
from hostile_texts import XSS
from pypdf import PdfReader

from panel_eval.evaluation.pilot import pilot_report
from panel_eval.humans import labels_from_counts
from panel_eval.report.pilot import render_pilot

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pilot whose every text is hostile or very long."""
    generator = np.random.default_rng(3)
    counts = generator.multinomial(4, generator.dirichlet((0.9, 0.5, 0.3), size=120)).astype(float)
    ids = [f"{XSS[row % len(XSS)]} {row}" if row % 2 else f"{'w' * 200}{row}" for row in range(120)]
    humans = labels_from_counts(counts, (XSS[0], "l" * 120, "fine"), task=XSS[1], item_ids=ids)
    path = tmp_path_factory.mktemp("pilot") / "pilot.html"
    path.write_text(render_pilot(pilot_report(humans, resamples=100)), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [380, 1024])
@pytest.mark.parametrize("dark", [False, True])
def test_it_is_calm_and_readable(open_page: OpenPage, page: Path, width: int, dark: bool) -> None:
    opened = open_page(page, width=width, dark=dark)
    ink, paper = opened.colours()
    assert (paper < 40 and ink > 200) if dark else (paper > 240 and ink < 60)
    assert opened.utterances() == []
    assert not opened.owned()
    assert opened.overflow() == 0
    assert opened.axe() == []


def test_it_prints(open_page: OpenPage, page: Path, tmp_path: Path) -> None:
    paper = tmp_path / "page.pdf"
    open_page(page).page.pdf(path=paper)
    text = "".join(sheet.extract_text() for sheet in PdfReader(paper).pages)
    assert "What to do" in text
    assert "How far to trust it" in text
    assert 2 <= len(PdfReader(paper).pages) <= 8
