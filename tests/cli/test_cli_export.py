"""`panel-eval export` from the command line: what stands in the files, and what is never written."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from command_line import LABELS, RUBRIC, VOTES, CommandLine

import panel_eval as pe

UNLABELLED = """\
{"item_id": "d", "content": {"text": "delta"}}
{"item_id": "e", "content": {"text": "epsilon"}}
"""
MORE_VOTES = """\
{"item_id": "d", "judge": "j", "label": "maybe"}
{"item_id": "d", "judge": "k", "label": "yes"}
{"item_id": "e", "judge": "k", "outcome": "refusal"}
"""


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three labelled items and two unlabelled ones, of which a judge answered one."""
    folder = tmp_path_factory.mktemp("scored")
    files = {"labels": LABELS, "unlabelled": UNLABELLED, "votes": VOTES + MORE_VOTES}
    for name, text in files.items():
        (folder / f"{name}.jsonl").write_text(text)
    (folder / "rubric.yaml").write_text(RUBRIC)
    paths = {name: folder / f"{name}.jsonl" for name in files}
    pe.score(**paths, rubric=folder / "rubric.yaml", resamples=100, out=folder / "run")
    return folder / "run"


@pytest.fixture
def scored(cli: CommandLine, run_folder: Path) -> CommandLine:
    """A working folder that holds the run."""
    shutil.copytree(run_folder, cli.folder / "run")
    return cli


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def score_labels(cli: CommandLine, labels: list[dict[str, Any]], pool: Sequence[dict[str, Any]] = ()) -> None:
    """A run of the given labels, one judge saying the first label of each."""
    cli.write("labels.jsonl", lines({"task": "t", **label} for label in labels))
    answer = next(iter(labels[0]["counts"]))
    votes = cli.write(
        "votes.jsonl",
        lines({"item_id": item["item_id"], "judge": "j", "label": answer} for item in (*labels, *pool)),
    )
    unlabelled = cli.write("pool.jsonl", lines(pool)) if pool else None
    pe.score(cli.folder / "labels.jsonl", votes, unlabelled=unlabelled, resamples=100, out=cli.folder / "run")


def lines(records: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_a_human_row_holds_what_people_said(scored: CommandLine) -> None:
    ended = scored("export", "run", "--out", "ex")
    assert ended.code == 0
    found = rows(scored.folder / "ex/soft-label/train.jsonl")
    assert [row["item_id"] for row in found] == ["a", "b", "c"]
    assert found[1] == {
        "item_id": "b", "text": "beta", "soft_label": [0.25, 0.5, 0.25],
        "p_no": 0.25, "p_maybe": 0.5, "p_yes": 0.25, "hard_label": 1, "source": "human", "weight": 4.0,
        "reviewers": 4, "expected_n_eq": None, "expected_n_eq_low": None, "expected_n_eq_high": None,
        "adjudicated_label": None, "entropy_bits": 1.5, "disagreement_class": "major", "cluster": None,
        "split": "train",
    }  # fmt: skip
    assert "2 unlabelled items of the run are not here" in ended.err


def test_a_panel_row_is_marked_and_says_what_the_panel_is_worth(scored: CommandLine) -> None:
    ended = scored("export", "run", "--out", "ex", "--target", "both")
    *people, panel = rows(scored.folder / "ex/soft-label/train.jsonl")
    assert {row["source"] for row in people} == {"human"}
    assert (panel["item_id"], panel["source"], panel["reviewers"]) == ("d", "panel", None)
    # One vote each on maybe and yes, half a vote more for each label: (.5, 1.5, 1.5) / 3.5.
    assert panel["soft_label"] == pytest.approx([1 / 7, 3 / 7, 3 / 7])
    assert panel["hard_label"] is None
    n_eq = json.loads((scored.folder / "run/metrics.json").read_text())["panel"]["overall"]["n_eq"]["estimate"]
    assert panel["weight"] == panel["expected_n_eq"] == n_eq
    assert f"worth {n_eq:.2f} reviewers" in ended.err
    assert "fit the panel" in ended.err
    assert "1 items left out: no judge answered them" in ended.err
    alone = scored("export", "run", "--out", "alone", "--target", "panel")
    assert alone.code == 0
    assert rows(scored.folder / "alone/soft-label/train.jsonl") == [panel]


def test_the_posterior_target_adds_half_a_vote_a_label(scored: CommandLine) -> None:
    scored("export", "run", "--out", "ex", "--human-target", "posterior")
    first = rows(scored.folder / "ex/soft-label/train.jsonl")[0]
    assert first["soft_label"] == pytest.approx([4.5 / 5.5, 0.5 / 5.5, 0.5 / 5.5])
    assert first["hard_label"] == 0
    assert first["reviewers"] == 4


def test_parquet_and_json_lines_hold_the_same_and_datasets_is_told_the_labels(scored: CommandLine) -> None:
    scored("export", "run", "--out", "ex", "--format", "soft-label", "--format", "classification")
    for kind in ("soft-label", "classification"):
        table = pq.read_table(scored.folder / f"ex/{kind}/train.parquet")
        assert table.to_pylist() == rows(scored.folder / f"ex/{kind}/train.jsonl")
        features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
        assert list(features) == table.column_names
        if kind == "soft-label":
            assert features["hard_label"] == {"names": ["no", "maybe", "yes"], "_type": "ClassLabel"}
            assert features["soft_label"] == {
                "feature": {"dtype": "float64", "_type": "Value"},
                "_type": "Sequence",
            }
    # What a trainer renames to `labels` is the list of probabilities; no hard label may stand beside it.
    assert table.column_names == ["text", "label", "weight", "source", "item_id"]
    card = (scored.folder / "ex/README.md").read_text()
    configs = yaml.safe_load(card.split("---\n")[1])["configs"]
    assert [config["config_name"] for config in configs] == ["soft-label", "classification"]
    for config in configs:
        assert all((scored.folder / "ex" / file["path"]).exists() for file in config["data_files"])


def test_safety_rows_hold_the_share_of_violating_votes(scored: CommandLine) -> None:
    ended = scored("export", "run", "--out", "ex", "--format", "safety", "--violation", "maybe,yes")
    assert ended.code == 0
    assert [row["label"] for row in rows(scored.folder / "ex/safety/train.jsonl")] == [0.0, 0.75, 1.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "safety"], "--violation"),
        (["--format", "safety", "--violation", "mabe"], "did you mean 'maybe'"),
        (["--format", "safety", "--violation", "no,maybe,yes"], "names every label"),
        (["--format", "reward"], "--pair"),
        (["--format", "reward", "--pair", "a=no,b"], "--pair"),
        (["--format", "reward", "--pair", "a=no,b=no"], "different"),
        (["--format", "reward", "--pair", "a=no,b=yes"], "3 items lack the text of a, b"),
        (["--split", "train=0.5,test=0.4"], "sum to 1"),
        (["--split", "train"], "--split"),
        (["--split", "../x=1"], "is no name for a split"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    scored: CommandLine, arguments: list[str], message: str
) -> None:
    ended = scored("export", "run", "--out", "ex", *arguments)
    assert ended.code == 2
    assert message in ended.err
    assert not (scored.folder / "ex").exists()


def test_panel_rows_need_unlabelled_items(cli: CommandLine) -> None:
    score_labels(cli, [{"item_id": f"i{n}", "counts": {"x": 1, "y": 2}} for n in range(4)])
    ended = cli("export", "run", "--out", "ex", "--target", "both")
    assert ended.code == 2
    assert "no unlabelled items" in ended.err


def test_the_same_run_gives_the_same_bytes_and_an_export_is_replaced_whole(scored: CommandLine) -> None:
    arguments = ("export", "run", "--target", "both", "--split", "train=0.5,test=0.5", "--out")
    scored(*arguments, "one")
    scored(*arguments, "two")
    assert everything(scored.folder / "one") == everything(scored.folder / "two")
    scored("export", "run", "--out", "one", "--format", "classification")
    assert set(everything(scored.folder / "one")) == {
        "README.md", "export.json", "classification/train.parquet", "classification/train.jsonl",
    }  # fmt: skip
    assert not [path for path in scored.folder.iterdir() if path.name.startswith(".")]


def test_the_order_of_label_lines_changes_no_row(cli: CommandLine) -> None:
    contents = []
    for order in (1, -1):
        labels = [
            {"item_id": f"i{n}", "counts": {"x": n, "y": 5 - n}, "content": {"t": str(n)}} for n in range(1, 5)
        ]
        score_labels(cli, labels[::order])
        cli("export", "run", "--out", "ex", "--split", "train=0.5,test=0.5")
        contents.append({name: data for name, data in everything(cli.folder / "ex").items() if "soft" in name})
    assert contents[0] == contents[1]


def test_a_folder_of_something_else_is_left_alone(scored: CommandLine) -> None:
    scored.write("mine/thesis.txt", "years of work")
    ended = scored("export", "run", "--out", "mine")
    assert ended.code == 2
    assert "was not written by export" in ended.err
    scored("export", "run", "--out", "ex")
    scored.write("ex/model.bin", "hours of work")
    before = everything(scored.folder / "ex")
    ended = scored("export", "run", "--out", "ex", "--format", "classification")
    assert ended.code == 2
    assert "model.bin" in ended.err
    assert everything(scored.folder / "ex") == before
    assert scored("export", "run", "--out", "ex/model.bin/x").code == 2


def test_a_full_disk_leaves_the_earlier_export_as_it_was(scored: CommandLine) -> None:
    scored("export", "run", "--out", "ex")
    before = everything(scored.folder / "ex")
    limited = 'ulimit -f 2; exec "$@"'  # files of at most 2 kB: a write fails as on a full disk
    command = (sys.executable, "-m", "panel_eval", "export", "run", "--out", "ex", "--human-target", "posterior")
    done = subprocess.run(
        ["bash", "-c", limited, "bash", *command], cwd=scored.folder, capture_output=True, text=True
    )
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert everything(scored.folder / "ex") == before
    assert sorted(path.name for path in scored.folder.iterdir() if path.name.startswith(".")) == []


def test_hostile_text_stays_data(cli: CommandLine) -> None:
    label, text = "y`|\u001b[31m<b>", "\u2028</script>\x85\r\n\u001b]0;x\u0007 ---\n- split: evil"
    labels = [
        {"item_id": f"{text}{n}", "counts": {"x": 1, label: 2}, "split": "../../evil",
         "content": {"label": text, "labels": "l", "p_x": "p", "content_label": "c"}}
        for n in range(3)
    ]  # fmt: skip
    score_labels(cli, labels)
    ended = cli("export", "run", "--out", "ex", "--format", "soft-label", "--format", "classification")
    assert ended.code == 0
    assert "\x1b" not in ended.out + ended.err
    assert set(everything(cli.folder / "ex")) == {
        "README.md", "export.json", *(f"{kind}/______evil.{end}" for kind in ("soft-label", "classification")
                                      for end in ("jsonl", "parquet")),
    }  # fmt: skip
    data = (cli.folder / "ex/soft-label/______evil.jsonl").read_text(encoding="utf-8")
    assert len(data.splitlines()) == 3  # also at the line ends that only some readers know
    row = json.loads(data.splitlines()[0])
    assert row["split"] == "../../evil"
    assert row["content_content_label"] == text
    assert row["content_label"] == "c"
    assert row["content_p_x"] == "p"
    assert row["p_x"] == pytest.approx(1 / 3)
    card = (cli.folder / "ex/README.md").read_text()
    assert "\x1b" not in card
    assert "<b>" not in re.sub(r"`[^`\n]*`", "", card)  # only as code
    assert yaml.safe_load(card.split("---\n")[1])["configs"][0]["data_files"][0]["split"] == "______evil"


def test_a_cluster_in_two_splits_is_refused(cli: CommandLine) -> None:
    labels = [
        {"item_id": f"i{n}", "counts": {"x": 1, "y": 2}, "cluster": f"c{n // 2}", "split": f"s{n % 2}"}
        for n in range(8)
    ]
    score_labels(cli, labels)
    ended = cli("export", "run", "--out", "ex")
    assert ended.code == 2
    assert "4 clusters have items in more than one split: 'c0', 'c1', 'c2' …" in ended.err
    assert cli("export", "run", "--out", "ex", "--split", "train=0.6,test=0.4").code == 0
    found = [rows(path) for path in (cli.folder / "ex/soft-label").glob("*.jsonl")]
    clusters = [{row["cluster"] for row in own} for own in found]
    assert sum(map(len, clusters)) == 4


def test_splits_that_items_name_are_kept(cli: CommandLine) -> None:
    splits = ["dev-1", "dev_1", "dev 1", None]
    score_labels(
        cli,
        [
            {"item_id": f"i{n}", "counts": {"x": 1, "y": 2}, "content": {"t": "t"}}
            | ({"split": split} if split else {})
            for n, split in enumerate(splits)
        ],
    )
    ended = cli("export", "run", "--out", "ex")
    names = sorted(path.name for path in (cli.folder / "ex/soft-label").glob("*.jsonl"))
    assert names == ["dev_1.jsonl", "dev_1_2.jsonl", "dev_1_3.jsonl", "unassigned.jsonl"]
    found = {row["split"]: row["item_id"] for name in names for row in rows(cli.folder / "ex/soft-label" / name)}
    assert found == {"dev-1": "i0", "dev_1": "i1", "dev 1": "i2", "unassigned": "i3"}
    assert "1 items name no split" in ended.err


def test_held_out_splits_hold_no_panel_rows(cli: CommandLine) -> None:
    labels = [
        {"item_id": f"h{n}", "counts": {"x": 1, "y": 2}, "content": {"t": "t"}, "cluster": f"c{n}"}
        for n in range(12)
    ]
    pool = [{"item_id": f"u{n}", "content": {"t": "t"}, "cluster": f"c{n}"} for n in range(24)]
    score_labels(cli, labels, pool)
    ended = cli("export", "run", "--out", "ex", "--target", "both", "--split", "train=0.5,test=0.5")
    test, train = (rows(cli.folder / f"ex/soft-label/{name}.jsonl") for name in ("test", "train"))
    assert test
    assert {row["source"] for row in test} == {"human"}
    panel = {row["cluster"] for row in train if row["source"] == "panel"}
    assert panel.isdisjoint({row["cluster"] for row in test})
    assert panel >= {f"c{n}" for n in range(12, 24)}  # clusters that nobody labelled are all for training
    assert f"{24 - len(panel)} items left out: panel rows whose cluster is held out" in ended.err


def preferences(cli: CommandLine) -> None:
    content = {"question": "Q", "one": "first answer", "two": "second answer"}
    counts = [
        {"A": 3, "B": 1, "tie": 0},  # .75 for the first
        {"A": 0, "B": 3, "tie": 1},  # .125 for the first: a tie counts half
        {"A": 1, "B": 1, "tie": 2},  # neither
    ]
    score_labels(cli, [{"item_id": f"i{n}", "counts": own, "content": content} for n, own in enumerate(counts)])


def test_reward_rows_put_the_preferred_answer_first(cli: CommandLine) -> None:
    preferences(cli)
    ended = cli(
        "export", "run", "--out", "ex", "--format", "reward", "--pair", "one=A,two=B", "--prompt-field", "question"
    )
    assert ended.code == 0, ended.err
    first, second, *ties = rows(cli.folder / "ex/reward/train.jsonl")
    assert first == {
        "prompt": "Q", "chosen": "first answer", "rejected": "second answer", "chosen_prob": 0.75, "margin": 0.5,
        "weight": 4.0, "source": "human", "item_id": "i0",
    }  # fmt: skip
    assert (second["chosen"], second["chosen_prob"], second["margin"]) == ("second answer", 0.875, 0.75)
    # Standing once, a tie would teach that one of the answers is better: it stands in both orders, at half weight.
    assert [(row["chosen"], row["chosen_prob"], row["margin"], row["weight"]) for row in ties] == [
        ("first answer", 0.5, 0.0, 2.0), ("second answer", 0.5, 0.0, 2.0),
    ]  # fmt: skip


def test_text_is_needed_by_trainers_and_not_by_soft_labels(cli: CommandLine) -> None:
    score_labels(cli, [{"item_id": f"i{n}", "counts": {"x": 1, "y": 2}} for n in range(4)])
    ended = cli("export", "run", "--out", "ex", "--format", "classification")
    assert ended.code == 2
    assert "4 items lack text: 'i0', 'i1', 'i2' …" in ended.err
    ended = cli("export", "run", "--out", "ex")
    assert ended.code == 0
    assert "4 items have no text here" in ended.err


def test_export_json_holds_hashes_and_counts_of_what_is_there(scored: CommandLine) -> None:
    scored("export", "run", "--out", "ex", "--target", "both")
    folder = scored.folder / "ex"
    manifest = json.loads((folder / "export.json").read_text())
    for file in manifest["files"]:
        data = (folder / file["path"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert (file["human_rows"], file["panel_rows"]) == (3, 1)
        assert file["sha256"] in (folder / "README.md").read_text()
    assert manifest["hashes"] == json.loads((scored.folder / "run/run.json").read_text())["hashes"]
    assert manifest["panel"]["pooling"] == "linear"
