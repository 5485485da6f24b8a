"""JUDGE-BENCH's schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from imports import do_import

from panel_eval.errors import InputError

FLUENCY = {"metric": "fluency", "category": "graded", "prompt": "Rate. {{ instance }}", "worst": 1, "best": 4}
SAFE = {"metric": "safe", "category": "categorical", "labels_list": ["No", "Yes", "Unsure"]}


def document(folder: Path, metrics: list[dict[str, Any]], *instances: dict[str, Any]) -> Path:
    path = folder / "bench.json"
    path.write_text(json.dumps({"dataset": "made up", "annotations": metrics, "instances": list(instances)}))
    return path


def instance(number: int, text: Any = "Salt it.", **scores: list[Any]) -> dict[str, Any]:
    told = {name: {"individual_human_scores": given} for name, given in scores.items()}
    return {"id": number, "instance": text, "annotations": told}


def test_a_graded_metric_has_its_whole_scale_and_unnamed_people(tmp_path: Path):
    found = do_import(
        "judge-bench", document(tmp_path, [FLUENCY], instance(1, fluency=[2, 4, 2.0])), tmp_path, task="t"
    )
    assert found.humans.labels == ("1", "2", "3", "4")
    assert (found.report.scale, found.report.unnamed) == ("ordinal", 3)
    assert found.votes_on("1") == {"2": 2, "4": 1}
    assert found.humans.records[0].content == {"text": "Salt it."}


def test_one_of_several_metrics_must_be_chosen(tmp_path: Path):
    talk = {"user_prompt": "hi", "response": "yo"}
    path = document(tmp_path, [FLUENCY, SAFE], instance(1, talk, fluency=[1], safe=["No", "Yes", "Yes"]))
    with pytest.raises(
        InputError, match=r"has 2 metrics.*choose one with --field label=METRIC; metrics: fluency, safe"
    ):
        do_import("judge-bench", path, tmp_path, task="t")
    found = do_import("judge-bench", path, tmp_path, task="t", fields={"label": "safe"})
    assert (found.humans.labels, found.report.scale) == (("No", "Yes", "Unsure"), "nominal")
    assert found.votes_on("1") == {"No": 1, "Yes": 2}
    assert found.humans.records[0].content == talk
    with pytest.raises(InputError, match="did you mean 'safe'"):
        do_import("judge-bench", path, tmp_path, task="t", fields={"label": "saef"})


def test_a_metric_described_under_another_name_is_the_only_one(tmp_path: Path):
    found = do_import(
        "judge-bench", document(tmp_path, [SAFE], instance(1, quality=["Yes", "No"])), tmp_path, task="t"
    )
    assert found.humans.labels == ("No", "Yes", "Unsure")


def test_judges_answers_beside_people_become_votes(tmp_path: Path):
    told = instance(1, safe=["No", "Yes"])
    told["llama"] = {"safe": ["Yes", None]}
    told["llama_raw"] = {"safe": ["[Yes]", "I cannot say"]}
    found = do_import("judge-bench", document(tmp_path, [SAFE], told), tmp_path, task="t", want=("labels", "votes"))
    shown = [(v["judge"], v["sample"], v["outcome"], v.get("label"), v["raw"]) for v in found.votes]
    assert shown == [("llama", 0, "ok", "Yes", "[Yes]"), ("llama", 1, "unparseable", None, "I cannot say")]


def test_means_and_majorities_are_checked_and_items_without_people_counted(tmp_path: Path):
    right, wrong, tied, bare = (
        instance(1, m=[2, 3]),
        instance(2, m=[2, 3]),
        instance(3, m=[1, 2]),
        instance(4, m=[]),
    )
    right["annotations"]["m"]["mean_human"] = 2.5
    wrong["annotations"]["m"]["mean_human"] = 2.88
    tied["annotations"]["m"]["majority_human"] = 1  # one of two modes
    path = document(tmp_path, [FLUENCY | {"metric": "m"}], right, wrong, tied, bare)
    found = do_import("judge-bench", path, tmp_path, task="t")
    assert any("of 1 items is not that of the single answers" in note for note in found.report.notes)
    assert found.dropped == {"no_single_answers": 1}
    assert (found.report.items, found.report.unlabelled_items) == (3, 1)


@pytest.mark.parametrize(
    "content", ["[]", "{}", '{"annotations": [], "instances": [1]}', '{"annotations": [], "instances": []}']
)
def test_another_shape_is_refused(tmp_path: Path, content: str):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"JUDGE-BENCH|no annotated instances"):
        do_import("judge-bench", path, tmp_path, task="t")
