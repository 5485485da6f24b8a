"""Shards on several machines and one run on one: the same votes, the same scores; and what merge refuses."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from command_line import RUBRIC, CommandLine

from panel_eval.api import open_run

PANEL = """\
panel: scripted
rubric: rubric.yaml
labels: labels.jsonl
seed: 3
judges:
  - {id: one, model: fake/one.yaml, samples: 3}
  - {id: two, model: fake/two.yaml, elicit: distribution, samples: 2}
"""
ONE = """\
default: maybe
rules:
  - {when: {contains: alpha}, reply: "no"}
  - {when: {contains: gamma}, reply: {refuse: I would rather not}}
"""
TWO = 'default: {"no": 0.2, maybe: 0.3, "yes": 0.5}\n'
QUICK = ("--resamples", "100")


@pytest.fixture
def folder(cli: CommandLine) -> Path:
    """Twelve items for two judges: 60 votes."""
    cli.write("panel.yaml", PANEL)
    cli.write("rubric.yaml", RUBRIC)
    cli.write("one.yaml", ONE)
    cli.write("two.yaml", TWO)
    write_labels(cli, 12)
    return cli.folder


def write_labels(cli: CommandLine, n_items: int) -> None:
    words = ("alpha", "beta", "gamma")
    lines = (
        {
            "item_id": f"i{i}",
            "task": "t",
            "counts": {"no": i % 3, "maybe": 1, "yes": 2 - i % 3},
            "content": {"text": f"{words[i % 3]} {i}"},
        }
        for i in range(n_items)
    )
    cli.write("labels.jsonl", "".join(json.dumps(line) + "\n" for line in lines))


def run_shards(cli: CommandLine, count: int = 4, results: str = "shards") -> list[str]:
    for number in range(1, count + 1):
        ended = cli("run", "panel.yaml", "--shard", f"{number}/{count}", "--results", results)
        assert ended.code == 0, ended.err
    return [str(path) for path in sorted((cli.folder / results).iterdir())]


def only(folder: Path) -> Path:
    (run,) = folder.iterdir()
    return run


def manifest(run: Path | str) -> dict[str, Any]:
    return json.loads((Path(run) / "run.json").read_text())


def keys(run: Path | str) -> Counter[str]:
    return Counter(json.loads(line)["vote_key"] for line in (Path(run) / "votes.jsonl").read_text().splitlines())


def without_times(metrics: str) -> str:
    """metrics.json without what depends on how long a call took."""
    found = json.loads(metrics)
    return json.dumps({**found, "economics": json.loads(_no_latency(found["economics"]))})


def _no_latency(economics: object) -> str:
    if isinstance(economics, dict):
        kept = {key: json.loads(_no_latency(value)) for key, value in economics.items() if "latency" not in key}
        return json.dumps(kept)
    if isinstance(economics, list):
        return json.dumps([json.loads(_no_latency(value)) for value in economics])
    return json.dumps(economics)


def test_four_shards_merged_are_the_run_that_was_not_parted(cli: CommandLine, folder: Path) -> None:
    assert cli("run", "panel.yaml", "--results", "whole", *QUICK).code == 0
    whole = only(folder / "whole")
    shards = run_shards(cli)
    assert len(shards) == 4
    assert sum((keys(shard) for shard in shards), Counter()) == keys(whole)
    ended = cli("merge", *shards, "--results", "merged", *QUICK)
    assert ended.code == 0, ended.err
    merged = only(folder / "merged")
    assert keys(merged) == keys(whole)
    assert without_times((merged / "metrics.json").read_text()) == without_times(
        (whole / "metrics.json").read_text()
    )
    assert (merged / "labels.jsonl").read_bytes() == (whole / "labels.jsonl").read_bytes()
    assert open_run(merged).items.equals(open_run(whole).items)
    story = manifest(merged)
    assert (story["state"], story["shard"], story["n_items"], story["votes_stored"]) == ("sealed", None, 12, 60)
    assert story["merged"] == [Path(shard).name for shard in shards]
    assert story["hashes"] == manifest(whole)["hashes"]
    assert merged.name.rpartition("-")[2] == whole.name.rpartition("-")[2]  # both would be gone on with by `run`


def test_merged_votes_and_scores_are_equal_to_the_last_byte_however_they_came(
    cli: CommandLine, folder: Path
) -> None:
    shards = run_shards(cli, 3)
    for name, order in (("a", shards), ("b", shards[::-1])):
        assert cli("merge", *order, "--results", name, *QUICK).code == 0
    again = [str(only(folder / "a")), shards[1]]
    assert cli("merge", *again, "--results", "c", *QUICK).code == 0
    for name in ("b", "c"):
        for file in ("votes.jsonl", "metrics.json", "labels.jsonl", "items.parquet"):
            assert (only(folder / name) / file).read_bytes() == (only(folder / "a") / file).read_bytes()
        assert manifest(only(folder / name))["merged"] == manifest(only(folder / "a"))["merged"]


def test_a_shard_is_sealed_with_its_votes_and_tells_to_merge(cli: CommandLine, folder: Path) -> None:
    ended = cli("run", "panel.yaml", "--shard", "2/4")
    (run,) = (folder / "results").iterdir()
    story = manifest(run)
    assert (story["state"], story["shard"]) == ("sealed", "2/4")
    assert story["votes_planned"] == story["votes_stored"] == 5 * story["n_items"] == sum(keys(run).values())
    assert sorted(path.name for path in run.iterdir()) == ["labels.jsonl", "run.json", "votes.jsonl"]
    assert f"Shard 2/4 is complete: {story['votes_stored']} votes on {story['n_items']} items in " in ended.err
    assert "panel-eval merge" in ended.err


def test_an_unfinished_shard_is_gone_on_with_and_no_other(cli: CommandLine, folder: Path) -> None:
    cli.write("one.yaml", "default: {error: auth, status: 401}\n")
    ended = cli("run", "panel.yaml", "--shard", "1/2")
    assert ended.code == 5
    assert "Run the same command again to finish" in ended.err
    (first,) = (folder / "results").iterdir()
    assert manifest(first)["state"] == "partial"
    cli.write("one.yaml", ONE)
    assert cli("run", "panel.yaml", "--shard", "2/2").code == 0
    assert manifest(first)["state"] == "partial"
    assert cli("run", "panel.yaml", "--shard", "1/2").code == 0
    assert manifest(first)["state"] == "sealed"
    assert len(list((folder / "results").iterdir())) == 2


def test_more_shards_than_items_leave_some_empty(cli: CommandLine, folder: Path) -> None:
    write_labels(cli, 2)
    shards = run_shards(cli, 5)
    assert sorted(manifest(shard)["votes_stored"] for shard in shards)[:3] == [0, 0, 0]
    assert cli("merge", *shards, *QUICK).code == 0
    (run,) = (folder / "results").iterdir()
    assert len(keys(run)) == 10


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "1/0", "a/b", "1/4/5", "-1/4", "1/99999999"])
def test_parts_that_are_none_are_refused(cli: CommandLine, folder: Path, text: str) -> None:
    ended = cli("run", "panel.yaml", f"--shard={text}")
    assert ended.code == 2
    assert "such as 1/4" in ended.err
    assert not (folder / "results").exists()


def test_a_missing_shard_makes_a_partial_run_that_says_what_is_missing(cli: CommandLine, folder: Path) -> None:
    shards = run_shards(cli)
    left_out = manifest(shards[1])["n_items"]
    ended = cli("merge", shards[0], *shards[2:], *QUICK)
    assert ended.code == 5
    assert (
        f"{5 * left_out} of 60 votes are missing: {3 * left_out} of judge one, {2 * left_out} of judge two."
        in ended.err
    )
    (run,) = (folder / "results").iterdir()
    assert manifest(run)["state"] == "partial"
    # The panel's own command goes on with it and asks only for what is missing.
    stored = keys(run)
    assert cli("run", "panel.yaml", *QUICK).code == 0
    assert list((folder / "results").iterdir()) == [run]
    assert manifest(run)["state"] == "sealed"
    assert manifest(run)["merged"] == [manifest(each)["run_id"] for each in (shards[0], *shards[2:])]
    assert len(keys(run)) == 60
    assert keys(run).total() == 60
    assert stored.keys() < keys(run).keys()


def test_runs_cut_short_merge_too_and_answers_beat_errors(cli: CommandLine, folder: Path) -> None:
    """Each run lost one judge to an outage; together they are whole."""
    cli.write("one.yaml", "default: {error: auth, status: 401}\n")
    assert cli("run", "panel.yaml", "--results", "a", *QUICK).code == 5
    cli.write("one.yaml", ONE)
    cli.write("two.yaml", "default: {error: auth, status: 401}\n")
    assert cli("run", "panel.yaml", "--results", "b", *QUICK).code == 5
    ended = cli("merge", str(only(folder / "a")), str(only(folder / "b")), *QUICK)
    assert ended.code == 0, ended.err
    coverage = json.loads((only(folder / "results") / "metrics.json").read_text())["coverage"]["by_judge"]
    assert coverage["one"]["error"] == coverage["two"]["error"] == 0


def test_a_merged_run_says_what_all_its_parts_took_over(cli: CommandLine, folder: Path) -> None:
    assert cli("run", "panel.yaml", "--results", "before", *QUICK).code == 0
    (before,) = (folder / "before").iterdir()
    for part in ("1/2", "2/2"):
        reuse = ("--reuse", str(before))
        assert cli("run", "panel.yaml", "--results", "shards", "--shard", part, *reuse, *QUICK).code == 0
    assert cli("merge", *map(str, (folder / "shards").iterdir()), *QUICK).code == 0
    (run,) = (folder / "results").iterdir()
    assert manifest(run)["reused"] == {before.name: 60}
    assert manifest(run)["spend"]["usd"] == 0.0


def test_a_merged_run_says_what_its_parts_spent_besides_their_votes(cli: CommandLine, folder: Path) -> None:
    partial, sealed = (Path(shard) for shard in run_shards(cli, 2))
    # Written by hand: a session of the first shard was killed; the second had, and each was probed once.
    (partial / "ledger.jsonl").write_text('{"held_usd": 0.25, "held_tokens": 40}\n')
    for shard, state, lost_usd, lost_tokens in ((partial, "partial", 0.0, 0), (sealed, "sealed", 0.5, 100)):
        told = manifest(shard)
        probe = {"judge": "one", "model": "fake/one.yaml", "instrument_hash": shard.name, "cost_usd": 0.01}
        usage = {"input_tokens": 5, "output_tokens": 2}
        told["probes"] = [probe | {"at": told["started_at"], "outcome": "ok", "usage": usage}]
        told["spend"] |= {"uncertain_usd": lost_usd, "uncertain_tokens": lost_tokens, "usd": 0.01}
        (shard / "run.json").write_text(json.dumps(told | {"state": state}))
    assert cli("merge", str(partial), str(sealed), "--results", "merged", *QUICK).code == 0
    merged = only(folder / "merged")
    votes = [json.loads(line)["usage"] for line in (merged / "votes.jsonl").read_text().splitlines()]
    tokens = sum(used["input_tokens"] + used["output_tokens"] for used in votes if used)
    spend = manifest(merged)["spend"]
    assert (spend["usd"], spend["uncertain_usd"]) == (pytest.approx(0.02), pytest.approx(0.75))
    assert (spend["tokens"], spend["uncertain_tokens"]) == (tokens + 14, 140)
    # What is in it already counts once.
    assert cli("merge", str(merged), str(sealed), "--results", "again", *QUICK).code == 0
    assert manifest(only(folder / "again"))["spend"] == spend


def test_two_answers_to_one_question_are_reported(cli: CommandLine, folder: Path) -> None:
    assert cli("run", "panel.yaml", "--results", "a", *QUICK).code == 0
    cli.write("two.yaml", 'default: {"no": 0.9, maybe: 0.1, "yes": 0.0}\n')
    assert cli("run", "panel.yaml", "--results", "b", *QUICK).code == 0
    first, second = only(folder / "a"), only(folder / "b")
    ended = cli("merge", str(second), str(first), *QUICK)
    assert ended.code == 0
    assert f"answered differently by {first.name} and {second.name}; the former was asked first" in ended.err
    assert "and 14 more votes with two answers" in ended.err  # 12 items, two samples each
    assert sum(keys(only(folder / "results")).values()) == 60 + 60


CHANGES = {
    "the labels (items, texts or human votes) differ": ("labels.jsonl", "alpha 0", "alpha nought"),
    "the rubric differs": ("rubric.yaml", "Is it so?", "Is it so or not?"),
    "the seed differs: 3 and 4": ("panel.yaml", "seed: 3", "seed: 4"),
    "judge 'one' is another instrument: temperature None and 0.5": (
        "panel.yaml", "one.yaml, samples: 3", "one.yaml, samples: 3, temperature: 0.5",
    ),
    "samples of judge 'one' differs: 3 and 4": ("panel.yaml", "samples: 3", "samples: 4"),
    "weight of judge 'two' differs: 1.0 and 2.0": ("panel.yaml", "samples: 2", "samples: 2, weight: 2"),
    "only one of them has judge 'three'": ("panel.yaml", "id: two", "id: three"),
    "the panel's name differs: scripted and other": ("panel.yaml", "panel: scripted", "panel: other"),
}  # fmt: skip


@pytest.mark.parametrize("difference", CHANGES)
def test_runs_that_differ_are_refused_and_the_difference_is_named(
    cli: CommandLine, folder: Path, difference: str
) -> None:
    assert cli("run", "panel.yaml", "--shard", "1/2", "--results", "a").code == 0
    name, before, after = CHANGES[difference]
    text = (folder / name).read_text()
    assert before in text
    cli.write(name, text.replace(before, after))
    assert cli("run", "panel.yaml", "--shard", "2/2", "--results", "b").code == 0
    ended = cli("merge", str(only(folder / "a")), str(only(folder / "b")), *QUICK)
    assert ended.code == 4
    assert difference in ended.err or swapped(difference) in ended.err
    assert not (folder / "results").exists()


def swapped(difference: str) -> str:
    """The same difference told from the other side."""
    head, found, sides = difference.rpartition(": " if ": " in difference else "temperature ")
    one, _, other = sides.partition(" and ")
    if "instrument" in head:
        one, other = one.removeprefix("temperature "), other
        return f"{head}: temperature {other} and {one}"
    return f"{head}{found}{other} and {one}"


def test_what_is_no_run_is_refused(cli: CommandLine, folder: Path) -> None:
    assert cli("merge", "nowhere").code == 2
    assert cli("merge", ".").code == 2
    assert cli("merge").code == 2
    assert cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--out", "scored").code == 2
    cli.write("votes.jsonl", '{"item_id": "i0", "judge": "j", "label": "no"}\n')
    assert cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--out", "scored").code == 0
    ended = cli("merge", "scored")
    assert ended.code == 2
    assert "was not made by run" in ended.err


def test_labels_that_were_tampered_with_are_not_scored(cli: CommandLine, folder: Path) -> None:
    shards = run_shards(cli, 2)
    for shard in shards:
        labels = Path(shard) / "labels.jsonl"
        labels.write_text(labels.read_text().replace('"maybe":1', '"maybe":7'))
    ended = cli("merge", *shards)
    assert ended.code == 2
    assert "labels.jsonl that its run.json tells of" in ended.err
