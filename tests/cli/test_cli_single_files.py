"""Files that a command writes where its user says: no run loses its votes to a name typed wrongly."""

from __future__ import annotations

import os

import pytest
from command_line import CommandLine
from fitted_runs import JUDGES, write_pilot

COMMANDS = (
    ("apply", "run", "--policy", "run/fit/policy.json"),
    ("estimate", "run", "--of", "high"),
    ("report", "run", "--quiet"),
)


@pytest.fixture
def fitted(cli: CommandLine) -> CommandLine:
    labels, votes, rubric = write_pilot(cli.folder)
    pool = cli.write("pool.jsonl", '{"item_id": "u0"}\n{"item_id": "u1"}\n')
    with votes.open("a") as file:
        for item in ("u0", "u1"):
            file.writelines(f'{{"item_id": "{item}", "judge": "{judge}", "label": "mid"}}\n' for judge in JUDGES)
    files = ("--labels", str(labels), "--votes", str(votes), "--rubric", str(rubric), "--unlabelled", str(pool))
    assert cli("score", *files, "--out", "run", "--resamples", "100").code == 0
    assert cli("fit", "run", "--resamples", "100").code == 0
    return cli


def test_a_file_of_a_run_is_never_written_over(fitted: CommandLine) -> None:
    names = sorted(path.name for path in (fitted.folder / "run").iterdir() if path.is_file())
    assert {"run.json", "votes.jsonl", "labels.jsonl", "metrics.json", "votes.parquet"} <= set(names)
    before = {name: (fitted.folder / "run" / name).read_bytes() for name in names}
    for command in COMMANDS:
        for name in names:
            ended = fitted(*command, "--out", f"run/{name}")
            assert ended.code == 2, (command, name)
            assert f"run/{name}: is a file of the run in run" in ended.err
    assert {name: (fitted.folder / "run" / name).read_bytes() for name in names} == before


def test_a_pipe_is_written_to_and_stays_a_pipe(fitted: CommandLine) -> None:
    """`--out /dev/stdout` and `--out /dev/null`: putting a file in their place would harm the whole machine."""
    pipe = fitted.folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        assert fitted("estimate", "run", "--of", "high", "--out", "pipe").code == 0
        assert pipe.is_fifo()
        assert b'"estimates"' in os.read(reader, 1 << 16)
    finally:
        os.close(reader)
