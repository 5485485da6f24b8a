"""Scored runs compared: the numbers are those of metrics.json, the report says what the runs were."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from fitted_runs import JUDGES, label_records, vote_records, write_lines, write_pilot

from panel_eval import api
from panel_eval.api.comparing import compare
from panel_eval.errors import InputError, NotComparableError
from panel_eval.humans import load_soft_labels
from panel_eval.schema import Vote

QUICK = {"flips": 299, "resamples": 100}
SEEN = {"model_reported": "m-1", "snapshot": "fp_1", "parse_rung": "json_schema", "latency_s": 2.0, "cost_usd": 0.5}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two runs in files: a pilot, and another night of the same judges on the same items."""
    folder = tmp_path_factory.mktemp("runs")
    labels, votes, rubric = write_pilot(folder / "one")
    second = [{**vote, **SEEN} for vote in vote_records(90, seed=0)]
    for vote in second[:40]:
        if "label" in vote:
            vote |= {"label": "low", "latency_s": 4.0, "snapshot": "fp_2"}
    again = write_lines(folder / "again.jsonl", second)
    api.score(labels, votes, rubric=rubric, out=folder / "base", resamples=100)
    api.score(labels, again, rubric=rubric, out=folder / "candidate", resamples=100)
    return folder


@pytest.fixture(scope="module")
def report(folder):
    return compare(folder / "base", folder / "candidate", **QUICK)


def test_differences_are_those_of_the_metrics_of_both_runs(folder, report):
    base, candidate = (api.open_run(folder / name).metrics.panel.overall for name in ("base", "candidate"))
    (found,) = report.candidates
    rows = {test.metric: test for test in found.tests if test.segment == "overall"}
    rows |= {row.metric: row for row in found.display if row.segment == "overall"}
    assert base["ce_bits"].n == candidate["ce_bits"].n == found.overlap.compared == 90
    compared = set(rows) - {"kl_bits", "soft_ece_rms_debiased"}
    assert len(compared) > 20
    for name in compared:
        if base[name].estimate is not None and candidate[name].estimate is not None:
            sides = [
                row.estimate if hasattr(row, "estimate") else row for row in (rows[name].base, rows[name].candidate)
            ]
            assert sides == pytest.approx([base[name].estimate, candidate[name].estimate]), name
            assert rows[name].difference.estimate == pytest.approx(sides[1] - sides[0], abs=1e-12), name


@pytest.mark.parametrize(
    ("settings", "key"), [({"alpha": 0.0}, "alpha"), ({"alpha": 0.5}, "alpha"), ({"flips": 198}, "flips"),
                          ({"alpha": 0.001, "flips": 9998}, "flips")]
)  # fmt: skip
def test_settings_under_which_nothing_could_be_shown_are_refused(folder, settings, key):
    # The smallest p is 1 / (1 + flips), times ten tests of two candidates: 199 flips just do at .05, 9,999 at .001.
    with pytest.raises(InputError, match=key):
        compare(folder / "base", [folder / "candidate"] * 2, **settings)


def test_same_runs_same_bytes(folder, report):
    again = compare(folder / "base", folder / "candidate", **QUICK)
    assert again.model_dump_json() == report.model_dump_json()
    assert report.settings == {"alpha": 0.05, "moved": 20, "seed": 0, **QUICK}


def test_the_order_of_lines_does_not_matter(folder, report, tmp_path):
    for name in ("labels.jsonl", "votes.jsonl"):
        lines = (folder / "candidate" / name).read_text().splitlines(keepends=True)
        random.Random(3).shuffle(lines)
        (tmp_path / name).write_text("".join(lines))
    run = api.score(
        tmp_path / "labels.jsonl", tmp_path / "votes.jsonl", rubric=folder / "one" / "mood.yaml", resamples=100
    )
    (found,), (expected,) = compare(folder / "base", run, **QUICK).candidates, report.candidates
    for part in ("tests", "judges", "display", "moved", "missing", "overlap"):
        assert getattr(found, part) == getattr(expected, part), part


def test_a_run_beside_itself(folder):
    (found,) = compare(folder / "base", folder / "base", **QUICK).candidates
    assert {test.verdict for test in found.tests} <= {"no difference shown", "not testable"}
    assert (found.changes, found.moved, found.tests[0].p) == ([], [], 1.0)
    assert found.advice.startswith("No difference: both say the same")


def test_what_the_answers_tell_of_each_judge(report):
    (found,) = report.candidates
    judges = {judge.id: judge for judge in found.run.judges}
    usable = {name: sum(judges[name].models_reported.values()) for name in JUDGES}
    assert sum(usable.values()) == found.run.votes["ok"]
    assert set(judges["a"].snapshots) == {"fp_1", "fp_2"}
    assert judges["b"].snapshots == {"fp_1": usable["b"]}
    assert judges["b"].parse_rungs == {"json_schema": usable["b"]}
    assert all(not judge.models_reported for judge in report.base.judges)


def test_cost_and_latency_of_each_judge(report):
    run = report.candidates[0].run
    assert run.latency_p50_by_judge_s == {"a": 2.0, "b": 2.0, "c": 2.0}
    assert (run.latency_p95_by_judge_s["a"], run.latency_p95_by_judge_s["b"]) == (4.0, 2.0)
    assert run.cost_by_judge_usd == {"a": 45.0, "b": 45.0, "c": 45.0}  # 90 votes at .5
    assert run.cost_usd == pytest.approx(135.0)
    assert report.base.latency_p50_by_judge_s == {}


def test_each_judge_of_both_panels_has_its_own_differences(report):
    judges = report.candidates[0].judges
    assert set(judges) == set(JUDGES)
    assert [test.metric for test in judges["a"]] == ["ce_bits", "brier_debiased"]
    assert judges["a"][0].difference.estimate != 0.0
    assert (judges["b"][0].difference.estimate, judges["b"][0].p, judges["b"][0].p_holm) == (0.0, 1.0, None)


def test_several_candidates_share_one_family(folder, report):
    runs = [folder / "candidate", folder / "base", folder / "candidate"]
    several = compare(folder / "base", runs, **QUICK)
    assert len(several.candidates) == 3
    alone = {(test.metric, test.segment): test for test in report.candidates[0].tests}
    for test in several.candidates[0].tests:
        if test.testable:
            assert test.p == alone[test.metric, test.segment].p
            assert test.p_holm >= alone[test.metric, test.segment].p_holm
    assert "3 candidates" in several.advice


def test_runs_about_other_items_cannot_be_compared(folder, tmp_path):
    labels, votes, rubric = write_pilot(tmp_path, prefix="other")
    run = api.score(labels, votes, rubric=rubric, resamples=100)
    with pytest.raises(NotComparableError, match="share no item"):
        compare(folder / "base", run)


def test_there_must_be_a_candidate_and_runs_must_be_there(folder, tmp_path):
    with pytest.raises(InputError, match="nothing to compare"):
        compare(folder / "base", [])
    with pytest.raises(InputError, match="no such run"):
        compare(folder / "base", tmp_path / "nowhere")


@pytest.mark.slow
def test_a_pool_that_learned_from_the_items_is_told_of(folder):
    pool = api.fit(folder / "base").pool
    run = api.open_run(folder / "base")
    fitted = api.score(run.humans, run.votes, rubric=run.manifest.rubric, fitted=pool, resamples=100)
    flattered = compare(folder / "base", fitted, **QUICK).candidates[0]
    (told,) = [warning for warning in flattered.warnings if "pool" in warning.code]
    assert told.code == "candidate_pool_saw_items"
    assert "FLATTERS THE CANDIDATE" in told.text
    assert "100%" in told.text
    assert "pool_sha256" in {change.key for change in flattered.changes if change.instrument}
    both = compare(fitted, fitted, **QUICK).candidates[0]
    assert [warning.code for warning in both.warnings if "pool" in warning.code] == ["pools_saw_items"]
    humbled = compare(fitted, folder / "base", **QUICK).candidates[0]
    assert "baseline_pool_saw_items" in {warning.code for warning in humbled.warnings}
    elsewhere = fitted.pool.model_copy(
        update={"fitted_on": fitted.pool.fitted_on.model_copy(update={"item_digests": "0" * 12})}
    )
    clean = compare(folder / "base", replace(fitted, pool=elsewhere), **QUICK).candidates[0]
    assert not [warning for warning in clean.warnings if "pool" in warning.code]


def test_runs_scored_in_one_second_have_names_of_their_own(tmp_path):
    humans = load_soft_labels(write_lines(tmp_path / "labels.jsonl", label_records(12)))
    votes = [Vote.model_validate(record) for record in vote_records(12)]
    ids = {api.score(humans, votes, resamples=100).manifest.run_id for _ in range(2)}
    assert len(ids) == 2
    assert all(len(run_id.rsplit("-", 1)[1]) == 8 for run_id in ids)


def test_a_report_reads_back(report):
    assert type(report).model_validate(json.loads(report.model_dump_json())) == report
