"""The file of a cassette: vcrpy's YAML, read as plain data and checked before anything is played."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from vcr.request import Request
from vcr.serialize import serialize
from vcr.serializers import yamlserializer
from vcr.serializers.compat import convert_to_bytes

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.schema import read_bytes
from panel_eval.schema.plain_yaml import load_plain_yaml

Interactions: TypeAlias = "tuple[list[Any], list[Any]]"
"""vcrpy's requests, and its responses as plain data."""

_FIX = "record it anew"


def read_cassette(path: Path) -> Interactions:
    """The requests and responses on a cassette.

    Raises:
        InputError: the file cannot be read, is not plain YAML (a tag that builds Python objects, say), or is no
            cassette.
    """
    return parse_cassette(read_bytes(path), path)


def parse_cassette(raw: bytes, path: Path) -> Interactions:
    """As `read_cassette`, of the file's bytes; the path is for messages."""
    _, data = load_plain_yaml(raw, path)
    interactions = data.get("interactions") if isinstance(data, dict) else None
    if not isinstance(interactions, list) or not interactions:
        raise InputError(Problem("is no cassette: it has no interactions", path=path, fix=_FIX))
    requests, responses = [], []
    for number, interaction in enumerate(interactions, start=1):
        wrong = _wrong(interaction)
        if wrong is not None:
            raise InputError(Problem(f"interaction {number}: {wrong}", path=path, fix=_FIX))
        asked = interaction["request"]
        try:
            requests.append(Request(asked["method"], asked["uri"], asked.get("body"), asked["headers"]))
        except ValueError as error:
            raise InputError(Problem(f"interaction {number}: {error}", path=path, fix=_FIX)) from None
        responses.append(convert_to_bytes(interaction["response"]))
    return requests, responses


def cassette_text(requests: list[Any], responses: list[Any]) -> str:
    """The text of a cassette.

    Raises:
        InputError: a body cannot be written as plain YAML.
    """
    try:
        return str(serialize({"requests": requests, "responses": responses}, yamlserializer))
    except yaml.YAMLError as error:
        raise InputError(f"a body cannot be written down: {shorten(str(error), 200)}") from None


def write_cassette(path: Path, text: str) -> None:
    """Write a cassette in one piece; two tests that record it at once leave one whole file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".", suffix=".part", delete=False
    ) as file:
        file.write(text)
    os.chmod(file.name, 0o644)  # noqa: PTH101
    Path(file.name).replace(path)


def _wrong(interaction: object) -> str | None:
    """What is wrong with an interaction, or None."""
    if not isinstance(interaction, dict):
        return "is no mapping"
    request, response = interaction.get("request"), interaction.get("response")
    if not isinstance(request, dict) or not isinstance(response, dict):
        return "lacks request or response"
    if not isinstance(request.get("method"), str) or not isinstance(request.get("uri"), str):
        return "the request lacks method or uri"
    if not _is_headers(request.get("headers")) or not _is_headers(response.get("headers")):
        return "headers must map names to lists of text"
    status, body = response.get("status"), response.get("body")
    if not isinstance(status, dict) or type(status.get("code")) is not int or "message" not in status:
        return "the response lacks its status"
    if not isinstance(body, dict) or not isinstance(body.get("string"), str | bytes):
        return "the response lacks its body"
    return None


def _is_headers(headers: object) -> bool:
    if not isinstance(headers, dict):
        return False
    return all(isinstance(name, str) and _is_words(value) for name, value in headers.items())


def _is_words(value: object) -> bool:
    words = value if isinstance(value, list) else [value]
    return bool(words) and all(isinstance(word, str) for word in words)
