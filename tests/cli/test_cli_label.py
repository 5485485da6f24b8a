"""`panel-eval label` as whoever leads a pilot meets it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import CommandLine
from made_studies import Client

LABELS = """\
{"item_id": "a", "task": "t", "counts": {"no": 4}, "content": {"text": "alpha"}}
{"item_id": "b", "task": "t", "counts": {"no": 1}, "content": {"text": "beta"}}
"""
ITEMS = """\
{"item_id": "a", "content": {"text": "alpha"}}
{"item_id": "b", "content": {"text": "beta"}}
"""
LOG = """\
{"schema_version":1,"event":"opened","at":"2026-11-22T10:00:00Z","study":"s","task":"t","rubric":"r",\
"labels":["no","maybe","yes"],"items":{"a":"A","b":"B"}}
{"schema_version":1,"event":"given","at":"2026-11-22T10:00:09Z","reviewer":"Anna","item_id":"a","label":"yes",\
"confidence":0.8,"seconds":90.0,"save_id":"save-0001"}
"""


@pytest.fixture
def folder(cli: CommandLine) -> CommandLine:
    (cli.folder / "labels.jsonl").unlink()
    cli.write("items.jsonl", ITEMS)
    return cli


def test_status_needs_the_log_only_and_lists_who_has_not_begun(folder: CommandLine):
    folder.write("labels.log.jsonl", LOG)
    ended = folder("label", "--status", "--reviewers", "Anna,Boris")
    assert ended.code == 0
    rows = [line.split() for line in ended.out.splitlines()]
    # One of two labelled; at 90 s an item, the one left takes two minutes (rounded to the even one).
    assert ["Anna", "1", "1", "1", "0", "0", "90.0", "0", "2", "min", "2026-11-22", "10:00"] in rows
    assert any(row[:4] == ["Boris", "0", "2", "0"] for row in rows)
    assert "1 with no, 1 with 1, 0 with 2, 0 with 3 or more" in ended.out


def test_status_of_no_log_says_what_is_missing(folder: CommandLine):
    ended = folder("label", "--status", "-o", "other.jsonl")
    assert ended.code == 2
    assert "other.log.jsonl: file not found" in ended.err


def test_what_to_label_must_be_said(folder: CommandLine):
    ended = folder("label", "items.jsonl")
    assert ended.code == 2
    assert "--rubric" in ended.err


def test_a_log_is_a_contract_that_validate_knows(folder: CommandLine):
    folder.write("labels.log.jsonl", LOG)
    ended = folder("validate", "labels.log.jsonl")
    assert (ended.code, ended.out) == (0, "labels.log.jsonl: a valid labelling log: 1 answer of 1 reviewer\n")


def test_reviewers_that_cannot_be_told_apart_are_refused(folder: CommandLine):
    ended = folder("label", "items.jsonl", "--rubric", "rubric.yaml", "--reviewers", "Anna,anna")
    assert ended.code == 2
    assert "'Anna' and 'anna' cannot be told apart" in ended.err


def test_items_without_text_are_listed_before_anything_is_written(folder: CommandLine):
    folder.write("items.jsonl", '{"item_id": "a", "content": {"text": " "}}\n')
    ended = folder("label", "items.jsonl", "--rubric", "rubric.yaml")
    assert ended.code == 2
    assert "there is no text to show" in ended.err
    assert not (folder.folder / "labels.log.jsonl").exists()


@pytest.mark.slow
def test_the_browsers_command_line_holds_no_key(folder: CommandLine):
    """Everybody on a machine can read the command lines of all programs; a file for its owner alone leads on."""
    browser = folder.folder / "browser"
    browser.write_text('#!/bin/sh\necho "$@" > asked\nstat -c %a *.open.html > mode\ncp *.open.html shown\n')
    browser.chmod(0o755)
    program = started(folder.folder, "--open", BROWSER=f"{browser} %s")
    link = said_link(program, "Open")
    assert program.stderr is not None
    while "Ctrl-C" not in program.stderr.readline():
        pass
    while not (folder.folder / "shown").exists():
        time.sleep(0.05)
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=30)
    asked = (folder.folder / "asked").read_text()
    assert asked.startswith("file:///")
    assert "key" not in asked
    assert f'url={link}"' in (folder.folder / "shown").read_text()
    assert (folder.folder / "mode").read_text() == "600\n"
    assert not list(folder.folder.glob("*.open.html"))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ending_says_how_far_everybody_is_and_export_makes_the_file_again(folder: CommandLine, number: int):
    folder.write("items.jsonl", LABELS)
    program = started(folder.folder, "--reviewers", "Anna,Boris")
    link = said_link(program, "Anna")
    assert Client(link).save("Anna", "a", "yes", confidence=1.0).status == 200
    program.send_signal(number)
    _, said = program.communicate(timeout=30)
    assert program.returncode == 0, said
    assert "2 items to label, task t: no, maybe, yes" in said
    assert "Labels that stand in items.jsonl already are not shown" in said
    assert "stopped. Labelled: Anna 1 of 2, Boris 0 of 2." in said
    assert "Traceback" not in said
    written = (folder.folder / "labels.jsonl").read_bytes()
    (folder.folder / "labels.jsonl").unlink()
    ended = folder("label", "items.jsonl", "--rubric", "rubric.yaml", "--export")
    assert (ended.code, ended.err) == (0, "panel-eval: wrote labels.jsonl: 1 labelled item\n")
    assert (folder.folder / "labels.jsonl").read_bytes() == written


def started(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "panel_eval", "label", "items.jsonl", "--rubric", "rubric.yaml", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=os.environ | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def said_link(program: subprocess.Popen[str], reviewer: str) -> str:
    assert program.stdout is not None
    for line in program.stdout:
        if found := re.match(rf"\s*{reviewer}: (http://127\.0\.0\.1:\d+/#key=\S+)", line):
            return found[1]
    raise AssertionError("no link was printed")
