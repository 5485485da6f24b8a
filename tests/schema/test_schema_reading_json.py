"""A file that is one JSON document: read whole, or refused with every problem named."""

from __future__ import annotations

from pathlib import Path

import pytest

from panel_eval.errors import InputError
from panel_eval.schema.base import FileModel
from panel_eval.schema.reading import read_json


class Inner(FileModel):
    n_items: int


class Document(FileModel):
    name: str
    inner: Inner


def refused(path: Path, text: bytes) -> list[str]:
    path.write_bytes(text)
    with pytest.raises(InputError) as error:
        read_json(path, Document)
    return [str(problem) for problem in error.value.problems]


def test_a_document_may_span_lines_and_begin_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "document.json"
    path.write_bytes(b'\xef\xbb\xbf{\n "name": "a",\n "inner": {"n_items": 3}\n}\n')
    assert read_json(path, Document) == Document(name="a", inner=Inner(n_items=3))


def test_every_wrong_key_is_named_with_its_path_and_the_nearest_known_one(tmp_path):
    said = refused(tmp_path / "document.json", b'{"nane": "a", "inner": {"n_items": "3"}}')
    assert any("nane" in line and "name" in line for line in said)
    assert any("inner.n_items" in line for line in said)
    assert all("document.json" in line for line in said)


def test_a_key_given_twice_is_refused_rather_than_the_last_one_taken(tmp_path):
    said = refused(tmp_path / "document.json", b'{"name": "a", "name": "b", "inner": {"n_items": 3}}')
    assert len(said) == 1
    assert "name: stands twice" in said[0]


@pytest.mark.parametrize("text", [b"", b"{", b'{"name": NaN}', b"\xff", b"[1, 2]", b"null"])
def test_what_is_no_such_document_is_refused(tmp_path, text):
    assert refused(tmp_path / "document.json", text)
