"""`panel-eval fit` as a user meets it: from a scored pilot (synthetic) to a pool, a policy and a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import CommandLine
from fitted_runs import vote_records, write_lines, write_pilot

QUICK = ("--method", "temperature", "--folds", "2", "--resamples", "100")


def test_fit_answers_each_question_and_names_what_it_wrote(cli: CommandLine, run: Path) -> None:
    ended = cli("fit", "run", *QUICK, "--risk", "0.4", "--loss", "majority")
    assert ended.code == 0, ended.err
    for question in (
        "worth, fitted to people?",
        "How many labels",
        "each judge worth?",
        "unsure?",
        "decide by itself?",
    ):
        assert question in ended.out
    assert {path.name for path in (run / "fit").iterdir()} == {"fit.json", "fitted.json", "policy.json"}
    policy = json.loads((run / "fit" / "policy.json").read_text())
    assert (policy["risk"], policy["loss"], policy["delta"]) == (0.4, "majority", 0.1)
    assert policy["pooling"]["fitted_on"]["n_items"] == 30


def test_what_fit_wrote_serves_the_other_commands(cli: CommandLine, run: Path) -> None:
    assert cli("fit", "run", *QUICK).code == 0
    assert cli("report", "run", "-q").code == 0
    page = (run / "report.html").read_text()
    assert 'id="improve"' in page
    assert "How many labels does it need?" in page
    write_lines(cli.folder / "more.jsonl", vote_records(20, prefix="n", seed=9))
    applied = cli("apply", "--policy", "run/fit/policy.json", "--votes", "more.jsonl", "--out", "decisions.jsonl")
    assert applied.code == 0, applied.err
    assert len((cli.folder / "decisions.jsonl").read_text().splitlines()) == 20
    scored = cli(
        "score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--rubric", "mood.yaml", "--out", "again",
        "--fitted", "run/fit/fitted.json", "--resamples", "100",
    )  # fmt: skip
    assert scored.code == 0, scored.err
    assert "fitted_on_these_items" in scored.out


def test_a_page_without_a_fit_has_no_section_for_it(cli: CommandLine, run: Path) -> None:
    assert cli("report", "run", "-q").code == 0
    assert 'id="improve"' not in (run / "report.html").read_text()


def test_hostile_names_of_judges_stay_text(cli: CommandLine) -> None:
    labels, votes, rubric = write_pilot(cli.folder, 45)
    name = "<script>alert(1)</script>\x1b[31m{{ 7 * 7 }}"
    lines = [json.loads(line) for line in votes.read_text().splitlines()]
    for line in lines:
        line["judge"] = name if line["judge"] == "a" else line["judge"]
    write_lines(votes, lines)
    arguments = ("--labels", str(labels), "--votes", str(votes), "--rubric", str(rubric), "--out", "run")
    assert cli("score", *arguments, "--resamples", "100").code == 0
    ended = cli("fit", "run", *QUICK)
    assert ended.code == 0, ended.err
    assert "\x1b" not in ended.out
    assert cli("report", "run", "-q").code == 0
    page = (cli.folder / "run" / "report.html").read_text()
    assert "<script>alert" not in page  # the page has one script, its own
    assert "\x1b" not in page
    assert "{{ 7 * 7 }}" in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--method", "stackign"), "did you mean stacking?"),
        (("--risk", "1.5"), "risk"),
        (("--risk", "1e-12"), "risk"),
        (("--cost-human", "nan", "--cost-error", "1"), "costs.human"),
        (("--cost-human", "1"), "both costs"),
        (("--out", "taken"), "was not written by fit"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_written(
    cli: CommandLine, run: Path, arguments: tuple[str, ...], said: str
) -> None:
    cli.write("taken/notes.txt", "mine")
    ended = cli("fit", "run", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert not (run / "fit").exists()
    assert [path.name for path in (cli.folder / "taken").iterdir()] == ["notes.txt"]


def test_a_damaged_fit_is_named_with_the_remedy(cli: CommandLine, run: Path) -> None:
    assert cli("fit", "run", *QUICK).code == 0
    path = run / "fit" / "fit.json"
    path.write_bytes(path.read_bytes()[:-40])
    ended = cli("report", "run", "-q")
    assert ended.code == 2
    assert "fit.json" in ended.err
    assert "run again: panel-eval fit run" in ended.err


def test_a_fit_of_other_votes_is_said_to_be_outdated(cli: CommandLine, run: Path) -> None:
    assert cli("fit", "run", *QUICK).code == 0
    assert cli("report", "run", "-q").code == 0
    assert "earlier state of this run" not in (run / "report.html").read_text()
    votes = (cli.folder / "votes.jsonl").read_text().splitlines(keepends=True)
    cli.write("votes.jsonl", "".join(votes[1:]))
    arguments = ("--labels", "labels.jsonl", "--votes", "votes.jsonl", "--rubric", "mood.yaml", "--out", "run")
    assert cli("score", *arguments, "--resamples", "100", "--report").code == 0
    assert "earlier state of this run" in (run / "report.html").read_text()


def test_with_costs_the_page_draws_what_handing_over_costs(cli: CommandLine, run: Path) -> None:
    ended = cli("fit", "run", *QUICK, "--cost-human", "1", "--cost-error", "6")
    assert ended.code == 0, ended.err
    costs = json.loads((run / "fit" / "fit.json").read_text())["policy"]["costs"]
    assert (costs["human"], costs["error"]) == (1.0, 6.0)
    assert costs["optimum"]["cost"] == min(point["cost"] for point in costs["curve"])
    assert cli("report", "run", "-q").code == 0
    assert (run / "report.html").read_text().count('id="figure-cost-fitted"') == 1
