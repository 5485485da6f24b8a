"""`panel-eval score --beside`: a classifier's probabilities through the same path as judges' votes."""

from __future__ import annotations

import json

import pytest
from command_line import VOTES, CommandLine
from fitted_pool_file import write_fitted_pool
from fitted_runs import LABELS, label_records, write_pilot

from panel_eval.api import open_run
from panel_eval.api.labelled_run import judge_forecasts

CLASSIFIER = "".join(
    json.dumps({"item_id": item, "judge": "reward-model", "distribution": {"no": no, "yes": 1 - no}}) + "\n"
    for item, no in (("a", 0.9), ("b", 0.5), ("c", 0.1))
)
QUICK = ("--labels", "labels.jsonl", "--resamples", "100")


@pytest.fixture
def scored(cli: CommandLine) -> CommandLine:
    """Three items, two judges and a model beside them, scored to `out`."""
    cli.write("all.jsonl", VOTES + CLASSIFIER)
    ended = cli("score", "--votes", "all.jsonl", "--beside", "reward-model", "--out", "out", "--report", *QUICK)
    assert ended.code == 0, ended.err
    assert "CE less the panel's" in ended.out
    return cli


def test_the_panel_is_that_of_the_other_votes(scored: CommandLine) -> None:
    assert scored("score", "--votes", "votes.jsonl", "--out", "plain", *QUICK).code == 0
    joined, plain = (json.loads((scored.folder / out / "metrics.json").read_text()) for out in ("out", "plain"))
    model = joined.pop("beside")["reward-model"]
    assert plain.pop("beside") == {}
    assert joined == plain
    assert model["outcomes"] == {"ok": 3}
    assert model["behind_panel_bits"]["n"] == 3
    assert "cannot be told" in model["advice"]  # three items make no interval


def test_report_shows_it_below_the_judges_with_its_advice(scored: CommandLine) -> None:
    page = (scored.folder / "out" / "report.html").read_text()
    assert page.index(">k<") < page.index(">reward-model<")
    assert "How reward-model compares with the panel cannot be told" in page


def test_what_is_fitted_to_the_run_later_leaves_it_out(scored: CommandLine) -> None:
    run = open_run(scored.folder / "out")
    assert len(run.votes) == 9
    assert judge_forecasts(run).judge_ids == ("j", "k")


def test_a_name_without_votes_is_refused_and_nothing_written(cli: CommandLine) -> None:
    ended = cli("score", "--votes", "votes.jsonl", "--beside", "jj", "--out", "out", *QUICK)
    assert ended.code == 2
    assert "no vote is of a model with this name (found jj)" in ended.err
    assert "the votes are of j, k" in ended.err
    assert not (cli.folder / "out").exists()


def test_a_panel_fitted_to_these_very_items_is_not_said_to_be_the_better_one(cli: CommandLine) -> None:
    """The base rate stands beside it; 90 items and 21 coefficients a label leave the panel well ahead in sample."""
    labels, votes, rubric = write_pilot(cli.folder)
    with votes.open("a") as file:
        for record in label_records(90):
            share = {label: 1 / 3 for label in LABELS}
            file.write(json.dumps({"item_id": record["item_id"], "judge": "flat", "distribution": share}) + "\n")
    files = ("--labels", str(labels), "--votes", str(votes), "--rubric", str(rubric), "--resamples", "100")
    assert cli("score", *files, "--beside", "flat", "--out", "run").code == 0
    for name, ids in (("own", None), ("other", ["elsewhere"])):
        write_fitted_pool(cli.folder / "run", cli.folder / f"{name}.json", range(90), item_ids=ids)
        assert cli("score", *files, "--beside", "flat", "--fitted", f"{name}.json", "--out", name).code == 0
    own, other = (
        json.loads((cli.folder / name / "metrics.json").read_text())["beside"]["flat"] for name in ("own", "other")
    )
    assert other["behind_panel_bits"]["low"] > 0
    assert other["advice"].endswith("of the two, use the panel.")
    assert own["behind_panel_bits"]["estimate"] == other["behind_panel_bits"]["estimate"]
    assert "which flatters the panel" in own["behind_panel_bits"]["note"]
    assert own["advice"].startswith("These items cannot tell")
    assert own["advice"].endswith("Compare them on items that the pool has not seen.")
