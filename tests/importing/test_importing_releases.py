"""Research releases, in files of their shapes with made-up content; and the real ones, where they are at hand."""

from __future__ import annotations

import json
import math
import zipfile
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from imports import Imported, do_import, real_data

from panel_eval.errors import InputError


def classes_of(found: Imported) -> dict[str, int]:
    """Derived disagreement class to items."""
    assert found.humans is not None
    names = found.humans.derived_class
    return {name: names.count(name) for name in dict.fromkeys(names)}


def lines(folder: Path, *records: object, name: str = "source.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def text_file(folder: Path, text: str, name: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# ChaosNLI

SNLI = {
    "uid": "77.jpg#1r1n",
    "label_counter": {"n": 7, "c": 3},
    "label_count": [0, 7, 3],
    "label_dist": [0.0, 0.7, 0.3],
    "example": {"uid": "77.jpg#1r1n", "premise": "A goat.", "hypothesis": "A white goat.", "source": "snli"},
    "old_label": "n",
    "old_labels": ["neutral", "neutral", "contradiction", "neutral", "neutral"],
}


def test_chaosnli_counts_by_full_names_and_pictures_as_clusters(tmp_path: Path):
    other = {
        **SNLI,
        "uid": "77.jpg#0r1e",
        "label_counter": {"e": 10},
        "label_count": [10, 0, 0],
        "label_dist": [1, 0, 0],
    }
    found = do_import("chaosnli", lines(tmp_path, SNLI, other), tmp_path, task="nli")
    assert found.humans.labels == ("entailment", "neutral", "contradiction")
    assert found.votes_on("77.jpg#1r1n") == {"neutral": 7, "contradiction": 3}
    record = found.humans.records[0]
    assert record.content == {"premise": "A goat.", "hypothesis": "A white goat."}
    assert [r.cluster for r in found.humans.records] == ["77.jpg", "77.jpg"]
    assert record.metadata["old_label"] == "neutral"
    assert record.gold_label is None  # five people's old label is contested, no known answer
    assert (found.report.tallied, found.report.votes_in_tallies) == (2, 20)
    assert not found.report.notes


def test_chaosnli_abductive_items_have_two_labels_and_stories(tmp_path: Path):
    story = "a05ed03f-9713-4272-9cc0-c20b823bf5e4"
    record = {
        "uid": f"{story}-1",
        "label_counter": {"2": 9, "1": 91},
        "label_count": [91, 9],
        "example": {"obs1": "a", "obs2": "b", "hyp1": "c", "hyp2": "d"},
        "old_label": 1,
    }
    found = do_import("chaosnli", lines(tmp_path, record), tmp_path, task="alpha")
    assert found.votes_on(f"{story}-1") == {"1": 91, "2": 9}
    assert found.humans.records[0].cluster == story
    assert list(found.humans.records[0].content) == ["obs1", "obs2", "hyp1", "hyp2"]


def test_chaosnli_says_what_contradicts_and_drops_what_is_no_count(tmp_path: Path):
    contradicting = {**SNLI, "uid": "b", "label_count": [1, 6, 3]}
    rounded = {**SNLI, "uid": "c", "label_dist": [0.0, 0.71, 0.29]}
    broken = {**SNLI, "uid": "d", "label_counter": {"n": -1, "e": 2}}
    odd = {**SNLI, "uid": "e", "label_counter": {"x": 3}}
    path = lines(tmp_path, SNLI, contradicting, rounded, broken, odd)
    path.write_text(path.read_text() + "no json\n")
    found = do_import("chaosnli", path, tmp_path, task="nli")
    assert found.report.items == 3
    assert found.dropped == {"counts": 2, "no_record": 1}
    assert any("contradict label_counter on 2 items" in note for note in found.report.notes)


def test_chaosnli_refuses_another_shape_and_says_what_it_found(tmp_path: Path):
    with pytest.raises(InputError, match=r"its keys are text, label"):
        do_import("chaosnli", lines(tmp_path, {"text": "a", "label": 1}), tmp_path, task="nli")


def test_chaosnli_snli_has_the_published_classes_and_its_own_distributions(tmp_path: Path):
    path = real_data("chaosnli", "chaosNLI_snli.jsonl")
    found = do_import("chaosnli", path, tmp_path, task="nli")
    assert (found.report.items, found.report.votes_in_tallies) == (1514, 151_400)
    # METHODS: 326 agreement, 722 minor, 452 major, 14 unresolved
    counted = classes_of(found)
    assert [counted[name] for name in ("agreement", "minor", "major", "unresolved")] == [326, 722, 452, 14]
    theirs = [json.loads(line) for line in path.read_text().splitlines()]
    ours = found.humans.distribution
    assert np.abs(ours - np.array([record["label_dist"] for record in theirs])).max() < 1e-12
    entropy = [record.entropy_bits for record in found.humans.records]
    assert entropy == pytest.approx([record["entropy"] for record in theirs], abs=1e-6)


# POPQUORN

RATED = """\
instance_id,user_id,text,politeness,gender,age
7,0,Come over.,2.0,Man,30-35
7,1,Come over.,4.0,Woman,40-45
7,,Come over.,4.0,,
8,1,Please come.,5.0,Woman,40-45
"""


def test_popquorn_reads_the_task_of_the_file_on_its_scale(tmp_path: Path):
    found = do_import("popquorn", text_file(tmp_path, RATED, "raw_data.csv"), tmp_path, task="t")
    assert found.report.scale == "ordinal"
    assert found.humans.labels == ("1", "2", "3", "4", "5")
    assert found.votes_on("7") == {"2": 1, "4": 2}
    assert [r.reviewer for r in found.humans.records[0].rationales] == ["0", "1"]
    assert found.report.unnamed == 1
    assert found.humans.records[1].content == {"text": "Please come."}  # who the raters are stays behind
    assert any("gender, age" in note for note in found.report.notes)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("instance_id,user_id,original email,revised email", "rewritten texts, which are no labels"),
        (
            "instance_id,user_id,text,mood",
            r"looked for offensiveness, politeness, difficulty.*columns: instance_id",
        ),
    ],
)
def test_popquorn_refuses_tasks_without_ratings(tmp_path: Path, header: str, message: str):
    path = text_file(tmp_path, f"{header}\n1,2,a,b\n", "raw_data.csv")
    with pytest.raises(InputError, match=message):
        do_import("popquorn", path, tmp_path, task="t")


def test_popquorn_offensiveness_has_the_published_classes(tmp_path: Path):
    path = real_data("popquorn_offensiveness", "raw_data.csv")
    found = do_import("popquorn", path, tmp_path, task="o")
    report = found.report
    assert (report.items, report.annotations_kept, report.reviewers) == (1500, 13036, 262)
    counted = classes_of(found)
    assert [counted[name] for name in ("agreement", "minor", "major", "unresolved")] == [199, 459, 682, 160]
    nominal = do_import("popquorn", path, tmp_path, task="o", scale="nominal")
    counted = classes_of(
        nominal
    )  # METHODS: 199/494/647/160 by the rule for nominal labels; see test_evaluation_popquorn
    assert [counted[name] for name in ("agreement", "minor", "major", "unresolved")] == [199, 494, 647, 160]


# CIFAR-10H

RAW = """\
annotator_id,trial_index,is_attn_check,true_category,chosen_category,true_label,chosen_label,correct_guess,\
cifar10_test_test_idx,image_filename,subcategory,reaction_time,time_elapsed
0,0,0,airplane,ship,0,8,0,3165,twinjet_s_001297.png,twinjet,1500,9
1,0,0,airplane,airplane,0,0,1,3165,twinjet_s_001297.png,twinjet,-99999,9
1,1,1,cat,dog,3,5,0,-99999,check.png,cat,800,9
1,2,0,cat,cat,3,3,1,12,cat_s_1.png,cat,800,9
"""


def test_cifar10h_single_answers_without_attention_checks(tmp_path: Path):
    found = do_import("cifar10h", text_file(tmp_path, RAW, "cifar10h-raw.csv"), tmp_path, task="c")
    assert found.humans.labels[:3] == ("airplane", "automobile", "bird")
    assert found.votes_on("3165") == {"airplane": 1, "ship": 1}
    record = found.humans.records[0]
    assert [(r.reviewer, r.seconds) for r in record.rationales] == [("0", 1.5), ("1", None)]
    assert record.gold_label == "airplane"
    assert record.metadata == {"image_filename": "twinjet_s_001297.png", "subcategory": "twinjet"}
    assert found.dropped == {"attention_check": 1}
    assert found.report.annotations_read == 4


def test_cifar10h_reads_the_zip_and_class_numbers_alike(tmp_path: Path):
    text_file(tmp_path, RAW, "cifar10h-raw.csv")
    do_import("cifar10h", tmp_path / "cifar10h-raw.csv", tmp_path, task="c")
    first = (tmp_path / "labels.jsonl").read_bytes()
    with zipfile.ZipFile(tmp_path / "raw.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cifar10h-raw.csv", RAW)
        archive.writestr("__MACOSX/._cifar10h-raw.csv", "rubbish")
    do_import("cifar10h", tmp_path / "raw.zip", tmp_path, task="c")
    assert (tmp_path / "labels.jsonl").read_bytes() == first
    do_import(
        "cifar10h", tmp_path / "raw.zip", tmp_path, task="c", fields={"label": "chosen_label", "gold": "true_label"}
    )
    assert (tmp_path / "labels.jsonl").read_bytes() == first


def test_cifar10h_counts_are_read_without_pickle_and_checked(tmp_path: Path):
    table = np.zeros((3, 10), dtype=np.int64)
    table[:, 2] = 40
    table[1, 9] = 11
    np.save(tmp_path / "counts.npy", table)
    found = do_import("cifar10h", tmp_path / "counts.npy", tmp_path, task="c")
    assert found.votes_on("1") == {"bird": 40, "truck": 11}
    for name, wrong, message in [
        ("shares.npy", table / table.sum(axis=1, keepdims=True), "has shares, not counts"),
        ("nine.npy", table[:, :9], "no table with 10 columns"),
        ("less.npy", -table, "no counts of people"),
        ("nan.npy", np.full((2, 10), math.nan), "no counts of people"),
        ("objects.npy", np.array([[{}] * 10], dtype=object), "no NumPy file of numbers"),
    ]:
        np.save(tmp_path / name, wrong)
        with pytest.raises(InputError, match=message):
            do_import("cifar10h", tmp_path / name, tmp_path, task="c")
    good = (tmp_path / "counts.npy").read_bytes()
    for broken in (
        good[:6],
        good.replace(b"'fortran_order': False, ", b"'fortran_order': False,[ "),  # a bracket that nothing closes
        good.replace(b"(3, 10)", b"(-3,10)"),
    ):
        (tmp_path / "broken.npy").write_bytes(broken)
        with pytest.raises(InputError, match="no NumPy file"):
            do_import("cifar10h", tmp_path / "broken.npy", tmp_path, task="c")


def test_cifar10h_has_the_published_classes(tmp_path: Path):
    path = real_data("cifar10h", "cifar10h-counts.npy")
    found = do_import("cifar10h", path, tmp_path, task="c")
    assert np.array_equal(found.humans.counts, np.load(path))
    assert (found.humans.reviewer_count.min(), found.humans.reviewer_count.max()) == (47, 63)
    counted = classes_of(found)  # METHODS: 8,789 agreement, 949 minor, 259 major, 3 unresolved
    assert [counted[name] for name in ("agreement", "minor", "major", "unresolved")] == [8789, 949, 259, 3]


# VADER

LEXICON = (
    "fine\t1.4\t0.8\t[1, 2, 1, 1, 3, 1, 2, 2, 0, 1]\n:(\t-1.9\t0.3\t[-2, -2, -2, -2, -2, -2, -2, -1, -2, -2]\n"
)


def test_vader_ratings_become_tallies_on_the_whole_scale(tmp_path: Path):
    found = do_import("vader", text_file(tmp_path, LEXICON, "vader_lexicon.txt"), tmp_path, task="v")
    assert found.humans.labels == ("-4", "-3", "-2", "-1", "0", "1", "2", "3", "4")
    assert found.votes_on(":(") == {"-2": 9, "-1": 1}
    assert found.votes_on("fine") == {"0": 1, "1": 5, "2": 3, "3": 1}
    assert found.report.scale == "ordinal"
    assert found.report.notes == ["the raters are not named: nothing can be said of single raters"]  # means tally


def test_vader_notes_means_that_the_ratings_do_not_give(tmp_path: Path):
    wrong = LEXICON.replace("1.4\t0.8", "1.6\t0.9") + "odd\t0\t0\t[5]\nshort\t1\nfine\t1.4\t0.8\t[1]\n"
    found = do_import("vader", text_file(tmp_path, wrong, "vader_lexicon.txt"), tmp_path, task="v")
    assert any("2 words have another mean and 2 another standard deviation" in note for note in found.report.notes)
    assert found.dropped == {"ratings": 2, "tally_twice": 1}
    with pytest.raises(InputError, match="is no VADER lexicon"):
        do_import("vader", text_file(tmp_path, "a,b\n", "other.csv"), tmp_path, task="v")


def test_the_installed_vader_lexicon_is_read_whole(tmp_path: Path):
    path = Path(str(resources.files("vaderSentiment").joinpath("vader_lexicon.txt")))
    found = do_import("vader", path, tmp_path, task="v")
    words = [line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(words) == 7520  # data/README.md
    assert found.report.items == len(set(words)) == 7506
    assert found.dropped == {"tally_twice": 14}
    assert set(found.humans.reviewer_count.tolist()) == {10}
    values = np.arange(-4, 5)
    means = dict(zip(found.humans.item_ids, (found.humans.distribution * values).sum(axis=1), strict=True))
    assert means["great"] == pytest.approx(3.1)  # as the lexicon prints it


# Alternative annotator test


def test_alttest_folder_has_people_and_judges(tmp_path: Path):
    source = tmp_path / "set"
    source.mkdir()
    people = {"p": {"a__stars": 1, "b__stars": 5, "c__x": None}, "q": {"a__stars": 2, "a__food": 2}}
    judges = {"gpt": {"a__stars": 1, "b__stars": None, "a__food": [1]}}
    (source / "human_annotations.json").write_text(json.dumps(people))
    (source / "llm_annotations.json").write_text(json.dumps(judges))
    found = do_import("alttest", source, tmp_path, task="t", want=("labels", "votes"))
    assert found.votes_on("a__stars") == {"1": 1, "2": 1}
    assert found.dropped == {"no_answer": 1}
    clusters = {record.item_id: record.cluster for record in found.humans.records}
    assert clusters == {"a__stars": "a", "b__stars": None, "a__food": "a"}  # b has one item only
    outcomes = {(vote["item_id"], vote["outcome"], vote.get("label")) for vote in found.votes}
    assert outcomes == {
        ("a__stars", "ok", "1"),
        ("b__stars", "unparseable", None),
        ("a__food", "unparseable", None),
    }


def test_alttest_labels_are_those_that_anybody_gave(tmp_path: Path):
    (tmp_path / "human_annotations.json").write_text(json.dumps({"p": {"i": "Yes"}, "q": {"i": 10}}))
    (tmp_path / "llm_annotations.json").write_text(json.dumps({"j": {"i": "Ignore"}, "k": {"i": 2}}))
    found = do_import("alttest", tmp_path, tmp_path, task="t", want=("labels", "votes"))
    assert found.humans.labels == ("2", "10", "Ignore", "Yes")
    assert (
        "labels that judges gave and no person did: Ignore, 2 (--map OLD=NEW makes one another)"
        in found.report.notes
    )
    mapped = do_import("alttest", tmp_path, tmp_path, task="t", labels={"Ignore": "Yes"}, want=("labels", "votes"))
    assert mapped.humans.labels == ("2", "10", "Yes")
    assert [vote["label"] for vote in mapped.votes] == ["Yes", "2"]


def test_alttest_prompts_name_text_and_cluster(tmp_path: Path):
    (tmp_path / "human_annotations.json").write_text(json.dumps({"p": {"i": "x", "j": "y"}, "q": {"i": "y"}}))
    prompts = {"i": {"text_id": "t1", "str_prompt": "Rate."}, "j": {"text_id": "t1", "str_prompt": None}}
    (tmp_path / "prompts.json").write_text(json.dumps(prompts))
    found = do_import("alttest", tmp_path, tmp_path, task="t")
    assert [(r.content, r.cluster) for r in found.humans.records] == [({"prompt": "Rate."}, "t1"), (None, "t1")]


def test_alttest_single_files_and_what_is_none(tmp_path: Path):
    flat = text_file(tmp_path, json.dumps({"i1": "A", "i2": "B"}), "llm_predictions.json")
    found = do_import("alttest", flat, tmp_path, task="t", want=("votes",))
    assert [(vote["judge"], vote["label"]) for vote in found.votes] == [
        ("llm_predictions", "A"),
        ("llm_predictions", "B"),
    ]
    for name, content, message in [
        ("list.json", "[1]", "is no JSON object but list"),
        ("mixed.json", '{"p": {"i": 1}, "q": 3}', "q: is no object of items"),
    ]:
        with pytest.raises(InputError, match=message):
            do_import("alttest", text_file(tmp_path, content, name), tmp_path, task="t")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"must have human_annotations\.json or llm_annotations\.json"):
        do_import("alttest", tmp_path / "empty", tmp_path, task="t")


@pytest.mark.parametrize(
    ("name", "items", "people", "per_item"),
    [("cebab_stars", 711, 10, 3), ("10k_prompts", 1698, 13, 2.3), ("lgbteen", 880, 4, 2.9)],
)
def test_alttest_sets_have_the_published_sizes(tmp_path: Path, name: str, items: int, people: int, per_item: float):
    folder = real_data("alttest", name)
    found = do_import("alttest", folder, tmp_path, task="t", want=("labels", "votes"))
    report = found.report
    assert (report.items, report.reviewers) == (items, people)
    assert report.annotations_kept / report.items == pytest.approx(
        per_item, abs=0.1
    )  # data/README.md: items x people
    given = json.loads((folder / "human_annotations.json").read_text())
    assert report.annotations_kept == sum(map(len, given.values()))
    assert (len(report.judges), report.judge_votes) == (6, 6 * items)


# DICES

DICES = """\
id,rater_id,item_id,answer_time_ms,context,response,degree_of_harm,harm_type,safety_gold,Q1_whole_conversation_evaluation,Q2_harmful_content_overall,Q_overall
0,11,1,2500,LAMDA: hi,USER: no,Benign,Legal,Yes,makes sense,No,No
1,12,1,,LAMDA: hi,USER: no,Benign,Legal,Yes,makes sense,Yes,Yes
2,11,2,900,LAMDA: a,USER: b,Debatable,Bias,No,nonsense,No,Unsure
3,12,2,900,LAMDA: a,USER: b,Debatable,Bias,No,nonsense,,
"""


def test_dices_reads_the_overall_question(tmp_path: Path):
    found = do_import("dices", text_file(tmp_path, DICES, "d.csv"), tmp_path, task="d")
    assert found.humans.labels == ("No", "Unsure", "Yes")
    assert found.votes_on("1") == {"No": 1, "Yes": 1}
    record = found.humans.records[0]
    assert record.content == {"context": "LAMDA: hi", "response": "USER: no"}
    assert record.gold_label is None  # safety_gold says safe, Q_overall unsafe: they are not the same question
    assert record.metadata == {"degree_of_harm": "Benign", "harm_type": "Legal", "safety_gold": "Yes"}
    assert [r.seconds for r in record.rationales] == [2.5, None]
    assert found.dropped == {"no_answer": 1}


def test_dices_reads_another_question_and_gold_on_request(tmp_path: Path):
    path = text_file(tmp_path, DICES, "d.csv")
    fields = {"label": "Q2_harmful_content_overall", "gold": "safety_gold"}
    found = do_import("dices", path, tmp_path, task="d", fields=fields)
    assert found.votes_on("2") == {"No": 1}
    assert [r.gold_label for r in found.humans.records] == ["Yes", "No"]
    first = do_import("dices", path, tmp_path, task="d", fields={"label": "Q1_whole_conversation_evaluation"})
    assert first.humans.labels == ("makes sense", "nonsense")
    with pytest.raises(InputError, match="did you mean 'Q_overall'"):
        do_import("dices", path, tmp_path, task="d", fields={"label": "Q_overal"})
