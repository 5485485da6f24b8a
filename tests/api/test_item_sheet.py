"""The CSV of items: what stands in the table, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hostile_run import TEXTS, hostile_run
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.api import write_items_csv
from panel_eval.api.item_sheet import cell_text
from panel_eval.api.results import RunResult
from panel_eval.errors import InputError
from panel_eval.report import printable

STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return hostile_run(tmp_path_factory.mktemp("hostile"), resamples=20)


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_no_field_is_a_formula_and_every_item_is_there(run: RunResult, tmp_path: Path) -> None:
    header, *rows = rows_of(write_items_csv(run, tmp_path / "items.csv"))
    assert len(rows) == len(TEXTS)
    numbers = {name for name in run.items.columns if pd.api.types.is_numeric_dtype(run.items[name])}
    for row in [header, *rows]:
        assert len(row) == len(header)
        for name, field in zip(header, row, strict=True):
            assert name in numbers or not field.lstrip(" \n").startswith(STARTS), field
    assert not any(set("\x00\x1b\x07\u202e") & set(field) for row in rows for field in row)


def test_numbers_are_those_of_the_table_and_a_missing_one_is_empty(run: RunResult, tmp_path: Path) -> None:
    gone = run.items.copy()
    gone.loc[0, "ce_bits"] = float("nan")
    header, first, second, *_ = rows_of(write_items_csv(replace(run, items=gone), tmp_path / "items.csv"))
    column = header.index("ce_bits")
    assert first[column] == ""
    assert float(second[column]) == run.items["ce_bits"].iloc[1]


def test_the_content_stands_beside_its_item(run: RunResult, tmp_path: Path) -> None:
    header, *rows = rows_of(write_items_csv(run, tmp_path / "items.csv"))
    assert rows[0][header.index("content: text")] == f"{TEXTS[0]} {TEXTS[0]}"


def test_a_file_of_the_run_is_not_overwritten(run: RunResult) -> None:
    assert run.directory is not None
    before = (run.directory / "votes.jsonl").read_bytes()
    with pytest.raises(InputError, match="file of the run"):
        write_items_csv(run, run.directory / "votes.jsonl")
    assert (run.directory / "votes.jsonl").read_bytes() == before


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("=+-@;\t\n 'x"))))
def test_no_part_of_a_text_is_a_formula_whatever_parts_the_cells_and_nothing_else_changes(text: str) -> None:
    shown = cell_text(text)
    for part in re.split(r"[;\t\n]", shown):
        assert not part.lstrip().startswith(STARTS)
    assert shown.replace("'", "") == printable(text).replace("'", "")


def test_a_formula_after_a_semicolon_or_on_a_line_of_its_own_is_text() -> None:
    assert cell_text("x;=1+1\n- one\n  @a\tb") == "x;'=1+1\n'- one\n'  @a\tb"
    assert cell_text("=1") == "'=1"
    assert cell_text("2 - 1 = 1") == "2 - 1 = 1"
