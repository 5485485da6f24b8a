"""The published JSON Schemas against an independent validator, and against the models they come from."""

import json

import jsonschema
import pytest
from pydantic import ValidationError

from panel_eval.schema import DOCUMENTS, SoftLabel, Vote, json_schema

# The example of the soft-label primer: four reviewers of one MRI split 2-1-1.
PRIMER = {
    "item_id": "mri-2031",
    "task": "tumor_severity_grade",
    "distribution": {"mild": 0.25, "moderate": 0.50, "severe": 0.25},
    "reviewer_count": 4,
    "entropy_bits": 1.50,
    "disagreement_class": "major",
    "rationales": [
        {"reviewer": "A", "label": "moderate", "evidence": "lesion 18mm > 15mm threshold"},
        {"reviewer": "B", "label": "moderate", "evidence": "size + parietal location"},
        {"reviewer": "C", "label": "severe", "evidence": "edema visible in T2-FLAIR"},
        {"reviewer": "D", "label": "mild", "evidence": "strict reading sub-threshold"},
    ],
    "adjudicated_label": None,
    "adjudication_reason": "honest disagreement; not collapsed by default",
}


def schema_accepts(name: str, record: object) -> bool:
    return jsonschema.Draft202012Validator(json_schema(name)).is_valid(record)


def model_accepts(model: type[SoftLabel] | type[Vote], record: object) -> bool:
    try:
        model.model_validate_json(json.dumps(record), strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_each_contract_is_a_valid_json_schema_that_forbids_unknown_keys(name):
    schema = json_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False


def test_the_primer_example_meets_the_published_schema():
    assert schema_accepts("soft-label", PRIMER)
    assert model_accepts(SoftLabel, PRIMER)


def test_every_field_of_the_soft_label_contract_is_described():
    for field, entry in json_schema("soft-label")["properties"].items():
        assert entry.get("description"), field


BAD_SOFT_LABELS = {
    "unknown key": {"entropy": 1.5},
    "unknown nested key": {"rationales": [{"reviewer": "A", "label": "mild", "note": "x"}]},
    "mass above one": {"distribution": {"mild": 1.5}},
    "negative mass": {"distribution": {"mild": -0.5, "severe": 1.0}},
    "mass as text": {"distribution": {"mild": "1.0"}},
    "no reviewers": {"reviewer_count": 0},
    "half a reviewer": {"reviewer_count": 3.5},
    "reviewers as text": {"reviewer_count": "4"},
    "reviewers as truth": {"reviewer_count": True},
    "negative entropy": {"entropy_bits": -0.1},
    "unknown class": {"disagreement_class": "moderate"},
    "insufficient is no reported class": {"disagreement_class": "insufficient"},
    "negative count": {"counts": {"mild": -1}},
    "half a vote": {"counts": {"mild": 0.5}},
    "confidence beyond one": {"confidence": [0.5, 1.5]},
    "confidence without a value": {"confidence": [{"reviewer": "A"}]},
    "rationale without a label": {"rationales": [{"reviewer": "A"}]},
    "content that is no text": {"content": {"text": 3}},
    "empty id": {"item_id": ""},
    "task is null": {"task": None},
    "a later version": {"schema_version": 2},
    "metadata is a list": {"metadata": []},
}


@pytest.mark.parametrize("change", BAD_SOFT_LABELS.values(), ids=BAD_SOFT_LABELS.keys())
def test_schema_and_model_refuse_the_same_soft_labels(change):
    record = {**PRIMER, **change}
    assert not model_accepts(SoftLabel, record)
    assert not schema_accepts("soft-label", record)


GOOD_SOFT_LABELS = {
    "counts only": {"item_id": "a", "task": "t", "counts": {"x": 1, "y": 0}},
    "numbers as confidence": {**PRIMER, "confidence": [0.9, 0.8, 0.4, 1]},
    "named confidence": {**PRIMER, "confidence": [{"reviewer": "A", "value": 0.9}]},
    "all extensions": {**PRIMER, "content": {"report": "x"}, "cluster": "c", "gold_label": "mild", "split": "test"},
    "nulls": {**PRIMER, "confidence": None, "entropy_bits": None, "counts": None, "disagreement_class": None},
    "free metadata": {**PRIMER, "metadata": {"a": [1, {"b": None}]}},
}


@pytest.mark.parametrize("record", GOOD_SOFT_LABELS.values(), ids=GOOD_SOFT_LABELS.keys())
def test_schema_and_model_accept_the_same_soft_labels(record):
    assert model_accepts(SoftLabel, record)
    assert schema_accepts("soft-label", record)


@pytest.mark.parametrize("missing", ["item_id", "task"])
def test_identity_and_task_are_required_by_both(missing):
    record = {key: value for key, value in PRIMER.items() if key != missing}
    assert not model_accepts(SoftLabel, record)
    assert not schema_accepts("soft-label", record)


@pytest.mark.parametrize(
    "change",
    [{"outcome": "fine"}, {"sample": -1}, {"confidence": 2}, {"judge": ""}, {"labl": "x"}, {"cost_usd": -1}],
)
def test_schema_and_model_refuse_the_same_votes(change):
    good = {"item_id": "a", "judge": "j", "label": "x"}
    assert model_accepts(Vote, good)
    assert schema_accepts("vote", good)
    assert not model_accepts(Vote, {**good, **change})
    assert not schema_accepts("vote", {**good, **change})


def test_an_unknown_contract_is_a_key_error():
    with pytest.raises(KeyError):
        json_schema("soft-labels")


def test_records_cannot_be_changed():
    record = SoftLabel.model_validate(PRIMER)
    with pytest.raises(ValidationError, match="frozen"):
        record.item_id = "other"  # type: ignore[misc]
