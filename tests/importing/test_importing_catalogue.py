"""The list of formats, and formats of other packages."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from panel_eval.errors import InputError
from panel_eval.importing import catalogue, find_format, formats


def test_every_format_says_how_a_record_looks_and_has_a_page():
    pages = Path(__file__).parents[2] / "docs"
    for name, fmt in formats().items():
        assert fmt.name == name
        assert fmt.example.strip()
        assert "\n" not in fmt.example
        assert fmt.makes <= {"labels", "votes"}
        assert fmt.page is not None
        assert (pages / fmt.page).exists(), fmt.page


def test_a_name_that_is_nearly_right_is_put_right():
    with pytest.raises(InputError, match="did you mean 'long'"):
        find_format("lnog")


def test_another_package_adds_a_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    module = tmp_path / "their_importer.py"
    module.write_text(
        "from panel_eval.importing import Annotation, Format\n"
        "def read(source):\n    yield Annotation('i', 'r', 'x')\n    yield Annotation('i', 's', 'y')\n"
        "FORMAT = Format(name='theirs', title='their tool', example='{}', read=read)\n",
        encoding="utf-8",
    )
    package = tmp_path / "their_importer-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: their-importer\nVersion: 1\n")
    (package / "entry_points.txt").write_text("[panel_eval.importers]\ntheirs = their_importer:FORMAT\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        assert find_format("theirs").title == "their tool"
        assert "theirs" in formats()
    finally:
        sys.modules.pop("their_importer", None)


def test_a_broken_format_of_another_package_is_named(monkeypatch: pytest.MonkeyPatch):
    broken = EntryPoint("bad", "no_such_module_at_all:FORMAT", catalogue.GROUP)
    monkeypatch.setattr(catalogue, "entry_points", lambda group: [broken])
    with pytest.raises(InputError, match="'bad' of another package cannot be loaded"):
        formats()
    assert find_format("long").name == "long"  # ours do not suffer
