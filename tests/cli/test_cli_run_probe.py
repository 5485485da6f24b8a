"""`panel-eval run` asks each judge behind an API once before it buys votes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import RUBRIC, CommandLine

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "judges"))

from constructed_server import Server, constructed_server

PANEL = """\
panel: probed
rubric: rubric.yaml
labels: labels.jsonl
judges:
  - {id: good, model: openai/m, transport: direct, api_base: "URL/ok/v1", PRICE}
  - {id: other, model: openai/m, transport: direct, api_base: "URL/OTHER/v1", elicit: ELICIT, top_p: 0.5, PRICE}
""".replace("PRICE", "price: {input_usd_per_mtok: 1000, output_usd_per_mtok: 1000}, limits: {outage_s: 0}")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with constructed_server() as running:
        yield running


def write_panel(cli: CommandLine, server: Server, other: str, elicit: str = "vote") -> None:
    url = server.url("ok").removesuffix("/ok/v1")
    cli.write("rubric.yaml", RUBRIC)
    cli.write("panel.yaml", PANEL.replace("URL", url).replace("OTHER", other).replace("ELICIT", elicit))


def manifest(cli: CommandLine) -> dict[str, Any]:
    (run,) = (cli.folder / "results").iterdir()
    return json.loads((run / "run.json").read_text())


@pytest.mark.parametrize(
    ("other", "elicit", "words"),
    [
        ("key", "vote", "HTTP 401"),
        ("absent", "vote", "no such model"),
        ("no_logprobs", "logprobs", "elicit: vote"),
        ("ok", "logprobs", "elicit: vote"),  # answers, without log-probabilities
    ],
)
def test_a_judge_that_cannot_do_it_stops_the_run_before_a_vote_is_bought(cli, server, other, elicit, words):
    write_panel(cli, server, other, elicit)
    before = server.counts["ok"]
    ended = cli("run", "panel.yaml")
    assert ended.code == 2
    assert words in ended.err
    assert "judge 'other'" in ended.err
    assert "Nothing was bought" in ended.err
    assert server.counts["ok"] - before <= 2  # a call to each judge
    assert not (cli.folder / "results").exists()


@pytest.mark.slow
def test_an_outage_does_not_stop_the_run(cli, server):
    write_panel(cli, server, "unavailable")
    ended = cli("run", "panel.yaml")
    assert ended.code == 5  # the votes of the other judge are missing
    journal = next((cli.folder / "results").glob("*/votes.jsonl"))
    votes = [json.loads(line) for line in journal.read_text().splitlines()]
    assert {vote["judge"] for vote in votes if vote["outcome"] == "ok"} == {"good"}


@pytest.mark.slow
def test_probes_stand_in_run_json_are_paid_for_and_not_repeated(cli, server):
    write_panel(cli, server, "unavailable")
    before = server.counts["ok"]
    assert cli("run", "panel.yaml", "--budget-usd", "500").code == 5
    first = manifest(cli)
    assert [(probe["judge"], probe["outcome"]) for probe in first["probes"]] == [("good", "ok"), ("other", "error")]
    # 7 tokens in and 3 out are a cent a call: one probe and three votes. What is refused with 503 costs nothing.
    assert server.counts["ok"] - before == 4
    assert (first["spend"]["usd"], first["spend"]["tokens"]) == (pytest.approx(0.04), 40)
    assert first["spend"]["uncertain_usd"] == 0.0
    plan = json.loads(cli("plan", "panel.yaml", "--budget-usd", "500", "--json").out)
    assert plan["budget"][0]["spent"] == pytest.approx(0.04)  # the probe is spent money for a plan too
    refused = server.counts["unavailable"]
    assert cli("run", "panel.yaml", "--budget-usd", "500").code == 5
    assert server.counts["ok"] - before == 4  # neither votes nor the probe are bought again
    assert server.counts["unavailable"] > refused  # who gave no answer is asked again
    assert [probe["judge"] for probe in manifest(cli)["probes"]] == ["good", "other", "other"]
    assert manifest(cli)["spend"]["usd"] == pytest.approx(0.04)


def test_the_probe_can_be_left_out(cli, server):
    write_panel(cli, server, "ok")
    before = server.counts["ok"]
    assert cli("run", "panel.yaml", "--no-probe").code == 0
    assert server.counts["ok"] - before == 6
    assert manifest(cli)["probes"] == []


def test_a_probe_counts_what_an_unfinished_run_has_spent(cli, server):
    """Five votes are stored; a killed session may have spent 100 dollars; a call may take more than two."""
    write_panel(cli, server, "ok")
    assert cli("run", "panel.yaml", "--no-probe").code == 0
    (run,) = (cli.folder / "results").iterdir()
    votes = (run / "votes.jsonl").read_text().splitlines(keepends=True)
    (run / "votes.jsonl").write_text("".join(votes[:5]))
    (run / "run.json").write_text(json.dumps({**manifest(cli), "state": "partial"}))
    (run / "ledger.jsonl").write_text('{"held_usd": 100.0, "held_tokens": 99}\n')
    asked = server.counts["ok"]
    ended = cli("run", "panel.yaml", "--budget-usd", "101")
    assert ended.code == 5
    assert "the budget has no room for one call" in ended.err
    assert server.counts["ok"] == asked
