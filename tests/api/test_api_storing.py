"""What a scored run leaves in its folder, whether its votes came from a file or from memory."""

from __future__ import annotations

import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import panel_eval as pe
from panel_eval.api.tables import write_votes
from panel_eval.errors import InputError
from panel_eval.pooling import VoteTable, read_vote_table
from panel_eval.schema import OUTCOMES, Usage, read_jsonl
from panel_eval.schema.json_lines import BLOCK_LINES

RICH: list[dict[str, Any]] = [
    {"item_id": "a", "judge": "j", "label": "x"},
    {"item_id": "a", "judge": "k", "distribution": {"y": 1, "x": 0}, "confidence": 1, "cost_usd": 2},
    {"item_id": "b", "judge": "j", "outcome": "error", "error": {"kind": "timeout", "message": "m"}, "attempts": 3},
    {"item_id": "b", "judge": "k", "label": "y", "usage": {"output_tokens": 7, "reasoning_tokens": 4},
     "label_order": ["y", "x"],
     "vote_key": "k1", "elicit": "vote", "rationale": "déjà vu", "parse_rung": "text", "latency_s": 0.25,
     "model_reported": "m", "snapshot": "fp_1", "raw": "{}", "at": "2026-01-01", "captured_mass": 0.75,
     "metadata": {"k": 1}},
    {"item_id": "b", "judge": "k", "sample": 1, "outcome": "refusal", "cost_usd": 0.0, "latency_s": 1e-3,
     "cost_uncertain_usd": None, "reused_from": "earlier"},
]  # fmt: skip


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def parquet(table: VoteTable) -> bytes:
    buffer = BytesIO()
    write_votes(table, buffer)
    return buffer.getvalue()


def test_the_table_of_votes_says_what_the_records_say(tmp_path):
    path = write(tmp_path / "votes.jsonl", RICH)
    rows = pq.read_table(BytesIO(parquet(read_vote_table(path)))).to_pylist()
    plain = ("vote_key", "item_id", "judge", "sample", "elicit", "outcome", "label", "captured_mass", "confidence",
             "rationale", "parse_rung", "cost_usd", "cost_uncertain_usd", "attempts", "latency_s", "model_reported",
             "at", "reused_from", "snapshot")  # fmt: skip
    for row, record in zip(rows, RICH, strict=True):
        vote = pe.Vote.model_validate(record)
        assert {name: row[name] for name in plain} == {name: getattr(vote, name) for name in plain}
        assert row["error_kind"] == (vote.error.kind if vote.error else None)
        for name in Usage.model_fields:
            assert row[name] == (getattr(vote.usage, name) if vote.usage else None)
        assert (row["distribution"] and json.loads(row["distribution"])) == vote.distribution
        assert (row["label_order"] and json.loads(row["label_order"])) == vote.label_order


@pytest.mark.parametrize("records", [RICH, RICH[:1], RICH[1:3]])
def test_votes_of_a_file_and_the_same_votes_in_memory_give_the_same_bytes(tmp_path, records):
    # repeated over several blocks, whose borders lie elsewhere than those of the row groups
    copies = 2 * BLOCK_LINES // len(records) + 1
    many = [{**record, "sample": copy} for copy in range(copies) for record in records]
    path = write(
        tmp_path / "votes.jsonl", [{k: v for k, v in record.items() if k != "vote_key"} for record in many]
    )
    from_file = read_vote_table(path)
    in_memory = VoteTable.of([vote for _, vote in read_jsonl(path, pe.Vote).records])
    assert list(from_file[:7]) == list(in_memory[:7])
    assert parquet(from_file) == parquet(in_memory)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    items = [{"item_id": name, "task": "t", "counts": {"x": 3, "y": 1}} for name in "ab"]
    return write(tmp_path / "labels.jsonl", items)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_files_are_kept_as_they_came_and_their_hashes_hold(tmp_path, labels):
    votes = write(tmp_path / "votes.jsonl", RICH)
    result = pe.score(labels, votes, out=tmp_path / "out", resamples=100)
    assert (tmp_path / "out" / "labels.jsonl").read_bytes() == labels.read_bytes()
    assert (tmp_path / "out" / "votes.jsonl").read_bytes() == votes.read_bytes()
    assert result.manifest.hashes == {"labels": sha256(labels), "votes": sha256(votes)}
    assert list(pe.open_run(tmp_path / "out").votes) == list(result.votes)


def test_blank_lines_and_foreign_line_ends_are_not_kept(tmp_path, labels):
    votes = tmp_path / "votes.jsonl"
    line = b'{"item_id": "a", "judge": "j", "label": "x"}'
    votes.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n  \n")
    pe.score(labels, votes, out=tmp_path / "out", resamples=100)
    assert (tmp_path / "out" / "votes.jsonl").read_bytes() == line + b"\n"


def test_only_the_votes_that_count_are_kept(tmp_path, labels):
    first, last = ({**RICH[3], "label": label, "at": at} for label, at in (("x", "1"), ("y", "2")))
    votes = write(tmp_path / "votes.jsonl", [first, RICH[0], last])
    result = pe.score(labels, votes, out=tmp_path / "out", resamples=100)
    kept = [json.loads(line) for line in (tmp_path / "out" / "votes.jsonl").read_text().splitlines()]
    assert kept == [last, RICH[0]]
    assert result.manifest.votes_stored == len(result.votes) == 2
    assert result.failed == 0


def test_joined_content_stands_in_the_stored_labels(tmp_path, labels):
    contents = write(tmp_path / "contents.jsonl", [{"item_id": "b", "content": {"text": "joined"}}])
    humans = pe.load_soft_labels(labels, content=contents)
    result = pe.score(humans, [pe.Vote(**RICH[0])], out=tmp_path / "out", resamples=100)
    stored = (tmp_path / "out" / "labels.jsonl").read_bytes().splitlines()
    assert stored[0] == labels.read_bytes().splitlines()[0]
    back = pe.load_soft_labels(tmp_path / "out" / "labels.jsonl")
    assert [record.content for record in back.records] == [None, {"text": "joined"}]
    assert list(result.humans.records) == list(back.records)


def test_outcomes_are_counted_without_making_votes(tmp_path):
    table = read_vote_table(write(tmp_path / "votes.jsonl", [*RICH, {**RICH[0], "item_id": "c"}]))
    assert table.outcome_counts() == {"ok": 4, "refusal": 1, "error": 1}
    assert set(table.outcome_counts()) <= set(OUTCOMES)


def test_a_number_that_no_table_can_hold_is_refused_by_name(tmp_path):
    path = write(tmp_path / "votes.jsonl", [{**RICH[0], "sample": 10**30}])
    with pytest.raises(InputError, match=r"votes\.jsonl: sample: is too large a number"):
        pe.load_votes(path)


def test_no_votes_at_all_are_named_as_the_problem(labels, tmp_path):
    with pytest.raises(InputError, match="no votes to score"):
        pe.score(labels, [])
    (tmp_path / "votes.jsonl").write_bytes(b"\n \n")
    with pytest.raises(InputError, match="holds no votes"):
        pe.load_votes(tmp_path / "votes.jsonl")
