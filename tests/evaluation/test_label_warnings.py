"""Warnings about valid labels: what is found in labels made for it, and what is left in peace."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from panel_eval.evaluation.label_warnings import label_warnings
from panel_eval.humans import HumanLabels, labels_from_counts, load_soft_labels
from panel_eval.schema import Rationale, Rubric, SoftLabel
from panel_eval.schema.label_warnings import LabelWarning

DATA = Path(os.environ.get("PANEL_EVAL_DATA") or Path(__file__).resolve().parents[2] / "../shared/data")
LABELS = ("a", "b", "c")
LONG = "The parcel came two weeks late and the box had been opened before"


@pytest.fixture
def panel_eval_data() -> Path:
    if not (DATA / "chaosnli").is_dir():
        pytest.skip(f"no data sets in {DATA}; set PANEL_EVAL_DATA to the folder that holds them")
    return DATA


def labelled(counts: list[list[int]], **fields: list[Any]) -> HumanLabels:
    """Items with counts and whatever else their records say."""
    records = [
        SoftLabel(item_id=f"i{row}", task="t", **{key: values[row] for key, values in fields.items()})
        for row in range(len(counts))
    ]
    ids = [record.item_id for record in records]
    return labels_from_counts(counts, LABELS, item_ids=ids, records=records)


def with_texts(*texts: str, counts: list[list[int]] | None = None, **fields: list[Any]) -> HumanLabels:
    """Items with one text field."""
    return labelled(counts or [[3, 1, 1]] * len(texts), content=[{"text": text} for text in texts], **fields)


def warned(humans: HumanLabels, code: str, rubric: Rubric | None = None) -> LabelWarning | None:
    """The warning of one kind, if there is one."""
    return next((w for w in label_warnings(humans, rubric).warnings if w.code == code), None)


def test_the_same_text_is_found_in_other_case_and_blanks() -> None:
    found = warned(with_texts("Nice one", "what?", " nice  ONE "), "same_content")
    assert found is not None
    assert found.examples[0].item_ids == ["i0", "i2"]
    assert warned(with_texts("good 👍", "good 👎"), "same_content") is None


def test_nearly_the_same_text_is_found_and_a_shared_beginning_is_not_enough() -> None:
    other = LONG.replace("two weeks", "2 weeks")
    found = warned(with_texts(LONG, "Nothing to complain about, thank you very much", other), "similar_content")
    assert found is not None
    assert found.examples[0].item_ids == ["i0", "i2"]
    assert "% alike" in found.examples[0].text
    assert (
        warned(with_texts(LONG, LONG + ", and inside there was nothing but old paper"), "similar_content") is None
    )


def test_items_whose_cluster_says_so_are_left_in_peace(tmp_path: Path) -> None:
    items = [
        {"item_id": f"i{k}", "task": "t", "counts": {"a": 3, "b": 1}, "content": {"text": LONG}, "cluster": "box"}
        for k in range(2)
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, items)))
    assert warned(load_soft_labels(path), "same_content") is None


def test_duplicates_with_other_majorities_are_told_apart() -> None:
    clear = warned(with_texts(LONG, LONG, counts=[[4, 1, 0], [0, 1, 4]]), "contradicting_duplicates")
    assert clear is not None
    assert clear.examples[0].text == "a 80% of 5 votes against c 80% of 5 votes"
    assert warned(with_texts(LONG, LONG, counts=[[4, 1, 0], [2, 1, 2]]), "contradicting_duplicates") is None


def test_one_field_in_common_is_one_origin_not_one_item() -> None:
    contents = [{"premise": LONG, "claim": claim} for claim in ("It was late.", "It was empty.")]
    contents.append({"premise": "Something else altogether, far away from here", "claim": "It was late."})
    humans = labelled([[3, 1, 1]] * 3, content=contents)
    found = label_warnings(humans)
    assert [w.code for w in found.warnings] == ["shared_text"]
    assert found.warnings[0].examples[0].item_ids == ["i0", "i1"]


def test_labels_that_nobody_or_nearly_everybody_uses() -> None:
    found = {w.code: w for w in label_warnings(labelled([[5, 0, 0]] * 95 + [[4, 1, 0]] * 5)).warnings}
    assert "nobody chose c, in 500 votes" in found["label_unused"].text
    assert "a has 99% of the votes" in found["label_dominates"].text
    assert "agree on 98% by chance" in found["label_dominates"].text  # .99² + .01²
    few = label_warnings(labelled([[5, 0, 0]] * 10))  # 50 votes: a label may be missing by chance
    assert not {"label_unused", "label_dominates"} & {w.code for w in few.warnings}


def test_a_label_is_rare_only_where_that_is_no_chance() -> None:
    """At a true 1 %, at most 2 of 1,000 has the binomial chance .0027, so it is told; at most 1 of 200 .40."""
    assert warned(labelled([[5, 4, 1]] * 2 + [[5, 5, 0]] * 98), "label_rare") is not None
    assert warned(labelled([[5, 4, 1]] + [[5, 5, 0]] * 19), "label_rare") is None


def people(n_items: int, **habits: Any) -> HumanLabels:
    """Items that u, v, w and x label alike but for one in five, and a habit of one of them.

    Args:
        n_items: how many.
        habits: reviewer -> function of the row that gives label, seconds or both.
    """
    generator = np.random.default_rng(8)
    truth = generator.choice(3, n_items, p=[0.5, 0.3, 0.2])
    start = datetime(2030, 1, 1, tzinfo=UTC)
    counts, said = np.zeros((n_items, 3), dtype=int), []
    for row in range(n_items):
        own = []
        for who in "uvwx":
            label = int(truth[row]) if generator.random() < 0.8 else int(generator.choice(3))
            seconds = float(10 * np.exp(generator.normal(0, 0.4)))
            label, seconds = habits[who](row, label, seconds) if who in habits else (label, seconds)
            counts[row, label] += 1
            at = (start + timedelta(minutes=row)).isoformat()
            own.append(Rationale(reviewer=who, label=LABELS[label], seconds=seconds, at=at))
        said.append(own)
    return labelled(counts.tolist(), rationales=said)


def test_honest_people_are_left_in_peace() -> None:
    assert label_warnings(people(100)).warnings == []


def test_a_long_run_is_told_with_its_reviewer_and_place() -> None:
    found = warned(people(100, x=lambda row, label, s: (1 if 40 <= row < 62 else label, s)), "straight_lining")
    assert found is not None
    assert (found.count, found.examples[0].reviewer) == (1, "x")
    assert found.examples[0].text.startswith("b 2")
    assert found.examples[0].item_ids[5] in {f"i{row}" for row in range(35, 50)}


def test_a_run_that_the_items_explain_is_none() -> None:
    """All of them say b on twenty items in a row: the file is sorted."""
    same = {who: lambda row, label, s: (1 if 40 <= row < 62 else label, s) for who in "uvwx"}
    assert warned(people(100, **same), "straight_lining") is None


def test_labels_by_turns_are_a_pattern() -> None:
    found = warned(people(100, v=lambda row, label, s: (row % 2 if row >= 80 else label, s)), "pattern")
    assert found is not None
    assert found.examples[0].reviewer == "v"


def test_without_times_the_order_is_not_guessed() -> None:
    humans = people(100, x=lambda row, label, s: (1 if 40 <= row < 62 else label, s))
    bare = [
        record.model_copy(update={"rationales": [r.model_copy(update={"at": None}) for r in record.rationales]})
        for record in humans.records
    ]
    found = label_warnings(labels_from_counts(humans.counts, LABELS, item_ids=humans.item_ids, records=bare))
    assert found.warnings == []
    assert any("straight-lining" in text for text in found.not_checked)


def test_one_label_on_everything_is_told_where_the_others_differ() -> None:
    found = warned(people(100, w=lambda row, label, s: (0, s)), "one_label")
    assert found is not None
    assert (found.count, found.examples[0].reviewer) == (1, "w")


def test_bursts_and_a_far_too_quick_reviewer_are_told_by_their_reason() -> None:
    found = warned(
        people(
            100, u=lambda row, label, s: (label, 1.0 if row % 4 == 0 else s), x=lambda row, label, s: (label, s / 6)
        ),
        "too_fast",
    )
    assert found is not None
    told = {example.reviewer: example.text for example in found.examples}
    assert told.keys() == {"u", "x"}
    assert "in a burst" in told["u"]
    assert "of the time of others" in told["x"]


def test_reading_speed_needs_words_and_shared_texts_are_read_once() -> None:
    """60 words at 714 a minute take 5 s; all take 4 s."""
    four = [[Rationale(reviewer=who, label="a", seconds=4.0) for who in "uvw"]] * 40
    own = [{"text": " ".join(f"w{row}x{k}" for k in range(60))} for row in range(40)]
    found = warned(labelled([[3, 0, 0]] * 40, rationales=four, content=own), "too_fast")
    assert found is not None
    assert "40 of 40 labels faster than 714 words a minute" in found.examples[0].text
    same = [{"text": own[0]["text"], "question": f"what is {row}"} for row in range(40)]
    assert warned(labelled([[3, 0, 0]] * 40, rationales=four, content=same), "too_fast") is None


def timed(seconds: Callable[[int, str, np.random.Generator], float]) -> HumanLabels:
    """60 items of 20 to 200 words, six reviewers; item, reviewer and a generator give the seconds."""
    generator = np.random.default_rng(3)
    content = [{"text": " ".join(f"w{row}x{k}" for k in range(words_of(row)))} for row in range(60)]
    said = [
        [Rationale(reviewer=who, label="a", seconds=seconds(row, who, generator)) for who in "uvwxyz"]
        for row in range(60)
    ]
    return labelled([[6, 0, 0]] * 60, rationales=said, content=content)


def words_of(row: int) -> int:
    return 20 + 37 * row % 181


def test_a_clock_that_does_not_time_reading_names_nobody_and_is_told() -> None:
    """Five seconds or so whatever the length: of 100 words that is 1,200 words a minute."""
    humans = timed(lambda row, who, generator: 5.0 * float(np.exp(generator.normal(0, 0.3))))
    found = label_warnings(humans)
    assert not [one for one in found.warnings if one.code == "too_fast"]
    assert any(text.startswith("reading speed: a word more takes 0.0") for text in found.not_checked)


def test_a_smooth_tail_of_ones_own_times_is_no_haste_but_times_of_two_kinds_are() -> None:
    """714 words a minute are .084 s a word; u goes below now and then, x in a quarter of the items."""

    def seconds(row: int, who: str, generator: np.random.Generator) -> float:
        factor = float(np.exp(generator.normal(0, 0.7 if who == "u" else 0.2)))
        skipped = who == "x" and row % 4 == 0
        return 1.0 if skipped else {"u": 0.18}.get(who, 0.25) * words_of(row) * factor

    humans = timed(seconds)
    below = sum(
        said.seconds < words_of(row) * 60 / 714
        for row, record in enumerate(humans.records)
        for said in record.rationales
        if said.reviewer == "u" and said.seconds is not None
    )
    assert below >= 6  # a tenth, yet what a log-normal spread of .7 at a median of .18 s a word leads to
    found = warned(humans, "too_fast")
    assert found is not None
    assert [example.reviewer for example in found.examples] == ["x"]
    assert "of 60 labels faster than 714 words a minute" in found.examples[0].text


def test_people_with_few_items_and_names_that_look_like_one() -> None:
    humans = people(30)
    other = [
        record.model_copy(
            update={"rationales": [r.model_copy(update={"reviewer": "U "}) if r.reviewer == "u" and row < 4 else r
                                   for r in record.rationales]}
        )
        for row, record in enumerate(humans.records)
    ]  # fmt: skip
    again = labels_from_counts(humans.counts, LABELS, item_ids=humans.item_ids, records=other)
    found = {w.code: w for w in label_warnings(again).warnings}
    assert "'U ' 4, 'u' 26 votes" in found["similar_names"].examples[0].text
    assert found["few_items"].examples[0].reviewer == "U "
    assert found["few_items"].count == 1


def test_items_with_one_reviewer_and_items_without_text() -> None:
    rubric = Rubric.model_validate(
        {
            "task": "t",
            "description": "?",
            "fields": ["text"],
            "labels": [{"name": name, "definition": name} for name in LABELS],
        }
    )
    humans = labelled([[1, 0, 0], [2, 1, 0], [1, 1, 1]], content=[{"text": "x"}, {"text": " "}, {"other": "y"}])
    found = {w.code: w for w in label_warnings(humans, rubric).warnings}
    assert found["single_reviewer"].examples[0].item_ids == ["i0"]
    assert [example.item_ids for example in found["no_content"].examples] == [["i1"], ["i2"]]
    assert warned(labelled([[2, 1, 0]]), "no_content") is None  # texts may stand elsewhere


def test_what_is_said_of_real_data(panel_eval_data: Path) -> None:
    """POPQUORN: 1,500 different comments, 262 reviewers with about 50 items each: nothing to tell."""
    found = label_warnings(load_soft_labels(panel_eval_data / "popquorn_offensiveness/labels.jsonl"))
    assert found.warnings == []
    assert found.reviewers == 262


def test_items_of_one_premise_are_found_in_chaosnli(panel_eval_data: Path) -> None:
    """ChaosNLI-SNLI has several hypotheses to one premise, and a few the other way round; counted here anew."""
    lines = (panel_eval_data / "chaosnli/chaosNLI_snli.jsonl").read_text().splitlines()
    items = [json.loads(line) for line in lines]
    contents = [{field: one["example"][field] for field in ("premise", "hypothesis")} for one in items]
    counts = [[one["label_counter"].get(code, 0) for code in "enc"] for one in items]
    found = label_warnings(labelled(counts, content=contents))
    shared = 0
    for field in ("premise", "hypothesis"):
        times = Counter(" ".join(content[field].casefold().split()) for content in contents)
        shared += sum(n > 1 and len(text) >= 25 for text, n in times.items())
    assert [(w.code, w.count) for w in found.warnings] == [("shared_text", shared)]
