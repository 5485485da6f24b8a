"""A short run of the fuzzer over every reader; `python tests/fuzzing/fuzz.py --minutes 10` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz import Fuzzing, run
from seeds import seeds
from targets import readers


def test_every_import_format_has_files_to_start_from():
    pages = {seed.page for seed in seeds()}
    formats = readers().keys() - {"soft-labels", "salvage", "votes-file", "items", "rubric", "mapping", "guessed"}
    assert formats <= pages


@pytest.mark.slow
def test_changed_files_are_taken_or_refused_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    done = run(20, seed=20261122)
    assert not done.faults
    assert min(done.tried.values()) > 5


def test_a_reader_that_breaks_is_found_and_the_file_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "in.csv"
    source.write_text("x", encoding="utf-8")

    def broken(path: Path, folder: Path) -> None:
        raise KeyError("no such thing")

    fuzzing = Fuzzing()
    fuzzing.try_file("broken", broken, source, tmp_path)
    fuzzing.try_file("broken", broken, source, tmp_path)
    (((name, what), kept),) = fuzzing.faults.items()
    assert (name, what.split()[0]) == ("broken", "KeyError")
    assert kept.read_text() == "x"
