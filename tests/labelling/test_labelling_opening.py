"""Which log belongs to which study, and from which files a study comes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from made_studies import LABELS, RUBRIC, Client, made_study, write_study

from panel_eval.api.labelling import export_labels_of, labelling_progress, log_path, serve_labelling
from panel_eval.errors import InputError
from panel_eval.labelling import (
    Study,
    StudyItem,
    labelled_study_items,
    read_log,
    study_progress,
    unlabelled_study_items,
)
from panel_eval.labelling.store import LabelStore
from panel_eval.schema.labelling_log import LabellingEvent
from panel_eval.schema.labelling_requests import Save


def store_of(study: Study, folder: Path, **options: bool) -> LabelStore:
    return LabelStore(study, folder / "log.jsonl", folder / "labels.jsonl", **options)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A folder with the log of a study in which item-1 has a label."""
    store = store_of(made_study(3), tmp_path)
    store.save("A", Save(reviewer="A", item_id="item-1", label="mild", seen=0, save_id="save-0001"))
    store.close()
    return tmp_path


def test_items_may_be_added_and_unlabelled_ones_changed_or_dropped(labelled: Path):
    items = made_study(5).items
    study = replace(made_study(), items=(*items[1:4], StudyItem("item-9", {"text": "new"})))
    store_of(study, labelled).close()
    openings = [event for event in read_log(labelled / "log.jsonl") if event.event == "opened"]
    assert [len(event.items or {}) for event in openings] == [3, 4]
    assert len({event.study for event in openings}) == 1
    store_of(study, labelled).close()
    assert len([event for event in read_log(labelled / "log.jsonl") if event.event == "opened"]) == 2


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ((StudyItem("item-0", {"text": "finding 0"}),), r"not in the item file \(found item-1\)"),
        ((StudyItem("item-1", {"text": "another text"}),), r"reads otherwise now \(found item-1\)"),
    ],
)
def test_a_labelled_item_must_stay_as_it_was(labelled: Path, items: tuple[StudyItem, ...], words: str):
    before = (labelled / "log.jsonl").read_bytes()
    with pytest.raises(InputError, match=words):
        store_of(replace(made_study(), items=items), labelled)
    assert (labelled / "log.jsonl").read_bytes() == before


def test_a_log_of_another_task_or_label_set_is_refused(labelled: Path):
    with pytest.raises(InputError, match=r"another task than the rubric's, 'other' \(found severity\)"):
        store_of(replace(made_study(), rubric=RUBRIC.model_copy(update={"task": "other"})), labelled)
    fewer = RUBRIC.model_copy(update={"labels": RUBRIC.labels[:2]})
    with pytest.raises(InputError, match=r"another set than the rubric's \(mild, moderate\)"):
        store_of(replace(made_study(), rubric=fewer), labelled, new_wording=True)


def test_a_new_wording_is_refused_until_it_is_said_to_be_meant_and_then_stays_in_the_log(labelled: Path):
    study = replace(made_study(3), rubric=RUBRIC.model_copy(update={"description": "How grave is it?"}))
    with pytest.raises(InputError, match="--new-wording"):
        store_of(study, labelled)
    store_of(study, labelled, new_wording=True).close()
    rubrics = [event.rubric for event in read_log(labelled / "log.jsonl") if event.event == "opened"]
    assert len(rubrics) == len(set(rubrics)) == 2


def test_a_rubrics_version_and_abstention_are_no_wording(labelled: Path):
    rubric = RUBRIC.model_copy(update={"version": "2", "abstain": "allowed"})
    store_of(replace(made_study(3), rubric=rubric), labelled).close()


@pytest.mark.parametrize("content", [b'{"item_id": "a", "task": "t"}\n', b"hello", b"{}\n", b"\x00\xff\n"])
def test_a_file_that_is_no_log_is_not_touched(tmp_path: Path, content: bytes):
    (tmp_path / "log.jsonl").write_bytes(content)
    with pytest.raises(InputError):
        store_of(made_study(), tmp_path)
    assert (tmp_path / "log.jsonl").read_bytes() == content


def test_votes_of_a_label_file_are_left_behind_and_gold_labels_kept(tmp_path: Path):
    path = tmp_path / "old.jsonl"
    records = [
        {"item_id": "a", "task": "severity", "counts": {"mild": 2}, "content": {"text": "x"}, "gold_label": "mild"},
        {
            "item_id": "b",
            "task": "severity",
            "content": {"text": "y"},
            "cluster": "c",
            "split": "s",
            "metadata": {"k": 1},
        },
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert labelled_study_items(path, RUBRIC) == (
        StudyItem("a", {"text": "x"}, gold_label="mild"),
        StudyItem("b", {"text": "y"}, "c", "s", None, {"k": 1}),
    )


def test_every_problem_of_a_label_file_is_listed(tmp_path: Path):
    path = tmp_path / "old.jsonl"
    records = [
        {"item_id": "a", "task": "other", "content": {"text": "x"}},
        {"item_id": "b", "task": "severity", "content": {"text": " "}},
        {"item_id": "b", "task": "severity", "content": {"text": "y"}, "gold_label": "midl"},
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    with pytest.raises(InputError) as caught:
        labelled_study_items(path, RUBRIC)
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [
        (1, "task"), (2, "item_id"), (3, "item_id"), (3, "gold_label"),
    ]  # fmt: skip
    assert "did you mean 'mild'?" in str(caught.value)


def test_text_may_stand_in_a_second_file(tmp_path: Path):
    for name, record, load in (
        ("new.jsonl", {"item_id": "a", "split": "s"}, unlabelled_study_items),
        ("old.jsonl", {"item_id": "a", "split": "s", "task": "severity"}, labelled_study_items),
    ):
        (tmp_path / name).write_text(json.dumps(record) + "\n")
        (tmp_path / "texts.jsonl").write_text('{"item_id": "a", "content": {"text": "x"}}\n')
        assert load(tmp_path / name, RUBRIC, tmp_path / "texts.jsonl") == (
            StudyItem("a", {"text": "x"}, split="s"),
        )
        with pytest.raises(InputError, match="there is no text to show"):
            load(tmp_path / name, RUBRIC)


def test_nothing_is_written_over_what_did_not_come_from_the_log(tmp_path: Path):
    items, rubric = write_study(tmp_path)
    delivered = tmp_path / "labels.jsonl"
    delivered.write_text('{"item_id": "a"}\n')
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for out, state, words in (
        (delivered, None, "did not come from this log"),
        (items, None, "holds the items"),
        (rubric, None, "holds the rubric"),
        (tmp_path / "new.jsonl", items, "holds the items; it is no log"),
        (tmp_path / "one.jsonl", tmp_path / "one.jsonl", "holds the log"),
    ):
        with pytest.raises(InputError, match=words):
            serve_labelling(items, rubric, out, state=state)
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_that_holds_more_than_the_log_is_not_written_over(labelled: Path):
    """Such as a delivery, or labels that somebody adjudicated by hand since, although there is a log."""
    items, rubric = write_study(labelled, 3)
    log, out = labelled / "log.jsonl", labelled / "labels.jsonl"
    ours = json.loads(out.read_text())
    for change in (
        {"rationales": [], "reviewer_count": 1},
        {"rationales": [ours["rationales"][0] | {"reviewer": "B"}]},
        {"rationales": [ours["rationales"][0] | {"label": "severe"}], "counts": {"severe": 1}}
        | {"distribution": {"mild": 0, "moderate": 0, "severe": 1}},
        {"adjudicated_label": "severe"},
        {"no such field": 1},
    ):
        out.write_text(json.dumps(ours | change) + "\n")
        with pytest.raises(InputError, match=r"holds more than the labels in log\.jsonl"):
            export_labels_of(log, items, rubric, out)
        with pytest.raises(InputError, match=r"holds more than the labels in log\.jsonl"):
            serve_labelling(items, rubric, out, state=log)
        assert json.loads(out.read_text()) == ours | change


def test_a_reviewer_listed_in_another_case_is_the_same_person_at_the_same_link(tmp_path: Path):
    items, rubric = write_study(tmp_path, 2)
    with serve_labelling(items, rubric, tmp_path / "labels.jsonl", reviewers=["Anna", "Bo"]) as server:
        first = server.links["Anna"]
        Client(first).save("Anna", "item-0", "mild")
    with serve_labelling(items, rubric, tmp_path / "labels.jsonl", reviewers=["anna", "Bo"]) as server:
        assert server.links["Anna"] == first
        Client(first).save("anna", "item-0", "severe", seen=1)
        assert [(one.reviewer, one.labelled) for one in server.progress().reviewers] == [("Anna", 1), ("Bo", 0)]
    (record,) = map(json.loads, (tmp_path / "labels.jsonl").read_bytes().splitlines())
    assert record["counts"] == {"mild": 0, "moderate": 0, "severe": 1}
    progress = labelling_progress(tmp_path / "labels.log.jsonl", ["ANNA", "bo"])
    assert [one.reviewer for one in progress.reviewers] == ["Anna", "bo"]


@pytest.mark.parametrize("more", [{}, {"split": "s"}, {"metadata": {}}])
def test_items_without_text_of_their_own_are_no_label_file(tmp_path: Path, more: dict[str, object]):
    _, rubric = write_study(tmp_path)
    (tmp_path / "new.jsonl").write_text(json.dumps({"item_id": "a"} | more) + "\n")
    (tmp_path / "texts.jsonl").write_text('{"item_id": "a", "content": {"text": "x"}}\n')
    served = serve_labelling(tmp_path / "new.jsonl", rubric, tmp_path / "o", content=tmp_path / "texts.jsonl")
    with served as server:
        assert server.study.items[0].content == {"text": "x"}


def test_an_answer_to_an_earlier_text_or_wording_is_not_taken(labelled: Path):
    """A page stays open while the item or the rubric is changed, and then answers what it still shows."""
    before = made_study(3)
    reworded = replace(before, rubric=RUBRIC.model_copy(update={"description": "How grave is it?"}))
    edited = replace(before, items=(StudyItem("item-0", {"text": "another text"}), *before.items[1:]))
    answer = Save(
        reviewer="B", item_id="item-0", label="mild", edition=before.editions["item-0"], seen=0, save_id="save-0002"
    )
    for number, study in enumerate((edited, reworded)):
        store = store_of(study, labelled, new_wording=True)
        sent = answer.model_copy(update={"save_id": f"save-1{number:03d}"})
        with pytest.raises(InputError, match="look at it again"):
            store.save("B", sent)
        taken = sent.model_copy(update={"edition": study.editions["item-0"]})
        assert store.save("B", taken).answer is store.save("B", sent).answer  # what is stored may be sent again
        store.save("B", answer.model_copy(update={"label": None, "save_id": f"save-2{number:03d}"}))
        store.close()


def test_a_label_file_is_made_again_from_its_log(labelled: Path):
    out = labelled / "labels.jsonl"
    written = out.read_bytes()
    out.unlink()
    items, rubric = write_study(labelled, 3)
    assert export_labels_of(labelled / "log.jsonl", items, rubric, out) == 1
    assert out.read_bytes() == written


def test_the_log_stands_beside_the_label_file():
    assert log_path(Path("a/labels.jsonl")) == Path("a/labels.log.jsonl")
    assert log_path(Path("labels")) == Path("labels.log.jsonl")


def test_progress_of_a_small_log(tmp_path: Path):
    """A gives three labels in 4, 1 and 30 s and withdraws the last; B gives one, twice. 5 items."""

    def act(event: str, reviewer: str, item: int, label: str | None, **more: object) -> LabellingEvent:
        base = {"event": event, "at": f"2026-11-22T10:0{item}:00Z", "reviewer": reviewer, "item_id": f"item-{item}"}
        return LabellingEvent.model_validate(base | {"label": label, "save_id": "save"} | more)

    opened = LabellingEvent(
        event="opened", at="t", study="s", task="severity", rubric="r", labels=list(LABELS),
        items={f"item-{row}": "d" for row in range(5)},
    )  # fmt: skip
    events = [
        opened,
        act("given", "A", 0, "mild", seconds=4.0, confidence=0.5, evidence="x"),
        act("given", "A", 1, "mild", seconds=1.0),
        act("given", "A", 2, "mild", seconds=30.0),
        act("withdrawn", "A", 2, None),
        act("given", "B", 0, "mild"),
        act("changed", "B", 0, "severe"),
    ]
    progress = study_progress(events, ["C"])
    a, b, c = progress.reviewers
    assert (a.labelled, a.left, a.with_confidence, a.with_evidence, a.changed, a.quick) == (2, 3, 1, 1, 1, 1)
    assert (a.median_s, a.left_s, a.last_at) == (
        2.5,
        7.5,
        "2026-11-22T10:02:00Z",
    )  # median of 4 and 1; three are left
    assert (b.labelled, b.changed, b.median_s, b.left_s) == (1, 1, None, None)
    assert (c.reviewer, c.labelled, c.last_at) == ("C", 0, None)
    assert progress.by_labels == {0: 3, 1: 1, 2: 1}  # item-0 has two, item-1 one


def test_progress_of_no_log_is_an_error(tmp_path: Path):
    with pytest.raises(InputError, match="file not found"):
        labelling_progress(tmp_path / "labels.log.jsonl")
