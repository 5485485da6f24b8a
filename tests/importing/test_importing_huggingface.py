"""Data sets of the Hugging Face hub; the library `datasets` itself writes and reads them here."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from delivered_run import delivered_run
from hypothesis import given, settings
from hypothesis import strategies as st
from imports import Imported, do_import
from test_importing_properties import LABELS, answers, items, write

from panel_eval.api import export_labels
from panel_eval.api.exporting import ExportOptions, export
from panel_eval.errors import InputError
from panel_eval.humans import load_soft_labels
from panel_eval.importing import Entry

ROWS: dict[str, list[Any]] = {
    "id": ["a", "b", "c"],
    "text": ["one", "two", "three"],
    "label": [1, 0, 0],
    "labels": [[0, 1, 1], [0, 0], [-1, 1]],
    "annotators": [["A", "B", "C"], ["A", "B"], ["B", "C"]],
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The library, kept from the network and from the user's own cache."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("cache"))
    datasets.disable_progress_bars()
    return datasets


def class_features(datasets: Any) -> Any:
    sort = datasets.ClassLabel(names=["neg", "pos"])
    text = datasets.Value("string")
    return datasets.Features(
        {"id": text, "text": text, "label": sort, "labels": datasets.List(sort), "annotators": datasets.List(text)}
    )


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with labels.jsonl and the run that scored them."""
    folder = tmp_path_factory.mktemp("delivery")
    delivered_run(folder, n_items=48, resamples=20)
    return folder


def check_rows(found: Imported) -> None:
    """What `ROWS` says, counted by hand: -1 stands for no label."""
    assert found.humans.labels == ("neg", "pos")
    assert [found.votes_on(item) for item in "abc"] == [{"neg": 1, "pos": 2}, {"neg": 2}, {"pos": 1}]
    assert {r.reviewer: r.label for r in found.humans.records[0].rationales} == {"A": "neg", "B": "pos", "C": "pos"}
    assert found.humans.records[0].content == {"text": "one"}
    assert found.dropped == {"no_answer": 1}


@pytest.mark.parametrize("way", ["save_to_disk", "to_parquet", "shards"])
def test_what_datasets_writes_is_read_with_its_class_names(tmp_path: Path, hub: Any, way: str):
    data = hub.Dataset.from_dict(ROWS, features=class_features(hub))
    source = tmp_path / "data"
    if way == "save_to_disk":
        data.save_to_disk(source)
    elif way == "shards":
        data.save_to_disk(source, num_shards=3)
    else:
        source = tmp_path / "data.parquet"
        data.to_parquet(source)
    check_rows(do_import("huggingface", source, tmp_path, task="t"))


def test_a_dict_of_splits_gives_the_split_and_refuses_one_name_in_two(tmp_path: Path, hub: Any):
    data = hub.Dataset.from_dict(ROWS, features=class_features(hub))
    parts = {"train": data.select([0, 1]), "test": data.select([2])}
    hub.DatasetDict(parts).save_to_disk(tmp_path / "parts")
    found = do_import("huggingface", tmp_path / "parts", tmp_path, task="t")
    check_rows(found)
    assert [record.split for record in found.humans.records] == ["train", "train", "test"]
    hub.DatasetDict({"train": data, "test": data.select([0])}).save_to_disk(tmp_path / "twice")
    twice = do_import("huggingface", tmp_path / "twice", tmp_path, task="t")
    assert twice.dropped == {"no_answer": 1, "other_split": 1}
    assert twice.votes_on("a") == {"neg": 1, "pos": 2}


def test_text_files_of_datasets_have_numbers_for_labels(tmp_path: Path, hub: Any):
    data = hub.Dataset.from_dict(ROWS, features=class_features(hub))
    data.to_json(tmp_path / "data.jsonl")
    data.to_csv(tmp_path / "data.csv")
    renamed = {"0": "neg", "1": "pos", "-1": None}
    for name in ("data.jsonl", "data.csv"):
        found = do_import("huggingface", tmp_path / name, tmp_path, task="t", labels=renamed, content=["text"])
        assert [found.votes_on(item) for item in "abc"] == [{"neg": 1, "pos": 2}, {"neg": 2}, {"pos": 1}]
        assert found.humans.records[0].rationales[2].reviewer == "C"
        assert found.dropped == {"mapped_to_nothing": 1}


def test_a_card_names_files_splits_and_labels(tmp_path: Path):
    (tmp_path / "hub" / "data").mkdir(parents=True)
    (tmp_path / "hub" / "README.md").write_text(
        "---\nlicense: mit\nconfigs:\n- config_name: default\n  data_files:\n"
        "  - split: train\n    path: data/a*.jsonl\n  - split: dev\n    path: [data/b.jsonl]\n"
        "dataset_info:\n  features:\n  - name: id\n    dtype: string\n"
        "  - name: labels\n    sequence:\n      class_label:\n        names:\n"
        "          '0': neg\n          '1': pos\n---\n# A set\n"
    )
    for name, row in [("a1", ("x", [0, 1])), ("a2", ("y", [1])), ("b", ("z", [0])), ("other", ("w", [0]))]:
        line = json.dumps({"id": row[0], "labels": row[1]})
        (tmp_path / "hub" / "data" / f"{name}.jsonl").write_text(line + "\n")
    found = do_import("huggingface", tmp_path / "hub", tmp_path, task="t")
    assert found.humans.labels == ("neg", "pos")
    assert {r.item_id: r.split for r in found.humans.records} == {"x": "train", "y": "train", "z": "dev"}


def parquet(folder: Path, **columns: Any) -> Path:
    path = folder / "table.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def test_counts_as_lists_objects_and_maps(tmp_path: Path):
    ids = ["a", "b", "c", "d"]
    listed = parquet(tmp_path, id=ids, counts=[[3, 1], [0, 2], [1], [-1, 2]])
    with pytest.raises(InputError, match=r"counts: does not say which labels its numbers are for.*label_order"):
        do_import("huggingface", listed, tmp_path, task="t")
    found = do_import("huggingface", listed, tmp_path, task="t", label_order=["no", "yes"])
    assert (found.votes_on("a"), found.votes_on("b")) == ({"no": 3, "yes": 1}, {"yes": 2})
    assert found.dropped == {"counts": 2}
    struct = parquet(tmp_path, id=ids[:2], label_counts=[{"no": 3, "yes": None}, {"no": 1, "yes": 1}])
    assert do_import("huggingface", struct, tmp_path, task="t").votes_on("a") == {"no": 3}
    kind = pa.map_(pa.string(), pa.int64())
    maps = parquet(tmp_path, id=ids[:2], votes=pa.array([[("no", 3)], [("yes", 2)]], type=kind))
    assert do_import("huggingface", maps, tmp_path, task="t").votes_on("b") == {"yes": 2}
    people = pa.array([[("ann", "yes"), ("ben", "no")], []], type=pa.map_(pa.string(), pa.string()))
    named = do_import("huggingface", parquet(tmp_path, id=ids[:2], annotations=people), tmp_path, task="t")
    assert {r.reviewer: r.label for r in named.humans.records[0].rationales} == {"ann": "yes", "ben": "no"}


def test_shares_need_the_number_of_people(tmp_path: Path):
    shares = [[0.33, 0.67], [0.5, 0.5], [0.123, 0.877], [0.9, 0.3], [1.0, 0.0]]
    alone = parquet(tmp_path, id=list("abcde"), soft_label=shares)
    with pytest.raises(InputError, match=r"how many people.*--field reviewer_count=COLUMN; columns: id \(string\)"):
        do_import("huggingface", alone, tmp_path, task="t", label_order=["no", "yes"])
    path = parquet(tmp_path, id=list("abcde"), soft_label=shares, n_annotators=[3, 4, 5, 2, None])
    found = do_import("huggingface", path, tmp_path, task="t", label_order=["no", "yes"])
    assert found.votes_on("a") == {"no": 1, "yes": 2}  # .33 of three, rounded
    assert found.votes_on("b") == {"no": 2, "yes": 2}
    assert found.humans.records[2].counts is None  # .123 of five is no whole person
    assert found.humans.records[2].reviewer_count == 5
    assert found.dropped == {"people_unknown": 1, "shares": 1}


def test_one_row_an_answer_and_objects_by_annotator(tmp_path: Path):
    rows = parquet(
        tmp_path, id=["a", "a", "b"], annotator_id=[7, 8, 7], label=["x", "y", "x"], comment=["u", "v", "w"]
    )
    found = do_import("huggingface", rows, tmp_path, task="t")
    assert [(r.reviewer, r.label) for r in found.humans.records[0].rationales] == [("7", "x"), ("8", "y")]
    people = parquet(tmp_path, id=["a"], annotations=[{"ann": "x", "ben": "y", "cleo": None}])
    assert do_import("huggingface", people, tmp_path, task="t").votes_on("a") == {"x": 1, "y": 1}
    plain = parquet(tmp_path, text=["u", "v"], label=["x", "y"])
    unnamed = do_import("huggingface", plain, tmp_path, task="t")
    assert unnamed.humans.item_ids == ("row-1", "row-2")
    assert any("one vote of nobody in particular" in note for note in unnamed.report.notes)
    nobody = parquet(tmp_path, annotator=["p", "q"], label=["x", "y"])
    with pytest.raises(InputError, match="no column that names the item"):
        do_import("huggingface", nobody, tmp_path, task="t")


def test_which_column_is_what_can_be_said_and_errors_list_columns_with_types(tmp_path: Path):
    path = parquet(tmp_path, key=["a", "b"], verdicts=[["x", "y"], ["x"]], body=["u", "v"])
    with pytest.raises(InputError, match=r"columns: key \(string\), verdicts \(list<element: string>\), body"):
        do_import("huggingface", path, tmp_path, task="t")
    with pytest.raises(InputError, match="did you mean 'verdicts'"):
        do_import("huggingface", path, tmp_path, task="t", fields={"label": "verdict"})
    fields = {"item": "key", "label": "verdicts"}
    assert do_import("huggingface", path, tmp_path, task="t", fields=fields).votes_on("a") == {"x": 1, "y": 1}


@pytest.mark.parametrize(
    ("target", "formats"), [("shares", "soft-label"), ("posterior", "soft-label"), ("shares", "classification")]
)
def test_our_own_training_export_comes_back_with_the_same_votes(
    tmp_path: Path, delivery: Path, target: Any, formats: Any
):
    options = ExportOptions(formats=(formats,), human_target=target)
    export(delivery / "run", tmp_path / "out", options)
    found = do_import("huggingface", tmp_path / "out", tmp_path / "out", task="tumor_severity_grade")
    first = load_soft_labels(delivery / "labels.jsonl")
    row = [first.index[item] for item in found.humans.item_ids]
    assert found.humans.labels == first.labels
    assert len(found.humans) == len(first) == 48
    assert np.array_equal(found.humans.counts, first.counts[row])
    assert np.allclose(found.humans.distribution, first.distribution[row])
    assert not found.report.dropped
    record = found.humans.records[0]
    assert record.content == first.records[row[0]].content
    if formats == "soft-label":
        adjudicated = [r.adjudicated_label for r in found.humans.records]
        assert adjudicated == [first.records[place].adjudicated_label for place in row]


def test_rows_that_a_panel_forecast_are_votes_of_a_judge_and_no_labels(tmp_path: Path):
    path = parquet(
        tmp_path,
        item_id=["a", "b"],
        text=["u", "v"],
        soft_label=[[0.5, 0.5], [0.2, 0.8]],
        p_no=[0.5, 0.2],
        p_yes=[0.5, 0.8],
        source=["human", "panel"],
        weight=[4.0, 1.7],
        reviewers=pa.array([4, None], type=pa.int64()),
    )
    found = do_import("huggingface", path, tmp_path, task="t", want=("labels", "votes", "items"))
    assert found.humans.item_ids == ("a",)
    assert found.votes_on("a") == {"no": 2, "yes": 2}
    assert [(v["judge"], v["distribution"]) for v in found.votes] == [("panel", {"no": 0.2, "yes": 0.8})]
    assert [item["content"] for item in found.items] == [{"text": "v"}]


def test_what_is_written_is_what_datasets_loads(tmp_path: Path, delivery: Path, hub: Any):
    lost = export_labels(delivery / "labels.jsonl", "huggingface", tmp_path / "set")
    assert len(lost) == 1
    loaded = hub.load_dataset(str(tmp_path / "set"), split="train")
    first = load_soft_labels(delivery / "labels.jsonl")
    assert loaded["item_id"][:] == list(first.item_ids)
    assert loaded.features["gold_label"].names == list(first.labels)
    assert np.array_equal(np.array(loaded["counts"][:]), first.counts)
    answer = loaded[0]["annotations"][0]
    said = first.records[0].rationales[0]
    assert (answer["reviewer"], first.labels[answer["label"]], answer["evidence"]) == (
        said.reviewer,
        said.label,
        said.evidence,
    )
    card = (tmp_path / "set" / "README.md").read_text()
    assert "| `train` | 48 |" in card


def test_splits_of_any_name_become_files_of_plain_names(tmp_path: Path):
    splits = ["train", "../../etc", "Train", None, "a b"]
    rows = [
        {"item_id": str(n), "task": "t", "counts": {"x": 1, "y": 1}, **({"split": split} if split else {})}
        for n, split in enumerate(splits)
    ]
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    export_labels(tmp_path / "labels.jsonl", "huggingface", tmp_path / "set")
    made = sorted(file.relative_to(tmp_path / "set").as_posix() for file in (tmp_path / "set").rglob("*.parquet"))
    assert made == [
        "data/Train_3.parquet",
        "data/split_2.parquet",
        "data/split_5.parquet",
        "data/train.parquet",
        "data/train_4.parquet",
    ]
    found = do_import("huggingface", tmp_path / "set", tmp_path / "set", task="t")
    assert {r.item_id: r.split for r in found.humans.records} == {str(n): split for n, split in enumerate(splits)}


@given(st.lists(answers | items, min_size=1, max_size=20))
@settings(max_examples=30, deadline=None)
def test_out_and_back_is_the_identity(entries: list[Entry]):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "first.jsonl"
        if not write(entries, path)[1]:
            return
        export_labels(path, "huggingface", Path(folder) / "set")
        back = do_import("huggingface", Path(folder) / "set", Path(folder), task="t", label_order=list(LABELS))
        assert not back.report.dropped
        first = {line["item_id"]: line for line in map(json.loads, path.read_bytes().splitlines())}
        again = {
            line["item_id"]: line
            for line in map(json.loads, (Path(folder) / "labels.jsonl").read_bytes().splitlines())
        }
        assert again == first


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.parquet", b"PAR1 no", "no readable Parquet file"),
        ("x.arrow", b"", "no readable Arrow file"),
        ("x.arrow", b"\xff\xff\xff\xff\x10\x00\x00\x00" + b"\x00" * 64, "no readable Arrow file"),
        ("x.txt", b"hello", "is no file of a data set"),
        ("missing.parquet", None, "file not found"),
        ("missing.arrow", None, "file not found"),
    ],
)
def test_files_that_cannot_be_read_are_refused(tmp_path: Path, name: str, data: bytes | None, message: str):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        do_import("huggingface", path, tmp_path, task="t")


def test_columns_whose_names_are_no_text_are_refused(tmp_path: Path):
    path = tmp_path / "x.arrow"
    table = pa.table({"id": ["a"], "labels": [["x", "y"]]})
    with pa.ipc.new_stream(path, table.schema) as stream:
        stream.write_table(table)
    path.write_bytes(path.read_bytes().replace(b"labels", b"l\xe4bels"))
    with pytest.raises(InputError, match="no readable Parquet or Arrow file"):
        do_import("huggingface", path, tmp_path, task="t")


def test_an_object_without_a_name_is_no_column_of_labels(tmp_path: Path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"": {}}\n')
    with pytest.raises(InputError, match="has no column with labels, counts or shares"):
        do_import("huggingface", path, tmp_path, task="t")


def test_folders_that_cannot_be_understood_are_refused(tmp_path: Path):
    def refused(files: dict[str, str], message: str) -> None:
        with TemporaryDirectory(dir=tmp_path) as folder:
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            with pytest.raises(InputError, match=message):
                do_import("huggingface", Path(folder), tmp_path, task="t")

    row = '{"id": "a", "labels": ["x", "y"]}\n'
    two = (
        "---\nconfigs:\n- config_name: one\n  data_files: a.jsonl\n- config_name: two\n  data_files: b.jsonl\n---\n"
    )
    refused({}, "holds no data files")
    refused({"script.py": "print()"}, "a loading script is not run")
    refused({"README.md": two, "a.jsonl": row, "b.jsonl": row}, "holds 2 configurations: one, two")
    refused(
        {"README.md": two.replace("config_name: two", "default: true\n  config_name: two"), "a.jsonl": row},
        "not there",
    )
    refused({"dataset_dict.json": '{"splits": ["../up"]}'}, "no folder of a split")
    refused({"state.json": '{"_data_files": [{"filename": "/etc/passwd"}]}'}, "names a file that is not there")
    refused(
        {"a.jsonl": row, "b.jsonl": '{"key": 1, "labels": ["x"], "cluster": "c"}\n'},
        "other columns than the files before",
    )


def test_an_arrow_file_whose_offsets_lead_out_of_it_is_refused(tmp_path: Path):
    table = pa.table({"id": ["a", "b", "c"], "label": ["xxxxxxxx", "yyyyyyyy", "zzzzzzzz"]})
    path = tmp_path / "x.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    data = bytearray(path.read_bytes())
    offsets = np.array([0, 8, 16, 24], dtype=np.int32).tobytes()
    at = data.index(offsets)
    data[at : at + 16] = np.array([0, 8, 1 << 28, 1 << 29], dtype=np.int32).tobytes()
    path.write_bytes(data)
    with pytest.raises(InputError, match="no readable"):
        do_import("huggingface", path, tmp_path, task="t")


def test_a_wide_table_is_read_in_seconds(tmp_path: Path):
    rng = np.random.default_rng(3)
    n = 20_000
    frame = pd.DataFrame({f"c{k}": rng.normal(size=n) for k in range(60)})
    frame["id"] = np.arange(n)
    frame["labels"] = list(rng.integers(0, 3, size=(n, 8)))
    frame.to_parquet(tmp_path / "wide.parquet")
    found = do_import("huggingface", tmp_path / "wide.parquet", tmp_path, task="t")
    assert found.report.annotations_kept == 8 * n
    assert found.humans.counts.sum() == 8 * n
