"""The page in a real browser: it opens from a file, logs no error, and hostile text does not run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib.image
import pytest

from panel_eval.report import RunView, write_html

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--enable-logging=stderr", "--v=0",
)  # fmt: skip
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine"),
]
CANARIES = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=document.title='owned'>",
    "</style></title><svg onload=document.title='owned'>",
    "\" autofocus onfocus=document.title='owned' x=\"",
)


@dataclass(frozen=True)
class Opened:
    """What the browser made of a page."""

    dom: str
    console: list[str]


def browse(page: Path, profile: Path, *arguments: str) -> Opened:
    assert BROWSER is not None
    command = [BROWSER, *FLAGS, f"--user-data-dir={profile}", *arguments, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    return Opened(done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line])


@pytest.mark.parametrize("canary", CANARIES)
def test_hostile_text_does_not_run(make_view: Callable[[str], RunView], tmp_path: Path, canary: str) -> None:
    page = tmp_path / "report.html"
    write_html(make_view(canary), page)
    opened = browse(page, tmp_path / "profile", "--dump-dom")
    # The canary stands in the title as text; had it run, the title would be the bare word.
    assert "<title>owned</title>" not in opened.dom
    assert "· panel-eval</title>" in opened.dom
    assert "<script" not in opened.dom
    assert opened.console == []


def test_the_browser_would_show_a_refused_script(tmp_path: Path) -> None:
    """The check above can fail: a page that does run a script is found out."""
    page = tmp_path / "bad.html"
    page.write_text("<!doctype html><title>x</title><script>document.title='owned'; console.error('seen')</script>")
    opened = browse(page, tmp_path / "profile", "--dump-dom")
    assert "<title>owned</title>" in opened.dom
    assert len(opened.console) == 1


@pytest.mark.parametrize("width", [1024, 380])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_drawn_in_its_colours(run_view: RunView, tmp_path: Path, width: int, dark: bool) -> None:
    page, picture = tmp_path / "report.html", tmp_path / "picture.png"
    write_html(run_view, page)
    mode = ["--force-dark-mode"] if dark else []
    browse(page, tmp_path / "profile", f"--window-size={width},1200", f"--screenshot={picture}", *mode)
    pixels = matplotlib.image.imread(picture)[:, :, :3]
    assert pixels.shape[1] == width
    corner = pixels[2, 2].mean()
    assert corner < 0.15 if dark else corner > 0.95
    assert (abs(pixels.mean(axis=2) - corner) > 0.4).sum() > 2000  # there is text to read
