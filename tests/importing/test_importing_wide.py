"""Tables with one row an item and one column a rater."""

from __future__ import annotations

from pathlib import Path

import pytest
from imports import do_import

from panel_eval.api import export_labels
from panel_eval.errors import InputError

TABLE = """\
id,text,anna,ben,cleo,gpt-4o
q1,It broke.,neg,neg,,neg
q2,"Well, well.",neu,neg,neu,refused
q3,Good.,pos,pos,pos,pos
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "wide.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_each_column_is_a_rater_and_an_empty_cell_no_answer(table: Path, tmp_path: Path):
    found = do_import("wide", table, tmp_path, task="t", judges=["gpt-4o"], want=("labels", "votes"))
    assert found.votes_on("q1") == {"neg": 2}
    assert found.votes_on("q2") == {"neu": 2, "neg": 1}
    assert found.humans.records[1].content == {"text": "Well, well."}
    assert (found.report.annotations_read, found.report.annotations_kept, found.report.reviewers) == (8, 8, 3)
    assert not found.dropped


def test_a_judge_column_becomes_votes_and_an_answer_that_is_no_label_is_unparseable(table: Path, tmp_path: Path):
    order = ["neg", "neu", "pos"]
    found = do_import(
        "wide", table, tmp_path, task="t", judges=["gpt-4o"], label_order=order, want=("labels", "votes")
    )
    assert [(v["item_id"], v["outcome"], v.get("label")) for v in found.votes] == [
        ("q1", "ok", "neg"), ("q2", "unparseable", None), ("q3", "ok", "pos"),
    ]  # fmt: skip
    assert found.dropped == {"judge_label": 1}


def test_only_the_columns_named_as_reviewers_are_read(table: Path, tmp_path: Path):
    found = do_import("wide", table, tmp_path, task="t", reviewers={"anna": "A", "ben": "B"})
    assert found.report.annotations_kept == 6
    assert [r.reviewer for r in found.humans.records[0].rationales] == ["A", "B"]


def test_a_column_that_does_not_exist_is_named(table: Path, tmp_path: Path):
    with pytest.raises(InputError, match=r"no such column.*dora"):
        do_import("wide", table, tmp_path, task="t", judges=["dora"])


def test_a_second_row_of_an_item_is_dropped(tmp_path: Path):
    path = tmp_path / "twice.csv"
    path.write_text("id,a,b\nx,yes,no\nx,no,no\n", encoding="utf-8")
    found = do_import("wide", path, tmp_path, task="t")
    assert found.votes_on("x") == {"yes": 1, "no": 1}
    assert found.dropped == {"item_twice": 1}
    assert (found.report.annotations_read, found.report.annotations_kept) == (4, 2)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_out_and_back_keeps_votes_and_texts_and_says_what_is_lost(tmp_path: Path, suffix: str):
    long = tmp_path / "long.csv"
    long.write_text(
        "item,reviewer,label,evidence,text,gold\na,anna,1,why,T1,1\na,ben,2,,T1,1\nb,ben,2,,T2,\n", encoding="utf-8"
    )
    first = do_import("long", long, tmp_path, task="t", label_order=["1", "2"])
    out = tmp_path / f"wide{suffix}"
    (tmp_path / "labels.jsonl").rename(tmp_path / "first.jsonl")
    assert export_labels(tmp_path / "first.jsonl", "wide", out) == ["evidence (on 1 item)"]
    again = do_import("wide", out, tmp_path, task="t", label_order=["1", "2"])
    for one, other in zip(first.humans.records, again.humans.records, strict=True):
        assert one.counts == other.counts
        assert (one.content, one.gold_label) == (other.content, other.gold_label)
        assert [(r.reviewer, r.label) for r in one.rationales] == [(r.reviewer, r.label) for r in other.rationales]
