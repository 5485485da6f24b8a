"""`panel-eval explain RUN ITEM`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import LABELS, VOTES, CommandLine

from panel_eval.schema.explanation import Explanation


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from panel_eval import score

    folder = tmp_path_factory.mktemp("explained")
    (folder / "labels.jsonl").write_text(LABELS)
    (folder / "votes.jsonl").write_text(VOTES)
    score(folder / "labels.jsonl", folder / "votes.jsonl", out=folder / "run", resamples=100)
    return folder / "run"


def test_it_says_why(run: Path, cli: CommandLine) -> None:
    ended = cli("explain", str(run), "b")
    assert ended.code == 0
    # One label a judge: that they differ is seen, that they contradict one another is not.
    assert "The panel is split on this item: the single answers of its judges differ" in ended.out
    assert "may be the chance of single answers" in " ".join(ended.out.split())
    assert "The reviewers are split too" in " ".join(ended.out.split())


def test_it_writes_a_page_and_json(run: Path, cli: CommandLine, tmp_path: Path) -> None:
    ended = cli("explain", str(run), "a", "--html", str(tmp_path / "a.html"), "--json", str(tmp_path / "a.json"))
    assert ended.code == 0
    found = Explanation.model_validate_json((tmp_path / "a.json").read_text())
    assert found.item_id == "a"
    assert found.answer in (tmp_path / "a.html").read_text()
    printed = cli("explain", str(run), "a", "--json", "-")
    assert json.loads(printed.out) == json.loads((tmp_path / "a.json").read_text())


def test_without_an_item_the_most_telling_are_listed(run: Path, cli: CommandLine) -> None:
    ended = cli("explain", str(run))
    assert ended.code == 0
    assert "judge confusion" in ended.out
    assert "panel-eval explain RUN ITEM" in ended.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing"], "not among the run's labelled items"),
        (["a", "--json", "-", "--html", "-"], "standard output holds one of"),
    ],
)
def test_bad_usage_ends_with_2(run: Path, cli: CommandLine, arguments: list[str], says: str) -> None:
    ended = cli("explain", str(run), *arguments)
    assert ended.code == 2
    assert says in " ".join(ended.err.split())


def test_a_page_needs_an_item_and_spares_files_of_a_run(run: Path, cli: CommandLine) -> None:
    assert cli("explain", str(run), "--html", "x.html").code == 2
    before = (run / "metrics.json").read_bytes()
    assert cli("explain", str(run), "a", "--json", str(run / "metrics.json")).code == 2
    assert (run / "metrics.json").read_bytes() == before


def test_a_folder_that_is_no_run_is_bad_input(tmp_path: Path, cli: CommandLine) -> None:
    ended = cli("explain", str(tmp_path / "no"), "a")
    assert ended.code == 2
    assert "no such run directory" in ended.err


def test_the_json_is_a_valid_document_of_its_kind(run: Path, cli: CommandLine, tmp_path: Path) -> None:
    assert cli("explain", str(run), "b", "--json", str(tmp_path / "b.json")).code == 0
    checked = cli("validate", str(tmp_path / "b.json"))
    assert checked.code == 0
    assert "kind explanation" in checked.out
