"""Reading JSONL: what is wrong, where, and how to mend it."""

from pathlib import Path

import pytest

from panel_eval.errors import InputError, Problem
from panel_eval.schema import SoftLabel, Vote, read_jsonl

GOOD = '{"item_id": "a", "task": "t", "counts": {"x": 3}}'


def problems_of(tmp_path: Path, data: str | bytes) -> list[Problem]:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_jsonl(path, SoftLabel).problems


def only_problem(tmp_path: Path, data: str | bytes) -> Problem:
    (problem,) = problems_of(tmp_path, data)
    return problem


def with_field(field: str) -> str:
    return GOOD[:-1] + ", " + field + "}"


def test_every_bad_line_is_reported_and_good_lines_are_kept(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text(f'{GOOD}\n{{"item_id": "b"}}\n\n{GOOD}\n{{"task": 1}}\n')
    lines = read_jsonl(path, SoftLabel)
    assert [number for number, _ in lines.records] == [1, 4]
    assert [(p.line, p.key) for p in lines.problems] == [(2, "task"), (5, "item_id"), (5, "task")]


def test_an_unknown_key_names_the_nearest_known_one(tmp_path):
    problem = only_problem(tmp_path, with_field('"reviewers_count": 3'))
    assert (problem.line, problem.key, problem.message) == (1, "reviewers_count", "unknown key")
    assert problem.fix == "did you mean 'reviewer_count'?"


def test_an_unknown_nested_key_is_compared_with_the_keys_of_its_own_record(tmp_path):
    line = with_field('"rationales": [{"reviewer": "A", "label": "x", "evidance": "e"}]')
    problem = only_problem(tmp_path, line)
    assert (problem.key, problem.fix) == ("rationales.0.evidance", "did you mean 'evidence'?")


def test_keys_under_metadata_are_free(tmp_path):
    assert problems_of(tmp_path, with_field('"metadata": {"anything": {"goes": [1, null]}}')) == []


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ('"entropy_bits": NaN', "entropy_bits"),
        ('"distribution": {"x": Infinity}', "distribution.x"),
        ('"metadata": {"score": NaN}', None),
        ('"metadata": {"score": [1, -Infinity]}', None),
    ],
)
def test_nan_and_infinity_are_refused_everywhere(tmp_path, field, key):
    assert only_problem(tmp_path, with_field(field)).key == key


def test_the_words_nan_and_infinity_are_fine_in_text(tmp_path):
    assert problems_of(tmp_path, with_field('"content": {"text": "NaN to Infinity"}')) == []


def test_broken_utf8_names_the_line_and_the_byte(tmp_path):
    problem = only_problem(tmp_path, GOOD.encode() + b'\n{"item_id": "caf\xe9"}\n')
    assert problem.line == 2
    assert "not UTF-8 (byte 0xe9 at position 17)" in problem.message  # {"item_id": "caf is 16 bytes


def test_a_torn_line_says_where_the_json_ends(tmp_path):
    problem = only_problem(tmp_path, f"{GOOD}\n{GOOD[:30]}")
    assert problem.line == 2
    assert problem.message.startswith("is not valid JSON: EOF")
    assert "at column 30" in problem.message
    assert problem.value == GOOD[:30].replace("'", "\\'")


def test_two_records_on_one_line_are_one_problem(tmp_path):
    assert "trailing characters" in only_problem(tmp_path, GOOD + GOOD).message


@pytest.mark.parametrize("line", ["[1, 2]", "3", "null", '"text"'])
def test_a_line_that_is_no_object_is_refused(tmp_path, line):
    assert only_problem(tmp_path, line).message == "input should be an object"


def test_nesting_beyond_reason_is_refused_not_crashed_on(tmp_path):
    problem = only_problem(tmp_path, with_field(f'"metadata": {{"a": {"[" * 100_000}'))
    assert "recursion limit" in problem.message


def test_a_number_of_ten_thousand_digits_is_refused_not_crashed_on(tmp_path):
    assert only_problem(tmp_path, with_field(f'"reviewer_count": {"9" * 10_000}')).line == 1


def test_a_lone_surrogate_is_refused(tmp_path):
    assert "not valid JSON" in only_problem(tmp_path, with_field('"cluster": "\\ud800"')).message


def test_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + f"{GOOD}\r\n\r\n{GOOD}\r\n".encode())
    lines = read_jsonl(path, SoftLabel)
    assert lines.problems == []
    assert [number for number, _ in lines.records] == [1, 3]


def test_unicode_line_separators_inside_text_do_not_split_a_line(tmp_path):
    text = "one\u2028two\u0085three\x0b"
    path = tmp_path / "labels.jsonl"
    path.write_text(with_field('"content": {"text": "one\u2028two\u0085three\\u000b"}'), encoding="utf-8")
    ((_, record),) = read_jsonl(path, SoftLabel).records
    assert record.content == {"text": text}


def test_an_empty_file_has_neither_records_nor_problems(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\n  \n")
    lines = read_jsonl(path, SoftLabel)
    assert (lines.records, lines.problems) == ([], [])


@pytest.mark.parametrize(
    "line",
    [
        '{"item_id": "a", "task": "t", "disagreement_class": "\\u001b[2Jmajor\\u0007\\u202e"}',
        '{"item_id": "a", "task": "t", "\\u001b]0;title\\u0007": 1}',
        '{"item_id": "a", "task": "t", "counts": {"\\u001b[31mred\\u009b": -1}}',
        '{"item_id": "a", "task": "t", "split": "\x1b[2J"}',
        '{"item_id": "a", "task": "t", "rationales": [{"\\u001b[2J": "\\r\\nlabels.jsonl: all good"}]}',
    ],
)
def test_terminal_escapes_in_a_file_never_reach_the_message(tmp_path, line):
    found = problems_of(tmp_path, line)
    assert found
    for problem in found:
        assert str(problem).isprintable()


def test_long_values_are_shortened(tmp_path):
    problem = only_problem(tmp_path, with_field(f'"disagreement_class": "{"long" * 10_000}"'))
    assert len(str(problem)) < 400


@pytest.mark.parametrize(
    ("field", "fix"),
    [
        ('"reviewer_count": "4"', "write the number without quotes"),
        ('"reviewer_count": 4.0', "write 4 without a decimal point"),
        ('"reviewer_count": true', None),
        ('"cluster": 7', "put it in quotes"),
    ],
)
def test_types_are_not_guessed(tmp_path, field, fix):
    problem = only_problem(tmp_path, with_field(field))
    assert problem.fix == fix
    assert problem.key is not None


@pytest.mark.parametrize(
    ("confidence", "key"),
    [
        ('[{"reviewer": "A", "value": 2}]', "confidence.0.value"),
        ('[{"reviewer": "A"}]', "confidence.0.value"),
        ("[0.5, 2]", "confidence.1"),
        ('"high"', "confidence"),
    ],
)
def test_a_field_with_two_forms_gives_one_complaint_about_the_form_meant(tmp_path, confidence, key):
    assert only_problem(tmp_path, with_field(f'"confidence": {confidence}')).key == key


def test_labels_named_like_types_keep_their_key(tmp_path):
    found = problems_of(tmp_path, with_field('"distribution": {"float": 2, "list[x]": -1, "[key]": 3}'))
    assert [p.key for p in found] == ["distribution.float", "distribution.list[x]", "distribution.[key]"]


def test_a_votes_file_with_an_answer_and_an_outcome_that_clash_is_located(tmp_path):
    path = tmp_path / "votes.jsonl"
    path.write_text('{"item_id": "a", "judge": "j", "outcome": "refusal", "label": "x"}\n')
    (problem,) = read_jsonl(path, Vote).problems
    assert problem.line == 1
    assert "'refusal' can have no label" in problem.message


def test_a_missing_file_suggests_a_similar_one(tmp_path):
    (tmp_path / "labels.jsonl").write_text(GOOD)
    with pytest.raises(InputError, match=r"file not found.*did you mean .*labels\.jsonl"):
        read_jsonl(tmp_path / "label.jsonl", SoftLabel)


def test_a_missing_folder_a_folder_and_an_impossible_name_are_input_errors(tmp_path):
    with pytest.raises(InputError, match=r"the folder .* does not exist"):
        read_jsonl(tmp_path / "nowhere" / "labels.jsonl", SoftLabel)
    with pytest.raises(InputError, match="is a folder"):
        read_jsonl(tmp_path, SoftLabel)
    with pytest.raises(InputError, match="not a file name"):
        read_jsonl(Path("a\0b"), SoftLabel)
