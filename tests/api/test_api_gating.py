"""`gate` on run directories: verdicts, baselines of every kind, and the files that it leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import fitted_runs
import pytest
from gated_runs import ITEMS, night_run, votes_of_a_night

import panel_eval as pe
from panel_eval.schema.baseline import Baseline
from panel_eval.schema.gate_result import GateResult
from panel_eval.schema.gate_settings import GateSettings

WIDE = {"margins": [{"margin": 0.4}]}
"""With 120 items only large losses can be ruled out."""
FLIPS = 500


def gate(run: Path, *arguments: object, **options: object) -> GateResult:
    return pe.gate(run, *arguments, flips=FLIPS, **options)  # type: ignore[arg-type]


def statuses(result: GateResult) -> dict[str, str]:
    return {check.name: check.status for check in result.checks}


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with two nights of one panel, and a third on which its judges are worse."""
    root = tmp_path_factory.mktemp("nights") / "results"
    night_run(root, 1, gate=WIDE)
    night_run(root, 2, gate=WIDE)
    night_run(root, 3, weak=0.9, gate=WIDE)
    return root


def test_the_first_night_is_held_to_limits_only(nights: Path) -> None:
    result = gate(nights / "run-01", "last-passed")
    assert (result.status, result.exit_code, result.baseline) == ("PASS", 0, None)
    assert statuses(result)["margin ce_bits overall"] == statuses(result)["baseline"] == "SKIPPED"
    assert "no earlier run of this panel" in result.baseline_chosen
    limited = GateSettings.model_validate({"limits": [{"metric": "n_eq", "at_least": 1000}]})
    assert gate(nights / "run-01", settings=limited).status == "FAIL"


def test_fresh_votes_of_the_same_judges_pass_and_worse_ones_fail(nights: Path) -> None:
    assert gate(nights / "run-02", nights / "run-01").status == "PASS"
    worse = gate(nights / "run-03", nights / "run-01")
    assert (worse.status, worse.exit_code) == ("FAIL", 1)
    assert worse.headline.startswith("FAIL: ce_bits overall: ")
    assert worse.comparison is not None
    loss = next(check for check in worse.checks if check.name == "margin ce_bits overall").value
    tested = next(test for test in worse.comparison.tests if (test.metric, test.segment) == ("ce_bits", "overall"))
    assert loss == tested.difference


def test_default_settings_are_inconclusive_on_few_items(nights: Path) -> None:
    result = gate(nights / "run-02", nights / "run-01", settings=GateSettings())
    assert (result.status, result.exit_code) == ("INCONCLUSIVE", 3)


def test_a_run_in_memory_is_gated_like_its_folder(nights: Path) -> None:
    opened = [pe.open_run(nights / name) for name in ("run-02", "run-01")]
    in_memory = pe.gate(opened[0], opened[1], flips=FLIPS)
    from_files = gate(nights / "run-02", nights / "run-01")
    assert in_memory.checks == from_files.checks


def test_refusals_make_a_run_incomplete_before_anything_else(tmp_path: Path, nights: Path) -> None:
    run = night_run(tmp_path / "results", 4, weak=0.9, refused=0.3, gate=WIDE)
    result = gate(run, nights / "run-01")
    assert (result.status, result.exit_code) == ("INCOMPLETE", 5)
    assert statuses(result)["margin ce_bits overall"] == "FAIL"  # said, too


def test_an_unfinished_run_is_incomplete(tmp_path: Path) -> None:
    run = night_run(tmp_path / "results", 1, gate=WIDE)
    manifest = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**manifest, "state": "partial"}))
    result = gate(run, "none")
    assert (result.status, statuses(result)["run state"]) == ("INCOMPLETE", "INCOMPLETE")


def test_other_labels_and_another_rubric_are_not_comparable(tmp_path: Path, nights: Path) -> None:
    relabelled = fitted_runs.label_records(ITEMS)
    for record in relabelled[: ITEMS // 4]:
        record["counts"] = {"low": 1, "mid": 2, "high": 2} if record["counts"]["low"] != 1 else {"low": 5}
    run = night_run(tmp_path / "results", 5, labels=relabelled, gate=WIDE)
    result = gate(run, nights / "run-01")
    assert (result.status, result.exit_code) == ("NOT COMPARABLE", 4)
    assert statuses(result)["shared items"] == "NOT COMPARABLE"
    rubric = {**fitted_runs.RUBRIC, "description": "Which mood, to you?"}
    reworded = gate(night_run(tmp_path / "results", 6, rubric=rubric, gate=WIDE), nights / "run-01")
    assert (reworded.status, statuses(reworded)["rubric"]) == ("NOT COMPARABLE", "NOT COMPARABLE")
    assert gate(tmp_path / "results/run-06", nights / "run-01", allow_judge_change=True).exit_code == 4


def test_another_task_shares_nothing(tmp_path: Path, nights: Path) -> None:
    labels = [{**record, "task": "taste"} for record in fitted_runs.label_records(ITEMS)]
    run = night_run(
        tmp_path / "results", 5, labels=labels, rubric={**fitted_runs.RUBRIC, "task": "taste"}, gate=WIDE
    )
    result = gate(run, nights / "run-01")
    assert (result.status, result.comparison) == ("NOT COMPARABLE", None)
    assert "task" in result.headline


def test_a_changed_judge_stops_unless_it_is_allowed(tmp_path: Path, nights: Path) -> None:
    run = night_run(tmp_path / "results", 5, gate=WIDE)
    votes = (run / "votes.jsonl").read_text().splitlines()
    renamed = [json.dumps({**json.loads(line), "model_reported": "model-2"}) for line in votes]
    earlier = night_run(tmp_path / "results", 4, gate=WIDE)
    before = [json.dumps({**json.loads(line), "model_reported": "model-1"}) for line in votes]
    (run / "votes.jsonl").write_text("\n".join(renamed) + "\n")
    (earlier / "votes.jsonl").write_text("\n".join(before) + "\n")
    stopped = gate(run, earlier)
    assert (stopped.status, statuses(stopped)["judges"]) == ("NOT COMPARABLE", "NOT COMPARABLE")
    assert {change.key for change in stopped.judge_changes} == {"models_reported"}
    allowed = gate(run, earlier, allow_judge_change=True)
    assert (allowed.status, allowed.judge_change_allowed) == ("PASS", True)
    assert allowed.judge_changes == stopped.judge_changes


def test_a_baseline_file_says_what_the_run_itself_says(tmp_path: Path, nights: Path) -> None:
    target = tmp_path / "baselines" / "mood.json"
    assert gate(nights / "run-01", "none", save_baseline=target).status == "PASS"
    by_file, by_run = gate(nights / "run-03", target), gate(nights / "run-03", nights / "run-01")
    assert by_file.checks == by_run.checks
    assert by_file.baseline == by_run.baseline
    assert by_file.comparison is not None
    assert by_run.comparison is not None
    assert by_file.comparison.tests == by_run.comparison.tests
    lines = target.read_text().splitlines()
    assert sum(line.startswith('  {"item_id"') for line in lines) == ITEMS  # one line an item, for reviews
    assert "item 7" not in target.read_text()  # no text of any item
    document = Baseline.model_validate_json(target.read_bytes())
    assert document.run.run_id == "run-01"
    gate(nights / "run-01", "none", save_baseline=target)
    assert target.read_text().splitlines() == lines


def test_only_a_run_that_passes_becomes_a_baseline(tmp_path: Path, nights: Path) -> None:
    gate(nights / "run-03", nights / "run-01", save_baseline=tmp_path / "base.json")
    assert list(tmp_path.iterdir()) == []


def test_other_files_are_no_baseline(tmp_path: Path, nights: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("not JSON")
    for wrong, words in ((nights / "run-01/run.json", "no baseline"), (other, "not JSON")):
        with pytest.raises(pe.InputError, match=words):
            gate(nights / "run-02", wrong)
    with pytest.raises(pe.InputError, match="no such run directory"):
        gate(nights / "run-02", tmp_path / "nothing")
    with pytest.raises(pe.InputError, match="name of the baseline is empty"):
        gate(nights / "run-02", "")


def test_a_baseline_that_was_tampered_with_is_refused_or_not_comparable(tmp_path: Path, nights: Path) -> None:
    target = tmp_path / "base.json"
    gate(nights / "run-01", "none", save_baseline=target)
    document = json.loads(target.read_text())
    document["items"][0]["forecast"] = [0.5, 0.2, 0.2]
    target.write_text(json.dumps(document))
    with pytest.raises(pe.InputError, match="add up to 1"):
        gate(nights / "run-02", target)
    for item in document["items"]:
        item["forecast"] = [0.5, 0.25, 0.25]
        item["content"] = "0" * 16
    target.write_text(json.dumps(document))
    assert gate(nights / "run-02", target).status == "NOT COMPARABLE"


def test_a_baseline_file_of_impossible_counts_or_depth_is_refused(tmp_path: Path, nights: Path) -> None:
    target = tmp_path / "base.json"
    gate(nights / "run-01", "none", save_baseline=target)
    document = json.loads(target.read_text())
    document["items"][0] |= {"votes": [10**30, 0, 0], "reviewers": 10**30}
    target.write_text(json.dumps(document))
    with pytest.raises(pe.InputError, match="reviewers"):
        gate(nights / "run-02", target)
    target.write_text("[" * 100_000)
    with pytest.raises(pe.InputError, match="not JSON"):
        gate(nights / "run-02", target)


def test_a_baseline_with_a_forecast_of_some_items_only_is_not_comparable(tmp_path: Path, nights: Path) -> None:
    """What it says nothing of, such as the hard items, could be worse without anybody seeing it."""
    target = tmp_path / "base.json"
    gate(nights / "run-01", "none", save_baseline=target)
    document = json.loads(target.read_text())
    for item in document["items"][: ITEMS // 5]:
        item["forecast"] = None
    target.write_text(json.dumps(document))
    result = gate(nights / "run-02", target)
    assert (result.status, statuses(result)["shared items"]) == ("NOT COMPARABLE", "NOT COMPARABLE")
    assert "24 without a forecast of the baseline" in result.headline


def test_a_night_on_which_nobody_answered_is_incomplete_and_not_another_run(tmp_path: Path, nights: Path) -> None:
    outage = night_run(tmp_path / "results", 4, refused=1.0, gate=WIDE)
    result = gate(outage, nights / "run-01")
    assert (result.status, result.exit_code) == ("INCOMPLETE", 5)
    assert "no forecast of any item" in result.headline
    lax = gate(outage, nights / "run-01", settings=GateSettings(usable_votes=0, scored_items=0))
    assert lax.status == "INCOMPLETE"


def scored(folder: Path, votes: list[dict[str, Any]]) -> Path:
    """A run of votes made elsewhere."""
    folder.mkdir()
    labels = fitted_runs.write_lines(folder / "labels.jsonl", fitted_runs.label_records(ITEMS))
    cast = fitted_runs.write_lines(folder / "votes.jsonl", votes)
    (folder / "mood.yaml").write_text(json.dumps(fitted_runs.RUBRIC))
    pe.score(labels, cast, rubric=folder / "mood.yaml", out=folder / "run", resamples=100, report=False)
    return folder / "run"


def test_votes_that_a_judge_never_cast_are_missing_ones(tmp_path: Path) -> None:
    """Votes made elsewhere come without a plan: a judge that fell silent left nothing but a gap."""
    silent = [f"i{row:04d}" for row in range(ITEMS // 10, ITEMS)]
    votes = [vote for vote in votes_of_a_night(1) if vote["judge"] != "c" or vote["item_id"] not in silent]
    result = gate(scored(tmp_path / "c", votes), "none")
    assert (result.status, statuses(result)["usable votes"]) == ("INCOMPLETE", "INCOMPLETE")
    assert "252 of 360 votes have an answer (108 missing): 70.0 %" in result.headline


def test_a_run_does_not_pass_by_leaving_out_what_it_would_lose(tmp_path: Path) -> None:
    """Two items of 120 are within the limits, and a judge that is broken there may just not answer."""
    votes = votes_of_a_night(1)
    whole = scored(tmp_path / "whole", votes)
    part = scored(tmp_path / "part", [vote for vote in votes if vote["item_id"] not in ("i0003", "i0004")])
    narrow = GateSettings.model_validate({"margins": [{"margin": 0.0001}]})
    result = gate(part, whole, settings=narrow)
    found = statuses(result)
    assert (found["scored items"], found["margin ce_bits overall"]) == ("PASS", "PASS")  # by what it answered
    assert (result.status, found["unanswered items"]) == ("INCONCLUSIVE", "INCONCLUSIVE")
    assert "2 items have no forecast here" in result.headline
    assert "unanswered items" not in statuses(gate(whole, part, settings=narrow))  # nor where it answers more


def test_a_verdict_on_another_run_says_nothing_of_this_one(tmp_path: Path) -> None:
    root = tmp_path / "results"
    first, second, third = (night_run(root, night, gate=WIDE) for night in (1, 2, 3))
    gate(first, "none", out=second / "gate")
    chosen = gate(third)
    assert chosen.baseline is None
    assert "run-02 was passed over: its gate/gate.json is the verdict on another run" in chosen.baseline_chosen


def test_what_a_killed_gate_left_does_not_stop_the_next(tmp_path: Path) -> None:
    """Nor does what another gate on the same run is writing at this moment."""
    run = night_run(tmp_path / "results", 1, gate=WIDE)
    (run / "gate").mkdir()
    for name in ("junit.xml", ".summary.md.123.tmp", ".gate.json.123.tmp"):
        (run / "gate" / name).write_text("ha")
    assert gate(run, "none", out=run / "gate").status == "PASS"
    (tmp_path / "own").mkdir()
    (tmp_path / "own/summary.md").write_text("Mine.")
    with pytest.raises(pe.InputError, match="not written by gate"):
        gate(run, "none", out=tmp_path / "own")


def test_last_passed_is_the_newest_earlier_one_that_passed(tmp_path: Path) -> None:
    root = tmp_path / "results"
    runs = {night: night_run(root, night, gate=WIDE) for night in (1, 2, 3, 4)}
    for night in (1, 2, 4):
        assert gate(runs[night], "none", out=runs[night] / "gate").status == "PASS"
    failed = night_run(root, 5, weak=0.9, gate=WIDE)
    assert gate(failed, runs[1], out=failed / "gate").status == "FAIL"
    latest = night_run(root, 6, gate=WIDE)
    assert gate(latest).baseline.run_id == "run-04"  # type: ignore[union-attr]
    # The run itself is not chosen, nor a later one, nor one that was never gated (night 3).
    assert gate(runs[4]).baseline.run_id == "run-02"  # type: ignore[union-attr]
    assert gate(latest, results=tmp_path / "results").baseline.run_id == "run-04"  # type: ignore[union-attr]


def test_last_passed_passes_over_what_it_cannot_read_and_says_so(tmp_path: Path) -> None:
    root = tmp_path / "results"
    first, second, third = (night_run(root, night, gate=WIDE) for night in (1, 2, 3))
    for run in (first, second):
        gate(run, "none", out=run / "gate")
    (second / "votes.jsonl").write_text("{broken\n" * 3)
    torn = root / "torn"
    torn.mkdir()
    (torn / "run.json").write_text('{"run_id": "to')
    half = night_run(root, 2, gate=WIDE, name="half")
    (half / "gate").mkdir()
    (half / "gate/gate.json").write_text("{}")
    result = gate(third)
    assert result.baseline is not None
    assert result.baseline.run_id == "run-01"
    for name in ("run-02", "torn", "half"):
        assert f"{name} was passed over" in result.baseline_chosen


def test_other_panels_in_the_root_are_no_baseline(tmp_path: Path) -> None:
    root = tmp_path / "results"
    first = night_run(root, 1, gate=WIDE)
    gate(first, "none", out=first / "gate")
    manifest = json.loads((first / "run.json").read_text())
    manifest["panel"]["panel"] = "another"
    (first / "run.json").write_text(json.dumps(manifest))
    assert gate(night_run(root, 2, gate=WIDE)).baseline is None


def test_the_folder_is_replaced_whole_and_the_sealed_files_stay(tmp_path: Path) -> None:
    root = tmp_path / "results"
    first, second = (night_run(root, night, gate=WIDE) for night in (1, 2))
    sealed = {path.name: path.read_bytes() for path in second.iterdir()}
    gate(second, first, out=second / "gate")
    names = {path.name for path in (second / "gate").iterdir()}
    assert names == {"gate.json", "junit.xml", "summary.md", "comparison.html"}
    again = gate(second, "none", out=second / "gate")
    assert {path.name for path in (second / "gate").iterdir()} == names - {"comparison.html"}
    assert GateResult.model_validate_json((second / "gate/gate.json").read_bytes()) == again
    assert {path.name: path.read_bytes() for path in second.iterdir() if path.is_file()} == sealed


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, nights: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(pe.InputError, match="not written by gate"):
        gate(nights / "run-01", "none", out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_same_runs_same_verdict(nights: Path) -> None:
    one, other = (gate(nights / "run-03", nights / "run-01").model_dump(exclude={"at"}) for _ in range(2))
    assert one == other


def test_settings_of_a_panel_file_and_its_baseline_beside_it(tmp_path: Path, nights: Path) -> None:
    gate(nights / "run-01", "none", save_baseline=tmp_path / "base.json")
    panel = tmp_path / "panel.yaml"
    panel.write_text(
        "panel: nightly\nrubric: mood.yaml\nlabels: labels.jsonl\njudges: [{id: a, model: fake/x.yaml}]\n"
        "gate: {baseline: base.json, margins: [{margin: 0.4}]}\n"
    )
    result = gate(nights / "run-02", settings=pe.load_panel(panel))
    assert result.status == "PASS"
    assert result.baseline is not None
    assert str(tmp_path / "base.json") in result.baseline_chosen


def test_latest_is_the_newest_run_of_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "results"
    night_run(root, 3, gate=WIDE, name="a")
    night_run(root, 2, gate=WIDE, name="b")
    assert pe.gate("latest", "none", results=root).run_id == "a"
    monkeypatch.chdir(tmp_path)
    assert pe.gate("latest", "none").run_id == "a"
    (root / "c").mkdir()
    (root / "c/run.json").write_text("{torn")
    with pytest.raises(pe.InputError, match="the newest folder, c, is no run"):
        pe.gate("latest", "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(pe.InputError, match="there is no run"):
        pe.gate("latest", "none", results=tmp_path / "empty")
