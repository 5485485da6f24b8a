"""The history of a results root: which runs are read, which streams they make, and what stops none of it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from history_folders import ITEMS, edit_votes, night, scored

from panel_eval import InputError, api
from panel_eval.schema.history import HistoryReport


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored(tmp_path_factory.mktemp("run"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    return folder


def told(report: HistoryReport) -> list[tuple[str, int, str]]:
    return [(stream.kind, len(stream.nights), stream.began_because) for stream in report.streams]


def test_runs_are_shown_in_the_order_of_time_with_their_numbers(run: Path, root: Path) -> None:
    for day in (2, 0, 1):
        night(run, root, day)
    report = api.history(root)
    assert [found.started_at[:10] for found in report.runs] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    metrics = json.loads((run / "metrics.json").read_text())
    first = report.runs[0]
    assert first.metrics["ce_bits"].estimate == metrics["panel"]["overall"]["ce_bits"]["estimate"]
    assert (
        first.base_rate["ce_bits"].estimate == metrics["references"]["base_rate"]["overall"]["ce_bits"]["estimate"]
    )
    assert (
        first.by_class["major"]["ce_crossfit_bits"].n
        == metrics["panel"]["by_class"]["major"]["ce_crossfit_bits"]["n"]
    )
    assert first.usable_votes == pytest.approx(metrics["coverage"]["total"]["ok"] / (3 * ITEMS))
    assert first.models_reported == {judge: ["model-1"] for judge in "abc"}
    assert told(report) == [("canary", 3, "the first run")]
    assert report.skipped == {}


def test_the_level_of_a_night_is_the_mean_of_its_items(run: Path, root: Path) -> None:
    folder = night(run, root, 0)
    level = api.history(root).streams[0].nights[0].level
    assert level.estimate == pytest.approx(pd.read_parquet(folder / "items.parquet").ce_bits.mean())


def test_a_loss_is_found_and_the_newest_nights_stand_in_an_alarm(run: Path, root: Path) -> None:
    for day in range(12):
        night(run, root, day, change=0.2 if day >= 7 else 0.0)
    report = api.history(root)
    (stream,) = api.alarmed(report)
    assert stream.alarm is not None
    assert stream.alarm.since_run_id == "20260308T020000Z-night"
    assert stream.alarm.direction == "worse"
    assert report.advice.startswith(stream.alarm.text)


def test_beginning_anew_accepts_what_changed_before(run: Path, root: Path) -> None:
    for day in range(12):
        night(run, root, day, change=0.2 if day >= 7 else 0.0)
    report = api.history(root, since="20260308T020000Z-night")
    assert api.alarmed(report) == []
    assert [len(report.runs), len(report.streams[0].nights)] == [5, 5]
    with pytest.raises(InputError, match="no such run"):
        api.history(root, since="20260308T020000Z-nigth")


def test_showing_the_last_runs_forgets_no_evidence(run: Path, root: Path) -> None:
    for day in range(12):
        night(run, root, day, change=0.2 if day >= 7 else 0.0)
    report = api.history(root, last=2)
    assert len(report.runs) == 2
    assert report.streams == api.history(root).streams


def test_alarms_are_told_however_few_runs_are_shown(run: Path, root: Path) -> None:
    """The newest run is no new night, or of another panel: what is in alarm stays in alarm."""
    for day in range(12):
        night(run, root, day, change=0.2 if day >= 7 else 0.0, panel="one")
    night(run, root, 12, panel="one", reused={"earlier": 100}, votes_stored=180)
    assert len(api.alarmed(api.history(root, last=1))) == 1
    night(run, root, 13, panel="two")
    report = api.history(root, last=1)
    assert [shown.panel for shown in report.runs] == ["two"]
    (stream,) = api.alarmed(report)
    assert stream.alarm is not None
    assert report.advice.startswith(f"one on mood, not shown here: {stream.alarm.text}")


def test_a_model_that_changes_behind_its_name_begins_a_stream(run: Path, root: Path) -> None:
    for day in range(5):
        folder = night(run, root, day)
        if day >= 3:
            edit_votes(
                folder,
                model_reported=pd.read_parquet(folder / "votes.parquet").judge.map(
                    {"a": "model-2", "b": "model-1", "c": "model-1"}
                ),
            )
    report = api.history(root)
    assert told(report) == [
        ("canary", 3, "the first run"),
        ("canary", 2, "judge a: reported model model-1 → model-2"),
    ]
    assert [stream.current for stream in report.streams] == [False, True]
    assert report.runs[2].instrument != report.runs[3].instrument


def test_a_stray_answer_of_another_model_begins_none(run: Path, root: Path) -> None:
    for day in range(3):
        folder = night(run, root, day)
    models = ["model-1"] * (len(pd.read_parquet(folder / "votes.parquet")) - 1)
    edit_votes(folder, model_reported=[*models, "helper"])
    report = api.history(root)
    assert told(report) == [("canary", 3, "the first run")]
    assert ["helper", "model-1"] in report.runs[2].models_reported.values()


def test_another_number_of_samples_begins_a_stream(run: Path, root: Path) -> None:
    for day in range(4):
        folder = night(run, root, day)
        if day >= 2:
            edit_votes(folder, sample=1)
    because = told(api.history(root))[1][2]
    assert because == "judge a: samples 1 → 2; judge b: samples 1 → 2; judge c: samples 1 → 2"


def test_an_instrument_that_comes_back_goes_on_with_its_stream(run: Path, root: Path) -> None:
    for day in range(5):
        folder = night(run, root, day)
        if day == 2:
            edit_votes(folder, model_reported="model-2")
    report = api.history(root)
    assert [(stream.kind, len(stream.nights), stream.current) for stream in report.streams] == [
        ("canary", 4, True), ("fresh", 1, False),
    ]  # fmt: skip


def test_panels_are_watched_apart(run: Path, root: Path) -> None:
    for day in range(6):
        night(run, root, day, panel="one" if day % 2 else "two")
    report = api.history(root)
    assert [(stream.panel, len(stream.nights)) for stream in report.streams] == [("two", 3), ("one", 3)]
    assert {found.panel for found in api.history(root, panel="one").runs} == {"one"}
    assert api.history(root, task="something else").runs == []


def test_items_with_other_people_or_texts_are_other_items(run: Path, root: Path) -> None:
    night(run, root, 0)
    night(run, root, 1)
    folder = night(run, root, 2, hashes={"labels": "f" * 64, "votes": "2" * 64})
    items = pd.read_parquet(folder / "items.parquet")
    items.loc[:9, "reviewer_count"] += 1
    items.to_parquet(folder / "items.parquet")
    lines = (folder / "labels.jsonl").read_text().splitlines()
    changed = [
        line.replace('"item ', '"another item ') if at in (20, 21) else line for at, line in enumerate(lines)
    ]
    (folder / "labels.jsonl").write_text("\n".join(changed) + "\n")
    (stream,) = api.history(root).streams
    assert [found.n_items for found in stream.nights] == [ITEMS, ITEMS, ITEMS - 12]


def test_a_night_on_which_all_items_were_labelled_again_is_said_to_be_compared_with_nothing(
    run: Path, root: Path
) -> None:
    for day in range(5):
        folder = night(run, root, day, change=0.5 if day == 4 else 0.0)
    items = pd.read_parquet(folder / "items.parquet")
    items.assign(reviewer_count=items.reviewer_count + 1).to_parquet(folder / "items.parquet")
    report = api.history(root)
    assert told(report) == [("canary", 4, "the first run")]
    assert api.alarmed(report) == []
    note = "its items, their texts or their human votes are not those of earlier runs"
    assert [found.note for found in report.runs] == [None] * 4 + [note]
    assert report.advice == f"No change shown, but the newest run is compared with no other: {note}."


def test_the_same_votes_again_are_no_new_night(run: Path, root: Path) -> None:
    night(run, root, 0)
    night(run, root, 1, noise=0.0, hashes={"votes": f"{0:064x}", "labels": "e" * 64})
    night(run, root, 2, reused={"20260301T020000Z-night": 100}, votes_stored=180)
    report = api.history(root)
    assert [found.note for found in report.runs] == [
        None,
        "the same votes as an earlier run: no new night",
        "100 of its votes were taken over from earlier runs: no new night",
    ]
    assert told(report) == [("fresh", 1, "the first run")]


def test_what_cannot_be_read_is_named_and_stops_nothing(run: Path, root: Path) -> None:
    for day in range(2):
        night(run, root, day)
    (night(run, root, 2) / "metrics.json").write_text('{"schema_version": 1, "task"')
    (night(run, root, 3) / "items.parquet").write_bytes(b"PAR1 no table")
    (night(run, root, 4) / "run.json").write_text("\x00")
    (night(run, root, 5) / "metrics.json").unlink()
    (night(run, root, 6) / "votes.parquet").write_bytes(b"")
    (night(run, root, 7) / "labels.jsonl").write_bytes(b"\xff\xfe{")
    night(run, root, 8, schema_version=2)
    night(run, root, 9, state="partial", votes_planned=180, votes_stored=170)
    night(run, root, 10, shard="1/4")
    night(run, root, 11, run_id="20260301T020000Z-night")
    night(run, root, 12, started_at="last night")
    (root / "notes").mkdir()
    report = api.history(root)
    assert len(report.runs) == 4  # nights 6 and 7: an empty table of votes is none; these labels were read before
    why = {folder[6:8]: reason for folder, reason in report.skipped.items()}
    assert set(why) == {"03", "04", "05", "06", "09", "10", "11", "12", "13"}
    assert why["03"].startswith("metrics.json is not what this version writes")
    assert why["04"].startswith("items.parquet cannot be read")
    assert why["05"].startswith("run.json cannot be read")
    assert why["06"] == "has no metrics.json"
    assert "schema_version 2" in why["09"]
    assert why["10"] == "is partial (170 of 180 votes): run its panel again to finish it"
    assert why["11"].startswith("is shard 1/4")
    assert why["12"] == "is a copy of 20260301T020000Z-night"
    assert why["13"].startswith("run.json cannot be read")


def test_folders_in_the_place_of_files_stop_nothing(run: Path, root: Path) -> None:
    for day in range(3):
        folder = night(run, root, day)
    (folder / "gate").write_text("no folder")
    (root / "20260302T020000Z-night" / "gate" / "gate.json").mkdir(parents=True)
    (root / "20260301T020000Z-night" / "metrics.json").unlink()
    (root / "20260301T020000Z-night" / "metrics.json").mkdir()
    report = api.history(root)
    assert [found.gate for found in report.runs] == [None, None]
    assert report.skipped == {"20260301T020000Z-night": "has no metrics.json"}


def test_a_gate_is_shown_and_a_broken_one_said(run: Path, root: Path) -> None:
    for day in range(2):
        folder = night(run, root, day)
        (folder / "gate").mkdir()
        (folder / "gate" / "gate.json").write_text("{}")
    report = api.history(root)
    assert report.runs[1].gate is None
    assert report.runs[1].gate_headline == "gate/gate.json is not what this version writes"


def test_a_report_reads_back_as_it_was_written(run: Path, root: Path) -> None:
    for day in range(3):
        night(run, root, day)
    report = api.history(root)
    assert HistoryReport.model_validate_json(report.model_dump_json()) == report
    assert api.history(root).model_dump_json() == report.model_dump_json()


def test_arguments_out_of_range_are_refused(root: Path) -> None:
    with pytest.raises(InputError, match="alpha"):
        api.history(root, alpha=0.0)
    with pytest.raises(InputError, match="last"):
        api.history(root, last=0)
    with pytest.raises(InputError, match="no such folder"):
        api.history(root / "nowhere")
    assert api.history(root).advice.startswith("No finished run")
