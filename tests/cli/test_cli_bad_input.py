"""Bad input gives a clear error or a counted exclusion, and nothing is written half."""

from __future__ import annotations

import json

import pytest
from command_line import LABELS, VOTES, CommandLine, Ended

SCORE = ("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--out", "out")


def refused(cli: CommandLine, ended: Ended) -> str:
    """The message of a command that must have ended with exit code 2 and without writing anything."""
    assert ended.code == 2
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert not (cli.folder / "out").exists()
    return ended.err


def test_a_distribution_that_does_not_sum_to_one(cli: CommandLine) -> None:
    cli.write(
        "labels.jsonl",
        LABELS + '{"item_id": "d", "task": "t", "reviewer_count": 10, '
        '"distribution": {"no": 0.5, "maybe": 0.3, "yes": 0.1}}\n',
    )
    message = refused(cli, cli(*SCORE))
    assert "labels.jsonl:4" in message
    assert "distribution" in message
    assert "0.9" in message


def test_a_label_that_the_rubric_lacks_names_the_nearest_one(cli: CommandLine) -> None:
    cli.write("labels.jsonl", LABELS.replace('"yes": 3', '"yess": 3'))
    message = refused(cli, cli(*SCORE, "--rubric", "rubric.yaml"))
    assert "labels.jsonl:3" in message
    assert "yess" in message
    assert "'yes'" in message


def test_an_item_id_that_stands_twice(cli: CommandLine) -> None:
    cli.write("labels.jsonl", LABELS + LABELS.splitlines(keepends=True)[0])
    message = refused(cli, cli(*SCORE))
    assert "labels.jsonl:4" in message
    assert "line 1" in message


def test_a_rubric_that_is_missing(cli: CommandLine) -> None:
    message = refused(cli, cli(*SCORE, "--rubric", "rubrik.yaml"))
    assert "rubrik.yaml" in message


def test_an_unknown_key_names_the_nearest_one(cli: CommandLine) -> None:
    cli.write("labels.jsonl", LABELS.replace('"counts"', '"count"', 1))
    message = refused(cli, cli(*SCORE))
    assert "labels.jsonl:1" in message
    assert "did you mean 'counts'" in message


def test_nan_is_no_number(cli: CommandLine) -> None:
    cli.write("labels.jsonl", LABELS.replace('"task": "t",', '"task": "t", "entropy_bits": NaN,', 1))
    message = refused(cli, cli(*SCORE))
    assert "labels.jsonl:1" in message
    assert "NaN" in message or "finite" in message


@pytest.mark.parametrize("content", ["", "\n\n  \n"])
@pytest.mark.parametrize("name", ["labels.jsonl", "votes.jsonl"])
def test_an_empty_file(cli: CommandLine, name: str, content: str) -> None:
    cli.write(name, content)
    assert name in refused(cli, cli(*SCORE))


@pytest.mark.parametrize("name", ["labels.jsonl", "votes.jsonl"])
def test_broken_utf8_names_the_line(cli: CommandLine, name: str) -> None:
    good = (LABELS if name == "labels.jsonl" else VOTES).encode()
    cli.write(name, good + b'{"item_id": "\xff\xfe"}\n')
    line = good.count(b"\n") + 1
    message = refused(cli, cli(*SCORE))
    assert f"{name}:{line}" in message
    assert "UTF-8" in message


@pytest.mark.parametrize("name", ["labels.jsonl", "votes.jsonl"])
def test_a_torn_line_names_the_line(cli: CommandLine, name: str) -> None:
    good = LABELS if name == "labels.jsonl" else VOTES
    cli.write(name, good + '{"item_id": "d", "ta')
    message = refused(cli, cli(*SCORE))
    assert f"{name}:{good.count(chr(10)) + 1}" in message
    assert "not valid JSON" in message


def test_votes_for_unknown_items_are_left_out_and_counted(cli: CommandLine) -> None:
    cli.write("votes.jsonl", VOTES + '{"item_id": "nowhere", "judge": "j", "label": "no"}\n')
    ended = cli(*SCORE)
    assert ended.code == 0
    metrics = json.loads((cli.folder / "out/metrics.json").read_text())
    told = [w["text"] for w in metrics["warnings"] if "nowhere" in w["text"]]
    assert len(told) == 1
    assert "1 vote" in told[0]
    assert metrics["coverage"]["total"]["ok"] == 5


def test_votes_that_all_belong_to_other_items_are_an_error(cli: CommandLine) -> None:
    cli.write("votes.jsonl", '{"item_id": "nowhere", "judge": "j", "label": "no"}\n')
    assert "nowhere" in refused(cli, cli(*SCORE))


def test_a_vote_with_a_label_that_does_not_exist_is_an_error(cli: CommandLine) -> None:
    cli.write("votes.jsonl", VOTES.replace('"label": "maybe"', '"label": "mayb"', 1))
    message = refused(cli, cli(*SCORE))
    assert "mayb" in message
    assert "'maybe'" in message


def test_a_failed_vote_with_a_label_is_an_error(cli: CommandLine) -> None:
    cli.write("votes.jsonl", VOTES.replace('"outcome": "refusal"', '"outcome": "refusal", "label": "no"'))
    message = refused(cli, cli(*SCORE))
    assert "votes.jsonl:3" in message
    assert "can have no label" in message


def test_every_problem_is_listed_not_only_the_first(cli: CommandLine) -> None:
    broken = LABELS.replace('"counts"', '"count"', 1).replace(
        '"task": "t", "counts": {"no": 0', '"counts": {"no": -1'
    )
    cli.write("labels.jsonl", broken)
    message = refused(cli, cli(*SCORE))
    assert "labels.jsonl:1" in message
    assert "labels.jsonl:3" in message


def test_a_folder_with_other_things_is_not_written_to(cli: CommandLine) -> None:
    cli.write("out/diary.txt", "mine")
    ended = cli(*SCORE)
    assert ended.code == 2
    assert [path.name for path in (cli.folder / "out").iterdir()] == ["diary.txt"]


def test_control_characters_of_a_file_never_reach_the_terminal(cli: CommandLine) -> None:
    cli.write("labels.jsonl", LABELS.replace('"task": "t",', '"task": "t", "\\u001b[31mred": 1,', 1))
    message = refused(cli, cli(*SCORE))
    assert "\x1b" not in message


def test_validate_lists_problems_of_all_files(cli: CommandLine) -> None:
    cli.write("bad.jsonl", LABELS.replace('"item_id": "b"', '"item_id": "a"'))
    ended = cli("validate", "labels.jsonl", "bad.jsonl", "votes.jsonl", "rubric.yaml")
    assert ended.code == 2
    assert "bad.jsonl:2" in ended.err
    assert ended.out.splitlines() == [
        "labels.jsonl: valid soft labels: 3 items, 12 ratings (1 agreement, 1 major, 1 minor)",
        "votes.jsonl: valid votes: 6 of 2 judges (5 ok, 1 refusal)",
        "rubric.yaml: a valid rubric: task t, nominal, labels no, maybe, yes",
    ]


def test_a_valid_file_cannot_write_escapes_to_the_terminal_either(cli: CommandLine) -> None:
    labels = "[{name: a, definition: d}, {name: b, definition: d}]"
    cli.write("rubric.yaml", f'task: "\\e[2Jgone"\ndescription: d\nlabels: {labels}\n')
    ended = cli("validate", "rubric.yaml")
    assert ended.code == 0
    assert "\x1b" not in ended.out
    assert "gone" in ended.out


@pytest.mark.parametrize("name", ["deep.jsonl", "deep.json"])
def test_brackets_without_end_are_no_json(cli: CommandLine, name: str) -> None:
    cli.write(name, "[" * 200_000)
    ended = cli("validate", name)
    assert ended.code == 2
    assert f"{name}" in ended.err
    assert "is not valid JSON" in ended.err


def test_a_folder_of_runs_in_the_place_of_a_run_names_the_newest_in_it(cli: CommandLine) -> None:
    for night in ("20260101T000000Z-panel-aa", "20260102T000000Z-panel-aa"):
        assert cli(*SCORE[:-1], f"results/{night}").code == 0
    for command in (("report",), ("explain",), ("qa",), ("fit",), ("gate",)):
        message = refused(cli, cli(*command, "results"))
        assert "no run directory" in message, command
        assert "results/20260102T000000Z-panel-aa" in message, command
    (cli.folder / "notes").mkdir()
    assert "made by run, score or demo" in refused(cli, cli("report", "notes"))
