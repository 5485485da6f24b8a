"""Finding keys in cassettes: where they stand, never what they are."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus

from panel_eval.errors import shorten
from panel_eval.judges.secrecy import keys_in
from panel_eval.pytest_plugin.cassette_file import parse_cassette
from panel_eval.pytest_plugin.scrubbing import KEPT_HEADERS, public_uri
from panel_eval.schema import read_bytes

_WORDS = re.compile(r"(?:[a-z]{1,6}[-_])?[a-z]{2,14}(?:[-_.][a-z]{1,14})*\.?")
"""Words joined by hyphens or underscores, such as the JSON key `key_findings`; keys have digits or capitals."""

_SECRETS = (
    r"[a-z_-]{0,20}(?:access_?token|refresh_?token|id_?token|client_?(?:secret|assertion)|api[_-]?key|access_?key|"
    r"private_?key|password|secret)"
)
_NAMED = re.compile(
    rf"""["'](?P<field>{_SECRETS})["']\s*:\s*["'](?:[^"'\\]|\\.){{8,}}["']"""  # JSON
    rf"""|(?:^|&)(?P<form>{_SECRETS})=[^&\s]{{8,}}""",  # forms, as OAuth's token endpoints take them
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"""\\(?:u([0-9a-fA-F]{4})|([/"\\]))""")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_URL_SAFE = str.maketrans("+/", "-_")
_SHOWN = 3


def leaks_in(path: Path) -> list[str]:
    """Where in a cassette something looks like a key, in words that do not repeat it.

    Every header, URL and body is searched, for the values of environment variables called …KEY, …TOKEN, …SECRET,
    …PASSWORD, for the shapes of providers' keys, and for JSON fields called like one.

    Raises:
        InputError: the file cannot be read, or is no cassette.
    """
    return leaks_in_text(read_bytes(path).decode("utf-8", "replace"), path)


def leaks_in_text(text: str, path: Path) -> list[str]:
    """As `leaks_in`, of a cassette's text; the path is for messages."""
    requests, responses = parse_cassette(text.encode("utf-8"), path)
    found = []
    for number, (request, response) in enumerate(zip(requests, responses, strict=True), start=1):
        for where, words in _parts(request, response):
            found += [f"interaction {number}, {where}: {leak}" for leak in dict.fromkeys(_leaks(words))]
        found += [f"interaction {number}, {where}" for where in _out_of_place(request, response)]
    if not found:  # comments, metadata, and what else stands outside the interactions
        found += [f"outside the interactions: {leak}" for leak in dict.fromkeys(_leaks(text))]
    return found


def _leaks(text: str) -> Iterator[str]:
    for reading in dict.fromkeys((text, unquote_plus(text), _ESCAPED.sub(_unescaped, text))):
        yield from _keys(reading)
        for match in _NAMED.finditer(reading):
            yield f"the field {(match.group('field') or match.group('form'))!r}"
    for run in _BASE64.findall(text):
        yield from (f"in base64: {key}" for key in _keys(_decoded(run)))


def _keys(text: str) -> Iterator[str]:
    for key in keys_in(text):
        if not _WORDS.fullmatch(key):
            yield f"{shorten(key[:_SHOWN])}… ({len(key)} characters)"


def _unescaped(match: re.Match[str]) -> str:
    """What an escape of JSON stands for; pairs of surrogates are no part of a key."""
    code, plain = match.groups()
    return plain if code is None else chr(int(code, 16))


def _decoded(run: str) -> str:
    """The text that a run of base64's characters stands for; empty where it stands for none."""
    whole = run[: len(run) - (len(run) % 4 == 1)]
    try:
        return urlsafe_b64decode((whole + "=" * (-len(whole) % 4)).translate(_URL_SAFE)).decode()
    except UnicodeDecodeError:
        return ""


def _parts(request: Any, response: Any) -> Iterator[tuple[str, str]]:
    """(where, text) of everything that an interaction holds."""
    yield "URL", f"{request.uri} {unquote(request.uri)}"
    yield "request body", _text(request.body)
    yield "response body", _text(response["body"]["string"])
    for whose, headers in (("request", request.headers), ("response", response["headers"])):
        for name, value in headers.items():
            yield f"{whose} header {shorten(name)}", _text(value if isinstance(value, str) else " ".join(value))


def _out_of_place(request: Any, response: Any) -> Iterator[str]:
    """What the plugin never records, and which stands there all the same."""
    if public_uri(request.uri) != request.uri:
        yield "URL: a user, a password or a parameter named like a secret"
    for whose, headers in (("request", request.headers), ("response", response["headers"])):
        for name in headers:
            if name.lower() == "content-encoding":
                yield f"{whose} body: is compressed in a way that cannot be searched here"
            if name.lower() not in KEPT_HEADERS:
                yield f"{whose} header {shorten(name)}: only {', '.join(sorted(KEPT_HEADERS))} may stand here"


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else repr(value)
