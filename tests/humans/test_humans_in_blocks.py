"""Labels read in one sweep equal labels of which every line went through its model and every rule."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from panel_eval.errors import InputError
from panel_eval.humans import HumanLabels, load_rubric, load_soft_labels, loading
from panel_eval.schema import SoftLabel
from panel_eval.schema.plain_rows import PlainFields

NOTHING_IS_PLAIN = PlainFields({})
ARRAYS = ("counts", "counts_known", "reviewer_count", "distribution", "adjacent_tie", "label_values")

COUNTS = (
    '{"x": 3, "y": 1}', '{"x": 3, "y": 1}', '{"y": 4}', "{}", '{"x": 0, "y": 0}', '{"x": 1, "z": 2}', "null",
    '{"x": 1e2}', '{"x": 1125899906842624, "y": 3}', f'{{"x": {"9" * 400}}}', '{"x": 1, "y": 1}',
)  # fmt: skip
MASSES = (
    '{"x": 0.75, "y": 0.25}', '{"x": 0.75, "y": 0.25}', '{"x": 0.7500009, "y": 0.25}', '{"x": 0.750001, "y": 0.25}',
    '{"x": 0.7500011, "y": 0.25}', '{"x": 0.755, "y": 0.245}', '{"x": 0.7550000001, "y": 0.2449999999}', '{"x": 1}',
    '{"x": 0.4, "y": 0.6}', "{}", "null", '{"x": 0.5, "z": 0.5}',
)  # fmt: skip
ENTROPIES = ("0.8112781244591328", "0.806278124", "0.8062781", "0.8162781244", "0.81628", "0", "1", "null")
OTHERS = (
    '"gold_label": "y"', '"gold_label": "z"', '"gold_label": null', '"cluster": "c"', '"cluster": null',
    '"disagreement_class": "minor"', '"adjudicated_label": "x"', '"rationales": [{"reviewer": "r", "label": "x"}]',
    '"adjudicated_label": "x", "adjudication_reason": "why"', '"confidence": [0.5]', '"confidence": null',
    '"content": {"text": "t"}', '"metadata": {"k": 1}', '"task": "u"', '"unknown": 1', '"split": 3',
)  # fmt: skip


@st.composite
def label_files(draw: st.DrawFn) -> str:
    lines = []
    for row in range(draw(st.integers(1, 5))):
        members = [f'"item_id": "i{draw(st.integers(0, 9)) and row}"', '"task": "t"']
        if draw(st.booleans()):
            members.append(f'"counts": {draw(st.sampled_from(COUNTS))}')
        if draw(st.booleans()) or len(members) == 2:
            members.append(f'"distribution": {draw(st.sampled_from(MASSES))}')
            members.append(f'"reviewer_count": {draw(st.sampled_from(("4", "4", "5", "100", "null")))}')
        if draw(st.integers(0, 2)) == 0:
            members.append(f'"entropy_bits": {draw(st.sampled_from(ENTROPIES))}')
        if draw(st.integers(0, 2)) == 0:
            members.append(draw(st.sampled_from(OTHERS)))
        lines.append("{" + ", ".join(members) + "}")
    return "\n".join(lines) + "\n"


def loaded(path: Path) -> tuple[HumanLabels | None, list[str]]:
    try:
        return load_soft_labels(path), []
    except InputError as error:
        return None, list(map(str, error.problems))


@settings(max_examples=150, deadline=None)
@given(label_files())
@example('{"item_id": "a", "task": "t", "distribution": {"x": 0.75, "y": 0.25}, "reviewer_count": 4, '
         '"counts": {"x": 3, "y": 1}, "entropy_bits": 0.8062781244591328}\n')  # fmt: skip
@example('{"item_id": "a", "task": "t", "counts": {"x": 3, "y": 1}, "distribution": {"x": 0.4, "y": 0.6}}\n')
def test_a_sweep_accepts_what_the_rules_accept_and_gives_the_same_arrays(tmp_path_factory, text: str):
    path = tmp_path_factory.mktemp("labels") / "labels.jsonl"
    path.write_text(text)
    swept, problems = loaded(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "PLAIN_SOFT_LABEL", NOTHING_IS_PLAIN)
        judged, expected = loaded(path)
    assert problems == expected
    assert (swept is None) == (judged is None)
    if swept is not None and judged is not None:
        for name in ARRAYS:
            assert getattr(swept, name).tobytes() == getattr(judged, name).tobytes()
        for name in ("task", "labels", "item_ids", "derived_class", "reported_class", "clusters"):
            assert getattr(swept, name) == getattr(judged, name)
        assert list(swept.records) == list(judged.records)


def test_a_bad_line_late_in_a_large_file_is_the_only_problem(tmp_path):
    rng = random.Random(3)
    lines = [
        f'{{"item_id": "i{i}", "task": "t", "counts": {{"x": {rng.randrange(1, 4)}, "y": {rng.randrange(4)}}}}}'
        for i in range(40_000)
    ]
    lines[33_333] = '{"item_id": "i33333", "task": "t", "counts": {"x": 1, "z": 1}}'
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        load_soft_labels(path)
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [(33_334, "counts.z")]


def test_records_of_a_selection_are_its_own(write):
    path = write(*({"item_id": f"i{i}", "task": "t", "counts": {"x": i, "y": 3}} for i in range(6)))
    humans = load_soft_labels(path).select([4, 1])
    assert [record.item_id for record in humans.records] == ["i4", "i1"]
    assert humans.records[-1].counts == {"x": 1, "y": 3}
    assert [record.item_id for record in humans.records[:1]] == ["i4"]
    assert all(isinstance(record, SoftLabel) for record in humans.select(np.array([True] * 2)).records)


def test_a_count_beyond_reason_is_a_problem_not_a_crash(write):
    tumor = load_rubric("tumor_severity")
    for count in (2**41, 10**30, 10**400):
        path = write({"item_id": "a", "task": tumor.task, "counts": {"mild": count, "severe": 1}})
        with pytest.raises(InputError, match=r"counts\.mild: is too large a number"):
            load_soft_labels(path, tumor)
