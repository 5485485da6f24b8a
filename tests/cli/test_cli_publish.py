"""`panel-eval publish`, `run --results URL`, and URLs where a run or a folder of runs is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import CommandLine

PANEL = """\
panel: p
rubric: rubric.yaml
labels: labels.jsonl
judges:
  - {id: j, model: fake/script.yaml, samples: 1}
"""


@pytest.fixture(autouse=True)
def cache(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANEL_EVAL_CACHE", str(cli.folder / "cache"))


def write_panel(cli: CommandLine) -> None:
    cli.write("panel.yaml", PANEL)
    cli.write("script.yaml", "default: maybe\n")


def scored(cli: CommandLine) -> str:
    ended = cli(
        "score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--rubric", "rubric.yaml", "--out", "run"
    )
    assert ended.code == 0, ended.err
    return str(json.loads((cli.folder / "run" / "run.json").read_text())["run_id"])


def test_a_published_run_is_read_by_its_url(cli: CommandLine) -> None:
    run_id = scored(cli)
    where = f"file://{cli.folder}/store"
    published = cli("publish", "run", where)
    assert (published.code, published.out) == (0, f"{where}/{run_id}\n")
    again = cli("publish", "run", where)
    assert (again.code, again.out) == (0, published.out)
    assert "all of it was there already" in again.err
    report = cli("report", f"{where}/{run_id}", "-q")
    assert report.code == 0, report.err
    assert Path(report.out.strip()).is_relative_to(cli.folder / "cache")
    fitted = cli("fit", f"{where}/{run_id}", "--method", "temperature")
    assert not (cli.folder / "file:").exists(), "a URL became a folder"
    assert fitted.code in (0, 2)  # three items are too few to fit


def test_a_report_that_came_later_is_named(cli: CommandLine) -> None:
    scored(cli)
    cli("publish", "run", "store")
    (cli.folder / "run" / "gate").mkdir()
    (cli.folder / "run" / "gate" / "gate.json").write_text("{}")
    assert "sent: gate/gate.json" in cli("publish", "run", "store").err


def test_a_run_with_results_at_a_url_is_bought_here_and_published(cli: CommandLine) -> None:
    write_panel(cli)
    where = f"file://{cli.folder}/store"
    ended = cli("run", "panel.yaml", "--results", where, "--work", "bought")
    assert ended.code == 0, ended.err
    (here,) = (cli.folder / "bought").iterdir()
    assert f"{where}/{here.name}" in ended.out
    there = cli.folder / "store" / here.name
    assert (there / "votes.jsonl").read_bytes() == (here / "votes.jsonl").read_bytes()
    assert (there / "report.html").exists()
    assert not (cli.folder / "file:").exists()


def test_a_run_that_is_not_finished_is_not_published(cli: CommandLine) -> None:
    write_panel(cli)
    where = f"file://{cli.folder}/store"
    ended = cli("run", "panel.yaml", "--results", where, "--budget-tokens", "1")
    assert ended.code == 5
    assert f"not published to {where}: the run is not sealed yet" in ended.err
    assert "same command again" in ended.err
    assert not (cli.folder / "store").exists()


def test_a_run_that_storage_did_not_take_is_published_by_the_same_command_and_bought_once(cli: CommandLine) -> None:
    write_panel(cli)
    command = ("run", "panel.yaml", "--results", f"file://{cli.folder}/store", "--work", "bought")
    store = cli.folder / "store"
    store.symlink_to("/dev/full")  # can be listed, and cannot be written
    failed = cli(*command)
    assert failed.code == 2
    assert "it is not published yet" in failed.err
    (here,) = (cli.folder / "bought").iterdir()
    votes = (here / "votes.jsonl").read_bytes()
    store.unlink()
    again = cli(*command)
    assert again.code == 0, again.err
    assert "no judge is asked" in again.err
    assert list((cli.folder / "bought").iterdir()) == [here]
    assert [path.name for path in store.iterdir()] == [here.name]
    assert (store / here.name / "votes.jsonl").read_bytes() == votes
    assert cli(*command).code == 0  # a new night
    assert len(list(store.iterdir())) == 2


def test_a_run_that_was_sealed_and_not_published_is_left_alone_where_a_fresh_one_is_wanted(
    cli: CommandLine,
) -> None:
    write_panel(cli)
    store, elsewhere = cli.folder / "store", cli.folder / "elsewhere"
    store.symlink_to("/dev/full")
    assert cli("run", "panel.yaml", "--results", f"file://{store}").code == 2
    store.unlink()
    assert cli("run", "panel.yaml", "--results", f"file://{elsewhere}").code == 0  # it was bought for another root
    assert cli("run", "panel.yaml", "--results", f"file://{store}", "--fresh").code == 0
    assert len(list((cli.folder / "results").iterdir())) == 3


def test_storage_is_asked_before_votes_are_bought(cli: CommandLine) -> None:
    write_panel(cli)
    ended = cli("run", "panel.yaml", "--results", "gs://bucket/nightly")
    assert ended.code == 2
    assert "gcsfs" in ended.err
    assert not (cli.folder / "results").exists()


def test_shards_and_merges_stay_on_this_machine(cli: CommandLine) -> None:
    write_panel(cli)
    for options in (["run", "panel.yaml", "--shard", "1/2"], ["merge", "run"]):
        scored(cli)
        ended = cli(*options, "--results", f"file://{cli.folder}/store")
        assert ended.code == 2
    assert not (cli.folder / "file:").exists()
    assert not (cli.folder / "store").exists()


def test_a_key_in_a_url_is_refused_and_not_told(cli: CommandLine) -> None:
    scored(cli)
    for options in (["publish", "run"], ["report"], ["run", "panel.yaml", "--results"]):
        ended = cli(*options, "s3://key:s3cr3t@bucket/nightly")
        assert ended.code == 2
        assert "s3cr3t" not in ended.out + ended.err
