"""Results of promptfoo: `promptfoo eval -o results.json` (or .jsonl), summaries 2 and 3 (looked at: 0.121.20)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from panel_eval.errors import InputError, Problem
from panel_eval.importing.documents import Records, read_document
from panel_eval.importing.entries import Dropped, Entry, Item
from panel_eval.importing.format import Format, Source
from panel_eval.importing.model_answers import ModelAnswer, positive, usage_of
from panel_eval.importing.values import at_path, identifier, text

Rows = list[tuple[int, "dict[str, Any] | Dropped"]]

_ERROR = 2
"""`failureReason` of a request that failed, as against an assertion that did."""


def _read(source: Source) -> Iterator[Entry]:
    rows = list(_rows(source))
    tests, prompts = _tests(rows), _prompts(rows, source)
    for place, row in rows:
        if isinstance(row, Dropped):
            yield row
            continue
        item_id = _item_id(row, source, tests)
        if item_id is None:
            yield Dropped("no_item", "names no item (--field item=vars.NAME)", place)
            continue
        yield Item(item_id, content=_content(row, source), gold_label=_gold(row, source), line=place)
        judge = _judge(row, source, prompts)
        yield _answer(item_id, judge, row, source).entry(place)


def _rows(source: Source) -> Iterator[tuple[int, dict[str, Any] | Dropped]]:
    """The rows of a file of JSON lines, or of a summary: its `results.results`, in version 2 `results.outputs`."""
    if source.path.suffix.lower() == ".jsonl":
        yield from Records(source.path)
        return
    document = read_document(source.path)
    for path in ("results.results", "results", "results.outputs"):
        if isinstance(rows := at_path(document, path), list):
            break
    else:
        fix = "write it with: promptfoo eval -o results.json"
        raise InputError(Problem("has no list of results (results.results)", path=source.path, fix=fix))
    for place, row in enumerate(rows, start=1):
        yield place, row if isinstance(row, dict) else Dropped("no_record", "is no JSON object", place, value=row)


def _tests(rows: Rows) -> dict[str, int]:
    """The variables of a test to the lowest number that a test with these has.

    `--repeat` numbers each repetition anew, after the tests of the round before or between them.
    """
    first: dict[str, int] = {}
    for _, row in rows:
        if isinstance(row, dict) and isinstance(number := row.get("testIdx"), int) and (key := _variables_key(row)):
            first[key] = min(number, first.get(key, number))
    return first


def _variables_key(row: dict[str, Any]) -> str | None:
    variables = _variables(row)
    return json.dumps(variables, sort_keys=True, default=str) if variables else None


def _prompts(rows: Rows, source: Source) -> dict[str, list[int]]:
    """Provider to its columns, rising: `promptIdx` counts prompts over all providers."""
    columns: dict[str, set[int]] = {}
    for _, row in rows:
        if isinstance(row, dict) and isinstance(column := row.get("promptIdx"), int):
            columns.setdefault(_provider(row, source), set()).add(column)
    return {provider: sorted(own) for provider, own in columns.items()}


def _item_id(row: dict[str, Any], source: Source, tests: dict[str, int]) -> str | None:
    """What the user named, else the test's own id or number: the same in every repetition, for every provider."""
    named = source.mapping.fields.get("item")
    if named is not None:
        return identifier(at_path(row, named)) or identifier(at_path(row, f"testCase.{named}"))
    own = identifier(at_path(row, "testCase.metadata.id")) or identifier(at_path(row, "vars.id"))
    test = identifier(tests.get(_variables_key(row) or "", row.get("testIdx")))
    return own or (None if test is None else f"test-{test}")


def _provider(row: dict[str, Any], source: Source) -> str:
    provider = identifier(at_path(row, "provider.label")) or identifier(at_path(row, "provider.id"))
    return provider or identifier(row.get("provider")) or next(iter(source.mapping.judges), "judge")


def _judge(row: dict[str, Any], source: Source, prompts: dict[str, list[int]]) -> str:
    """The provider; with the prompt's number, from 0, past its first: each prompt is a judge of its own."""
    provider, column = _provider(row, source), row.get("promptIdx")
    place = prompts[provider].index(column) if isinstance(column, int) else 0
    return provider if place == 0 else f"{provider} (prompt {place})"


def _answer(item_id: str, judge: str, row: dict[str, Any], source: Source) -> ModelAnswer:
    response = row.get("response")
    response = response if isinstance(response, dict) else {}
    failed = text(response.get("error")) or (text(row.get("error")) if row.get("failureReason") == _ERROR else None)
    said = response.get("output")
    path = source.mapping.fields.get("label")
    if path is not None and (elsewhere := at_path(row, path)) is not None:
        said, path = elsewhere, None  # such as gradingResult.pass: a verdict on the output
    refused = response.get("isRefusal") is True
    return ModelAnswer(
        item_id=item_id,
        judge=judge,
        said=said,
        finish_reason=text(response.get("finishReason")),
        refusal=text(said) or "" if refused else None,
        error=failed if failed is not None or response or path is not None else _no_response(row),
        label_path=path,
        beside={
            "usage": usage_of(response.get("tokenUsage")),
            "cost_usd": positive(row.get("cost", response.get("cost"))),
            "latency_s": positive(row.get("latencyMs"), 1000),
            "rationale": text(at_path(row, "gradingResult.reason")) if source.mapping.fields.get("label") else None,
        },
    )


def _no_response(row: dict[str, Any]) -> str | None:
    return text(row.get("error")) or ("no response" if "response" in row else None)


def _content(row: dict[str, Any], source: Source) -> dict[str, str]:
    """The test's variables, or those that the user named."""
    wanted = {name: at_path(row, name) for name in source.mapping.content} or _variables(row)
    found = {str(name): text(value) for name, value in wanted.items()}
    return {name: value for name, value in found.items() if value is not None}


def _variables(row: dict[str, Any]) -> dict[str, Any]:
    variables = row.get("vars")
    variables = variables if isinstance(variables, dict) else at_path(row, "testCase.vars")
    return variables if isinstance(variables, dict) else {}


def _gold(row: dict[str, Any], source: Source) -> Any:
    named = source.mapping.fields.get("gold")
    return None if named is None else at_path(row, named)


FORMAT = Format(
    name="promptfoo",
    title="results of promptfoo (JSON or JSON lines)",
    example='{"results": {"results": [{"vars": {…}, "provider": {"id": …}, "response": {"output": "negative"}}]}}',
    read=_read,
    makes=frozenset({"votes"}),
    roles={"item": ("testCase.metadata.id", "vars.id", "testIdx"), "label": ("response.output",)},
    page="import/promptfoo.md",
)
