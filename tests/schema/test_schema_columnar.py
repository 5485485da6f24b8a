"""Reading in blocks finds the same records and the same problems as reading line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hostile_lines import files
from hypothesis import example, given, settings
from pydantic import BaseModel

from panel_eval.schema import ItemContent, SoftLabel, Vote, read_jsonl
from panel_eval.schema.columnar import read_blocks
from panel_eval.schema.json_lines import BLOCK_LINES, LazyRecords, read_lines
from panel_eval.schema.plain_rows import PlainFields
from panel_eval.schema.plain_soft_label import PLAIN_ITEM_CONTENT, PLAIN_SOFT_LABEL
from panel_eval.schema.plain_vote import PLAIN_VOTE
from panel_eval.schema.repeated_keys import repeated_key

NUMBERS = ("0", "1", "0.25", "0.999", "1.0")
TEXTS = ('"x"', '"y"', '""', "null", '"several words"')
VOTE_FIELDS = {
    "schema_version": ("1",),
    "vote_key": TEXTS,
    "item_id": ('"a"', '"b"'),
    "judge": ('"j"', '"k"'),
    "sample": ("0", "1", "7"),
    "label_order": ('["x", "y"]', "[]", "null"),
    "elicit": ('"vote"', '"logprobs"', "null"),
    "outcome": ('"ok"', '"refusal"', '"error"', '"over_budget"'),
    "label": TEXTS,
    "distribution": ('{"x": 0.5, "y": 0.5}', '{"x": 1}', "null", "{}", '{"x": 0.5, "y": 0.5000009}'),
    "captured_mass": (*NUMBERS, "null"),
    "confidence": (*NUMBERS, "null"),
    "rationale": TEXTS,
    "parse_rung": ('"text"', '"repaired"', "null"),
    "usage": (
        '{"input_tokens": 3, "output_tokens": 1}',
        "{}",
        "null",
        '{"cached_tokens": 0}',
        '{"reasoning_tokens": 2, "uncertain_tokens": 9}',
    ),
    "cost_usd": ("0", "0.000125", "12", "null"),
    "cost_uncertain_usd": ("0", "0.5", "null"),
    "attempts": ("0", "1", "2"),
    "latency_s": ("0.1", "3", "null"),
    "model_reported": TEXTS,
    "snapshot": TEXTS,
    "error": ("null", '{"kind": "timeout", "message": "m"}', '{"kind": "k", "message": "m", "status": 500}'),
    "raw": TEXTS,
    "at": TEXTS,
    "batch": TEXTS,
    "reused_from": TEXTS,
    "metadata": ("{}", '{"k": [1, {"l": null}]}', '{"judge_stopped": true}'),
}
VOTE = {"item_id": '"a"', "judge": '"j"', "label": '"x"'}
VOTES = (
    VOTE,
    {"item_id": '"a"', "judge": '"j"', "distribution": '{"x": 0.5, "y": 0.5}'},
    {"item_id": '"a"', "judge": '"j"', "outcome": '"refusal"'},
)


LABEL_FIELDS = {
    "schema_version": ("1",),
    "item_id": ('"a"', '"b"'),
    "task": ('"t"', '"u"'),
    "distribution": ('{"x": 0.75, "y": 0.25}', '{"x": 1}', "null", "{}"),
    "reviewer_count": ("1", "4", "null"),
    "entropy_bits": ("0.811", "0", "2", "null"),
    "confidence": ("null", "[0.5, 1]", '[{"reviewer": "r", "value": 0.5}]', "[]"),
    "disagreement_class": ('"minor"', '"unresolved"', "null"),
    "rationales": ("[]", '[{"reviewer": "r", "label": "x", "evidence": "e"}]'),
    "adjudicated_label": ("null", '"x"'),
    "adjudication_reason": TEXTS,
    "counts": ('{"x": 3, "y": 1}', '{"y": 4}', "null", "{}", '{"x": 0, "y": 0}'),
    "content": ('{"text": "t"}', "{}", "null", '{"text": "\\u2028 \\"quoted\\"", "title": ""}'),
    "cluster": TEXTS,
    "gold_label": TEXTS,
    "split": TEXTS,
    "metadata": ("{}", '{"k": [1, {"l": null}]}'),
}
LABELS = (
    {"item_id": '"a"', "task": '"t"', "counts": '{"x": 3, "y": 1}'},
    {"item_id": '"a"', "task": '"t"', "distribution": '{"x": 0.75, "y": 0.25}', "reviewer_count": "4"},
)
CONTENT_FIELDS = {
    "item_id": ('"a"', '""'),
    "content": ('{"text": "t"}', "{}", '{"text": null}'),
    "metadata": ("{}", '{"k": "v"}'),
}
CONTENTS = ({"item_id": '"a"', "content": '{"text": "t"}'},)
VOTE_FILE, LABEL_FILE, CONTENT_FILE = (
    (Vote, PLAIN_VOTE), (SoftLabel, PLAIN_SOFT_LABEL), (ItemContent, PLAIN_ITEM_CONTENT),
)  # fmt: skip

Found = list[tuple[int, BaseModel]]


def both_ways(
    path: Path, model: type[BaseModel], plain: PlainFields
) -> tuple[tuple[Found, list[str]], tuple[Found, list[str]]]:
    """Records with their line numbers, and problems: line by line, then in blocks."""
    careful = read_jsonl(path, model)
    lines = read_lines(path)
    records, problems = [], []
    for block in read_blocks(lines, model, plain):
        problems.extend(map(str, block.problems))
        for position, (row, record) in enumerate(zip(block.rows, block.records, strict=True)):
            found = block.odd.get(position) or model.model_validate(record, strict=True)
            records.append((int(lines.numbers[row]), found))
    return (careful.records, list(map(str, careful.problems))), (records, problems)


@settings(max_examples=150, deadline=None)
@given(files(VOTE_FIELDS, VOTES))
@example(b'{"item_id": "a", "judge": "j", "label": "x"}{"item_id": "b", "judge": "j", "label": "x"}\n')
@example(b'{"item_id": "a", "judge": "j",\n"label": "x"}\n')
@example(b'{"item_id": "a", "judge": "j", "label": "x", "label": "y"}\n')
@example(b'{"item_id": "a", "judge": "j", "label": "x", "\\u006cabel": "y"}\n')
@example(b'{"item_id": "a", "judge": "j", "label": "x", "metadata": {"k": 1, "k": 2}}\n')
@example(b'{"item_id": "a", "judge": "j", "distribution": {"x": 0.5, "y": 0.5000011}}\n')
@example(b'{"item_id": "a", "judge": "j", "distribution": {"x": 0.5, "y": 0.5000009999}}\n')
@example(b'{"item_id": "a", "judge": "j", "distribution": {}}\n')
def test_blocks_and_lines_agree_on_every_record_and_every_problem(tmp_path_factory, data: bytes):
    path = tmp_path_factory.mktemp("votes") / "votes.jsonl"
    path.write_bytes(data)
    by_line, in_blocks = both_ways(path, *VOTE_FILE)
    assert in_blocks == by_line


@settings(max_examples=150, deadline=None)
@given(files(LABEL_FIELDS, LABELS))
@example(b'{"item_id": "a", "task": "t", "counts": {"x": 3, "y": 1, "x": 3}}\n')
@example(b'{"item_id": "a", "task": "t", "counts": {"x": 3, "y": true}}\n')
def test_so_do_they_on_soft_labels(tmp_path_factory, data: bytes):
    path = tmp_path_factory.mktemp("labels") / "labels.jsonl"
    path.write_bytes(data)
    by_line, in_blocks = both_ways(path, *LABEL_FILE)
    assert in_blocks == by_line


@settings(max_examples=100, deadline=None)
@given(files(CONTENT_FIELDS, CONTENTS))
def test_and_on_contents(tmp_path_factory, data: bytes):
    path = tmp_path_factory.mktemp("contents") / "contents.jsonl"
    path.write_bytes(data)
    by_line, in_blocks = both_ways(path, *CONTENT_FILE)
    assert in_blocks == by_line


@pytest.mark.parametrize(
    ("file", "fields"), [(VOTE_FILE, VOTE_FIELDS), (LABEL_FILE, LABEL_FIELDS), (CONTENT_FILE, CONTENT_FIELDS)]
)
def test_the_sweep_knows_every_field_of_the_model_and_no_other(file, fields):
    model, plain = file
    assert set(plain.checks) == set(model.model_fields) == set(fields)


@pytest.mark.parametrize("key", sorted(VOTE_FIELDS))
def test_ordinary_values_need_no_model(tmp_path, key):
    # without this the sweep could call everything odd, and nobody would notice but by the clock
    members = {**VOTE, key: VOTE_FIELDS[key][0]}
    if key in {"distribution", "error"}:
        members.pop("label")
    path = tmp_path / "votes.jsonl"
    path.write_text("{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}\n")
    (block,) = read_blocks(read_lines(path), Vote, PLAIN_VOTE)
    assert len(block.records) == (0 if key == "error" else 1)
    assert not block.odd


def test_a_bad_line_among_many_is_found_and_the_others_stay_plain(tmp_path):
    path = tmp_path / "votes.jsonl"
    lines = [json.dumps({"item_id": f"i{i}", "judge": "j", "label": "x"}) for i in range(BLOCK_LINES + 50)]
    lines[BLOCK_LINES + 7] = '{"item_id": "bad", "judge": "j"}'
    path.write_text("\n".join(lines) + "\n")
    blocks = list(read_blocks(read_lines(path), Vote, PLAIN_VOTE))
    assert [len(block.records) for block in blocks] == [BLOCK_LINES, 49]
    assert [problem.line for block in blocks for problem in block.problems] == [BLOCK_LINES + 8]
    assert not any(block.odd for block in blocks)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"a": 1, "b": {"a": 2}}', None),
        ('{"a": 1, "a": 1}', "a"),
        ('{"a": 1, "\\u0061": 1}', "a"),
        ('{"m": [{"k": "a"}, {"k": "a", "k": 1}]}', "k"),
        ('{"a": "\\"a\\": 1, \\"a\\""}', None),
        ('{"a\\\\": "b\\\\", "c": "\\\\\\""}', None),
    ],
)
def test_a_key_given_twice_is_named_by_both_readers(tmp_path, text, key):
    assert repeated_key(text) == key
    path = tmp_path / "votes.jsonl"
    path.write_text(f'{{"item_id": "a", "judge": "j", "label": "x", "metadata": {text}}}\n')
    (_, expected), (records, problems) = both_ways(path, *VOTE_FILE)
    assert problems == expected
    assert bool(problems) is (key is not None)
    assert all(f"{key}: stands twice in one object" in problem for problem in problems)
    assert len(records) == (key is None)


def test_records_are_made_when_asked_for_in_any_order(tmp_path):
    path = tmp_path / "votes.jsonl"
    path.write_bytes(b"".join(b'{"item_id": "%d", "judge": "j", "label": "x"}\r\n\n' % i for i in range(5)))
    votes = LazyRecords(read_lines(path), Vote)
    assert [vote.item_id for vote in votes] == list("01234")
    assert (votes[3].item_id, votes[-1].item_id) == ("3", "4")
    assert [vote.item_id for vote in votes[1::2]] == ["1", "3"]
    with pytest.raises(IndexError):
        votes[5]
