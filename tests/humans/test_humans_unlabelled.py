"""Files of items without human labels: what they hold, and every problem by its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel_eval.errors import InputError
from panel_eval.humans import load_unlabelled
from panel_eval.schema import UnlabelledItem
from panel_eval.schema.columnar import read_blocks
from panel_eval.schema.json_lines import read_lines
from panel_eval.schema.plain_soft_label import PLAIN_UNLABELLED_ITEM
from panel_eval.schema.reading import read_jsonl


def write(folder: Path, *lines: object, name: str = "pool.jsonl") -> Path:
    path = folder / name
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def problems(path: Path, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_unlabelled(path, **options)
    return [str(problem).removeprefix(str(path)) for problem in caught.value.problems]


def test_items_are_read_with_their_text_and_their_clusters(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"item_id": "a", "content": {"text": "red"}, "cluster": "x", "split": "pool", "metadata": {"k": [1]}},
        "",
        {"item_id": "b", "task": "mood", "content": {"text": "blue"}},
    )
    items = load_unlabelled(path, task="mood")
    assert items.item_ids == ("a", "b")
    assert items.clusters == ("cluster:x", "item:b")
    assert [record.content for record in items.records] == [{"text": "red"}, {"text": "blue"}]
    assert items.records[0].metadata == {"k": [1]}
    assert load_unlabelled(write(tmp_path, {"item_id": "a"}, name="bare.jsonl")).clusters is None


def test_every_problem_stands_with_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"item_id": "a", "content": {"text": "red"}},
        "{no json",
        {"item_id": "seen", "content": {"text": "blue"}},
        {"item_id": "a", "content": {"text": "red"}},
        {"item_id": "b", "content": {"text": 3}},
        {"item_id": "c", "contents": {"text": "x"}},
        {"item_id": "d", "task": "weather"},
        {"item_id": ""},
        {"content": {"text": "who?"}},
        {"item_id": "e", "counts": {"low": 3}},
        '{"item_id": "f", "item_id": "g"}',
    )
    found = problems(path, labelled=["seen"], task="mood")
    lines = [int(problem.split(":")[1]) for problem in found]
    assert lines == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    said = dict(zip(lines, found, strict=True))
    assert "has human labels: it stands in the label file too (found seen)" in said[3]
    assert "it stands on line 1 already" in said[4]
    assert "did you mean 'content'" in said[6]
    assert "differs from the task of the labels, 'mood' (found weather)" in said[7]
    assert said[10].endswith("Fix: an item with human labels belongs into the label file")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "is empty" in problems(write(tmp_path, "", ""))[0]
    assert "file not found" in problems(tmp_path / "absent.jsonl")[0]


def test_text_may_come_from_the_file_that_labels_take_theirs_from(tmp_path: Path) -> None:
    pool = write(tmp_path, {"item_id": "a"}, {"item_id": "b", "content": {"text": "own"}})
    texts = write(
        tmp_path,
        {"item_id": "labelled", "content": {"text": "other"}},
        {"item_id": "b", "content": {"text": "own"}},
        {"item_id": "a", "content": {"text": "joined"}},
        name="texts.jsonl",
    )
    items = load_unlabelled(pool, content=texts)
    assert [record.content for record in items.records] == [{"text": "joined"}, {"text": "own"}]
    texts.write_text(texts.read_text().replace("own", "another"))
    with pytest.raises(InputError, match=r"texts\.jsonl:2: content: differs from the content in pool\.jsonl"):
        load_unlabelled(pool, content=texts)


VALUES = st.sampled_from(
    [None, "", "a", "b", 1, 1.5, True, [], {}, {"text": "t"}, {"text": None}, {"text": 2}, {"k": {"j": "v"}}]
)
KEYS = st.sampled_from([*UnlabelledItem.model_fields, "counts", "x"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=4), min_size=1, max_size=4))
def test_the_quick_reader_takes_and_refuses_what_the_model_does(tmp_path_factory, records) -> None:
    """The same lines and the same problems as a reader that shows every line to the model."""
    path = write(tmp_path_factory.mktemp("quick"), *records)
    slow = read_jsonl(path, UnlabelledItem)
    lines = read_lines(path)
    blocks = list(read_blocks(lines, UnlabelledItem, PLAIN_UNLABELLED_ITEM))
    taken = [int(lines.numbers[row]) for block in blocks for row in block.rows]
    assert taken == [number for number, _ in slow.records]
    assert [problem for block in blocks for problem in block.problems] == slow.problems
