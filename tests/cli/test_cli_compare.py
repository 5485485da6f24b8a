"""`panel-eval compare` as users and CI jobs meet it: what it writes where, and how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from command_line import CommandLine, Ended
from fitted_runs import LABELS, label_records, populations, write_lines, write_pilot

from panel_eval.api import score
from panel_eval.schema.comparison import ComparisonReport

N_ITEMS = 60


def good_votes(path: Path) -> Path:
    """A judge that says what most people think."""
    best = np.array(LABELS)[populations(N_ITEMS).argmax(axis=1)]
    return write_lines(path, [{"item_id": f"i{n:04d}", "judge": "a", "label": str(x)} for n, x in enumerate(best)])


def bad_votes(path: Path) -> Path:
    """A judge that says what fewest people think."""
    least = np.array(LABELS)[populations(N_ITEMS).argmin(axis=1)]
    return write_lines(path, [{"item_id": f"i{n:04d}", "judge": "a", "label": str(x)} for n, x in enumerate(least)])


def judged(folder: Path, name: str, votes: Path, labels: str = "labels.jsonl") -> None:
    score(folder / labels, votes, rubric=folder / "mood.yaml", resamples=100, out=folder / name)


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scored")
    write_pilot(folder, N_ITEMS)
    judged(folder, "good", good_votes(folder / "good.jsonl"))
    judged(folder, "bad", bad_votes(folder / "bad.jsonl"))
    return folder


@pytest.fixture
def runs(cli: CommandLine, scored: Path) -> CommandLine:
    """A working folder with the runs `good` and `bad`."""
    shutil.copytree(scored, cli.folder, dirs_exist_ok=True)
    return cli


def compare(cli: CommandLine, *arguments: str) -> Ended:
    return cli("compare", *arguments, "--flips", "500", "--resamples", "100")


def test_worse_is_said_and_is_no_error(runs: CommandLine) -> None:
    ended = compare(runs, "good", "bad")
    assert ended.code == 0  # the gate decides, compare tells
    assert "worse" in ended.out.split("\n\n")[0]
    assert next(line for line in ended.out.splitlines() if line.startswith(" overall ")).endswith("worse ")
    swapped = compare(runs, "bad", "good")
    assert "better" in swapped.out.split("\n\n")[0]


def test_a_run_beside_itself_shows_no_difference(runs: CommandLine) -> None:
    ended = compare(runs, "good", "good", "--json", "-")
    overall = ComparisonReport.model_validate_json(ended.out).candidates[0].tests[0]
    assert overall.difference.estimate == 0.0
    assert overall.verdict == "no difference shown"


def test_json_on_standard_output_is_json_alone(runs: CommandLine) -> None:
    ended = compare(runs, "good", "bad", "--json", "-")
    found = ComparisonReport.model_validate_json(ended.out)
    assert found.candidates[0].verdict == "worse"
    assert found.settings["flips"] == 500


def test_all_files_are_written_and_the_summary_too(runs: CommandLine) -> None:
    ended = compare(runs, "good", "bad", "--json", "c.json", "--markdown", "c.md", "--html", "c.html")
    assert ended.code == 0
    assert json.loads((runs.folder / "c.json").read_text())["candidates"][0]["verdict"] == "worse"
    assert (runs.folder / "c.md").read_text().startswith("## Comparison: `mood`")
    assert (runs.folder / "c.html").read_text().lstrip().startswith("<!doctype html>")
    assert "Cross-entropy" in ended.out
    assert ended.err.count("panel-eval: wrote ") == 3


def test_the_same_runs_give_the_same_bytes(runs: CommandLine) -> None:
    for name in ("1", "2"):
        compare(runs, "good", "bad", "--json", f"{name}.json", "--html", f"{name}.html", "--markdown", f"{name}.md")
    for kind in ("json", "html", "md"):
        assert (runs.folder / f"1.{kind}").read_bytes() == (runs.folder / f"2.{kind}").read_bytes()


def test_json_that_is_printed_holds_nothing_that_a_terminal_obeys(cli: CommandLine) -> None:
    name = "i\u009b2J\u202egnp"
    label = {"item_id": name, "task": "t", "counts": {"no": 4, "yes": 1}, "content": {"text": name}}
    cli.write("l.jsonl", json.dumps(label))
    for run, said in (("one", "no"), ("two", "yes")):
        votes = cli.write(f"{run}.jsonl", json.dumps({"item_id": name, "judge": "j", "label": said}))
        score(cli.folder / "l.jsonl", votes, resamples=100, out=cli.folder / run)
    printed = compare(cli, "one", "two", "--json", "-").out
    assert printed.isascii()
    compare(cli, "one", "two", "--json", "c.json")
    assert json.loads(printed) == json.loads((cli.folder / "c.json").read_text())
    assert name in (cli.folder / "c.json").read_text()


def test_several_candidates_stand_in_one_table(runs: CommandLine) -> None:
    ended = compare(runs, "good", "bad", "good", "--markdown", "-")
    assert ended.out.count("<details><summary>Candidate ") == 2
    assert "Candidate 1: worse" in ended.out


@pytest.mark.parametrize("option", ["--json", "--markdown", "--html"])
@pytest.mark.parametrize("name", ["metrics.json", "votes.jsonl", "run.json", "report.html"])
def test_no_file_of_a_run_is_written_over(runs: CommandLine, option: str, name: str) -> None:
    target = runs.folder / "good" / name
    before = target.read_bytes() if target.exists() else None
    ended = compare(runs, "good", "bad", option, str(target))
    assert ended.code == 2
    assert "must not be changed" in ended.err
    assert (target.read_bytes() if target.exists() else None) == before


def test_a_folder_that_is_not_there_is_said_before_anything_else_is_lost(runs: CommandLine) -> None:
    ended = compare(runs, "good", "bad", "--html", "nowhere/c.html")
    assert ended.code == 2
    assert "nowhere/c.html: cannot be written: No such file or directory" in ended.err


def test_other_labels_are_not_comparable(runs: CommandLine) -> None:
    runs.write("other.jsonl", '{"item_id": "a", "task": "t", "counts": {"no": 1, "maybe": 2, "yes": 1}}\n')
    votes = runs.write("t.jsonl", '{"item_id": "a", "judge": "j", "label": "no"}\n')
    score(runs.folder / "other.jsonl", votes, resamples=100, out=runs.folder / "t")
    ended = compare(runs, "good", "t", "--json", "c.json")
    assert ended.code == 4
    assert "cannot be compared" in ended.err
    assert not (runs.folder / "c.json").exists()


def test_changed_human_votes_are_left_out_and_said(runs: CommandLine) -> None:
    records = label_records(N_ITEMS)
    for record in records[:7]:
        record["counts"] = {"low": 5, "mid": 5, "high": 5}
    write_lines(runs.folder / "changed.jsonl", records)
    judged(runs.folder, "later", runs.folder / "good.jsonl", "changed.jsonl")
    ended = compare(runs, "good", "later")
    assert ended.code == 0
    assert "data: 7 items with other human votes" in ended.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("good",), "Missing argument"),
        (("good", "nowhere"), "nowhere"),
        (("good", "bad", "--alpha", "0"), "alpha"),
        (("good", "bad", "--alpha", "1.5"), "alpha"),
        (("good", "bad", "--flips", "0"), "flips"),
        (("good", "bad", "--json", "-", "--markdown", "-"), "standard output holds one of"),
        (("good", "bad", "--json", "x", "--html", "x"), "one file holds one of"),
    ],
)
def test_bad_usage_ends_with_2(runs: CommandLine, arguments: tuple[str, ...], said: str) -> None:
    ended = runs("compare", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_prompt_that_was_edited_is_shown_and_a_key_in_it_is_in_no_file(cli):
    judge = "judges: [{id: j, model: fake/s.yaml, prompt: own.j2}]\n"
    cli.write("panel.yaml", f"panel: p\nrubric: rubric.yaml\nlabels: labels.jsonl\n{judge}")
    cli.write("s.yaml", "default: maybe\n")
    key = "sk-proj-" + "a1B2" * 10
    for words in ("Be strict.", "Be kind."):
        text = f"{{% block system %}}{words} {key}{{% endblock %}}{{% block user %}}{{{{ item }}}}{{% endblock %}}"
        cli.write("own.j2", text)
        assert cli("run", "panel.yaml").code == 0
    runs = sorted(str(path) for path in Path("results").iterdir())
    told = cli("compare", *runs).out
    assert "-{% block system %}Be strict." in told
    assert "+{% block system %}Be kind." in told
    assert key not in told
    assert not [path for path in Path("results").rglob("*") if path.is_file() and key.encode() in path.read_bytes()]
