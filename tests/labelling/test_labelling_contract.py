"""The label file that follows from a log: against a hand-computed item, and for any history."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_studies import LABELS, RUBRIC, made_study

from panel_eval.errors import IncompleteError
from panel_eval.humans import load_soft_labels, validate_labels
from panel_eval.labelling import Answers, LabelFile, Study, StudyItem, read_log
from panel_eval.labelling.log import LabellingLog
from panel_eval.labelling.store import LabelStore
from panel_eval.schema.labelling_log import LabellingEvent
from panel_eval.schema.labelling_requests import Save

AT = "2026-11-22T10:00:00.000Z"


def given_by(reviewer: str, label: str, item: str = "mri-2031", **more: object) -> LabellingEvent:
    return LabellingEvent.model_validate(
        {
            "event": "given",
            "at": AT,
            "reviewer": reviewer,
            "item_id": item,
            "label": label,
            "save_id": f"s-{reviewer}",
        }
        | more
    )


def file_of(study: Study, events: list[LabellingEvent], folder: Path) -> Path:
    path = folder / "labels.jsonl"
    LabelFile(path, study, Answers(events)).catch_up(now=True)
    return path


def test_four_experts_who_split_two_one_one(tmp_path: Path):
    """The primer's item: shares 1/4, 1/2, 1/4, so the entropy is 1/4·2 + 1/2·1 + 1/4·2 = 1.5 bits. m1 = 2 of 4 is
    under two thirds: major; no pair of adjacent labels holds all votes, so the ordinal rule leaves it so."""
    item = StudyItem("mri-2031", {"text": "t"}, "patient-7", "test", "moderate", {"site": 3})
    events = [
        given_by("D", "mild"),
        given_by("A", "moderate", confidence=0.9, evidence="18 mm", criterion="size", seconds=12.5),
        given_by("B", "moderate", confidence=0.0),
        given_by("C", "severe"),
    ]
    path = file_of(Study(RUBRIC, (item,)), events, tmp_path)
    (record,) = map(json.loads, path.read_bytes().splitlines())
    rest = {"evidence": None, "confidence": None, "criterion": None, "seconds": None, "at": AT}
    assert record == {
        "schema_version": 1,
        "item_id": "mri-2031",
        "task": "severity",
        "distribution": {"mild": 0.25, "moderate": 0.5, "severe": 0.25},
        "reviewer_count": 4,
        "entropy_bits": 1.5,
        "confidence": [{"reviewer": "A", "value": 0.9}, {"reviewer": "B", "value": 0.0}],
        "disagreement_class": "major",
        "rationales": [
            rest
            | {"reviewer": "A", "label": "moderate", "evidence": "18 mm", "confidence": 0.9, "criterion": "size"}
            | {"seconds": 12.5},
            rest | {"reviewer": "B", "label": "moderate", "confidence": 0.0},
            rest | {"reviewer": "C", "label": "severe"},
            rest | {"reviewer": "D", "label": "mild"},
        ],
        "adjudicated_label": None,
        "adjudication_reason": None,
        "counts": {"mild": 1, "moderate": 2, "severe": 1},
        "content": {"text": "t"},
        "cluster": "patient-7",
        "gold_label": "moderate",
        "split": "test",
        "metadata": {"site": 3},
    }
    assert validate_labels(path, RUBRIC, strict=True) == []


@pytest.mark.parametrize(("votes", "named"), [(2, None), (3, "agreement")])
def test_a_class_is_named_from_three_reviewers_on(votes: int, named: str | None, tmp_path: Path):
    study = Study(RUBRIC, (StudyItem("mri-2031", {"text": "t"}),))
    path = file_of(study, [given_by(name, "mild") for name in "ABC"[:votes]], tmp_path)
    assert json.loads(path.read_text())["disagreement_class"] == named


ACTS = st.tuples(
    st.sampled_from(["Anna", "B", "李 雷"]),
    st.integers(0, 3),
    st.one_of(st.none(), st.sampled_from(LABELS)),
    st.one_of(st.none(), st.floats(0, 1)),
    st.text(max_size=20),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(ACTS, max_size=25), st.data())
def test_any_history_torn_at_any_byte_gives_a_valid_file_of_the_last_answers(
    tmp_path_factory: pytest.TempPathFactory,
    acts: list[tuple[str, int, str | None, float | None, str]],
    data: st.DataObject,
):
    folder = tmp_path_factory.mktemp("history")
    state, out, study = folder / "log.jsonl", folder / "labels.jsonl", made_study(4)
    store = LabelStore(study, state, out)
    ends = [state.stat().st_size]  # of the opening, then of each act
    for number, (reviewer, row, label, confidence, evidence) in enumerate(acts):
        sent = Save(
            reviewer=reviewer, item_id=f"item-{row}", label=label, confidence=confidence, evidence=evidence,
            seen=0, save_id=f"save-{number:04d}",
        )  # fmt: skip
        store.save(reviewer, sent)
        ends.append(state.stat().st_size)
    store.close()
    cut = data.draw(st.integers(0, ends[-1]))
    with state.open("r+b") as file:
        file.truncate(cut)
    LabelStore(study, state, out).close()

    # A line counts from its last brace on: only the newline may be missing.
    kept = [act for act, end in zip(acts, ends[1:], strict=True) if end - 1 <= cut]
    last: dict[tuple[int, str], str] = {}
    for reviewer, row, label, _, _ in kept:
        last.pop((row, reviewer), None)
        if label is not None:
            last[row, reviewer] = label
    found = {
        (int(record["item_id"].removeprefix("item-")), rationale["reviewer"]): rationale["label"]
        for record in map(json.loads, out.read_bytes().splitlines())
        for rationale in record["rationales"]
    }
    assert found == last
    assert not last or validate_labels(out, RUBRIC) == []


@settings(max_examples=40, deadline=None)
@given(st.permutations([(reviewer, row) for reviewer in "ABC" for row in range(3)]))
def test_the_order_in_which_labels_came_leaves_no_trace(
    tmp_path_factory: pytest.TempPathFactory, order: list[tuple[str, int]]
):
    study = made_study(3)
    events = [
        given_by(reviewer, LABELS[(row + ord(reviewer)) % 3], f"item-{row}", save_id=f"{reviewer}-{row}")
        for reviewer, row in order
    ]
    first = file_of(
        study, sorted(events, key=lambda event: (event.reviewer, event.item_id)), tmp_path_factory.mktemp("a")
    )
    assert file_of(study, events, tmp_path_factory.mktemp("b")).read_bytes() == first.read_bytes()


def test_a_full_study_passes_strict_and_loads(tmp_path: Path):
    study = made_study(5)
    store = LabelStore(study, tmp_path / "l", tmp_path / "labels.jsonl")
    for place, reviewer in enumerate("ABC"):
        for row in range(5):
            label = LABELS[(row * place) % 3]
            store.save(
                reviewer,
                Save(
                    reviewer=reviewer,
                    item_id=f"item-{row}",
                    label=label,
                    seen=0,
                    save_id=f"save-{reviewer}{row}{place}",
                ),
            )
    store.close()
    humans = load_soft_labels(tmp_path / "labels.jsonl", RUBRIC, strict=True)
    # Row r: A votes mild, B label r mod 3, C label 2r mod 3.
    assert humans.counts.tolist() == [[3, 0, 0], [1, 1, 1], [1, 1, 1], [3, 0, 0], [1, 1, 1]]
    assert humans.derived_class == humans.reported_class


def test_a_torn_line_is_kept_aside_and_the_log_goes_on(tmp_path: Path):
    state, study = tmp_path / "log.jsonl", made_study(2)
    store = LabelStore(study, state, tmp_path / "o")
    store.save("A", Save(reviewer="A", item_id="item-0", label="mild", seen=0, save_id="save-0001"))
    store.close()
    with state.open("ab") as file:
        file.write(b'{"schema_version":1,"event":"given","at":"2026')
    assert [event.label for event in read_log(state)[1:]] == ["mild"]  # reading needs no mending
    store = LabelStore(study, state, tmp_path / "o")
    store.save("A", Save(reviewer="A", item_id="item-1", label="severe", seen=0, save_id="save-0002"))
    store.close()
    assert [event.label for event in read_log(state)[1:]] == ["mild", "severe"]
    assert state.with_name("log.jsonl.torn").read_bytes() == b'{"schema_version":1,"event":"given","at":"2026\n'


def test_what_could_not_be_cut_away_is_never_followed_by_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The disk fills up in the middle of a line, and the fragment cannot be cut away at once."""
    state = tmp_path / "log.jsonl"
    store = LabelStore(made_study(2), state, tmp_path / "o", tell=(told := []).append)
    write = os.write

    def write_half(descriptor: int, data: bytes) -> int:
        if len(data) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[:-50])

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    answers = [
        Save(
            reviewer="A", item_id=f"item-{row}", label="mild", evidence="e" * 99, seen=0, save_id=f"save-{row:04d}"
        )
        for row in (0, 1)
    ]
    with monkeypatch.context() as disk:
        disk.setattr(os, "write", write_half)
        disk.setattr(os, "ftruncate", refuse)
        for _ in range(3):
            with pytest.raises(IncompleteError):
                store.save("A", answers[0])
    assert [words.partition(" in ")[0] for words in told] == ["labels can no longer be stored"] * len(told)
    assert len(set(told)) == len(told)  # whoever leads hears of it, and once
    for answer in answers:
        store.save("A", answer)
    assert told[-1] == "labels are stored again"
    store.close()
    assert [event.item_id for event in read_log(state)[1:]] == ["item-0", "item-1"]


def test_a_label_file_that_is_behind_is_told_of_at_the_end_as_well(tmp_path: Path):
    out = tmp_path / "out" / "labels.jsonl"
    out.parent.mkdir()
    store = LabelStore(made_study(2), tmp_path / "log.jsonl", out, tell=(told := []).append)
    out.unlink()
    out.parent.rmdir()
    for item in ("item-0", "item-1"):
        store.save("A", Save(reviewer="A", item_id=item, label="mild", seen=0, save_id=f"save-{item}"))
    assert len(told) == 1  # not for each answer
    store.close()
    assert len(told) == 2
    assert "labels.jsonl cannot be written" in told[0] == told[1]
    assert "every label is kept in" in told[1]


@pytest.mark.parametrize("happens", ["deleted", "moved", "replaced"])
def test_nothing_is_called_saved_in_a_log_that_is_gone(tmp_path: Path, happens: str):
    state = tmp_path / "log.jsonl"
    store = LabelStore(made_study(2), state, tmp_path / "o")
    if happens == "deleted":
        state.unlink()
    else:
        state.rename(tmp_path / "elsewhere")
    if happens == "replaced":
        state.write_bytes((tmp_path / "elsewhere").read_bytes())
    answer = Save(reviewer="A", item_id="item-0", label="mild", seen=0, save_id="save-0001")
    with pytest.raises(IncompleteError, match="was moved, deleted or replaced"):
        store.save("A", answer)
    assert list(store.changes("A")) == []
    if happens == "moved":
        (tmp_path / "elsewhere").rename(state)
        store.save("A", answer)
        assert read_log(state)[-1].label == "mild"
    store.close()


def test_a_line_that_no_crash_explains_is_an_error_with_its_number(tmp_path: Path):
    state = tmp_path / "log.jsonl"
    LabelStore(made_study(2), state, tmp_path / "o").close()
    with state.open("ab") as file:
        file.write(
            b"{torn}\n" + given_by("A", "mild", "item-0").model_dump_json(exclude_none=True).encode() + b"\n"
        )
    with pytest.raises(Exception, match=r"log\.jsonl:2: is not valid JSON"):
        LabellingLog(state)
