"""Results of promptfoo: `promptfoo eval -o results.json` (or .jsonl), summary versions 2 and 3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from panel_eval.errors import InputError, Problem
from panel_eval.importing.documents import read_document, read_records
from panel_eval.importing.entries import Dropped, Entry, Item, JudgeVote
from panel_eval.importing.format import Format, Source
from panel_eval.importing.model_answers import ModelAnswer, positive, usage_of
from panel_eval.importing.values import at_path, identifier, text

_ERROR = 2
"""`failureReason` of a request that failed, as against an assertion that did."""


def _read(source: Source) -> Iterator[Entry]:
    named: set[str] = set()
    for place, row in _rows(source):
        if isinstance(row, Dropped):
            yield row
            continue
        item_id = _item_id(row, source)
        if item_id is None:
            yield Dropped("no_item", "names no item (--field item=vars.NAME)", place)
            continue
        if item_id not in named:
            named.add(item_id)
            yield Item(item_id, content=_content(row, source), gold_label=_gold(row, source), line=place)
        judge = _judge(row, source)
        yield JudgeVote(_answer(item_id, judge, row, source).vote(), place)


def _rows(source: Source) -> Iterator[tuple[int, dict[str, Any] | Dropped]]:
    """The rows of a file of JSON lines, or of a summary: its `results.results`, in version 2 `results.outputs`."""
    if source.path.suffix.lower() == ".jsonl":
        yield from read_records(source.path)
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


def _item_id(row: dict[str, Any], source: Source) -> str | None:
    """What the user named, else the test's own number: the same in every repetition and for every provider."""
    named = source.mapping.fields.get("item")
    if named is not None:
        return identifier(at_path(row, named)) or identifier(at_path(row, f"testCase.{named}"))
    own = identifier(at_path(row, "testCase.metadata.id")) or identifier(at_path(row, "vars.id"))
    test = identifier(row.get("testIdx"))
    return own or (None if test is None else f"test-{test}")


def _judge(row: dict[str, Any], source: Source) -> str:
    """The provider; with its prompt where the file has several, which are judges of their own."""
    provider = identifier(at_path(row, "provider.label")) or identifier(at_path(row, "provider.id"))
    provider = provider or identifier(row.get("provider")) or next(iter(source.mapping.judges), "judge")
    prompt = row.get("promptIdx")
    return provider if prompt in (None, 0) else f"{provider} (prompt {prompt})"


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
    variables = row.get("vars")
    variables = variables if isinstance(variables, dict) else at_path(row, "testCase.vars")
    variables = variables if isinstance(variables, dict) else {}
    wanted = {name: at_path(row, name) for name in source.mapping.content} or variables
    found = {str(name): text(value) for name, value in wanted.items()}
    return {name: value for name, value in found.items() if value is not None}


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
