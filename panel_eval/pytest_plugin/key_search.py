"""Finding keys in cassettes: where they stand, never what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from panel_eval.errors import shorten
from panel_eval.judges.secrecy import keys_in
from panel_eval.pytest_plugin.cassette_file import parse_cassette
from panel_eval.pytest_plugin.scrubbing import KEPT_HEADERS, public_uri
from panel_eval.schema import read_bytes

_WORDS = re.compile(r"(?:[a-z]{1,6}[-_])?[a-z]{2,14}(?:[-_.][a-z]{1,14})*\.?")
"""Words joined by hyphens or underscores, such as the JSON key `key_findings`; keys have digits or capitals."""

_NAMED = re.compile(
    r"""["'](?:access_?token|refresh_?token|id_?token|client_?secret|api_?key|password|secret)["']\s*:\s*"""
    r"""["']([^"'\\]{8,})["']""",
    re.IGNORECASE,
)
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
    for key in keys_in(text):
        if not _WORDS.fullmatch(key):
            yield f"{shorten(key[:_SHOWN])}… ({len(key)} characters)"
    for match in _NAMED.finditer(text):
        yield f"the field {match.group().split(':')[0]}"


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
