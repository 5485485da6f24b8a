"""What may stand in a cassette, and what is found in one."""

from __future__ import annotations

import base64
import json
import string
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.errors import InputError
from panel_eval.judges.secrecy import HIDDEN, keys_in, without_keys
from panel_eval.pytest_plugin.cassette_path import cassette_path
from panel_eval.pytest_plugin.key_search import leaks_in
from panel_eval.pytest_plugin.scrubbing import KEPT_HEADERS, kept_headers, public_uri

WORDS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
SECRET = st.text(string.ascii_letters + string.digits, min_size=20, max_size=30)
OPEN = st.sampled_from(["alt", "api-version", "model", "max_tokens", "n"])


@given(SECRET, SECRET, SECRET, st.lists(st.tuples(OPEN, WORDS), max_size=4))
def test_a_public_url_asks_the_same_and_tells_no_secret(user, key, fragment, query):
    named = "&".join([f"{name}={quote(value)}" for name, value in query] + [f"x-api-key={key}"])
    found = public_uri(f"https://{user}:{key}@host.example:8443/v1/chat?{named}#{fragment}")
    assert not any(secret in found for secret in (user, key, fragment))
    parts = urlsplit(found)
    assert (parts.scheme, parts.hostname, parts.port, parts.path) == ("https", "host.example", 8443, "/v1/chat")
    assert parse_qsl(parts.query) == query


@given(st.lists(st.tuples(OPEN, WORDS), max_size=4))
def test_a_url_without_secrets_stays_as_it_is(query):
    url = "http://127.0.0.1:8000/v1" + ("?" + "&".join(f"{name}={value}" for name, value in query) if query else "")
    assert public_uri(url) == url


@given(st.dictionaries(WORDS | st.sampled_from(["Content-Type", "Authorization", "X-Api-Key", "Cookie"]), WORDS))
def test_headers_are_kept_by_allow_list(headers):
    assert {name.lower() for name in kept_headers(headers)} == {n.lower() for n in headers} & KEPT_HEADERS


@given(st.none() | st.text(max_size=40), st.text(max_size=200), st.none() | WORDS)
def test_a_cassette_lies_inside_its_folder(name, test, test_class):
    folder = Path("/somewhere/cassettes")
    try:
        path = cassette_path(folder, name, test, test_class)
    except InputError:
        assert name is not None  # only a name that somebody gave is refused
        return
    assert path.resolve().is_relative_to(folder)
    assert path != folder
    assert path.suffix == ".yaml"
    assert len(path.name) < 255


@given(st.tuples(st.text(max_size=150), st.text(max_size=150)).filter(lambda pair: pair[0] != pair[1]))
def test_two_tests_share_no_cassette(pair):
    """But for the reading `test[a]` = `test-a`, and for the case of letters where the file system ignores it."""
    one, other = (cassette_path(Path("/c"), None, test) for test in pair)
    plain = [test.replace("[", "-").replace("]", "") for test in pair]
    assert one != other or plain[0] == plain[1]


@given(SECRET)
def test_what_is_found_is_what_would_be_hidden(secret):
    text = f"before sk-{secret}9A after"
    assert keys_in(text) == [f"sk-{secret}9A"]
    assert without_keys(text) == f"before {HIDDEN} after"
    assert keys_in(without_keys(text)) == []


CASSETTE = """
interactions:
- request: {{method: POST, uri: "{uri}", headers: {headers}, body: "{body}"}}
  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: "{answer}"}}}}
{more}
"""
CLEAN = {"uri": "https://host/v1?alt=sse", "headers": "{content-type: [application/json]}", "body": "hello",
         "answer": "hello", "more": "version: 1"}  # fmt: skip
FOUND = {
    "nothing": ({}, None),
    "a header of another tool": ({"headers": "{Authorization: [DUMMY]}"}, "request header Authorization"),
    "a key split over two lines": ({"body": "say sk-Ab1\\\n    2Cd34Ef56"}, "interaction 1, request body: sk-…"),
    "a user": ({"uri": "https://me@host/v1"}, "interaction 1, URL"),
    "a comment": ({"more": "# sk-Ab12Cd34Ef56"}, "outside the interactions: sk-…"),
    "a field of a form": ({"body": "grant_type=x&client_secret=opaque-words-here"}, "the field 'client_secret'"),
    "a longer field": ({"answer": "{'x-api-key': 'opaque-words-here'}"}, "the field 'x-api-key'"),
    "a field": ({"answer": "{'client_secret': 'opaque-words-here'}"}, "the field 'client_secret'"),
}


@pytest.mark.parametrize("what", FOUND)
def test_a_file_of_any_origin_can_be_searched(tmp_path, what):
    changes, found = FOUND[what]
    path = tmp_path / "any.yaml"
    path.write_text(CASSETTE.format(**{**CLEAN, **changes}))
    leaks = leaks_in(path)
    assert leaks == [] if found is None else any(found in leak for leak in leaks)
    assert not any("Ab1" in leak for leak in leaks)


@pytest.mark.parametrize("body", ["plain", "form", "path", "slashes", "json", "base64", "basic"])
def test_the_value_of_a_variable_is_found_however_it_is_written(tmp_path, monkeypatch, body):
    key = 'p/ss+w0rd=&"secret99'
    monkeypatch.setenv("OUR_API_KEY", key)
    written = {
        "plain": key,
        "form": urlencode({"client": key}),
        "path": quote(key, safe=""),
        "slashes": json.dumps({"k": key}).replace("/", "\\/"),
        "json": json.dumps({"k": key}).replace("&", "\\u0026"),
        "base64": base64.b64encode(key.encode()).decode(),
        "basic": "Basic " + base64.b64encode(f"somebody:{key}".encode()).decode(),
    }[body]
    request = {"method": "POST", "uri": "https://host/v1", "headers": {}, "body": written}
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "hello"}}
    path = tmp_path / "any.yaml"
    path.write_text(json.dumps({"interactions": [{"request": request, "response": response}], "version": 1}))
    (leak,) = leaks_in(path)
    assert leak.startswith("interaction 1, request body: ")
    assert leak.endswith(f"p/s… ({len(key)} characters)")
