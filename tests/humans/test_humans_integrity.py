"""Every rule of the soft-label contract, broken one at a time."""

import copy
import json

import pytest

from panel_eval.errors import InputError, Problem
from panel_eval.humans import load_soft_labels, validate_labels

COUNTS = {"mild": 1, "moderate": 2, "severe": 1}


@pytest.fixture
def broken(mri, write, tumor):
    """Problems of the primer's item after a change; a value of `...` removes the key."""

    def check(strict: bool = False, with_rubric: bool = True, **changes: object) -> list[Problem]:
        record = {**copy.deepcopy(mri), **changes}
        record = {key: value for key, value in record.items() if value is not ...}
        return validate_labels(write(record), tumor if with_rubric else None, strict)

    return check


def keys(problems):
    return [problem.key for problem in problems]


def test_the_primer_item_is_valid_with_and_without_its_rubric(mri_path, tumor):
    assert validate_labels(mri_path, tumor) == []
    assert validate_labels(mri_path) == []


def test_strict_mode_misses_the_confidence_that_the_primer_lists_but_does_not_show(mri_path, tumor):
    (problem,) = validate_labels(mri_path, tumor, strict=True)
    assert (problem.key, problem.line) == ("confidence", 1)


def test_with_a_null_confidence_the_primer_item_meets_the_strict_contract(broken):
    assert broken(strict=True, confidence=None) == []


@pytest.mark.parametrize("key", ["entropy_bits", "disagreement_class", "rationales", "adjudicated_label"])
def test_derivable_fields_may_be_missing_except_in_strict_mode(broken, key):
    assert broken(confidence=None, **{key: ...}) == []
    assert keys(broken(strict=True, confidence=None, **{key: ...})) == [key]


def test_strict_mode_wants_values_where_null_says_nothing(broken):
    problems = broken(strict=True, confidence=None, entropy_bits=None, disagreement_class=None)
    assert keys(problems) == ["entropy_bits", "disagreement_class"]


def test_masses_must_sum_to_one(broken):
    (problem,) = broken(distribution={"mild": 0.25, "moderate": 0.5, "severe": 0.26})
    assert (problem.key, problem.value, problem.line) == ("distribution", "a sum of 1.01", 1)


@pytest.mark.parametrize(("last", "valid"), [(0.2500009, True), (0.2500011, False), (0.2499989, False)])
def test_the_sum_may_be_off_by_a_millionth(broken, last, valid):
    assert (broken(distribution={"mild": 0.25, "moderate": 0.5, "severe": last}) == []) is valid


@pytest.mark.parametrize(("bits", "valid"), [(1.505, True), (1.495, True), (1.5051, False), (1.0397, False)])
def test_entropy_is_checked_within_five_thousandths_of_a_bit(broken, bits, valid):
    problems = broken(entropy_bits=bits)  # 1.0397 is the entropy in nats
    assert keys(problems) == ([] if valid else ["entropy_bits"])
    if not valid:
        assert "1.5000" in str(problems[0].fix)


def test_the_entropy_to_write_for_equal_votes_is_no_negative_zero(broken):
    (problem,) = broken(distribution=..., counts={"mild": 4}, rationales=[], reviewer_count=4, entropy_bits=1.5)
    assert (problem.fix or "").startswith("write 0.0000,")


def test_entropy_is_checked_against_counts_where_no_distribution_is_given(broken):
    base = {"distribution": ..., "reviewer_count": ..., "counts": COUNTS}
    assert broken(**base) == []
    assert keys(broken(**base, entropy_bits=1.4)) == ["entropy_bits"]


def test_an_unknown_label_names_the_nearest_known_one_wherever_it_stands(broken):
    problems = broken(
        distribution={"mild": 0.25, "modrate": 0.5, "severe": 0.25},
        rationales=[{"reviewer": "A", "label": "Severe"}],
        adjudicated_label="benign",
        gold_label="mildd",
    )
    assert keys(problems) == ["distribution.modrate", "rationales.0.label", "adjudicated_label", "gold_label"]
    fixes = [str(problem.fix) for problem in problems]
    assert "did you mean 'moderate'?" in fixes[0]
    assert "did you mean 'severe'?" in fixes[1]
    assert fixes[2] == "labels: mild, moderate, severe"
    assert "did you mean 'mild'?" in fixes[3]


def test_an_unknown_label_with_no_mass_is_still_unknown(broken):
    distribution = {"mild": 0.25, "moderate": 0.5, "severe": 0.25, "none": 0.0}
    assert keys(broken(distribution=distribution)) == ["distribution.none"]


def test_reviewer_count_must_be_the_sum_of_counts(broken):
    (problem,) = broken(counts=COUNTS, reviewer_count=5)
    assert (problem.key, problem.value) == ("reviewer_count", "5")
    assert "4 votes" in problem.message


def test_counts_must_match_the_distribution(broken):
    counts = {"mild": 2, "moderate": 1, "severe": 1}
    problems = broken(counts=counts, rationales=[])
    assert keys(problems) == ["distribution.mild", "distribution.moderate"]
    assert "2 of 4 votes = 0.5" in problems[0].message


def test_masses_rounded_to_three_digits_still_match_their_counts(write, tumor):
    record = {"item_id": "a", "task": tumor.task, "counts": {"mild": 1, "moderate": 1, "severe": 1}}
    record["distribution"] = {"mild": 0.333, "moderate": 0.333, "severe": 0.334}  # .334 · 3 = 1.002
    assert validate_labels(write(record), tumor) == []
    record["distribution"] = {"mild": 0.33, "moderate": 0.33, "severe": 0.34}  # .34 · 3 = 1.02: at the limit
    assert validate_labels(write(record), tumor) == []
    record["distribution"] = {"mild": 0.32, "moderate": 0.33, "severe": 0.35}  # .35 · 3 = 1.05
    assert keys(validate_labels(write(record), tumor)) == ["distribution.mild", "distribution.severe"]


def test_a_misspelt_label_is_one_problem_not_also_a_mismatch(broken):
    counts = {"mild": 1, "modrate": 2, "severe": 1}
    assert keys(broken(counts=counts)) == ["counts.modrate", "rationales"]


def test_either_distribution_or_counts_must_be_there(broken):
    (problem,) = broken(distribution=..., entropy_bits=...)
    assert problem.message == "has neither distribution nor counts"


def test_a_distribution_needs_the_number_of_reviewers(broken):
    assert keys(broken(reviewer_count=...)) == ["reviewer_count"]


def test_counts_without_a_vote_are_refused(broken):
    problems = broken(counts=dict.fromkeys(COUNTS, 0), distribution=..., reviewer_count=..., rationales=[])
    assert keys(problems) == ["counts"]


def rationales(*labels: str) -> list[dict[str, str]]:
    return [{"reviewer": f"r{i}", "label": label} for i, label in enumerate(labels)]


@pytest.mark.parametrize(
    ("labels", "valid"),
    [
        (("mild", "moderate", "moderate", "severe"), True),
        (("moderate", "moderate"), True),  # not every reviewer explained
        (("mild", "mild", "moderate", "severe"), False),
        (("severe", "severe"), False),  # two explained what one chose
        (("mild", "moderate", "moderate", "severe", "severe"), False),
    ],
)
def test_rationales_must_tally_with_the_votes(broken, labels, valid):
    problems = broken(rationales=rationales(*labels))
    assert keys(problems) == ([] if valid else ["rationales"])


def test_a_tally_that_is_off_shows_both_sides(broken):
    (problem,) = broken(rationales=rationales("mild", "mild", "moderate", "severe"))
    assert problem.message == "name mild 2, moderate 1, severe 1, but the votes are mild 1, moderate 2, severe 1"


def test_a_reviewer_cannot_choose_two_labels(broken):
    twice = [{"reviewer": "A", "label": "mild"}, {"reviewer": "A", "label": "severe"}]
    assert keys(broken(rationales=twice)) == ["rationales.1"]


def test_rationales_are_not_tallied_with_effective_counts(broken):
    distribution = {"mild": 0.3, "moderate": 0.4, "severe": 0.3}  # 1.2, 1.6, 1.2 of 4 reviewers
    problems = broken(distribution=distribution, entropy_bits=..., rationales=rationales(*["mild"] * 4))
    assert problems == []


@pytest.mark.parametrize("reason", [None, "", "  ", ...])
def test_an_adjudicated_label_needs_a_reason(broken, reason):
    assert keys(broken(adjudicated_label="moderate", adjudication_reason=reason)) == ["adjudication_reason"]


def test_a_reason_without_an_adjudicated_label_is_fine(broken):
    assert broken(adjudicated_label=None, adjudication_reason="not collapsed") == []


@pytest.mark.parametrize(
    ("confidence", "valid"),
    [
        ([0.9, 0.8, 0.7, 0.2], True),
        ([], True),
        ([{"reviewer": "A", "value": 0.9}], True),
        ([0.9, 0.8, 0.7], False),  # whose is missing?
        ([0.9, 0.8, 0.7, 0.2, 0.1], False),
        ([{"reviewer": "A", "value": 0.9}, {"reviewer": "A", "value": 0.1}], False),
    ],
)
def test_confidence_must_be_attributable_to_reviewers(broken, confidence, valid):
    assert keys(broken(confidence=confidence)) == ([] if valid else ["confidence"])


def test_the_reported_class_is_kept_but_never_trusted(broken):
    assert broken(disagreement_class="agreement") == []


def test_all_problems_of_a_file_are_listed_in_line_order(mri, write, tumor):
    path = write(
        {**mri, "entropy_bits": 0.1},
        {**mri, "item_id": "b", "task": "other"},
        {**mri, "distribution": {"mild": 1.0, "bad": 0.5}, "entropy_bits": None, "rationales": []},
    )
    with path.open("a") as out:
        out.write("{broken\n" + json.dumps({**mri, "item_id": "d", "extra": 1}) + "\n")
    problems = validate_labels(path, tumor)
    assert [(problem.line, problem.key) for problem in problems] == [
        (1, "entropy_bits"),
        (2, "task"),
        (3, "distribution.bad"),
        (3, "distribution"),
        (3, "item_id"),
        (4, None),
        (5, "extra"),
    ]
    with pytest.raises(InputError) as caught:
        load_soft_labels(path, tumor)
    assert list(caught.value.problems) == problems
    assert str(caught.value).count(str(path)) == 7


def test_a_repeated_id_names_the_first_line(mri, write, tumor):
    problems = validate_labels(write(mri, {**mri, "item_id": "b"}, mri, mri), tumor)
    assert [(problem.line, problem.key, problem.value) for problem in problems] == [
        (3, "item_id", "mri-2031"),
        (4, "item_id", "mri-2031"),
    ]
    assert all("line 1 already" in problem.message for problem in problems)


def test_mixed_tasks_are_refused_without_a_rubric_too(mri, write):
    (problem,) = validate_labels(write(mri, {**mri, "item_id": "b", "task": "other"}))
    assert (problem.line, problem.key, problem.value) == (2, "task", "other")


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_error(tmp_path, data):
    path = tmp_path / "labels.jsonl"
    path.write_bytes(data)
    (problem,) = validate_labels(path)
    assert problem.message == "is empty"


def test_a_missing_file_is_listed_as_a_problem(tmp_path):
    (problem,) = validate_labels(tmp_path / "labels.jsonl")
    assert problem.message == "file not found"


def test_terminal_escapes_in_labels_ids_and_reviewers_never_reach_the_message(mri, write, tumor):
    escape = "\x1b[2J\u202e\x07"
    record = {
        **mri,
        "item_id": escape,
        "task": escape,
        "distribution": {escape: 0.5, "mild": 0.6},
        "rationales": [{"reviewer": escape, "label": "mild"}, {"reviewer": escape, "label": escape}],
        "confidence": [{"reviewer": escape, "value": 1}] * 2,
    }
    for rubric in (tumor, None):
        problems = validate_labels(write(record, record, {**mri, "adjudicated_label": escape}), rubric)
        assert len(problems) > 8
        assert all(str(problem).isprintable() for problem in problems)


def test_an_item_of_two_reviewers_has_no_class_and_strict_mode_says_what_it_needs(broken):
    two = {"reviewer_count": 2, "distribution": {"mild": 0.5, "moderate": 0.5, "severe": 0.0}, "entropy_bits": 1.0}
    (problem,) = broken(strict=True, confidence=None, disagreement_class=None, rationales=[], **two)
    assert problem.key == "disagreement_class"
    assert "three reviewers" in problem.fix
    (of_four,) = broken(strict=True, confidence=None, disagreement_class=None)
    assert (of_four.key, of_four.fix) == ("disagreement_class", None)
