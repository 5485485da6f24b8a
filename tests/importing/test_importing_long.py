"""Tables with one row an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from imports import do_import, real_data

from panel_eval.errors import InputError
from panel_eval.schema import SoftLabel

CROWD = """\
task,worker,label
t1,w1,cat
t1,w2,cat
t1,w3,dog
t2,w1,dog
t2,w2,dog
t2,w3,
"""


def written(folder: Path, text: str, name: str = "crowd.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_crowd_kit_table_becomes_votes_by_reviewer(tmp_path: Path):
    found = do_import("long", written(tmp_path, CROWD), tmp_path, task="animals")
    assert found.votes_on("t1") == {"cat": 2, "dog": 1}
    assert found.votes_on("t2") == {"dog": 2}
    assert found.dropped == {"no_answer": 1}
    assert (found.report.annotations_read, found.report.annotations_kept, found.report.reviewers) == (6, 5, 3)
    record = found.humans.records[0]
    assert [(r.reviewer, r.label) for r in record.rationales] == [("w1", "cat"), ("w2", "cat"), ("w3", "dog")]
    assert record.disagreement_class == "minor"  # 2-1 of three
    assert record.entropy_bits == pytest.approx(0.918296, abs=1e-6)  # H(1/3) in bits


def test_the_last_answer_of_a_person_counts_by_time_where_all_have_one(tmp_path: Path):
    table = "item,reviewer,label,at\na,p,yes,2026-01-02T00:00:00Z\na,p,no,2026-01-01T00:00:00Z\na,q,no,\n"
    found = do_import("long", written(tmp_path, table), tmp_path, task="t")
    assert found.votes_on("a") == {"no": 1, "yes": 1}
    assert found.dropped == {"replaced": 1}


def test_labels_are_renamed_dropped_and_ordered_as_the_mapping_says(tmp_path: Path):
    table = "item,reviewer,label\na,p,lo\na,q,hi\na,r,n/a\nb,p,odd\nb,q,hi\n"
    found = do_import(
        "long",
        written(tmp_path, table),
        tmp_path,
        task="t",
        scale="ordinal",
        labels={"lo": "low", "hi": "high", "n/a": None},
        label_order=["low", "high"],
    )
    assert found.humans.labels == ("low", "high")
    assert found.dropped == {"mapped_to_nothing": 1, "unknown_label": 1}


def test_confidence_is_put_on_our_scale_and_what_is_beyond_is_left_out(tmp_path: Path):
    table = "item,reviewer,label,confidence\na,p,x,1\na,q,y,5\na,r,x,6\n"
    found = do_import("long", written(tmp_path, table), tmp_path, task="t", confidence_range=[1, 5])
    assert {c.reviewer: c.value for c in found.humans.records[0].confidence} == {"p": 0.0, "q": 1.0}
    assert found.dropped == {"confidence": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a,b,a\n1,2,3\n", "two columns are called a"),
        ("task,worker\n1,2\n", "no column for the label"),
        ("task,worker,label\n", "holds nothing that could be kept"),
        ("task,worker,label\nt,w,only\n", "one label only"),
        ('task,worker,label\nt,w,"open\n', "left open"),
    ],
)
def test_what_is_no_such_table_is_refused_and_nothing_is_written(tmp_path: Path, text: str, message: str):
    with pytest.raises(InputError, match=message):
        do_import("long", written(tmp_path, text), tmp_path, task="t")
    assert not (tmp_path / "labels.jsonl").exists()


def test_strict_refuses_what_would_be_dropped(tmp_path: Path):
    with pytest.raises(InputError, match="1 dropped"):
        do_import("long", written(tmp_path, CROWD), tmp_path, task="t", strict=True)
    assert not (tmp_path / "labels.jsonl").exists()


def test_semicolons_tabs_and_parquet_read_alike(tmp_path: Path):
    import pandas as pd

    comma = do_import("long", written(tmp_path, CROWD), tmp_path, task="t")
    first = (tmp_path / "labels.jsonl").read_bytes()
    semicolon = written(tmp_path, CROWD.replace(",", ";"), "semicolon.csv")
    tabs = written(tmp_path, CROWD.replace(",", "\t"), "tabs.tsv")
    parquet = tmp_path / "crowd.parquet"
    pd.read_csv(tmp_path / "crowd.csv").to_parquet(parquet)
    for path in (semicolon, tabs, parquet):
        found = do_import("long", path, tmp_path, task="t")
        assert (tmp_path / "labels.jsonl").read_bytes() == first
        assert found.dropped == comma.dropped


def test_popquorn_raw_table_has_the_published_counts(tmp_path: Path):
    fields = {"reviewer": "user_id", "label": "offensiveness"}
    path = real_data("popquorn_offensiveness", "raw_data.csv")
    found = do_import("long", path, tmp_path, task="offensiveness", scale="ordinal", fields=fields)
    report = found.report
    # data/README.md: 1,500 comments, 13,036 ratings by 262 people, scale 1 to 5
    assert (report.items, report.annotations_kept, report.reviewers) == (1500, 13036, 262)
    assert report.labels == ["1", "2", "3", "4", "5"]
    ours = real_data("popquorn_offensiveness", "labels.jsonl").read_bytes().splitlines()
    theirs = [SoftLabel.model_validate_json(line) for line in ours]
    votes = {record.content["text"]: record.counts for record in theirs}
    for row, record in enumerate(found.humans.records):
        counts = dict(zip(found.humans.labels, found.humans.counts[row].astype(int).tolist(), strict=True))
        assert counts == votes[record.content["text"]]
