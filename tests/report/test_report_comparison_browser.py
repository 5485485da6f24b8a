"""The comparison in a real browser: no script runs, no network, no sideways scrolling, in light and dark."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import matplotlib.image
import pytest
from comparisons import candidate, report, report_saying
from test_report_browser import BROWSER, CANARIES, browse

from panel_eval.report import render_comparison

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine"),
]


def written(folder: Path, page: str) -> Path:
    path = folder / "comparison.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.mark.parametrize("canary", CANARIES)
def test_hostile_text_does_not_run(tmp_path: Path, canary: str) -> None:
    page = written(tmp_path, render_comparison(report_saying(canary, several=True)))
    opened = browse(page, tmp_path / "profile", "--dump-dom")
    assert "<title>owned</title>" not in opened.dom
    assert "· panel-eval</title>" in opened.dom
    assert "<script" not in opened.dom
    assert opened.console == []


@pytest.mark.parametrize("width", [1100, 360])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_drawn_in_its_colours(tmp_path: Path, width: int, dark: bool) -> None:
    picture = tmp_path / "picture.png"
    page = written(tmp_path, render_comparison(report(candidate(), candidate("other", 0.125))))
    mode = ["--force-dark-mode"] if dark else []
    browse(page, tmp_path / "profile", f"--window-size={width},1200", f"--screenshot={picture}", *mode)
    pixels = matplotlib.image.imread(picture)[:, :, :3]
    corner = pixels[2, 2].mean()
    assert corner < 0.15 if dark else corner > 0.95
    assert (abs(pixels.mean(axis=2) - corner) > 0.4).sum() > 2000  # there is text to read


MEASURE = "document.title = 'widths ' + document.documentElement.scrollWidth + ' ' + innerWidth"


def widths(folder: Path, page: str) -> tuple[int, int]:
    """How wide a page is, and the frame of 360 px that it is shown in; a script put into the copy measures it."""
    allowed = page.replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    measured = allowed.replace("</body>", f"<script>{MEASURE}</script></body>")
    quoted = measured.replace("&", "&amp;").replace('"', "&quot;")
    frame = f'<iframe width=360 height=900 srcdoc="{quoted}" onload="document.title = this.contentDocument.title">'
    opened = browse(written(folder, f"<!doctype html><title>x</title>{frame}"), folder / "profile", "--dump-dom")
    found = re.search(r"<title>widths (\d+) (\d+)</title>", opened.dom)
    assert found is not None
    return int(found[1]), int(found[2])


@pytest.mark.parametrize("text", ["plain", "w" * 300])
def test_a_narrow_window_scrolls_in_one_direction_only(tmp_path: Path, text: str) -> None:
    page, window = widths(
        tmp_path, render_comparison(report_saying(text, True)).replace("<details", "<details open")
    )
    assert page <= window <= 360


def test_the_measure_would_find_a_wide_page(tmp_path: Path) -> None:
    page, window = widths(tmp_path, render_comparison(report()).replace("<main>", "<main style='width: 600px'>"))
    assert page > 600 > window


def test_it_prints(tmp_path: Path) -> None:
    printed = tmp_path / "page.pdf"
    page = written(tmp_path, render_comparison(report()))
    browse(page, tmp_path / "profile", "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    assert printed.read_bytes().startswith(b"%PDF")
    if (reader := shutil.which("pdftotext")) is not None:
        text = subprocess.run([reader, str(printed), "-"], capture_output=True, text=True, check=True).stdout
        assert "What to make of new." in " ".join(text.split())
