"""From soft-label files to arrays."""

import json
import random
import time

import numpy as np
import pytest

from panel_eval.errors import InputError
from panel_eval.humans import load_rubric, load_soft_labels, missing_content
from panel_eval.schema import Rubric

NLI = ("entailment", "neutral", "contradiction")


def item(item_id: str, **fields: object) -> dict[str, object]:
    return {"item_id": item_id, "task": "t", **fields}


def test_the_primer_item_becomes_one_row_of_votes(mri_path, tumor):
    humans = load_soft_labels(mri_path, tumor)
    assert (len(humans), humans.task, humans.scale) == (1, "tumor_severity_grade", "ordinal")
    assert humans.labels == ("mild", "moderate", "severe")
    assert humans.counts.tolist() == [[1, 2, 1]]  # .25, .5, .25 of 4 reviewers
    assert humans.distribution.tolist() == [[0.25, 0.5, 0.25]]
    assert humans.reviewer_count.tolist() == [4]
    assert humans.counts_known.tolist() == [True]
    assert humans.derived_class == humans.reported_class == ("major",)
    assert humans.label_values.tolist() == [0, 1, 2]
    assert humans.index == {"mri-2031": 0}
    assert humans.records[0].rationales[2].evidence == "edema visible in T2-FLAIR"
    assert humans.clusters is None


def test_columns_follow_the_rubric_whatever_the_order_in_the_file(write, tumor):
    path = write({"item_id": "a", "task": tumor.task, "counts": {"severe": 3, "mild": 1}})
    humans = load_soft_labels(path, tumor)
    assert humans.counts.tolist() == [[1, 0, 3]]
    assert humans.distribution.tolist() == [[0.25, 0, 0.75]]


def test_without_a_rubric_the_first_item_gives_labels_and_order(write):
    path = write(item("a", counts={"hi": 1, "lo": 2, "mid": 0}), item("b", counts={"mid": 4}))
    humans = load_soft_labels(path)
    assert (humans.labels, humans.scale) == (("hi", "lo", "mid"), "nominal")
    assert humans.counts.tolist() == [[1, 2, 0], [0, 0, 4]]


def test_the_first_distribution_goes_before_the_first_counts(write):
    record = item("a", counts={"y": 1, "x": 3}, distribution={"x": 0.75, "y": 0.25})
    assert load_soft_labels(write(record)).labels == ("x", "y")


def test_a_label_the_first_item_lacks_says_where_the_label_set_comes_from(write):
    path = write(item("a", counts={"x": 2, "y": 1}), item("b", counts={"x": 1, "z": 2}))
    with pytest.raises(InputError, match=r":2: counts\.z: is not a label of line 1, which sets the labels"):
        load_soft_labels(path)


def test_a_single_label_is_no_label_set(write):
    with pytest.raises(InputError, match="at least two"):
        load_soft_labels(write(item("a", counts={"x": 3})))


def test_the_scale_can_be_given_without_a_rubric_and_must_not_contradict_one(write, mri_path, tumor):
    path = write(item("a", counts={"1": 3, "2": 0, "3": 1}))
    assert load_soft_labels(path).derived_class == ("minor",)
    assert load_soft_labels(path, scale="ordinal").derived_class == ("major",)  # d = .75
    assert load_soft_labels(mri_path, tumor, scale="ordinal").scale == "ordinal"
    with pytest.raises(InputError, match="scale nominal was asked for, but the rubric says ordinal"):
        load_soft_labels(mri_path, tumor, scale="nominal")


def test_severities_come_from_the_rubric(write):
    rubric = load_rubric("content_policy_severity")
    path = write({"item_id": "a", "task": rubric.task, "counts": {"low": 3}})
    assert load_soft_labels(path, rubric).label_values.tolist() == [0, 1, 2, 4, 8]


@pytest.mark.parametrize(
    ("masses", "n", "votes"),
    [
        ((0.333, 0.333, 0.334), 3, (1, 1, 1)),
        ((0.667, 0.333, 0), 3, (2, 1, 0)),
        ((0.3, 0.7, 0), 100, (30, 70, 0)),
        ((0.1429, 0.2857, 0.5714), 7, (1, 2, 4)),
        ((1.0, 0, 0), 1, (1, 0, 0)),
    ],
)
def test_votes_are_reconstructed_from_rounded_masses(write, masses, n, votes):
    path = write(item("a", distribution=dict(zip(NLI, masses, strict=True)), reviewer_count=n))
    humans = load_soft_labels(path)
    assert humans.counts_known.all()
    assert humans.counts.tolist() == [list(votes)]
    assert humans.distribution[0] == pytest.approx(np.array(votes) / n, abs=1e-15)


def test_masses_that_are_no_whole_votes_give_effective_counts_only(write):
    path = write(
        item("weighted", distribution={"x": 0.45, "y": 0.55}, reviewer_count=5),
        item("whole", distribution={"x": 0.4, "y": 0.6}, reviewer_count=5),
    )
    humans = load_soft_labels(path)
    assert humans.counts_known.tolist() == [False, True]
    assert humans.counts[0] == pytest.approx([2.25, 2.75])
    assert humans.distribution[0] == pytest.approx([0.45, 0.55])
    assert humans.reviewer_count.tolist() == [5, 5]


def test_whole_masses_that_do_not_add_up_to_the_reviewers_are_effective_only(write):
    # 60 labels of mass 1/60 and 1 reviewer: each mass is within .02 of no vote, yet there is one vote
    labels = {f"l{i}": 1 / 60 for i in range(60)}
    humans = load_soft_labels(write(item("a", distribution=labels, reviewer_count=1)))
    assert humans.counts_known.tolist() == [False]
    assert humans.counts.sum() == pytest.approx(1.0)


def test_rows_always_sum_to_one_though_the_file_may_be_off_by_a_millionth(write):
    path = write(item("a", distribution={"x": 0.4510009, "y": 0.549}, reviewer_count=7))
    humans = load_soft_labels(path)
    assert not humans.counts_known[0]
    assert humans.distribution.sum(axis=1)[0] == pytest.approx(1.0, abs=1e-15)


def test_reported_and_derived_class_stand_side_by_side(write):
    path = write(
        item("a", counts={"x": 2, "y": 1, "z": 1}, disagreement_class="minor"),
        item("b", counts={"x": 2, "y": 0, "z": 0}),
        item("c", counts={"x": 2, "y": 2, "z": 0}),
    )
    humans = load_soft_labels(path, scale="ordinal")
    assert humans.reported_class == ("minor", None, None)
    assert humans.derived_class == ("major", "insufficient", "unresolved")
    assert humans.adjacent_tie.tolist() == [False, False, True]


def test_an_item_without_a_cluster_is_a_cluster_of_its_own(write):
    counts = {"x": 2, "y": 1}
    path = write(
        item("a", counts=counts, cluster="b"), item("b", counts=counts), item("c", counts=counts, cluster="b")
    )
    clusters = load_soft_labels(path).clusters
    assert clusters is not None
    assert clusters[0] == clusters[2] != clusters[1]


def test_the_order_of_lines_only_permutes_the_rows(write):
    rng = random.Random(5)
    records = [item(f"i{i}", counts={k: rng.randrange(4) + (k == "x") for k in "xyz"}) for i in range(40)]
    straight = load_soft_labels(write(*records, name="a.jsonl"), scale="ordinal")
    rng.shuffle(records)
    mixed = load_soft_labels(write(*records, name="b.jsonl"), scale="ordinal")
    rows = [mixed.index[item_id] for item_id in straight.item_ids]
    assert (mixed.counts[rows] == straight.counts).all()
    assert tuple(mixed.derived_class[row] for row in rows) == straight.derived_class


def test_rows_can_be_selected_by_number_and_by_mask(write):
    counts = [{"x": 3, "y": 0}, {"x": 2, "y": 1}, {"x": 2, "y": 2}]
    humans = load_soft_labels(write(*(item(f"i{i}", counts=c, cluster=str(i)) for i, c in enumerate(counts))))
    turned = humans.select([2, 0])
    assert turned.item_ids == ("i2", "i0")
    assert turned.counts.tolist() == [[2, 2], [3, 0]]
    assert turned.derived_class == ("unresolved", "agreement")
    assert turned.index == {"i2": 0, "i0": 1}
    assert [record.item_id for record in turned.records] == ["i2", "i0"]
    assert turned.clusters is not None
    assert len(turned.clusters) == 2
    assert humans.select(np.array([False, True, False])).item_ids == ("i1",)
    assert len(humans.select([])) == 0
    with pytest.raises(ValueError, match="mask needs 3 entries"):
        humans.select(np.array([True]))
    with pytest.raises(IndexError):
        humans.select([3])


def test_labels_cannot_be_changed_by_accident(mri_path):
    humans = load_soft_labels(mri_path)
    for array in (humans.counts, humans.distribution, humans.reviewer_count, humans.select([0]).counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.fixture
def two_items(write):
    return write(item("a", counts={"x": 2, "y": 1}), item("b", counts={"x": 3, "y": 0}, content={"text": "own"}))


@pytest.fixture
def showing_text() -> Rubric:
    labels = [{"name": name, "definition": name} for name in "xy"]
    return Rubric.model_validate({"task": "t", "description": "d", "labels": labels, "fields": ["text"]})


def test_content_may_come_from_a_second_file_that_holds_more_items(two_items, write, showing_text):
    content = write(
        {"item_id": "a", "content": {"text": "joined"}}, {"item_id": "z", "content": {}}, name="c.jsonl"
    )
    assert missing_content(load_soft_labels(two_items), showing_text) == ["a"]
    humans = load_soft_labels(two_items, content=content)
    assert [record.content for record in humans.records] == [{"text": "joined"}, {"text": "own"}]
    assert missing_content(humans, showing_text) == []


def test_bad_content_files_are_located_together_with_the_label_file(write):
    labels = write(item("a", counts={"x": 2, "y": 1}, content={"text": "one"}), item("a", counts={"x": 2, "y": 1}))
    content = write(
        {"item_id": "a", "content": {"text": "two"}},
        {"item_id": "a", "content": {"text": "two"}},
        {"item_id": "b", "contents": {}},
        name="c.jsonl",
    )
    with pytest.raises(InputError) as caught:
        load_soft_labels(labels, content=content)
    found = {(problem.path, problem.line, problem.key) for problem in caught.value.problems}
    assert found == {
        (labels, 2, "item_id"),
        (content, 3, "content"),
        (content, 3, "contents"),
        (content, 2, "item_id"),
        (content, 1, "content"),
    }


@pytest.mark.parametrize(
    ("content", "missing"),
    [({"text": "t"}, False), ({"other": "t"}, True), ({}, True), ({"text": " \n"}, True), (None, True)],
)
def test_content_is_missing_if_a_shown_field_is_absent_or_all_are_blank(write, showing_text, content, missing):
    humans = load_soft_labels(write(item("a", counts={"x": 2, "y": 1}, content=content)), showing_text)
    assert missing_content(humans, showing_text) == (["a"] if missing else [])


def test_a_rubric_without_fields_shows_whatever_text_there_is(write, showing_text):
    any_field = showing_text.model_copy(update={"fields": []})
    path = write(
        item("a", counts={"x": 2, "y": 1}, content={"note": "t"}), item("b", counts={"x": 1, "y": 2}, content={})
    )
    assert missing_content(load_soft_labels(path, any_field), any_field) == ["b"]


def test_ten_thousand_items_load_in_about_a_second(tmp_path, mri):
    path = tmp_path / "labels.jsonl"
    with path.open("w") as out:
        for i in range(10_000):
            out.write(json.dumps({**mri, "item_id": f"mri-{i}", "content": {"report": "text " * 40}}) + "\n")
    started = time.process_time()
    assert len(load_soft_labels(path)) == 10_000
    assert time.process_time() - started < 2.0  # about .5 s on one idle core; the bar is loose for busy machines
