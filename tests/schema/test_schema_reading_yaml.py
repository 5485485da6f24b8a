"""Reading YAML: located errors, and plain data only."""

import time
from pathlib import Path

import pytest

from panel_eval.errors import InputError, Problem
from panel_eval.schema import Panel, Rubric, read_yaml

RUBRIC = """\
task: t
description: d
labels:
  - name: low
    definition: little
  - name: high
    definition: much
"""


def read(tmp_path: Path, data: str | bytes) -> Rubric:
    path = tmp_path / "rubric.yaml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_yaml(path, Rubric)


def problems_of(tmp_path: Path, data: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        read(tmp_path, data)
    return caught.value.problems


def only_problem(tmp_path: Path, data: str | bytes) -> Problem:
    (problem,) = problems_of(tmp_path, data)
    return problem


def test_a_valid_rubric_is_read_with_mark_windows_line_ends_and_comments(tmp_path):
    data = b"\xef\xbb\xbf# a comment\r\n" + RUBRIC.replace("\n", "\r\n").encode()
    assert read(tmp_path, data).label_names == ("low", "high")


def test_problems_deep_in_the_file_have_their_own_line(tmp_path):
    text = RUBRIC.replace("    definition: much", "    defnition: much") + "scael: ordinal\n"
    found = {problem.key: problem for problem in problems_of(tmp_path, text)}
    assert found["labels.1.definition"].line == 6  # the entry it is missing from begins there
    assert (found["labels.1.defnition"].line, found["labels.1.defnition"].fix) == (7, "did you mean 'definition'?")
    assert (found["scael"].line, found["scael"].fix) == (8, "did you mean 'scale'?")


@pytest.mark.parametrize(("written", "value"), [("no", "False"), ("1", "1"), ("0.5", "0.5")])
def test_a_label_that_yaml_takes_for_another_type_must_be_quoted(tmp_path, written, value):
    problem = only_problem(tmp_path, RUBRIC.replace("name: low", f"name: {written}"))
    assert (problem.line, problem.key, problem.value) == (4, "labels.0.name", value)
    assert problem.fix == "put it in quotes"


def test_an_unquoted_anchor_key_is_located(tmp_path):
    text = RUBRIC + "criteria:\n  - name: c\n    description: d\n    anchors:\n      1: text\n"
    problem = only_problem(tmp_path, text)
    assert (problem.line, problem.key, problem.fix) == (12, "criteria.0.anchors.1", "put it in quotes")


def test_a_rule_about_the_whole_file_has_the_first_line(tmp_path):
    problem = only_problem(tmp_path, "# rubric\n" + RUBRIC.replace("high", "low"))
    assert problem.line == 2
    assert "unique" in problem.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("- a\n- b\n", "must be a YAML mapping"),
        ("just text", "must be a YAML mapping"),
        ("task: [unclosed\n", "is not valid YAML"),
        ("task: t\n---\ntask: u\n", "another document"),
        ("task: 2026-13-45\n", "value YAML cannot read"),
        ("task: *nowhere\n", "undefined alias"),
        ("? [a, b]\n: c\n", "is not valid YAML"),
        ("[" * 20_000, "nested too deeply"),
        ("task: &a [*a]\n", "contains itself"),
    ],
)
def test_what_is_no_mapping_of_plain_data_is_refused(tmp_path, text, message):
    assert message in only_problem(tmp_path, text).message


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.system [echo]", "!!python/name:os.system", "!!python/object:object {}", "!x y"],
)
def test_tags_that_build_objects_are_refused_with_their_line(tmp_path, tag):
    problem = only_problem(tmp_path, f"task: t\nversion: {tag}\n")
    assert problem.line == 2
    assert "could not determine a constructor" in problem.message
    assert problem.fix == "plain YAML only: remove the tag"


def test_a_few_lines_of_aliases_cannot_stand_for_billions(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    started = time.perf_counter()
    assert "unfolds to more than 100,000 values" in only_problem(tmp_path, "\n".join(lines)).message
    assert time.perf_counter() - started < 1.0


def test_merge_keys_cannot_unfold_without_bound(tmp_path):
    lines = ["a0: &a0 {k: v}"]
    lines += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 30)]
    assert "unfolds to more than" in only_problem(tmp_path, "\n".join(lines)).message


def test_aliases_and_merge_keys_may_share_text(tmp_path):
    text = RUBRIC.replace("definition: little", "definition: &d shared").replace(
        "definition: much", "definition: *d"
    )
    assert [label.definition for label in read(tmp_path, text).labels] == ["shared", "shared"]

    path = tmp_path / "panel.yaml"
    path.write_text(
        "panel: p\nrubric: r\nlabels: l\njudges:\n  - &base {id: a, model: m, samples: 3}\n  - {<<: *base, id: b}\n"
    )
    assert [(judge.id, judge.samples) for judge in read_yaml(path, Panel).judges] == [("a", 3), ("b", 3)]


def test_a_key_given_twice_is_refused_with_both_lines(tmp_path):
    problem = only_problem(tmp_path, RUBRIC + "task: u\n")
    assert (problem.key, problem.line) == ("task", 8)
    assert "first on line 1" in problem.message


def test_broken_utf8_and_control_characters_name_the_line(tmp_path):
    assert only_problem(tmp_path, b"task: t\ndescription: caf\xe9\n").line == 2
    problem = only_problem(tmp_path, "task: t\ndescription: \x1b[2J\n")
    assert (problem.line, problem.message) == (2, "is not valid YAML: character 0x001b is not allowed")


@pytest.mark.parametrize(
    "text",
    [
        'scale: "\\e[2J"\n' + RUBRIC,
        '"\\e]0;t\\a": 1\n' + RUBRIC,
        RUBRIC.replace("name: high", 'name: "low"').replace("name: low", 'name: "low"') + 'version: "\\e"\n',
        RUBRIC + 'criteria: [{name: c, description: d, anchors: {"\\e[31m": x}}]\n',
        '? "\\e[2J"\n: *gone\n',
        'task: !<tag:\\e> "x"\n',
    ],
)
def test_terminal_escapes_in_yaml_never_reach_the_message(tmp_path, text):
    for problem in problems_of(tmp_path, text):
        assert str(problem).isprintable()


@pytest.mark.parametrize(
    ("smoothing", "key"),
    [
        ("{alpha: -1}", "smoothing.alpha"),
        ("{aplha: 1}", "smoothing.aplha"),
        ("{alpha: 1, base: [0.5]}", "smoothing.base"),
    ],
)
def test_a_panel_setting_with_two_forms_is_judged_by_the_form_meant(tmp_path, smoothing, key):
    path = tmp_path / "panel.yaml"
    path.write_text(f"panel: p\nrubric: r\nlabels: l\njudges:\n  - {{id: a, model: m}}\nsmoothing: {smoothing}\n")
    with pytest.raises(InputError) as caught:
        read_yaml(path, Panel)
    assert {(problem.key, problem.line) for problem in caught.value.problems} == {(key, 6)}
