"""`panel-eval gate`: exit codes, files, and what a CI job is shown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import CommandLine
from gated_runs import night_run

WIDE = {"margins": [{"margin": 0.4}]}


@pytest.fixture
def nights(tmp_path: Path) -> Path:
    """A root with a night, another one, and one on which the judges are worse."""
    root = tmp_path / "results"
    for night, weak in ((1, 0.0), (2, 0.0), (3, 0.9)):
        night_run(root, night, weak=weak, gate=WIDE)
    return root


def test_nightly_runs_one_after_the_other(cli: CommandLine, nights: Path) -> None:
    """The first night has no baseline; the second is compared with it, and the third with the second."""
    first, second, third = (cli("gate", str(nights / f"run-0{night}")) for night in (1, 2, 3))
    assert (first.code, second.code, third.code) == (0, 0, 1)
    assert "there was no baseline" in first.out
    assert re.search(r"Baseline: run-01 ", second.out)
    assert re.search(r"Baseline: run-02 ", third.out)
    assert third.out.strip().startswith("FAIL: ce_bits overall")
    written = json.loads((nights / "run-03/gate/gate.json").read_text())
    assert (written["status"], written["exit_code"]) == ("FAIL", 1)


def test_every_verdict_has_its_exit_code(cli: CommandLine, nights: Path, tmp_path: Path) -> None:
    run = str(nights / "run-02")
    narrow = cli.write("narrow.yaml", _panel("margins: [{margin: 0.001}]"))
    few = cli.write("few.yaml", _panel("usable_votes: 1.0, scored_items: 1.0"))
    assert cli("gate", run, "-b", str(nights / "run-01"), "--panel", str(narrow)).code == 3
    refused = night_run(tmp_path / "other", 2, refused=0.1, gate=WIDE)
    assert cli("gate", str(refused), "-b", "none", "--panel", str(few)).code == 5
    other = night_run(tmp_path / "other", 4, gate=WIDE)
    rubric = json.loads((other / "run.json").read_text())
    rubric["rubric"]["description"] = "Something else?"
    (other / "run.json").write_text(json.dumps(rubric))
    assert cli("gate", str(other), "-b", run).code == 4
    assert cli("gate", str(nights / "nothing")).code == 2


def test_a_run_that_was_never_finished_is_incomplete(cli: CommandLine, nights: Path) -> None:
    """A killed run, or a part of one, has no scores: that is no bad input, and nothing passed."""
    killed = nights / "run-02"
    (killed / "metrics.json").unlink()
    ended = cli("gate", str(killed), "-b", "none")
    assert ended.code == 5
    assert "no scores yet" in ended.err
    manifest = json.loads((killed / "run.json").read_text())
    (killed / "run.json").write_text(json.dumps({**manifest, "shard": "1/2"}))
    part = cli("gate", str(killed), "-b", "none")
    assert (part.code, "panel-eval merge" in part.err) == (5, True)


def test_quiet_is_one_line(cli: CommandLine, nights: Path) -> None:
    ended = cli("gate", str(nights / "run-03"), "-b", str(nights / "run-01"), "-q")
    assert ended.code == 1
    assert len(ended.out.splitlines()) == 1
    assert ended.out.startswith("panel-eval gate FAIL (nightly, run-03): ce_bits overall: ")


def test_in_a_github_job(cli: CommandLine, nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = cli.write("summary.md", "# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    ended = cli("gate", str(nights / "run-03"), "-b", str(nights / "run-01"), "--github")
    lines = ended.out.splitlines()
    stop = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", lines[0])
    assert stop is not None
    commands = lines[lines.index(f"::{stop[1]}::") + 1 :]
    assert commands[0].startswith("::error title=panel-eval gate%3A FAIL::FAIL: ce_bits overall")
    assert all(re.match("::(error|warning|notice) title=", line) for line in commands)
    told = summary.read_text()
    assert told.startswith("# Before\n## Gate: ❌ FAIL\n")
    assert "The comparison behind it" in told


def test_without_the_variable_there_is_no_summary_and_no_error(
    cli: CommandLine, nights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert cli("gate", str(nights / "run-01"), "--github").code == 0
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no such folder" / "x.md"))
    ended = cli("gate", str(nights / "run-03"), "-b", str(nights / "run-01"), "--github")
    assert ended.code == 1  # the verdict stands
    assert "step summary could not be written" in ended.err


def test_files_where_they_are_wanted(cli: CommandLine, nights: Path) -> None:
    names = {"--junit": "ci/gate.xml", "--json": "gate.json", "--markdown": "gate.md", "--out": "elsewhere"}
    wanted = [part for key, name in names.items() for part in (key, str(cli.folder / name))]
    assert cli("gate", str(nights / "run-03"), "-b", str(nights / "run-01"), *wanted).code == 1
    root = ElementTree.parse(cli.folder / "ci/gate.xml").getroot()
    assert int(root.attrib["failures"]) >= 1
    assert json.loads((cli.folder / "gate.json").read_text())["status"] == "FAIL"
    assert (cli.folder / "gate.md").read_text() == (cli.folder / "elsewhere/summary.md").read_text()
    assert not (nights / "run-03/gate").exists()


def test_a_file_of_the_run_is_not_written_over(cli: CommandLine, nights: Path) -> None:
    votes = nights / "run-01/votes.jsonl"
    before = votes.read_bytes()
    for option in ("--junit", "--json", "--markdown", "--save-baseline"):
        ended = cli("gate", str(nights / "run-01"), option, str(votes))
        assert (ended.code, votes.read_bytes()) == (2, before)
        assert "must not be changed" in ended.err


def test_a_baseline_to_commit(cli: CommandLine, nights: Path) -> None:
    target = str(cli.folder / "baseline.json")
    saved = cli("gate", str(nights / "run-01"), "--save-baseline", target)
    assert (saved.code, "baseline written to" in saved.err) == (0, True)
    assert cli("gate", str(nights / "run-02"), "-b", target).code == 0
    worse = cli("gate", str(nights / "run-03"), "-b", target, "--save-baseline", str(cli.folder / "new.json"))
    assert (worse.code, "no baseline was written" in worse.err) == (1, True)
    assert not (cli.folder / "new.json").exists()
    # Accepted as it is: nothing to compare with, so the loss is no reason.
    again = cli("gate", str(nights / "run-03"), "-b", "none", "--save-baseline", str(cli.folder / "new.json"))
    assert again.code == 0
    assert (cli.folder / "new.json").exists()


def test_verdicts_of_runs_in_storage_are_kept_there(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an empty disk each night: what passed is known from storage alone."""
    pytest.importorskip("fsspec")
    monkeypatch.setenv("PANEL_EVAL_CACHE", str(tmp_path / "cache"))
    storage = f"file://{tmp_path}/storage"
    for night, weak, code in ((1, 0.0, 0), (2, 0.9, 1), (3, 0.0, 0)):
        run = night_run(tmp_path / f"disk{night}", night, weak=weak, gate=WIDE)
        assert cli("publish", str(run), storage).code == 0
        ended = cli("gate", "latest", "--results", storage)
        assert ended.code == code, ended.err + ended.out
        kept = json.loads((tmp_path / f"storage/run-0{night}/gate/gate.json").read_text())
        assert kept["exit_code"] == code
    assert kept["baseline"]["run_id"] == "run-01"
    # Named by its directory, a run that lies in storage, too, has its verdict put there as well.
    again = cli("gate", str(tmp_path / "disk2/run-02"), "--results", storage, "-b", "none")
    assert again.code == 0
    assert json.loads((tmp_path / "storage/run-02/gate/gate.json").read_text())["status"] == "PASS"


def _panel(gate: str) -> str:
    judges = "[{id: a, model: fake/x.yaml}]"
    return f"panel: p\nrubric: r.yaml\nlabels: l.jsonl\njudges: {judges}\ngate: {{{gate}}}\n"
