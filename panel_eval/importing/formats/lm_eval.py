"""Samples of lm-evaluation-harness 0.4 (`--log_samples`): choices scored by likelihood, and generated text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem
from panel_eval.importing.documents import Records
from panel_eval.importing.entries import Dropped, Entry, Item, JudgeVote, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.model_answers import ModelAnswer, refuse_second_task
from panel_eval.importing.values import at_path, identifier, number, text
from panel_eval.schema import Vote

_FILES = "samples_*.jsonl"
_FILE_NAME = re.compile(r"samples_(.+?)(?:_\d{4}-\d\d-\d\dT[\d\-.:]+)?\.jsonl$")


def _read(source: Source) -> Iterator[Entry]:
    yield Note("shares from likelihoods are normalised over the choices asked about")
    tasks: dict[str, Path] = {}
    for path in _files(source.path):
        if (found := _FILE_NAME.match(path.name)) is not None:
            refuse_second_task(tasks, found[1], path, source.path)
        judge = _judge(path, source)
        chosen: str | None = None
        for line, record in Records(path):
            if isinstance(record, Dropped):
                yield record
                continue
            chosen = chosen or text(record.get("filter"))
            if text(record.get("filter")) != chosen:
                message = f"is of another filter than the file's first, {chosen}"
                yield Dropped("other_filter", message, line, value=record.get("filter"))
                continue
            yield from _entries(record, judge, line, source)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.rglob(_FILES))
    if not found:
        raise InputError(Problem(f"holds no {_FILES}", path=path, fix="run lm_eval with --log_samples"))
    return found


def _judge(path: Path, source: Source) -> str:
    """The judge that the user named; else the folder, which lm_eval calls by its model."""
    if source.mapping.judges:
        return source.mapping.judges[0]
    return (
        path.parent.name.replace("__", "/") if path.name.startswith("samples_") and path.parent.name else "lm-eval"
    )


def _entries(record: dict[str, Any], judge: str, line: int, source: Source) -> Iterator[Entry]:
    item_id = identifier(_named(record, source.mapping.fields.get("item")))
    if item_id is None:
        yield Dropped("no_item", "names no item (doc_id)", line)
        return
    yield Item(item_id, content=_content(record, source), gold_label=_gold(record), line=line)
    choices = _choices(record)
    if any(value > -math.inf for value in choices.values()):
        yield JudgeVote(_likelihood_vote(item_id, judge, choices), line)
        return
    for said in _generated(record):
        yield ModelAnswer(item_id, judge, said, label_path=source.mapping.fields.get("label")).entry(line)


def _named(record: dict[str, Any], path: str | None) -> Any:
    if path is None:
        return record.get("doc_id")
    found = at_path(record, path)
    return at_path(record.get("doc"), path) if found is None else found


def _requests(record: dict[str, Any]) -> list[list[Any]]:
    """The arguments of each request: an object of objects since 0.4.3, lists before."""
    arguments = record.get("arguments")
    listed = list(arguments.values()) if isinstance(arguments, dict) else arguments
    requests = listed if isinstance(listed, list) else []
    return [
        list(one.values()) if isinstance(one, dict) else one for one in requests if isinstance(one, (dict, list))
    ]


def _choices(record: dict[str, Any]) -> dict[str, float]:
    """Continuation to log-likelihood in nats, of requests that are about one; empty for generated text."""
    found: dict[str, float] = {}
    answers = record.get("filtered_resps")
    for request, answer in zip(_requests(record), answers if isinstance(answers, list) else [], strict=False):
        continuation = request[1] if len(request) > 1 else None
        value = _log_likelihood(answer[0]) if isinstance(answer, list) and len(answer) == 2 else None
        if isinstance(continuation, str) and continuation.strip() and value is not None:
            name = continuation.strip()
            found[name] = max(value, found.get(name, -math.inf))
    return found


def _log_likelihood(value: Any) -> float | None:
    return -math.inf if value in ("-inf", -math.inf) else number(value)


def _likelihood_vote(item_id: str, judge: str, choices: dict[str, float]) -> Vote:
    """Shares proportional to the likelihoods."""
    top = max(choices.values())
    weights = {label: math.exp(value - top) for label, value in choices.items()}
    total = math.fsum(weights.values())
    shares = {label: weight / total for label, weight in weights.items()}
    return Vote(item_id=item_id, judge=judge, elicit="logprobs", distribution=shares)


def _generated(record: dict[str, Any]) -> list[Any]:
    """The texts after the filter; a request may have been repeated."""
    answers = record.get("filtered_resps")
    answers = answers if isinstance(answers, list) else []
    flat = [inner for answer in answers for inner in (answer if isinstance(answer, list) else [answer])]
    return flat or [None]


def _content(record: dict[str, Any], source: Source) -> dict[str, str]:
    """The fields of the document that the user named, else all that are text."""
    document = record.get("doc")
    document = document if isinstance(document, dict) else {"text": document}
    if source.mapping.content:
        document = {name: at_path(record.get("doc"), name) for name in source.mapping.content}
    found = {str(name): value for name, value in document.items() if isinstance(value, str) and value.strip()}
    return found


def _gold(record: dict[str, Any]) -> Any:
    """The target: a label, or the place of one among the choices."""
    target = record.get("target")
    choices = [
        request[1].strip() for request in _requests(record) if len(request) > 1 and isinstance(request[1], str)
    ]
    place = number(target)
    if choices and place is not None and place.is_integer() and 0 <= place < len(choices):
        return choices[int(place)]
    return target.strip() if isinstance(target, str) else None


FORMAT = Format(
    name="lm-eval",
    title="samples of lm-evaluation-harness (a file or a folder of --log_samples)",
    example='{"doc_id": 0, "doc": {…}, "arguments": {…}, "filtered_resps": [["-1.2", "False"], ["-0.4", "True"]]}',
    read=_read,
    makes=frozenset({"votes"}),
    roles={"item": ("doc_id",)},
    page="import/lm-eval.md",
)
