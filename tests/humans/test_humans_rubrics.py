"""The rubrics that ship, and how rubrics are found."""

import re
from pathlib import Path

import pytest
import yaml

from panel_eval.errors import InputError
from panel_eval.humans import load_rubric
from panel_eval.schema import shipped_names, shipped_path

SHIPPED = shipped_names("rubrics")

MINIMAL = "task: mine\ndescription: d\nlabels: [{name: a, definition: x}, {name: b, definition: y}]\n"


@pytest.mark.parametrize(
    ("name", "task", "scale", "labels"),
    [
        ("tumor_severity", "tumor_severity_grade", "ordinal", ("mild", "moderate", "severe")),
        ("nli", "nli", "nominal", ("entailment", "neutral", "contradiction")),
        ("offensiveness", "offensiveness", "ordinal", ("1", "2", "3", "4", "5")),
        ("sentiment", "sentiment", "ordinal", ("negative", "neutral", "positive")),
        (
            "content_policy_severity",
            "content_policy_severity",
            "ordinal",
            ("none", "low", "medium", "high", "critical"),
        ),
    ],
)
def test_shipped_rubrics_have_the_promised_labels_in_order(name, task, scale, labels):
    rubric = load_rubric(name)
    assert (rubric.task, rubric.scale, rubric.label_names) == (task, scale, labels)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_rubrics_explain_every_label_with_anchors(name):
    rubric = load_rubric(name)
    for label in rubric.labels:
        assert len(label.definition) >= 30
        assert 2 <= len(set(label.anchors)) <= 3
    definitions = [label.definition for label in rubric.labels]
    assert len(set(definitions)) == len(definitions)
    assert len(rubric.description) >= 100
    assert rubric.criteria
    assert rubric.version


@pytest.mark.parametrize("name", SHIPPED)
def test_ordered_rubrics_anchor_both_ends_of_the_scale_somewhere(name):
    rubric = load_rubric(name)
    anchored = {label for criterion in rubric.criteria for label in criterion.anchors}
    if rubric.scale == "ordinal":
        assert {rubric.label_names[0], rubric.label_names[-1]} <= anchored


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_rubrics_are_commented_for_newcomers_and_hold_no_template_syntax(name):
    path = shipped_path("rubrics", name)
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert not re.search(r"\{\{|\{%|\t", text)
    assert yaml.safe_load(text)["version"] == "1"


def test_a_users_file_wins_over_a_shipped_rubric_of_the_same_name(tmp_path, monkeypatch):
    (tmp_path / "nli.yaml").write_text(MINIMAL)
    assert load_rubric("nli", base_dir=tmp_path).task == "mine"
    assert load_rubric("nli.yaml", base_dir=tmp_path).task == "mine"
    monkeypatch.chdir(tmp_path)
    assert load_rubric("nli").task == "mine"
    monkeypatch.chdir(tmp_path.parent)
    assert load_rubric("nli").task == "nli"
    assert load_rubric(tmp_path / "nli.yaml").task == "mine"


def test_a_folder_of_that_name_is_not_a_rubric(tmp_path):
    (tmp_path / "nli").mkdir()
    assert load_rubric("nli", base_dir=tmp_path).task == "nli"


def test_an_unknown_rubric_lists_those_that_ship():
    with pytest.raises(InputError) as caught:
        load_rubric("sentimnet")
    (problem,) = caught.value.problems
    assert problem.message == "no such rubric"
    assert "did you mean the shipped rubric 'sentiment'?" in str(problem.fix)
    for name in SHIPPED:
        assert name in str(problem.fix)


@pytest.mark.parametrize("name", ["", ".", "..", "../rubrics/nli", "no/such/file.yaml", "nli\0", "\x1b[2J"])
def test_odd_names_are_input_errors_safe_to_print(name, tmp_path):
    with pytest.raises(InputError) as caught:
        load_rubric(name, base_dir=tmp_path)
    assert str(caught.value).isprintable()


def test_a_bad_rubric_is_located(tmp_path):
    path = Path(tmp_path / "mine.yaml")
    path.write_text(MINIMAL + "scale: ordnal\n")
    with pytest.raises(InputError, match=r"mine\.yaml:4: scale: .*'nominal' or 'ordinal'"):
        load_rubric(path)
