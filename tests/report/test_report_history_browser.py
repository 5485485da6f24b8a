"""The history's page in a real browser: no script runs, it follows light and dark, wide and narrow, and prints."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import pytest
from synthetic_history import history
from test_report_browser import BROWSER, CANARIES, browse
from test_report_history_page import saying

from panel_eval.report import write_history_page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine"),
]


def test_hostile_text_does_not_run(tmp_path: Path) -> None:
    canary = " ".join(CANARIES)
    report = saying(canary)
    hrefs = {one.run_id: f"{canary}/report.html" for one in report.runs}
    page = write_history_page(report, tmp_path / "history.html", hrefs)
    opened = browse(page, tmp_path / "profile", "--dump-dom")
    # The canary stands in the title as text; had it run, the title would be the bare word.
    assert "<title>owned</title>" not in opened.dom
    assert "· panel-eval history</title>" in opened.dom
    assert "<script" not in opened.dom
    assert opened.console == []


@pytest.mark.parametrize(("width", "dark"), [(1024, False), (380, True)])
def test_the_page_is_drawn_in_its_colours(tmp_path: Path, width: int, dark: bool) -> None:
    page = write_history_page(history(30, drift=0.2, change_at=20), tmp_path / "history.html")
    picture = tmp_path / "picture.png"
    mode = ["--force-dark-mode"] if dark else []
    browse(page, tmp_path / "profile", f"--window-size={width},1400", f"--screenshot={picture}", *mode)
    pixels = matplotlib.image.imread(picture)[:, :, :3]
    assert pixels.shape[1] == width
    corner = pixels[2, 2].mean()
    assert corner < 0.15 if dark else corner > 0.95
    assert (abs(pixels.mean(axis=2) - corner) > 0.4).sum() > 2000  # there is text to read


def test_it_prints(tmp_path: Path) -> None:
    page = write_history_page(history(30), tmp_path / "history.html")
    paper = tmp_path / "history.pdf"
    browse(page, tmp_path / "profile", f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    content = paper.read_bytes()
    assert content.startswith(b"%PDF")
    assert 2 <= content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") <= 8
