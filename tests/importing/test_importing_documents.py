"""Files of records: an array and JSON lines are the same, and a large one takes little more than its bytes."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel_eval.errors import InputError
from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Dropped

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(alphabet=st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab"]},\\[{', max_size=3), inner),
    max_leaves=12,
)


def read(path: Path, data: bytes) -> list[tuple[int, Any]]:
    path.write_bytes(data)
    records = Records(path)
    found = list(records)
    assert list(records) == found  # as often as one likes
    return found


@given(st.lists(st.dictionaries(st.text(max_size=3), values, max_size=4), min_size=1, max_size=6), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_an_array_and_a_file_of_lines_hold_the_same_records(tmp_path: Path, objects: list[Any], indented: bool):
    array = json.dumps(objects, indent=1 if indented else None).encode()
    lines = "\n".join(map(json.dumps, objects)).encode()
    assert read(tmp_path / "a", array) == read(tmp_path / "l", lines) == list(enumerate(objects, start=1))


def test_what_is_no_object_is_dropped_at_its_place(tmp_path: Path):
    for data in (b'\xef\xbb\xbf[{"a": 1}, 7, {"b": NaN}]', b'{"a": 1}\n7\n{"b": NaN}'):
        (_, first), (_, second), third = read(tmp_path / "x", data)
        assert first == {"a": 1}
        assert isinstance(second, Dropped)
        assert second.line == 2
        assert third == (3, {"b": None})


@pytest.mark.parametrize("data", [b"[", b"[{}}", b"[{},]", b'[{"a": 1} x]', b'[{"a": "\xff"}]', b"[" * 100_000])
def test_an_array_that_is_no_json_is_refused(tmp_path: Path, data: bytes):
    with pytest.raises(InputError, match="is not valid JSON"):
        read(tmp_path / "x", data)


def test_the_element_that_is_no_json_is_named(tmp_path: Path):
    with pytest.raises(InputError, match="record 2: is not valid JSON"):
        read(tmp_path / "x", b'[{}, {"a": "\xff"}]')


def test_going_through_a_large_array_takes_little_more_than_its_bytes(tmp_path: Path):
    """Kept as objects, the lists alone take 64 bytes for each 4 of the file: 16 times its size."""
    path = tmp_path / "large.json"
    path.write_text(json.dumps([{"lists": [[]] * 3000}] * 400))
    tracemalloc.start()
    try:
        assert sum(len(record["lists"]) for _, record in Records(path).objects()) == 3000 * 400
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * path.stat().st_size
