"""Items without human labels on the command line: planned, asked about, killed, sharded, merged, scored aside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command_line import LABELS, RUBRIC, VOTES, CommandLine

PANEL = """\
panel: scripted
rubric: rubric.yaml
labels: labels.jsonl
unlabelled: pool.jsonl
seed: 3
judges:
  - {id: one, model: fake/one.yaml, samples: 3, limits: {concurrency: 2}}
  - {id: two, model: fake/two.yaml, elicit: distribution, samples: 2, limits: {concurrency: 2}}
"""
N_LABELLED, N_POOL, VOTES_PER_ITEM = 6, 18, 5
QUICK = ("--resamples", "100")


@pytest.fixture
def folder(cli: CommandLine) -> Path:
    """Six labelled items and eighteen others for two judges: 120 votes."""
    cli.write("panel.yaml", PANEL)
    cli.write("rubric.yaml", RUBRIC)
    cli.write("one.yaml", 'delay_s: 0.005\ndefault: maybe\nrules:\n  - {when: {contains: alpha}, reply: "no"}\n')
    cli.write("two.yaml", 'delay_s: 0.005\ndefault: {"no": 0.2, maybe: 0.3, "yes": 0.5}\n')
    words = ("alpha", "beta", "gamma")
    labelled = [
        {
            "item_id": f"i{i}",
            "task": "t",
            "counts": {"no": i % 3, "maybe": 1, "yes": 2 - i % 3},
            "content": {"text": f"{words[i % 3]} {i}"},
        }
        for i in range(N_LABELLED)
    ]
    pool = [{"item_id": f"p{i}", "content": {"text": f"{words[i % 3]} in the pool {i}"}} for i in range(N_POOL)]
    cli.write("labels.jsonl", lines(labelled))
    cli.write("pool.jsonl", lines(pool))
    return cli.folder


def lines(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def only(folder: Path) -> Path:
    (run,) = folder.iterdir()
    return run


def manifest(run: Path) -> dict[str, Any]:
    return json.loads((run / "run.json").read_text())


def stored(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "votes.jsonl").read_text().splitlines()]


def keys(run: Path) -> Counter[str]:
    return Counter(vote["vote_key"] for vote in stored(run))


def scores(run: Path) -> dict[str, Any]:
    """metrics.json without what votes cost and took."""
    found = json.loads((run / "metrics.json").read_text())
    found.pop("economics")
    return found


def test_plan_and_validate_count_both_kinds(cli: CommandLine, folder: Path) -> None:
    ended = cli("plan", "panel.yaml")
    assert "scripted: 120 votes on 6 labelled and 18 unlabelled items. Nothing is sent." in ended.out
    estimate = json.loads(cli("plan", "panel.yaml", "--json").out)
    assert (estimate["items"], estimate["unlabelled"], estimate["total"]["votes"]) == (6, 18, 120)
    assert estimate["detectable"][0]["items"] == 6  # only people's labels can show a difference
    ended = cli("validate", "panel.yaml", "pool.jsonl", "--rubric", "rubric.yaml")
    assert ended.code == 0, ended.err
    assert "2 judges, 6 labelled items, 18 unlabelled items, 120 votes to ask for" in ended.out
    assert "pool.jsonl: valid unlabelled items: 18 items" in ended.out


def test_a_run_stores_them_beside_the_labels_and_scores_without_them(cli: CommandLine, folder: Path) -> None:
    ended = cli("run", "panel.yaml", "--results", "beside", *QUICK)
    assert ended.code == 0, ended.err
    assert "120/120" in ended.err
    run = only(folder / "beside")
    assert {path.name for path in run.iterdir()} == {
        "run.json", "votes.jsonl", "votes.parquet", "items.parquet", "metrics.json", "labels.jsonl",
        "unlabelled.jsonl", "report.html",
    }  # fmt: skip
    assert len(pd.read_parquet(run / "votes.parquet")) == 120
    assert len(pd.read_parquet(run / "items.parquet")) == 6
    story = manifest(run)
    assert (story["state"], story["n_items"], story["n_unlabelled"]) == ("sealed", 6, 18)
    assert (story["votes_planned"], story["votes_stored"]) == (120, 120)
    assert {"unlabelled", "unlabelled_file"} <= story["hashes"].keys()
    assert story["sources"]["unlabelled"] == "pool.jsonl"
    cli.write("panel.yaml", PANEL.replace("unlabelled: pool.jsonl\n", ""))
    assert cli("run", "panel.yaml", "--results", "alone", *QUICK).code == 0
    alone = only(folder / "alone")
    assert scores(run) == scores(alone)
    assert (run / "items.parquet").read_bytes() == (alone / "items.parquet").read_bytes()
    assert run.name.rpartition("-")[2] == alone.name.rpartition("-")[2]  # unlabelled items are no part of the name


def test_a_killed_run_goes_on_and_asks_for_no_stored_vote_again(cli: CommandLine, folder: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "panel_eval", "run", "panel.yaml", *QUICK],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while sum(path.read_bytes().count(b"\n") for path in folder.glob("results/*/votes.jsonl")) < 20:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    program.send_signal(signal.SIGKILL)
    program.wait()
    run = only(folder / "results")
    before = (run / "votes.jsonl").read_bytes()
    before = before[: before.rfind(b"\n") + 1]  # without a line torn by the kill
    assert 20 <= before.count(b"\n") < 120
    assert cli("run", "panel.yaml", *QUICK).code == 0
    assert only(folder / "results") == run
    assert (run / "votes.jsonl").read_bytes().startswith(before)
    assert manifest(run)["state"] == "sealed"
    assert len(keys(run)) == keys(run).total() == 120
    assert cli("run", "panel.yaml", "--results", "straight", *QUICK).code == 0
    assert keys(only(folder / "straight")) == keys(run)
    assert scores(only(folder / "straight")) == scores(run)


def test_shards_part_both_kinds_and_merge_to_the_whole(cli: CommandLine, folder: Path) -> None:
    assert cli("run", "panel.yaml", "--results", "whole", *QUICK).code == 0
    whole = only(folder / "whole")
    for number in (1, 2, 3):
        ended = cli("run", "panel.yaml", "--shard", f"{number}/3", "--results", "shards")
        assert ended.code == 0, ended.err
    shards = sorted((folder / "shards").iterdir())
    told = [manifest(shard) for shard in shards]
    assert sum(story["n_items"] for story in told) == 6
    assert sum(story["n_unlabelled"] for story in told) == 18
    (on,) = [story["n_items"] + story["n_unlabelled"] for story in told if story["shard"] == "3/3"]
    assert f"{VOTES_PER_ITEM * on} votes on {on} items" in ended.err
    assert sum((keys(shard) for shard in shards), Counter()) == keys(whole)
    ended = cli("merge", *map(str, shards), "--results", "merged", *QUICK)
    assert ended.code == 0, ended.err
    merged = only(folder / "merged")
    assert keys(merged) == keys(whole)
    assert scores(merged) == scores(whole)
    for name in ("labels.jsonl", "unlabelled.jsonl", "items.parquet"):
        assert (merged / name).read_bytes() == (whole / name).read_bytes()
    assert manifest(merged)["hashes"] == manifest(whole)["hashes"]
    assert (manifest(merged)["n_items"], manifest(merged)["n_unlabelled"]) == (6, 18)


def test_runs_about_different_pools_are_no_parts_of_one(cli: CommandLine, folder: Path) -> None:
    pool = (folder / "pool.jsonl").read_text().splitlines(keepends=True)
    runs = {}
    for name, panel, items in (("all", PANEL, pool), ("fewer", PANEL, pool[1:]), ("none", None, pool)):
        cli.write("panel.yaml", panel or PANEL.replace("unlabelled: pool.jsonl\n", ""))
        cli.write("pool.jsonl", "".join(items))
        assert cli("run", "panel.yaml", "--results", name, *QUICK).code == 0
        runs[name] = str(only(folder / name))
    ended = cli("merge", runs["all"], runs["fewer"], "--results", "merged")
    assert ended.code == 4
    assert "the unlabelled items differ" in ended.err
    ended = cli("merge", runs["none"], runs["all"], "--results", "merged")
    assert ended.code == 4
    assert "only one of them has unlabelled items" in ended.err
    assert not (folder / "merged").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"item_id": "i3", "content": {"text": "x"}}', "pool.jsonl:19: item_id: has human labels"),
        (
            '{"item_id": "p3", "content": {"text": "x"}}',
            "pool.jsonl:19: item_id: is not unique: it stands on line 4",
        ),
        ('{"item_id": "q", "content": {"text": 1}}', "pool.jsonl:19: content.text"),
        ('{"item_id": "q", "task": "u", "content": {"text": "x"}}', "pool.jsonl:19: task: differs from the task"),
        ('{"item_id": "q", "counts": {"no": 1}, "content": {"text": "x"}}', "belongs into the label file"),
        ('{"item_id": "q", "content": {"text": " "}}', "1 items have no content for judges to see (any text): q"),
        ("{", "pool.jsonl:19"),
    ],
)
def test_bad_items_are_named_and_nothing_is_written_or_asked(
    cli: CommandLine, folder: Path, line: str, words: str
) -> None:
    cli.write("pool.jsonl", (folder / "pool.jsonl").read_text() + line + "\n")
    for command in (("run", "panel.yaml"), ("plan", "panel.yaml"), ("run", "panel.yaml", "--shard", "1/2")):
        ended = cli(*command)
        assert ended.code == 2
        assert words in ended.err
        assert "Traceback" not in ended.err
    assert not (folder / "results").exists()


def test_a_file_that_is_missing_or_empty_is_named(cli: CommandLine, folder: Path) -> None:
    cli.write("pool.jsonl", "\n")
    assert "pool.jsonl: is empty" in cli("run", "panel.yaml").err
    (folder / "pool.jsonl").unlink()
    ended = cli("run", "panel.yaml")
    assert (ended.code, "pool.jsonl: file not found" in ended.err) == (2, True)
    assert not (folder / "results").exists()


def test_score_keeps_votes_on_named_items_aside(cli: CommandLine) -> None:
    """Without the option they are counted as votes on unknown items; with it the scores are those of the others."""
    extra = (
        '{"item_id": "p1", "judge": "j", "label": "no"}\n{"item_id": "p2", "judge": "k", "outcome": "refusal"}\n'
    )
    cli.write("more.jsonl", VOTES + extra)
    cli.write("pool.jsonl", '{"item_id": "p1"}\n{"item_id": "p2"}\n{"item_id": "p3", "cluster": "c"}\n')
    given = ("--labels", "labels.jsonl", *QUICK)
    unknown = cli("score", "--votes", "more.jsonl", "--out", "unknown", *given)
    assert "2 votes are for items without human labels" in unknown.out + unknown.err
    ended = cli("score", "--votes", "more.jsonl", "--unlabelled", "pool.jsonl", "--out", "aside", *given)
    assert ended.code == 0, ended.err
    assert cli("score", "--votes", "votes.jsonl", "--out", "plain", *given).code == 0
    aside, plain = cli.folder / "aside", cli.folder / "plain"
    assert scores(aside) == scores(plain)
    assert (aside / "unlabelled.jsonl").read_bytes() == (cli.folder / "pool.jsonl").read_bytes()
    assert len(stored(aside)) == 8
    assert len(pd.read_parquet(aside / "votes.parquet")) == 8
    story = manifest(aside)
    assert (story["n_items"], story["n_unlabelled"], story["votes_stored"]) == (3, 3, 8)
    # Scored again without them, the folder tells of them no more.
    assert cli("score", "--votes", "votes.jsonl", "--out", "aside", *given).code == 0
    assert not (aside / "unlabelled.jsonl").exists()


def test_score_refuses_a_pool_that_people_labelled(cli: CommandLine) -> None:
    cli.write("pool.jsonl", '{"item_id": "p1"}\n{"item_id": "b"}\n')
    given = ("--labels", "labels.jsonl", "--votes", "votes.jsonl", "--unlabelled", "pool.jsonl", "--out", "out")
    ended = cli("score", *given)
    assert ended.code == 2
    assert "pool.jsonl:2: item_id: has human labels: it stands in the label file too (found b)" in ended.err
    assert not (cli.folder / "out").exists()


def test_a_label_file_is_not_taken_for_a_pool(cli: CommandLine) -> None:
    cli.write("pool.jsonl", LABELS)
    ended = cli("validate", "--kind", "unlabelled-item", "pool.jsonl")
    assert ended.code == 2
    assert "pool.jsonl:1: counts" in ended.err
    assert "belongs into the label file" in ended.err
