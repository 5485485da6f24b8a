"""`run --batch` and `collect` as a user meets them, against a local server with the files and batches API."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import RUBRIC, CommandLine

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "judges"))

from batch_server import BatchServer, batch_server

KEY = "sk-thekeyofthecollecttests"
PANEL = """\
panel: batched
rubric: rubric.yaml
labels: labels.jsonl
seed: 3
judges:
  - {{id: far, model: openai/m, transport: direct, api_base: "{url}", api_key_env: BATCH_TEST_KEY, samples: 2,
     price: {{input_usd_per_mtok: 2.0, output_usd_per_mtok: 4.0, batch_input_usd_per_mtok: 1.0,
     batch_output_usd_per_mtok: 2.0}}}}
  - {{id: near, model: fake/near.yaml}}
"""
ITEMS = 3
FAR, NEAR = 2 * ITEMS, ITEMS
PROBE = 1  # the call that run makes before it buys anything


@pytest.fixture
def server(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchServer]:
    monkeypatch.setenv("BATCH_TEST_KEY", KEY)
    with batch_server() as running:
        cli.write("panel.yaml", PANEL.format(url=running.url))
        cli.write("near.yaml", 'default: "no"\n')
        cli.write("rubric.yaml", RUBRIC)
        yield running


def run_folder(cli: CommandLine) -> Path:
    (folder,) = (cli.folder / "results").iterdir()
    return folder


def votes(cli: CommandLine) -> Counter[tuple[str, str]]:
    """(judge, outcome) to number of lines in the journal."""
    lines = (run_folder(cli) / "votes.jsonl").read_text().splitlines()
    return Counter((vote["judge"], vote["outcome"]) for vote in map(json.loads, lines))


def manifest(cli: CommandLine) -> dict[str, Any]:
    return json.loads((run_folder(cli) / "run.json").read_text())


def collected(cli: CommandLine, *options: str) -> Any:
    return cli("collect", str(run_folder(cli)), *options, "--resamples", "100")


def test_submitting_ends_at_once_and_says_how_to_collect(cli, server):
    ended = cli("run", "panel.yaml", "--batch")
    assert ended.code == 0
    assert f"{FAR} votes are out in 1 batches" in ended.err
    assert f"panel-eval collect results/{run_folder(cli).name}" in ended.err
    assert "judge near was asked live: it asks no provider" in ended.err
    assert votes(cli) == {("near", "ok"): NEAR}
    assert (manifest(cli)["state"], manifest(cli)["votes_stored"]) == ("partial", NEAR)
    assert server.bought.total() == FAR


def test_collecting_too_early_ends_with_5_and_later_with_0(cli, server):
    cli("run", "panel.yaml", "--batch")
    early = collected(cli)
    assert early.code == 5
    assert "in_progress" in early.err
    assert f"{FAR} votes are still out" in early.err
    collected(cli)
    done = collected(cli)
    assert (done.code, manifest(cli)["state"]) == (0, "sealed")
    assert votes(cli) == {("near", "ok"): NEAR, ("far", "ok"): FAR}
    assert (run_folder(cli) / "metrics.json").exists()


def test_unlabelled_items_go_out_in_batches_too(cli, server):
    """Two more items: four votes more in the batch, two more asked live; the scores are of the labelled ones."""
    server.looks = 1
    panel = (cli.folder / "panel.yaml").read_text()
    cli.write("panel.yaml", panel.replace("seed: 3", "unlabelled: pool.jsonl\nseed: 3"))
    cli.write(
        "pool.jsonl", "".join(f'{{"item_id": "p{n}", "content": {{"text": "more {n}"}}}}\n' for n in range(2))
    )
    ended = cli("run", "panel.yaml", "--batch")
    assert f"{FAR + 4} votes are out in 1 batches" in ended.err
    assert collected(cli).code == 0
    assert votes(cli) == {("near", "ok"): NEAR + 2, ("far", "ok"): FAR + 4}
    assert (manifest(cli)["state"], manifest(cli)["n_unlabelled"]) == ("sealed", 2)
    coverage = json.loads((run_folder(cli) / "metrics.json").read_text())["coverage"]
    assert sum(coverage["total"].values()) == FAR + NEAR


def test_collecting_a_sealed_run_again_changes_nothing(cli, server):
    server.looks = 1
    cli("run", "panel.yaml", "--batch")
    collected(cli)
    before = {path: path.read_bytes() for path in run_folder(cli).iterdir() if path.is_file()}
    asked = server.counts.copy()
    assert collected(cli).code == 0
    assert {path: path.read_bytes() for path in run_folder(cli).iterdir() if path.is_file()} == before
    assert server.counts == asked


def test_waiting_looks_until_all_batches_have_ended(cli, server):
    cli("run", "panel.yaml", "--batch")
    server.looks = 2
    done = collected(cli, "--wait", "--every", "1")
    assert done.code == 0
    assert server.counts["retrieve"] == 2


def test_running_without_batch_refuses_what_is_out(cli, server):
    cli("run", "panel.yaml", "--batch")
    refused = cli("run", "panel.yaml")
    assert refused.code == 2
    assert f"{FAR} votes of this run are out in 1 provider batches" in refused.err
    assert f"panel-eval collect results/{run_folder(cli).name}" in refused.err
    assert server.counts["chat"] == PROBE
    assert manifest(cli)["state"] == "partial"


def test_submitting_again_submits_nothing_more(cli, server):
    cli("run", "panel.yaml", "--batch")
    again = cli("run", "panel.yaml", "--batch")
    assert again.code == 0
    assert "are out in 1 batches" in again.err
    assert set(server.bought.values()) == {1}


def test_what_expired_is_asked_live_if_told_so(cli, server):
    """Each question reaches the model once: in the batch that answered it, or live."""
    server.looks, server.ending = 1, "expired"
    cli("run", "panel.yaml", "--batch")
    expired = set(list(server.bought)[:2])
    server.fate = lambda key: "expired" if key in expired else "ok"
    first = collected(cli)
    assert first.code == 5
    assert "2 votes came back without an answer" in first.err
    assert "2 votes are neither stored nor out" in first.err
    assert "--live" in first.err
    done = collected(cli, "--live")
    assert done.code == 0
    assert server.counts["chat"] == PROBE + 2
    assert votes(cli) == {("near", "ok"): NEAR, ("far", "ok"): FAR}


def test_live_answers_and_batch_answers_are_the_same_votes(cli, server, tmp_path):
    """Oracle: the same panel asked live. Only what names the way differs."""
    server.looks = 1
    cli("run", "panel.yaml", "--batch")
    collected(cli)
    by_batch = by_key(run_folder(cli))
    cli("run", "panel.yaml", "--results", "live", "--resamples", "100")
    (folder,) = (cli.folder / "live").iterdir()
    live = by_key(folder)
    same = ("item_id", "judge", "sample", "label", "confidence", "rationale", "raw", "parse_rung", "usage")
    assert {key: [vote[name] for name in same] for key, vote in by_batch.items()} == {
        key: [vote[name] for name in same] for key, vote in live.items()
    }
    for key, vote in by_batch.items():
        if vote["judge"] == "far":
            assert vote["cost_usd"] == pytest.approx(live[key]["cost_usd"] / 2)  # prices in batches are half here


def by_key(folder: Path) -> dict[str, Any]:
    return {vote["vote_key"]: vote for vote in map(json.loads, (folder / "votes.jsonl").read_text().splitlines())}


def test_a_server_without_batches_is_asked_live_and_told(cli, server):
    from constructed_server import constructed_server

    with constructed_server() as plain:
        cli.write("panel.yaml", PANEL.format(url=plain.url("ok")))
        ended = cli("run", "panel.yaml", "--batch", "--resamples", "100")
        assert plain.counts["ok"] == PROBE + FAR
    assert ended.code == 0
    assert "judge far was asked live" in ended.err
    assert "has no batch API (HTTP 501)" in ended.err
    assert manifest(cli)["state"] == "sealed"


def test_another_key_is_named_with_the_account_that_submitted(cli, server, monkeypatch):
    cli("run", "panel.yaml", "--batch")
    monkeypatch.setenv("BATCH_TEST_KEY", "sk-anotherkeyaltogether")
    refused = collected(cli)
    assert refused.code == 5
    assert refused.err.count(f"{server.url}, BATCH_TEST_KEY") == 2
    assert refused.err.count("fingerprint") == 2
    assert "anotherkey" not in refused.err


def test_a_lost_batch_can_be_given_up(cli, server):
    cli("run", "panel.yaml", "--batch")
    server.batches.clear()
    lost = collected(cli)
    assert lost.code == 5
    assert "No batch found with id 'batch_1'" in lost.err
    wrong = collected(cli, "--forget", "batch_9")
    assert wrong.code == 2
    assert "name one of these: batch_1" in wrong.err
    assert collected(cli, "--forget", "batch_1", "--live").code == 0
    assert server.counts["chat"] == PROBE + FAR


def test_a_changed_panel_is_refused_before_anything_is_asked(cli, server):
    cli("run", "panel.yaml", "--batch")
    cli.write("panel.yaml", PANEL.format(url=server.url).replace("samples: 2", "samples: 3"))
    asked = server.counts.copy()
    refused = collected(cli)
    assert refused.code == 2
    assert "is not what this run asked with" in refused.err
    assert server.counts == asked


def test_a_moved_panel_file_is_asked_for(cli, server):
    cli("run", "panel.yaml", "--batch")
    moved = cli.write("panel2.yaml", (cli.folder / "panel.yaml").read_text())
    (cli.folder / "panel.yaml").unlink()
    refused = collected(cli)
    assert refused.code == 2
    assert "--panel FILE" in refused.err
    server.looks = 1
    assert collected(cli, "--panel", str(moved)).code == 0


def test_a_folder_without_batches_is_refused(cli, server):
    (cli.folder / "empty").mkdir()
    refused = cli("collect", "empty")
    assert refused.code == 2
    assert "no batches were submitted" in refused.err
    assert list((cli.folder / "empty").iterdir()) == []


def test_the_budget_leaves_the_rest_for_later(cli, server):
    text = PANEL.format(url=server.url) + "budget: {usd: 0.011}\n"
    cli.write("panel.yaml", text)
    ended = cli("run", "panel.yaml", "--batch")
    assert ended.code == 5
    assert "the budget has no room" in ended.err
    assert 0 < server.bought.total() < FAR


def test_cancelled_batches_end_and_free_their_votes(cli, server):
    server.looks, server.fate = 9, lambda key: "expired"
    cli("run", "panel.yaml", "--batch")
    ended = collected(cli, "--cancel")
    assert ended.code == 5
    assert "cancelled, 0 of 6 stored" in ended.err
    assert collected(cli, "--live").code == 0
    assert server.counts["chat"] == PROBE + FAR


def test_a_complete_run_keeps_no_second_copy_of_its_answers(cli, server):
    server.looks = 1
    cli("run", "panel.yaml", "--batch")
    collected(cli)
    assert not (run_folder(cli) / "batches").exists()


def test_asking_live_leaves_alone_what_is_still_out(cli, server):
    other = PANEL.splitlines()[5:8]
    text = PANEL.format(url=server.url) + "\n".join(other).format(url=server.url).replace("far", "also") + "\n"
    cli.write("panel.yaml", text.replace("openai/m", "openai/n", 1))
    assert cli("run", "panel.yaml", "--batch").code == 0
    first, second = server.batches.values()
    first.state = "expired"
    live = collected(cli, "--live")
    assert live.code == 5
    assert f"{FAR} votes are still out in 1 batches" in live.err
    assert server.counts["chat"] == 2 * PROBE + FAR
    batched = Counter(json.dumps(line["body"], sort_keys=True) for line in second.lines)
    assert {server.bodies[body] for body in batched} == {1}
    server.looks = 1
    assert collected(cli).code == 0


def test_asking_live_keeps_to_the_budget_that_the_votes_were_submitted_with(cli, server):
    """Five votes find no room in the batch; live they are twice as dear, so none does, not even the probe."""
    server.looks = 1
    assert cli("run", "panel.yaml", "--batch", "--budget-usd", "0.004").code == 5
    assert server.bought.total() == 1
    ended = collected(cli, "--live")
    assert ended.code == 5
    assert server.counts["chat"] == 0
    assert f"the budget had no room for {FAR - 1} votes" in ended.err
    assert "--live --budget-usd" in ended.err
    assert collected(cli, "--live", "--budget-usd", "1").code == 0
    assert server.counts["chat"] == FAR - 1


def test_a_judge_given_up_live_is_told_of_though_batches_are_out(cli, server):
    cli.write("near.yaml", "default: {error: auth, status: 401}\n")
    ended = cli("run", "panel.yaml", "--batch")
    assert ended.code == 5
    assert "judge near was given up: auth (HTTP 401)" in ended.err
    assert f"{FAR} votes are out in 1 batches" in ended.err
    server.looks = 1
    later = collected(cli)
    assert later.code == 5
    assert "votes ended in an error" in later.err
