"""The pictures of docs/gallery.md are what the command makes of the recorded demo today."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib
import PIL
import pytest

from panel_eval import api
from panel_eval.demo import run_demo

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "docs" / "images" / "gallery"
PAGE = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
DRAWN_WITH = f"matplotlib {matplotlib.__version__}\npillow {PIL.__version__}\n"


def test_every_picture_is_on_the_page_with_words_for_it_and_all_are_small() -> None:
    shown = re.findall(r"!\[(.{30,})\]\(images/gallery/([\w-]+\.png)\)", PAGE)
    assert sorted(name for _, name in shown) == sorted(path.name for path in GALLERY.glob("*.png"))
    assert sum(path.stat().st_size for path in GALLERY.iterdir()) < 1_200_000


@pytest.mark.slow
@pytest.mark.skipif(
    (GALLERY / "made-with.txt").read_text() != DRAWN_WITH,
    reason="the gallery was drawn with other versions of matplotlib and pillow, which may draw other bytes",
)
def test_the_pictures_are_those_of_the_recorded_demo(tmp_path: Path) -> None:
    result = run_demo(results=tmp_path, recorded=True)
    assert result.directory is not None
    api.fit(result, out=result.directory / api.FIT)
    files = api.write_pictures(result, png=tmp_path / "png")
    differ = [file.name for file in files if file.read_bytes() != (GALLERY / file.name).read_bytes()]
    assert {file.name for file in files} == {path.name for path in GALLERY.glob("*.png")}
    assert not differ, "run `make gallery`"
