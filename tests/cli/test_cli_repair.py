"""`validate --fix`: what is shown, when something is written, and the exit codes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import CommandLine
from hostile_texts import BREAKING

LACKING = '{"item_id": "a", "task": "t", "counts": {"no": 4, "yes": 0}}\n'
WHOLE = (
    '{"item_id": "a", "task": "t", "distribution": {"no": 1.0, "yes": 0.0}, "reviewer_count": 4, '
    '"entropy_bits": 0.0, "disagreement_class": "agreement", "counts": {"no": 4, "yes": 0}}\n'
)


@pytest.fixture
def labels(cli: CommandLine) -> Path:
    path = cli.folder / "lacking.jsonl"
    path.write_text(LACKING)
    return path


def test_without_a_terminal_nothing_is_written_and_the_code_says_there_is_something(
    cli: CommandLine, labels: Path
) -> None:
    ended = cli("validate", "lacking.jsonl", "--fix")
    assert ended.code == 2
    assert "--yes" in ended.err
    assert '+ distribution: {"no": 1.0, "yes": 0.0}' in ended.out
    assert "lacking.jsonl:1 a" in ended.out
    assert labels.read_text() == LACKING


def test_yes_writes_and_a_second_time_there_is_nothing_to_do(cli: CommandLine, labels: Path) -> None:
    labels.chmod(0o640)
    assert cli("validate", "lacking.jsonl", "--fix", "--yes").code == 0
    assert labels.read_text() == WHOLE
    assert labels.stat().st_mode & 0o777 == 0o640
    ended = cli("validate", "lacking.jsonl", "--fix")
    assert (ended.code, ended.out) == (0, "lacking.jsonl: nothing to fix\n")


def test_another_file_leaves_the_input_and_is_written_where_nothing_needs_fixing_too(
    cli: CommandLine, labels: Path
) -> None:
    assert cli("validate", "lacking.jsonl", "--fix", "--yes", "-o", "mended.jsonl").code == 0
    assert (labels.read_text(), (cli.folder / "mended.jsonl").read_text()) == (LACKING, WHOLE)
    assert cli("validate", "mended.jsonl", "--fix", "--yes", "-o", "again.jsonl").code == 0
    assert (cli.folder / "again.jsonl").read_text() == WHOLE


def test_what_remains_is_listed_with_code_2_and_the_rest_is_written(cli: CommandLine, labels: Path) -> None:
    labels.write_text(LACKING + '{"item_id": "a", "task": "t", "counts": {"no": "1", "yes": 3}}\n')
    ended = cli("validate", "lacking.jsonl", "--fix", "--yes")
    assert ended.code == 2
    assert "lacking.jsonl:2: item_id: is not unique" in ended.err
    assert json.loads(labels.read_text().splitlines()[1])["counts"] == {"no": 1, "yes": 3}


def test_a_link_stays_a_link(cli: CommandLine, labels: Path) -> None:
    (cli.folder / "link.jsonl").symlink_to(labels)
    assert cli("validate", "link.jsonl", "--fix", "--yes").code == 0
    assert (cli.folder / "link.jsonl").is_symlink()
    assert labels.read_text() == WHOLE


def test_only_labels_are_mended(cli: CommandLine) -> None:
    for file in ("rubric.yaml", "votes.jsonl"):
        ended = cli("validate", file, "--fix", "--yes")
        assert ended.code == 2
        assert "only labels are mended" in ended.err


def test_options_that_need_each_other(cli: CommandLine, labels: Path) -> None:
    assert cli("validate", "lacking.jsonl", "--yes").code == 2
    assert cli("validate", "lacking.jsonl", "-o", "x.jsonl").code == 2
    assert cli("validate", "lacking.jsonl", "labels.jsonl", "--fix", "-o", "x.jsonl").code == 2
    assert cli("validate", "lacking.jsonl", "--fix", "--yes", "-o", "none/x.jsonl").code == 2
    assert not (cli.folder / "x.jsonl").exists()


def test_of_many_lines_few_are_shown_but_one_of_every_kind(cli: CommandLine, labels: Path) -> None:
    lines = [LACKING.replace('"a"', f'"i{i}"') for i in range(500)]
    lines[400] = lines[400].replace('4, "yes": 0}', '2, "yes": 2}, "entropy_bits": 0.693')
    labels.write_text("".join(lines))
    ended = cli("validate", "lacking.jsonl", "--fix")
    assert "- entropy_bits: 0.693" in ended.out
    assert "lacking.jsonl:401 i400" in ended.out
    assert "500 of 500 lines can be fixed" in ended.out
    assert "      1 line   entropy_bits that was in nats" in ended.out
    assert len(ended.out.splitlines()) < 80


def test_a_class_that_depends_on_the_order_of_labels_is_not_derived_and_the_option_is_named(
    cli: CommandLine, labels: Path
) -> None:
    labels.write_text('{"item_id": "a", "task": "t", "counts": {"no": 3, "so": 2, "yes": 0}}\n')
    options = ("validate", "lacking.jsonl", "--strict", "--fix", "--yes")
    ended = cli(*options)
    assert (ended.code, "name a --rubric or" in ended.out) == (2, True)
    assert "disagreement_class: is required" in ended.err
    ended = cli(*options, "--scale", "ordinal")
    assert (ended.code, 'disagreement_class: "minor"' in ended.out) == (0, True)


def test_hostile_text_is_shown_as_text(cli: CommandLine, labels: Path) -> None:
    records = [
        {"item_id": f"{i}{text}", "task": text, "counts": {text: "1", "x": 2}} for i, text in enumerate(BREAKING)
    ]
    labels.write_text("".join(json.dumps(record) + "\n" for record in records))
    ended = cli("validate", "lacking.jsonl", "--fix", "--yes")
    assert all(char.isprintable() or char == "\n" for char in ended.out + ended.err)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "code", "text"), [(b"y\n", 0, WHOLE), (b"n\n", 2, LACKING), (b"\n", 2, LACKING)]
)
def test_on_a_terminal_it_asks(labels: Path, answer: bytes, code: int, text: str) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "panel_eval", "validate", str(labels), "--fix"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True) as process:
        os.close(theirs)
        os.write(ours, answer)
        shown = b""
        while process.poll() is None or b"?" not in shown:
            try:
                shown += os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
        assert process.wait(timeout=60) == code
    os.close(ours)
    assert b"Write " in shown
    assert labels.read_text() == text
