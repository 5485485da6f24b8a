"""Free text is no label set: it is refused before a file with a share for each text of each item is written."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from imports import do_import

from panel_eval.errors import InputError


def answers(folder: Path, labels: list[str]) -> Path:
    """Each item is answered by two people; labels in the order of the rows."""
    path = folder / "in.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "reviewer", "label"])
        rows.writerows([f"t{row // 2}", "AB"[row % 2], label] for row, label in enumerate(labels))
    return path


def refused(source: Path, folder: Path, **options: object) -> str:
    with pytest.raises(InputError) as error:
        do_import("long", source, folder, task="t", **options)
    assert not (folder / "labels.jsonl").exists()
    (problem,) = error.value.problems
    assert problem.path == source
    assert "--field label=NAME" in str(problem.fix)
    assert "label_order" in str(problem.fix)
    return problem.message


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (
            [f"label {n % 1001}" for n in range(4004)],
            "1,000 different labels, such as 'label 1000', and more",
        ),  # each of them four times
        (
            [f"{n % 101} " + "word " * 200 for n in range(404)],
            "characters together",
        ),  # 101 texts of 1,000 characters
        ([f"opinion {n}" for n in range(60)], "on 30 items: is that free text?"),
        (
            [f"the item's own text {n // 2}" for n in range(120)],
            '60 different labels, such as "the item\'s own text 59", on 60',
        ),
    ],
)
def test_free_text_is_no_label(tmp_path: Path, labels: list[str], told: str):
    assert told in refused(answers(tmp_path, labels), tmp_path)


def test_as_many_labels_as_a_large_label_set_has_are_taken(tmp_path: Path):
    found = do_import("long", answers(tmp_path, [f"class {n % 1000}" for n in range(4000)]), tmp_path, task="t")
    assert len(found.report.labels) == 1000


def test_labels_that_the_user_names_may_be_any_number_and_seldom_used(tmp_path: Path):
    labels = [f"class {n}" for n in range(1001)]
    found = do_import("long", answers(tmp_path, labels[:60]), tmp_path, task="t", label_order=labels)
    assert len(found.report.labels) == 1001


def test_votes_of_judges_alone_are_not_asked_how_many_labels_there_are(tmp_path: Path):
    source = answers(tmp_path, [f"opinion {n}" for n in range(2200)])
    found = do_import("long", source, tmp_path, task="t", judges=["A"], want=("votes",))
    assert len(found.votes) == 1100
