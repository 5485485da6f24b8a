"""The adjudication policy of a rubric: what is refused, and where the mistake is said to be."""

from pathlib import Path

import pytest

from panel_eval.engine.planning import rubric_hash
from panel_eval.errors import InputError
from panel_eval.humans import load_rubric

HEAD = """\
task: t
description: Is the answer right?
verifiable: true
labels:
  - {name: correct, definition: It is right.}
  - {name: incorrect, definition: It is not.}
"""


def problems(folder: Path, policy: str, head: str = HEAD) -> list[tuple[int | None, str | None, str, str | None]]:
    path = folder / "rubric.yaml"
    path.write_text(head + policy)
    with pytest.raises(InputError) as caught:
        load_rubric(path)
    return [(problem.line, problem.key, problem.message, problem.fix) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("policy", "line", "key", "says", "fix"),
    [
        (
            "adjudication: {verify: {check: exact, answer: content.a, equal: corect}}",
            7,
            "adjudication.verify.equal",
            "is not a label of the rubric",
            "labels: correct, incorrect",
        ),
        (
            "adjudication:\n  verify:\n    check: numeric\n    toleranse: {rel: 0.1}",
            10,
            "adjudication.verify.toleranse",
            "unknown key",
            "did you mean 'tolerance'?",
        ),
        (
            "adjudication:\n  verify:\n    check: exact\n    ignore: [cases]",
            10,
            "adjudication.verify.ignore.0",
            "input should be 'case', 'space' or 'form'",
            None,
        ),
        (
            "adjudication:\n  verify:\n    check: exact\n    answer: a\n    equal: correct",
            10,
            "adjudication.verify.answer",
            "names no text",
            "write content.FIELD, metadata.KEY, answers.COLUMN or gold_label",
        ),
        (
            "adjudication:\n  verify:\n    check: exact\n    equal: correct",
            10,
            "adjudication.verify.equal",
            "has no meaning without answer",
            "say where the answer stands, such as `answer: content.answer`, or leave this out",
        ),
        (
            "adjudication:\n  verify:\n    check: python\n    entry: checks.py",
            10,
            "adjudication.verify.entry",
            "names no Python function",
            "write file.py:function or module:function",
        ),
        (
            "adjudication:\n  consumers:\n    - {name: a, why: b}\n    - {name: a, why: c}",
            10,
            "adjudication.consumers.1.name",
            "is given twice",
            "give every consumer its own name",
        ),
        (
            "adjudication:\n  consumers:\n    - {name: a, why: b, rule: reviewer}",
            9,
            "adjudication.consumers.0",
            "rule: reviewer needs the key reviewer",
            "name the senior reviewer there",
        ),
        (
            "adjudication:\n  requests: {rule: majority, reviewer: ann}",
            8,
            "adjudication.requests.reviewer",
            "has no meaning for rule: majority",
            "write `rule: reviewer`, or leave it out",
        ),
    ],
)
def test_a_mistake_is_told_at_its_key_with_its_remedy(
    tmp_path: Path, policy: str, line: int, key: str, says: str, fix: str | None
) -> None:
    assert problems(tmp_path, policy) == [(line, key, says, fix)]


def test_a_check_contradicts_a_rubric_whose_items_cannot_be_verified(tmp_path: Path) -> None:
    head = HEAD.replace("verifiable: true\n", "")
    ((line, key, says, fix),) = problems(tmp_path, "adjudication: {verify: {check: exact}}", head)
    assert (line, key) == (6, "adjudication.verify")
    assert "does not say that its items are verifiable" in says
    assert fix is not None
    assert "verifiable: true" in fix


def test_how_disagreements_are_settled_is_no_part_of_what_judges_are_asked(tmp_path: Path) -> None:
    without, with_policy = tmp_path / "a.yaml", tmp_path / "b.yaml"
    without.write_text(HEAD)
    with_policy.write_text(HEAD + "adjudication: {verify: {check: exact}}")
    other = tmp_path / "c.yaml"
    other.write_text(HEAD.replace("Is the answer right?", "Is it?"))
    hashes = [rubric_hash(load_rubric(path)) for path in (without, with_policy, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_hash_of_a_shipped_rubric_is_what_stored_votes_go_by() -> None:
    """Recorded before rubrics knew adjudication: with another hash no stored vote would be found again."""
    assert rubric_hash(load_rubric("sentiment")).startswith("88e4edf1227ddf7a")
