"""The PNG of a history: the same bytes for the same report, white, without metadata, readable in one look."""

from __future__ import annotations

import re
import struct
from importlib import resources
from pathlib import Path

import matplotlib
import matplotlib.image
import numpy as np
import pytest
from synthetic_history import NULL, history, joined, run
from test_report_html import PAIRS

from panel_eval.report import write_history_png
from panel_eval.report.history.picture import PICTURED_PANELS
from panel_eval.report.palette import picture_palette
from panel_eval.schema.history import HistoryReport


def chunks(content: bytes) -> list[bytes]:
    """The types of a PNG's chunks: four bytes of length, four of type, the data, four of checksum."""
    found, at = [], 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        found.append(content[at + 4 : at + 8])
        at += 12 + length
    return found


def pixels(path: Path) -> np.ndarray:
    return matplotlib.image.imread(path)[:, :, :3]


def test_equal_reports_give_equal_bytes_without_date_or_software(tmp_path: Path) -> None:
    report = history(20, drift=0.2, change_at=15)
    write_history_png(report, tmp_path / "a.png")
    with matplotlib.rc_context({"font.size": 30, "figure.facecolor": "black", "savefig.dpi": 30}):
        write_history_png(report, tmp_path / "b.png")
    content = (tmp_path / "a.png").read_bytes()
    assert content == (tmp_path / "b.png").read_bytes()
    assert set(chunks(content)) == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_the_background_is_white_and_colours_are_those_of_the_page(tmp_path: Path) -> None:
    found = pixels(write_history_png(history(20, drift=0.3), tmp_path / "a.png"))
    assert (found[:3, :3] == 1.0).all()
    css = resources.files("panel_eval.report").joinpath("templates/style.css").read_text()
    first = dict(re.findall(r"--(\w+): (#\w{6})", css[: css.index("@media")]))
    palette = picture_palette()
    for name in ("panel", "bad", "base"):
        colour = np.array([int(first[name][at : at + 2], 16) for at in (1, 3, 5)]) / 255
        assert getattr(palette, name) == first[name]
        assert (abs(found - colour).max(axis=2) < 0.01).sum() > 100, name  # it is drawn
    # No placeholder of the page's figures is left: no pixel is nearly black but for none at all.
    assert (found.max(axis=2) < 0.06).sum() == 0


def named(name: str) -> HistoryReport:
    return HistoryReport.model_validate_json(history(3).model_dump_json().replace("synthetic panel", name))


def test_panels_are_stacked_up_to_six(tmp_path: Path) -> None:
    heights = [
        pixels(write_history_png(joined(*(named(f"p{at}") for at in range(n))), tmp_path / f"{n}.png")).shape[0]
        for n in (1, 2, PICTURED_PANELS + 2)
    ]
    assert heights[1] == pytest.approx(2 * heights[0], abs=2)
    assert heights[2] == pytest.approx(PICTURED_PANELS * heights[0], abs=PICTURED_PANELS)


@pytest.mark.parametrize("text", [*PAIRS[::3], "$\\frac{$", "_hidden", "x" * 400, "a\nb\n" * 50])
def test_names_of_any_kind_are_drawn_as_they_are(tmp_path: Path, text: str) -> None:
    runs = [run(at, panel=text, task=text, instrument=f"i{at // 2}") for at in range(4)]
    report = HistoryReport(alpha=0.05, runs=runs, streams=[], advice=text)
    shape = pixels(write_history_png(report, tmp_path / "a.png")).shape
    assert shape == pixels(write_history_png(history(4), tmp_path / "b.png")).shape


@pytest.mark.parametrize(
    "report",
    [
        history(1),
        HistoryReport(alpha=0.05, runs=[run(0, metrics={"ce_bits": NULL})], streams=[], advice="made up"),
        HistoryReport(alpha=0.05, runs=[], streams=[], advice="made up"),
    ],
)
def test_little_or_nothing_to_draw_still_makes_a_picture(tmp_path: Path, report: HistoryReport) -> None:
    found = pixels(write_history_png(report, tmp_path / "a.png"))
    assert (found.mean(axis=2) < 0.5).sum() > 200  # there is text to read
