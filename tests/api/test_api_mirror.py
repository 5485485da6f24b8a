"""The history in a database: what the tables say, in SQLite and in PostgreSQL."""

from __future__ import annotations

import json
import math
import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forked_worker import ForkedWorker
from history_of_runs import all_rows, change, copy_runs, database_url, write_gate
from published_runs import scored_run
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from panel_eval import api
from panel_eval.api.mirror import mirror
from panel_eval.api.mirror.values import bindable, key_name
from panel_eval.api.results_root import LocalRoot, results_root
from panel_eval.errors import InputError
from panel_eval.schema.history import HistoryReport

DATABASE_PAGE = Path(__file__).parents[2] / "docs" / "database.md"
ESTIMATE = {"estimate": 0.5, "low": 0.25, "high": 0.75, "n": 30}
REPORT = HistoryReport.model_validate(
    {
        "alpha": 0.05,
        "runs": [],
        "advice": "Nothing to do.",
        "streams": [
            {
                "panel": None,
                "task": "mood",
                "kind": "canary",
                "instrument": "12345678",
                "began_because": "the first run",
                "nights": [
                    {"run_id": "n1", "started_at": "t1", "n_items": 30, "level": ESTIMATE, "change": ESTIMATE},
                    {
                        "run_id": "n2", "started_at": "t2", "n_items": 30, "level": ESTIMATE, "change": ESTIMATE,
                        "evidence": 25.0,
                    },
                ],
                "alarm": {
                    "run_id": "n2", "started_at": "t2", "direction": "worse", "since_run_id": "n2",
                    "change": ESTIMATE, "text": "worse",
                },
            }
        ],
    }
)  # fmt: skip
"""Made up."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored_run(tmp_path_factory.mktemp("scored"), n_items=12)


@pytest.fixture
def nights(run: Path, tmp_path: Path) -> LocalRoot:
    """Three runs, the second with a gate."""
    copy_runs(run, tmp_path / "nights", range(3))
    write_gate(tmp_path / "nights" / "20260101T000001Z-many")
    return LocalRoot(tmp_path / "nights")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "history.sqlite")
    return str(request.getfixturevalue("postgresql"))


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    engine = create_engine(database_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def test_the_tables_say_what_the_files_say(nights: LocalRoot, database: str) -> None:
    done = mirror(nights, database)
    assert (done.added, done.gates_changed, done.runs, done.skipped) == (3, 1, 3, {})
    assert query(database, "SELECT run_id, cost_usd, kind, n_items FROM runs ORDER BY run_id") == [
        (f"20260101T00000{number}Z-many", 0.1 * number, "score", 12) for number in range(3)
    ]
    metrics = json.loads((nights.path / "20260101T000001Z-many" / "metrics.json").read_text())
    low = metrics["judges"]["b"]["by_class"]["major"]["brier_debiased"]
    where = "kind = 'judge' AND forecaster = 'b' AND segment = 'major' AND metric = 'brier_debiased'"
    columns = "run_id, estimate, low, high, n, note"
    found = query(database, f"SELECT {columns} FROM metrics WHERE {where} ORDER BY run_id")
    assert found[1] == ("20260101T000001Z-many", low["estimate"], low["low"], low["high"], low["n"], low["note"])
    panel = "kind = 'panel' AND segment = 'overall' AND metric = 'ce_bits'"
    found = query(database, f"SELECT estimate FROM metrics WHERE {panel} ORDER BY run_id")
    assert found == [(1.0 + number / 7,) for number in range(3)]  # to the last bit
    refused = {name: counts["refusal"] for name, counts in metrics["coverage"]["by_judge"].items()}
    rows = query(database, "SELECT judge, votes FROM outcomes WHERE outcome = 'refusal' AND run_id LIKE '%01Z%'")
    assert dict(rows) == refused
    assert query(database, "SELECT run_id, status FROM gates") == [("20260101T000001Z-many", "PASS")]
    assert query(database, "SELECT metric, estimate, low, high, threshold FROM gate_checks") == [
        ("ce_bits", 0.25, 0.125, None, 0.5)
    ]


def test_models_that_answers_report_are_counted(tmp_path: Path, database: str) -> None:
    lines = [
        {"item_id": f"i{row:04d}", "judge": "a", "label": "high", "model_reported": f"m-{min(row, 1)}"}
        for row in range(12)
    ]
    scored_run(tmp_path / "made", n_items=12)
    votes = tmp_path / "votes.jsonl"
    votes.write_text(
        "".join(json.dumps(line) + "\n" for line in [*lines, {**lines[0], "judge": "b", "model_reported": None}])
    )
    pilot = tmp_path / "made" / "pilot"
    api.score(pilot / "labels.jsonl", votes, rubric=pilot / "mood.yaml", out=tmp_path / "root/one", resamples=100)
    mirror(LocalRoot(tmp_path / "root"), database)
    found = query(database, "SELECT judge, model_reported, votes FROM judge_models ORDER BY model_reported")
    assert found == [("a", "m-0", 1), ("a", "m-1", 11)]


def test_streams_and_alarms_are_those_of_the_last_report(nights: LocalRoot, database: str) -> None:
    mirror(nights, database, report=REPORT)
    mirror(nights, database, report=REPORT)
    assert query(database, "SELECT stream, kind, instrument FROM streams") == [(1, "canary", "12345678")]
    assert query(database, "SELECT run_id, change, evidence FROM stream_nights ORDER BY run_id") == [
        ("n1", 0.5, None),
        ("n2", 0.5, 25.0),
    ]
    assert query(database, "SELECT stream, run_id, direction FROM alarms") == [(1, "n2", "worse")]
    mirror(nights, database, report=REPORT.model_copy(update={"streams": []}))
    assert query(database, "SELECT * FROM alarms") == []


@pytest.mark.slow
def test_both_databases_hold_the_same(nights: LocalRoot, postgresql: str, tmp_path: Path) -> None:
    file = str(tmp_path / "history.sqlite")
    for url in (file, postgresql):
        mirror(nights, url, report=REPORT)
    rows = all_rows(file)
    assert rows == all_rows(postgresql)
    assert all(own for name, own in rows.items() if name != "judge_models"), "a table is empty"


def test_a_rebuilt_database_is_the_one_that_grew(nights: LocalRoot, run: Path, database: str) -> None:
    second = nights.path / "20260101T000001Z-many"
    mirror(nights, database)
    copy_runs(run, nights.path, range(3, 5))
    write_gate(second, "FAIL")
    write_gate(nights.path / "20260101T000004Z-many")
    grown = mirror(nights, database, report=REPORT)
    assert (grown.added, grown.gates_changed, grown.runs) == (2, 2, 5)
    rows = all_rows(database)
    rebuilt = mirror(nights, database, rebuild=True, report=REPORT)
    assert (rebuilt.added, rebuilt.gates_changed, rebuilt.runs) == (5, 2, 5)
    assert all_rows(database) == rows
    shutil.rmtree(second / "gate")
    assert mirror(nights, database).gates_changed == 1
    assert query(database, "SELECT run_id FROM gates") == [("20260101T000004Z-many",)]


def test_a_run_that_is_there_is_not_read_again(nights: LocalRoot, database: str) -> None:
    mirror(nights, database)
    rows = all_rows(database)
    for name in nights.names():
        (nights.path / name / "metrics.json").write_text("cannot be read")
    assert mirror(nights, database).skipped == {}
    assert all_rows(database) == rows


def test_what_is_no_sealed_run_is_told_and_left_out(nights: LocalRoot, run: Path, database: str) -> None:
    copy_runs(run, nights.path, range(3, 8))
    folders = [nights.path / f"20260101T{number:06d}Z-many" for number in range(8)]
    change(folders[3] / "run.json", state="partial")
    (folders[4] / "metrics.json").unlink()
    (folders[5] / "run.json").write_text("{")
    (folders[6] / "votes.parquet").write_bytes(b"PAR1 is not enough")
    shutil.rmtree(folders[7])
    shutil.copytree(folders[0], folders[7])  # the same run once more
    (nights.path / "20260101T000001Z-many" / "gate" / "gate.json").write_text("{")
    done = mirror(nights, database)
    assert done.runs == 3
    words = ["is partial", "no metrics.json", "run.json", "votes.parquet", "another folder"]
    assert [word in done.skipped[folder.name] for word, folder in zip(words, folders[3:], strict=True)] == [
        True
    ] * 5
    assert "gate.json" in done.skipped[folders[1].name]


def test_a_newer_database_is_refused_and_left_alone(nights: LocalRoot, database: str) -> None:
    mirror(nights, database)
    query(database, "UPDATE panel_eval_schema SET version = 2 RETURNING version")
    rows = all_rows(database)
    for rebuild in (False, True):
        with pytest.raises(InputError, match=r"of version 2, this one writes 1.* update panel-eval"):
            mirror(nights, database, rebuild=rebuild)
    assert all_rows(database) == rows


def test_tables_of_something_else_are_left_alone(nights: LocalRoot, database: str) -> None:
    engine = create_engine(database_url(database), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE runs (mine TEXT)"))
        connection.execute(text("INSERT INTO runs VALUES ('precious')"))
    engine.dispose()
    for rebuild in (False, True):
        with pytest.raises(InputError, match="something else: runs"):
            mirror(nights, database, rebuild=rebuild)
    assert query(database, "SELECT * FROM runs") == [("precious",)]


HOSTILE_JUDGES = [
    "x'); DROP TABLE runs; --",
    "nul\0inside",
    "nul\ufffdinside",
    "long" * 5000,
    "long" * 5000 + "!",
    "%s %(a)s :b",
]


def test_hostile_text_is_only_text(nights: LocalRoot, database: str) -> None:
    path = nights.path / "20260101T000000Z-many" / "metrics.json"
    metrics = json.loads(path.read_text())
    scores = metrics["judges"]["a"]
    metrics["judges"] = dict.fromkeys(HOSTILE_JUDGES, scores)
    metrics["task"] = "a\0b\x1b[2J\U0001f600"
    metrics["panel"]["overall"]["ce_bits"]["n"] = 10**30
    metrics["panel"]["overall"]["brier"] = {"estimate": None, "n": 0, "note": "no\0thing"}
    path.write_text(json.dumps(metrics))
    done = mirror(nights, database)
    assert done.skipped == {}
    rows = query(database, "SELECT judge FROM judges WHERE run_id LIKE '%00Z%'")
    names = {name for (name,) in rows}
    assert {"x'); DROP TABLE runs; --", "nul\ufffdinside", "%s %(a)s :b"} <= names
    assert len(names) == 5  # two with NUL became one, two long ones stay two
    assert max(map(len, names)) == 120
    assert query(database, "SELECT task FROM runs WHERE run_id LIKE '%00Z%'") == [("a\ufffdb\x1b[2J\U0001f600",)]
    where = "run_id LIKE '%00Z%' AND kind = 'panel' AND segment = 'overall'"
    found = query(database, f"SELECT estimate, n, note FROM metrics WHERE {where} AND metric = 'brier'")
    assert found == [(None, 0, "no\ufffdthing")]
    assert query(database, f"SELECT n FROM metrics WHERE {where} AND metric = 'ce_bits'") == [(None,)]


def test_values_that_no_column_holds_are_null() -> None:
    row = {"a": math.nan, "b": math.inf, "c": -math.inf, "d": 2**63, "e": -(2**63) + 1, "f": "\ud800", "g": 0.1}
    assert bindable(row, ()) == {"a": None, "b": None, "c": None, "d": None, "e": -(2**63) + 1, "f": "?", "g": 0.1}


def test_a_name_in_a_key_is_itself_once_it_is_one() -> None:
    long = key_name("x" * 121)
    assert len(long) == 120
    assert key_name(long) == long
    assert key_name("x" * 122) != long
    assert key_name("short") == "short"


MIRROR = """
import psycopg, sqlalchemy
from panel_eval.api.mirror import database, mirror, writing
from panel_eval.api.results_root import results_root

def work(root, url, rebuild=False):
    return mirror(results_root(root), url, rebuild=rebuild).added
"""


@pytest.fixture(scope="module")
def writers() -> Iterator[list[ForkedWorker]]:
    both = [ForkedWorker(MIRROR) for _ in range(2)]
    yield both
    for each in both:
        each.close()


@pytest.mark.slow
def test_two_writers_at_once_lose_nothing(
    nights: LocalRoot, run: Path, database: str, tmp_path: Path, writers: list[ForkedWorker]
) -> None:
    copy_runs(run, tmp_path / "other", range(100, 110))
    copy_runs(run, nights.path, range(3, 10))
    here, there = str(nights.path), str(tmp_path / "other")
    for roots, added in (((here, there), ["10", "10"]), ((here, here), ["0", "0"])):
        for writer, root in zip(writers, roots, strict=True):
            writer.start(root=root, url=database)
        assert [writer.end()[2] for writer in writers] == added
    rows = all_rows(database)
    assert len(rows["runs"]) == 20
    for writer in writers:
        writer.start(root=here, url=database, rebuild=True)
    assert [writer.end()[2] for writer in writers] == ["10", "10"]
    copy_runs(run, nights.path, range(100, 110))
    mirror(nights, database)
    assert all_rows(database) == rows


@pytest.mark.slow
def test_a_killed_writer_leaves_the_earlier_state(
    nights: LocalRoot, run: Path, database: str, tmp_path: Path, writers: list[ForkedWorker]
) -> None:
    mirror(nights, database)
    rows = all_rows(database)
    copy_runs(run, nights.path, range(3, 30))
    root, killed = str(nights.path), 0
    for rebuild, seconds in ((False, 0.2), (True, 0.2), (True, 0.35), (False, 0.3)):
        writers[0].start(root=root, url=database, rebuild=rebuild, killed_after_s=seconds)
        killed += writers[0].end()[1]
        if len(all_rows(database)["runs"]) == 30:  # it was quicker
            break
        assert all_rows(database) == rows
    assert killed > 0
    assert mirror(nights, database).runs == 30


@pytest.mark.slow
def test_readers_never_see_half_a_rebuild(
    nights: LocalRoot, run: Path, database: str, writers: list[ForkedWorker]
) -> None:
    copy_runs(run, nights.path, range(3, 15))
    mirror(nights, database)
    count = "SELECT (SELECT COUNT(*) FROM runs), (SELECT COUNT(*) FROM judges)"
    seen = query(database, count)
    writers[0].start(root=str(nights.path), url=database, rebuild=True)
    ended = threading.Thread(target=writers[0].end)
    ended.start()
    while ended.is_alive():
        seen += query(database, count)
    assert len(seen) > 3
    assert set(seen) == {(15, 45)}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cr3t@127.0.0.1:1/history",
        "postgresql://user:s3cr3t@127.0.0.1:1/history?connect_timeout=1",
        "postgresql://user@127.0.0.1:1/history?password=s3cr3t",
        "mysql://user:s3cr3t@127.0.0.1/history",
        "not a database://s3cr3t@x",
        "postgresql://user:s3cr3t@[::1",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_the_password(url: str, nights: LocalRoot) -> None:
    with pytest.raises(InputError) as refused:
        mirror(nights, url)
    assert "s3cr3t" not in str(refused.value)
    assert "Fix:" in str(refused.value)


def test_files_that_are_no_database_stay_as_they_are(nights: LocalRoot, tmp_path: Path) -> None:
    votes = nights.path / "20260101T000000Z-many" / "votes.jsonl"
    before = votes.read_bytes()
    with pytest.raises(InputError, match="must not be changed"):
        mirror(nights, votes)
    (tmp_path / "notes.txt").write_text("my notes " * 200)
    with pytest.raises(InputError, match="not a database"):
        mirror(nights, tmp_path / "notes.txt")
    with pytest.raises(InputError, match="folder that exists"):
        mirror(nights, tmp_path / "no" / "such" / "folder.sqlite")
    with pytest.raises(InputError, match="no such folder"):
        mirror(results_root(tmp_path / "nowhere"), tmp_path / "never-made.sqlite")
    assert votes.read_bytes() == before
    assert (tmp_path / "notes.txt").read_text() == "my notes " * 200
    assert not (tmp_path / "never-made.sqlite").exists()


def test_a_sqlite_mirror_can_be_read_while_it_is_written(nights: LocalRoot, tmp_path: Path) -> None:
    mirror(nights, tmp_path / "history.sqlite")
    connection = sqlite3.connect(tmp_path / "history.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_the_queries_of_the_docs_run(nights: LocalRoot, database: str) -> None:
    queries = re.findall(r"```sql\n(.*?)```", DATABASE_PAGE.read_text(), re.DOTALL)
    assert len(queries) >= 4
    mirror(nights, database, report=REPORT)
    assert all(query(database, each) for each in queries), "a query of the docs finds nothing"


def test_numbers_stand_in_sqlite_once_and_the_panels_are_indexed(nights: LocalRoot, tmp_path: Path) -> None:
    mirror(nights, file := str(tmp_path / "history.sqlite"))
    values = [value for row in all_rows(file)["metrics"] for value in row if value is not None]
    own = sum(len(value) if isinstance(value, str) else 8 for value in values)
    assert Path(file).stat().st_size < 1.5 * own  # twice as much with the keys in a table and an index
    series = "SELECT estimate FROM metrics WHERE kind = 'panel' AND segment = 'overall' AND metric = 'ce_bits'"
    assert "USING INDEX" in str(query(file, f"EXPLAIN QUERY PLAN {series}"))
