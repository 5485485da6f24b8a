"""Budgets on the command line: where a run stops, what it says, and how it is gone on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import RUBRIC, CommandLine

PANEL = """\
panel: paid
rubric: rubric.yaml
labels: labels.jsonl
judges:
  - id: dear
    model: fake/script.yaml
    samples: 2
    limits: {concurrency: 3}
    price: {input_usd_per_mtok: 100, output_usd_per_mtok: 100}
  - {id: free, model: fake/script.yaml, temperature: 0.5}
"""
SCRIPT = 'default: maybe\nrules:\n  - {when: {contains: "number 3"}, reply: "yes"}\n'
ITEMS = 60


@pytest.fixture
def panel(cli: CommandLine) -> CommandLine:
    cli.write("panel.yaml", PANEL)
    cli.write("rubric.yaml", RUBRIC)
    cli.write("script.yaml", SCRIPT)
    counts = [{"no": i % 3, "maybe": 1, "yes": 2 - i % 3} for i in range(ITEMS)]
    lines = [
        json.dumps({"item_id": f"i{i}", "task": "t", "counts": each, "content": {"text": f"number {i}"}})
        for i, each in enumerate(counts)
    ]
    cli.write("labels.jsonl", "\n".join(lines) + "\n")
    return cli


def newest(folder: Path, results: str = "results") -> Path:
    return sorted(path for path in (folder / results).iterdir() if path.is_dir())[-1]


def votes(run: Path) -> dict[str, dict[str, Any]]:
    """The last line of each key."""
    lines = [json.loads(line) for line in (run / "votes.jsonl").read_text().splitlines()]
    return {vote["vote_key"]: vote for vote in lines}


def manifest(run: Path) -> dict[str, Any]:
    return json.loads((run / "run.json").read_text())


def scores(run: Path) -> dict[str, Any]:
    """Every number but what the votes cost and how long they took."""
    metrics = json.loads((run / "metrics.json").read_text())
    return {name: value for name, value in metrics.items() if name != "economics"}


def spent(run: Path) -> float:
    lines = [json.loads(line) for line in (run / "votes.jsonl").read_text().splitlines()]
    return sum(vote["cost_usd"] + vote["cost_uncertain_usd"] for vote in lines)


def test_a_run_stops_inside_its_budget_with_whole_items_and_says_what_is_missing(panel: CommandLine) -> None:
    ended = panel("run", "panel.yaml", "--budget-usd", "0.60")
    run = newest(panel.folder)
    assert ended.code == 5
    assert "Raise the budget" in ended.err
    assert spent(run) <= 0.60
    assert spent(run) > 0.30  # not given up far below it either
    bought = [vote for vote in votes(run).values() if vote["judge"] == "dear" and vote["outcome"] == "ok"]
    missing = [vote for vote in votes(run).values() if vote["outcome"] == "over_budget"]
    assert {vote["judge"] for vote in missing} == {"dear"}  # a free judge fits into any budget
    assert len(bought) + len(missing) == 2 * ITEMS
    halves = [item for item in {v["item_id"] for v in bought} & {v["item_id"] for v in missing}]
    assert len(halves) <= 3  # all but the calls under way at the end are whole items
    facts = manifest(run)
    assert (facts["state"], facts["sessions"][0]["ended_by"]) == ("partial", "budget")
    assert facts["spend"]["usd"] == pytest.approx(sum(vote["cost_usd"] for vote in votes(run).values()))


def test_a_larger_budget_finishes_the_run_as_if_it_had_never_stopped(panel: CommandLine) -> None:
    panel("run", "panel.yaml", "--results", "whole")
    assert panel("run", "panel.yaml", "--budget-usd", "0.3").code == 5
    lines = len((newest(panel.folder) / "votes.jsonl").read_text().splitlines())
    assert panel("run", "panel.yaml", "--budget-usd", "0.3").code == 5
    assert len((newest(panel.folder) / "votes.jsonl").read_text().splitlines()) == lines  # nothing said twice
    assert panel("run", "panel.yaml").code == 0
    whole, stopped = newest(panel.folder, "whole"), newest(panel.folder)
    assert votes(stopped).keys() == votes(whole).keys()
    assert scores(stopped) == scores(whole)
    assert [session["ended_by"] for session in manifest(stopped)["sessions"]] == ["budget", "budget", "done"]
    assert manifest(stopped)["spend"]["usd"] == pytest.approx(manifest(whole)["spend"]["usd"])


def test_a_partial_run_is_scored_and_says_so(panel: CommandLine) -> None:
    ended = panel("run", "panel.yaml", "--budget-usd", "0.3")
    metrics = json.loads((newest(panel.folder) / "metrics.json").read_text())
    assert "over_budget" in json.dumps(metrics["coverage"])
    assert "partial" in ended.out.lower()


def test_a_budget_in_tokens_holds_all_judges(panel: CommandLine) -> None:
    assert panel("run", "panel.yaml", "--budget-tokens", "10000").code == 5
    used = manifest(newest(panel.folder))["spend"]
    assert used["tokens"] + used["uncertain_tokens"] <= 10_000
    missing = {vote["judge"] for vote in votes(newest(panel.folder)).values() if vote["outcome"] == "over_budget"}
    assert missing == {"dear", "free"}


def test_the_budget_may_stand_in_the_panel(panel: CommandLine) -> None:
    panel.write("panel.yaml", PANEL + "budget: {usd: 0.3}\n")
    assert panel("run", "panel.yaml").code == 5
    assert spent(newest(panel.folder)) <= 0.3
    assert manifest(newest(panel.folder))["panel"]["budget"] == {"usd": 0.3, "tokens": None}


def test_an_unknown_price_cannot_be_held_by_dollars(panel: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    panel.write(
        "panel.yaml", PANEL.replace("{id: free, model: fake/script.yaml", "{id: new, model: openai/unheard-of")
    )
    ended = panel("run", "panel.yaml", "--budget-usd", "1")
    assert ended.code == 2
    assert "the price of judge 'new' (openai/unheard-of) is not known" in ended.err
    ended = panel("run", "panel.yaml", "--budget-usd", "1", "--allow-unpriced")
    assert ended.code == 2
    assert "also set a budget in tokens" in ended.err
    assert not (panel.folder / "results").exists()


@pytest.mark.parametrize("option", [("--budget-usd", "0"), ("--budget-usd", "nan"), ("--budget-tokens", "-5")])
def test_a_budget_that_is_none_is_refused(panel: CommandLine, option: tuple[str, str]) -> None:
    ended = panel("run", "panel.yaml", *option)
    assert ended.code == 2
    assert "must be above 0" in ended.err


def test_failed_votes_of_a_sealed_run_are_asked_again_in_a_new_run_that_keeps_the_rest(panel: CommandLine) -> None:
    failing = "  - {when: {item_id: i7}, reply: {error: server, status: 500}, times: 5}\n"
    panel.write("script.yaml", SCRIPT + failing)
    assert panel("run", "panel.yaml").code == 0  # 1 of 180 votes failed: under 2 %
    first = newest(panel.folder)
    assert [vote["item_id"] for vote in votes(first).values() if vote["outcome"] == "error"] == ["i7"]
    panel.write("script.yaml", SCRIPT)
    plan = json.loads(panel("plan", "panel.yaml", "--retry-failed", "--json").out)["total"]
    assert (plan["reusable"], plan["to_buy"]) == (179, 1)
    ended = panel("run", "panel.yaml", "--retry-failed")
    second = newest(panel.folder)
    assert ended.code == 0
    assert second != first
    assert f"179 votes were taken over from {first.name}" in ended.err
    assert {vote["outcome"] for vote in votes(second).values()} == {"ok"}
    assert [vote["item_id"] for vote in votes(second).values() if vote["reused_from"] is None] == ["i7"]
    assert manifest(second)["reused"] == {first.name: 179}
    assert manifest(second)["spend"]["usd"] < 0.05  # only what was asked now


def test_a_complete_run_that_is_begun_anew_says_so_and_how_to_keep_its_votes(panel: CommandLine) -> None:
    assert "complete" not in panel("run", "panel.yaml").err
    first = f"results/{newest(panel.folder).name}"
    again = panel("run", "panel.yaml")
    assert f"{first} is complete; a new run asks for all votes anew (--reuse {first} keeps them)" in again.err
    assert "anew" not in panel("run", "panel.yaml", "--fresh").err
    assert "anew" not in panel("run", "panel.yaml", "--reuse", first).err


def test_votes_are_reused_by_what_was_asked_not_by_the_judges_name(panel: CommandLine) -> None:
    panel("run", "panel.yaml", "--results", "before")
    before = newest(panel.folder, "before")
    panel.write("panel.yaml", PANEL.replace("id: dear", "id: renamed").replace("samples: 2", "samples: 3"))
    ended = panel("run", "panel.yaml", "--reuse", str(before))
    assert ended.code == 0
    run = newest(panel.folder)
    assert f"180 votes were taken over from {before.name}" in ended.err
    bought = [vote for vote in votes(run).values() if vote["reused_from"] is None]
    assert {(vote["judge"], vote["sample"]) for vote in bought} == {("renamed", 2)}
    assert len(bought) == ITEMS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("temperature: 0.5", "temperature: 0.6"),
        ("rubric: rubric.yaml", "rubric: other.yaml"),
        ("script.yaml, te", "b.yaml, te"),
    ],
)
def test_nothing_is_reused_after_a_change_of_setting_rubric_or_model(
    panel: CommandLine, old: str, new: str
) -> None:
    panel("run", "panel.yaml", "--results", "before")
    panel.write("other.yaml", RUBRIC.replace("It is so.", "It is so indeed."))
    panel.write("b.yaml", SCRIPT)
    panel.write("panel.yaml", PANEL.replace(old, new))
    assert panel("run", "panel.yaml", "--reuse", str(newest(panel.folder, "before"))).code == 0
    kept = {vote["judge"] for vote in votes(newest(panel.folder)).values() if vote["reused_from"]}
    assert "free" not in kept


def test_a_run_to_reuse_that_is_none_is_an_error_and_nothing_is_bought(panel: CommandLine) -> None:
    ended = panel("run", "panel.yaml", "--reuse", "nowhere")
    assert ended.code == 2
    assert "holds no votes to reuse" in ended.err
