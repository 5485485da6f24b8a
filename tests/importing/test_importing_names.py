"""Names and labels that are nearly alike, and names that the mapping has and the source has not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from imports import do_import

from panel_eval.api import export_labels, import_annotations
from panel_eval.errors import InputError
from panel_eval.importing import Gathering, Item, Tally
from panel_eval.importing.values import identifier, time_text
from panel_eval.schema.import_mapping import ImportMapping


def table(folder: Path, *rows: str, header: str = "item,reviewer,label") -> Path:
    path = folder / "in.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_ids_that_look_like_versions_stay_apart(tmp_path: Path):
    source = table(tmp_path, "1.0,A,x", "1,A,y", "1.0,B,x", "1,B,y")
    found = do_import("long", source, tmp_path, task="t")
    assert (found.votes_on("1.0"), found.votes_on("1")) == ({"x": 2}, {"y": 2})


def test_names_taken_for_one_are_told_and_names_that_differ_by_case_count_apart(tmp_path: Path):
    source = table(tmp_path, "a,Anna,x", "a,Anna ,y", "a,anna,x", "b ,7,x", "b,7.0,y", " c,A,x")
    found = do_import("long", source, tmp_path, task="t")
    assert found.votes_on("a") == {"y": 1, "x": 1}
    assert found.votes_on("b") == {"y": 1}
    told = "\n".join(found.report.notes)
    assert "items taken for one though written in two ways: 'b ' and 'b'" in told
    assert "reviewers taken for one though written in two ways: 'Anna' and 'Anna ', '7' and '7.0'" in told
    assert "reviewers whose names differ by case or spaces only count apart: 'Anna' and 'anna'" in told


def test_a_judge_a_reviewer_or_a_label_that_is_not_there_is_told(tmp_path: Path):
    source = table(tmp_path, "a,gpt-4o,x", "a,B,y")
    found = do_import(
        "long", source, tmp_path, task="t", judges=["gtp-4o"], labels={"z": "x"}, reviewers={"C": "D"}
    )
    told = "\n".join(found.report.notes)
    assert "no annotator is called 'gtp-4o', so no answer was taken for a judge's; did you mean 'gpt-4o'?" in told
    assert "reviewers of the mapping that the source does not have: 'C'" in told
    assert "labels of the mapping that the source does not have: 'z'" in told
    named = {"judges": ["gpt-4o"], "labels": {"x": "z"}, "reviewers": {"B": "D"}, "label_order": ["z", "y"]}
    right = do_import("long", source, tmp_path, task="t", want=("labels", "votes"), **named)
    assert not right.report.notes


def test_a_judge_among_annotators_keeps_its_reason_its_confidence_and_its_time(tmp_path: Path):
    header = "item,reviewer,label,evidence,confidence,at"
    source = table(
        tmp_path, "a, gpt ,x,since,5,2026-01-02", "a,B,y,,,", "a,C,x,,,", "a,gpt,y,,6,never", header=header
    )
    found = do_import("long", source, tmp_path, task="t", judges=["gpt"], confidence_range=[1, 5],
                      want=("labels", "votes"))  # fmt: skip
    first = {"item_id": "a", "judge": "gpt", "outcome": "ok", "label": "x", "rationale": "since", "confidence": 1.0,
             "at": "2026-01-02T00:00:00Z", "sample": 0}  # fmt: skip
    assert found.votes[0] == first
    assert found.votes[1]["sample"] == 1
    assert found.dropped == {"confidence": 1, "time": 1}


@pytest.mark.parametrize("label", ["1.0", " spaced ", "007.0"])
def test_a_label_that_the_task_writes_in_its_own_way_is_that_label(tmp_path: Path, label: str):
    source = table(tmp_path, f'a,A,"{label}"', "a,B,other")
    found = do_import("long", source, tmp_path, task="t", label_order=[label, "other"])
    assert found.votes_on("a") == {label: 1, "other": 1}
    renamed = do_import("long", source, tmp_path, task="t", labels={label: "new"})
    assert renamed.votes_on("a") == {"new": 1, "other": 1}


def test_a_parquet_file_with_decimals_dates_and_long_numbers(tmp_path: Path):
    from datetime import UTC, date, datetime
    from decimal import Decimal

    import pyarrow as pa
    import pyarrow.parquet as pq

    at = [datetime(2026, 1, 2, 3, 4, 5), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)]
    columns = {"item": [1_750_000_000_000_000_001] * 2, "reviewer": ["A", "B"], "at": at,
               "label": pa.array([Decimal("1.00"), Decimal("2.50")], pa.decimal128(5, 2))}  # fmt: skip
    pq.write_table(pa.table(columns), tmp_path / "in.parquet")
    found = do_import("long", tmp_path / "in.parquet", tmp_path, task="t")
    assert found.votes_on("1750000000000000001") == {"1": 1, "2.50": 1}
    assert {r.at for r in found.humans.records[0].rationales} == {"2026-01-02T03:04:05Z"}
    assert not found.dropped
    assert time_text(date(2026, 1, 2)) == "2026-01-02T00:00:00Z"
    # date -u -d @1767323045
    assert time_text("1767323045") == time_text("1767323045000") == time_text(1767323045) == "2026-01-02T03:04:05Z"
    assert identifier(10**5000) is None


def test_votes_in_a_tally_for_labels_that_the_task_does_not_have_are_counted_one_by_one():
    gathered = Gathering(ImportMapping(label_order=["a", "b"]), None)
    gathered.take_all(
        [
            Tally("i", counts={"a": 3, "z": 7}),
            Tally("j", shares={"a": 0.5, "z": 0.5}, reviewers=10),
            Tally("k", {"z": 2}),
        ]
    )
    assert {code: tally.reviewers for code, tally in gathered.tallies.items()} == {0: 3, 1: 5}
    # 7 + 10 / 2 + 2 people; the last item is left without any
    assert {kind.reason: kind.count for kind in gathered.drops.kinds()} == {"unknown_label": 14, "no_votes": 1}


def test_metadata_that_contradicts_is_counted():
    gathered = Gathering(ImportMapping(), None)
    gathered.take_all([Item("i", metadata={"a": 1, "b": 2}), Item("i", metadata={"a": 3, "b": 2})])
    (kind,) = gathered.drops.kinds()
    assert (kind.reason, kind.count, kind.examples[0].value) == ("contradiction", 1, "metadata.a")


@pytest.mark.parametrize("wrong", [{"labels": {"x": ""}}, {"reviewers": {"A": " "}}, {"label_order": ["a", ""]}])
def test_nothing_is_renamed_to_a_blank(wrong: dict[str, object]):
    with pytest.raises(ValueError, match="blank"):
        ImportMapping.model_validate(wrong)


def test_what_is_read_is_never_written_over(tmp_path: Path):
    source = table(tmp_path, "a,A,x", "a,B,y")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("task: t\n", encoding="utf-8")
    link = tmp_path / "link.jsonl"
    link.symlink_to(mapping)
    for target in (mapping, link, tmp_path / "x" / ".." / "in.csv"):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(InputError, match="is a file that is read"):
            import_annotations("long", source, target, mapping=mapping)
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="is a file that is read"):
        import_annotations("inspect", logs, votes=logs / "a.json")
    (logs / "v.jsonl").write_text('{"item_id":"an earlier import wrote this"}', encoding="utf-8")
    with pytest.raises(InputError, match="no log of Inspect"):
        import_annotations("inspect", logs, votes=logs / "v.jsonl")
    with pytest.raises(InputError, match="is named for two things"):
        import_annotations("long", source, tmp_path / "o.jsonl", votes=tmp_path / "x" / ".." / "o.jsonl")
    with pytest.raises(InputError, match=r"no such folder.*make the folder first"):
        import_annotations("long", source, tmp_path / "nowhere" / "o.jsonl")


def label_file(folder: Path, *records: dict[str, object]) -> Path:
    path = folder / "first.jsonl"
    path.write_text("".join(json.dumps({"task": "t", **record}) + "\n" for record in records), encoding="utf-8")
    return path


def test_export_hands_on_votes_that_shares_tell_and_says_what_it_leaves_out(tmp_path: Path):
    said = [{"reviewer": "A", "label": "x"}, {"reviewer": "B", "label": "y"}]
    path = label_file(
        tmp_path,
        {"item_id": "whole", "distribution": {"x": 0.75, "y": 0.25}, "reviewer_count": 4, "rationales": said[:1]},
        {"item_id": "weighted", "distribution": {"x": 0.7, "y": 0.3}, "reviewer_count": 4, "rationales": said[:1]},
        {"item_id": "plain", "counts": {"x": 1, "y": 1}, "rationales": said, "confidence": [0.25, 0.5]},
        {"item_id": "others", "counts": {"x": 1, "y": 1}, "confidence": [{"reviewer": "C", "value": 1}]},
    )  # fmt: skip
    out = tmp_path / "out.csv"
    assert export_labels(path, "long", out) == [
        "1 item whose votes are not known one by one",
        "confidences of nobody in particular (on 1 item)",
    ]
    back = do_import("long", out, tmp_path, task="t")
    assert back.votes_on("whole") == {"x": 3, "y": 1}
    assert [c.value for c in back.humans.records[1].confidence] == [0.25, 0.5]
    assert export_labels(path, "wide", out) == [
        "votes that are not known one by one (on 1 item)",
        "votes of nobody in particular (on 2 items)",
        "confidences (on 2 items)",
    ]


def test_a_reviewer_whose_column_would_be_read_as_something_else_is_not_written(tmp_path: Path):
    said = [{"reviewer": "Text", "label": "x"}, {"reviewer": "B", "label": "y"}]
    path = label_file(tmp_path, {"item_id": "i", "counts": {"x": 1, "y": 1}, "rationales": said})
    with pytest.raises(InputError, match="a reviewer's column cannot be called 'Text'"):
        export_labels(path, "wide", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("name", ["long", "wide"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".tab", ".parquet"])
def test_names_of_texts_with_other_delimiters_come_back(tmp_path: Path, name: str, suffix: str):
    said = [{"reviewer": "A", "label": "x"}, {"reviewer": "B", "label": "y"}]
    content = {"a;b;c;d,e": "one", "f|g|h|i|j,k": "two"}
    path = label_file(
        tmp_path, {"item_id": "i", "counts": {"x": 1, "y": 1}, "rationales": said, "content": content}
    )
    export_labels(path, name, tmp_path / f"out{suffix}")
    back = do_import(name, tmp_path / f"out{suffix}", tmp_path, task="t")
    assert back.humans.records[0].content == content
