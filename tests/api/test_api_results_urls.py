from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.api.results_urls import as_url, is_plain
from panel_eval.errors import InputError


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("s3://bucket/nightly", "s3://bucket/nightly"),
        ("s3://bucket/nightly/", "s3://bucket/nightly"),
        ("S3://bucket/Nightly", "s3://bucket/Nightly"),
        (Path("s3://bucket/nightly"), "s3://bucket/nightly"),  # a Path has lost a slash
        (Path("file:///var/runs"), "file:///var/runs"),
        ("gs://bucket", "gs://bucket"),
        ("results", None),
        ("/var/results", None),
        ("results/s3:/x", None),
        ("C:/results", None),
        (Path("a:b/c"), None),
    ],
)
def test_what_is_a_url_and_what_a_folder(given: str | Path, meant: str | None) -> None:
    assert as_url(given) == meant


@pytest.mark.parametrize(
    "url",
    [
        "s3://AKIAKEY:s3cr3t@bucket/x",
        "s3://s3cr3t@bucket",
        "s3://bucket/x?secret=s3cr3t",
        "s3://bucket/x#s3cr3t",
        "ftp://user:s3cr3t@host/x",
        "simplecache::s3://s3cr3t@bucket/x",
        "s3://bucket/x::s3cr3t",
    ],
)
def test_a_url_with_a_key_is_refused_and_the_key_is_not_told(url: str) -> None:
    with pytest.raises(InputError) as refused:
        as_url(url)
    assert "s3cr3t" not in str(refused.value)
    assert "environment" in str(refused.value)


@pytest.mark.parametrize(
    "url", ["s3://", "s3://bucket//x", "s3://bucket/../x", "s3://bucket/a\nb", "s3://bucket/\x1b[2J"]
)
def test_a_url_of_no_plain_folder_is_refused(url: str) -> None:
    with pytest.raises(InputError) as refused:
        as_url(url)
    assert "\x1b" not in str(refused.value)


def test_an_unknown_scheme_is_told_what_is_known() -> None:
    with pytest.raises(InputError, match="s3://"):
        as_url("s4://bucket/x")


@given(st.text(max_size=250))
def test_a_plain_name_stays_in_its_folder(name: str) -> None:
    if is_plain(name):
        inside = Path("/far/away") / name
        assert inside.parent == Path("/far/away")
        assert inside.name == name
        assert name.isascii()
        assert not name.startswith((".", "-"))
