"""A delivery with mistakes: what can be read is, everything wrong is listed, and strict loading stays strict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from panel_eval.errors import InputError
from panel_eval.evaluation.label_quality import label_quality
from panel_eval.humans import load_soft_labels, salvage_soft_labels
from panel_eval.humans.mentions import rows_naming
from panel_eval.schema import Rubric, SoftLabel

Writer = Callable[..., Path]


def item(item_id: str, **more: Any) -> dict[str, Any]:
    return {"item_id": item_id, "task": "t", "counts": {"a": 2, "b": 1}, **more}


def test_what_leaves_the_votes_alone_keeps_the_item_and_what_does_not_loses_it(write: Writer) -> None:
    path = write(
        item("good"),
        item("entropy", entropy_bits=0.1),
        item("gold", gold_label="z"),
        item("reason", adjudicated_label="a"),
        item("count", reviewer_count=7),
        item("label", counts={"a": 2, "zz": 1}),
        item("good", counts={"a": 1, "b": 2}),
        item("task", task="other"),
        {"item_id": "neither", "task": "t"},
        item("unknown", colour="red"),
    )
    found = salvage_soft_labels(path)
    assert found.humans is not None
    assert found.humans.item_ids == ("good", "entropy", "gold", "reason")
    assert found.left_out == 6
    assert sorted({problem.line for problem in found.problems if problem.line}) == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert found.item_ids[5] == "count"
    assert found.item_ids[10] == "unknown"
    with pytest.raises(InputError):
        load_soft_labels(path)


def test_lines_that_are_no_json_are_counted(write: Writer, tmp_path: Path) -> None:
    path = write(*(item(f"i{row}") for row in range(40)))
    path.write_text(path.read_text() + '{"item_id": "cut\n' + "[]\n")
    found = salvage_soft_labels(path)
    quality = label_quality(found, resamples=20)
    assert (quality.size.items, quality.violations.lines, quality.violations.items_left_out) == (40, 2, 2)
    assert quality.violations.by_kind == {"line": 2}
    assert quality.violations.problems[0].line == 41
    assert "violations" in {ground.code for ground in quality.verdict.grounds}


def test_a_tenth_of_the_lines_lost_is_too_much(write: Writer) -> None:
    bad = [item(f"b{row}", reviewer_count=9) for row in range(6)]
    quality = label_quality(salvage_soft_labels(write(*(item(f"i{row}") for row in range(40)), *bad)), resamples=20)
    assert quality.verdict.level == "not_usable"
    assert quality.verdict.grounds[0].text.startswith("6 of 46 lines")
    assert quality.violations.by_kind == {"reviewer_count": 6}
    assert quality.violations.problems[0].item == "b0"


def test_where_nothing_can_be_read_the_document_says_so(write: Writer, tumor: Rubric) -> None:
    found = salvage_soft_labels(write({"a": 1}, 5), tumor)
    quality = label_quality(found)
    assert (found.humans, quality.size.items, quality.violations.lines) == (None, 0, 2)
    assert (quality.task, quality.labels) == (tumor.task, list(tumor.label_names))
    assert quality.verdict.level == "not_usable"
    assert quality.agreement.coefficients["alpha_nominal"].estimate is None


def test_a_good_file_is_salvaged_as_it_is_loaded(mri_path: Path, tumor: Rubric) -> None:
    found, loaded = salvage_soft_labels(mri_path, tumor), load_soft_labels(mri_path, tumor)
    assert (found.problems, found.left_out) == ((), 0)
    assert found.humans is not None
    assert (found.humans.counts == loaded.counts).all()
    quality = label_quality(found, resamples=20)
    assert quality.violations.checked
    assert not quality.violations.total
    assert quality.model_copy(update={"violations": None, "verdict": None}) == label_quality(
        loaded, resamples=20
    ).model_copy(update={"violations": None, "verdict": None})


def test_strict_lists_what_is_missing_and_loses_nothing(write: Writer) -> None:
    found = salvage_soft_labels(write(item("one"), item("two")), strict=True)
    assert found.humans is not None
    assert len(found.humans) == 2
    assert found.left_out == 0
    assert {problem.key for problem in found.problems} >= {"distribution", "confidence", "rationales"}


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="file not found"):
        salvage_soft_labels(tmp_path / "none.jsonl")


def test_records_are_searched_for_a_key_with_a_value(write: Writer) -> None:
    path = write(
        item("one", gold_label="a"),
        item("two", gold_label=None),
        item("three"),
        item("four", metadata={"note": '"gold_label": "a"'}),
        item("five", gold_label="b", rationales=[]),
    )
    humans = load_soft_labels(path)
    # a text that quotes the key is escaped in JSON; it is not mistaken for it
    assert rows_naming(humans.records, "gold_label").tolist() == [0, 4]
    assert rows_naming(humans.select([4, 2, 0]).records, "gold_label").tolist() == [0, 2]
    assert rows_naming(humans.records, "rationales").tolist() == []
    assert rows_naming(humans.records, "confidence").tolist() == []
    in_memory = tuple(
        SoftLabel.model_validate(item(str(row), gold_label=gold)) for row, gold in enumerate(("a", None))
    )
    assert rows_naming(in_memory, "gold_label").tolist() == [0]
