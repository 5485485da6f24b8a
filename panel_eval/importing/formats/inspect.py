"""Logs of Inspect AI: `.eval` and `.json`, log version 2 (looked at: inspect_ai 0.3.285)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.documents import parse_document, read_document
from panel_eval.importing.entries import Dropped, Entry, Item, Note
from panel_eval.importing.format import Format, Source
from panel_eval.importing.model_answers import ModelAnswer, positive, refuse_second_task, usage_of
from panel_eval.importing.values import at_path, identifier, number, text, time_text
from panel_eval.importing.zip_members import open_members

OUTPUT = "output"
_ATTACHED = "attachment://"
_MOST_LISTED = 8


@dataclass(frozen=True)
class _Asked:
    """What is read of each sample.

    Attributes:
        scorer: whose verdict; None for the model's own output.
        path: within the score's value; "" for all of it, "answer" for the answer that the scorer read.
        judge: name of the judge.
    """

    scorer: str | None
    path: str
    judge: str


def _read(source: Source) -> Iterator[Entry]:
    tasks: dict[str, Path] = {}
    for path in _logs(source.path):
        asked: _Asked | None = None
        for place, (header, sample) in enumerate(_samples(path), start=1):
            if asked is None:
                refuse_second_task(tasks, text(at_path(header, "eval.task")), path, source.path)
                asked = _asked(source, header, sample, path)
                if asked.scorer is None and (scorers := _scorers(sample)):
                    yield Note(f"the model's own output is read; --field label=NAME reads a scorer: {scorers}")
            if not isinstance(sample, dict):
                yield Dropped("no_record", "is no sample", place, value=sample)
                continue
            item_id = identifier(_named(sample, source))
            if item_id is None:
                yield Dropped("no_item", "names no item (id)", place)
                continue
            yield Item(item_id, content=_content(sample, source, asked), gold_label=_gold(sample), line=place)
            yield _answer(item_id, sample, asked, source).entry(place)


def _logs(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.rglob("*") if one.suffix in (".eval", ".json") and one.name != "logs.json")
    if not found:
        raise InputError(Problem("holds no .eval or .json logs", path=path))
    return found


def _samples(path: Path) -> Iterator[tuple[dict[str, Any], Any]]:
    """(header, sample) of a log, samples in the order of their names."""
    if path.suffix == ".eval":
        with open_members(path) as members:
            names = sorted(name for name in members.names if name.startswith("samples/") and name.endswith(".json"))
            start = next((name for name in ("header.json", "_journal/start.json") if name in members.names), None)
            if start is None:
                raise InputError(Problem("is no log of Inspect: it has no header.json", path=path))
            header = parse_document(members.read(start), path)
            for name in names:
                yield header if isinstance(header, dict) else {}, parse_document(members.read(name), path)
        return
    document = read_document(path)
    samples = at_path(document, "samples")
    if not isinstance(samples, list) or not isinstance(at_path(document, "eval"), dict):
        fix = "a log has the keys eval and samples; logs written with --no-log-samples have no answers"
        raise InputError(Problem("is no log of Inspect with samples", path=path, fix=fix))
    for sample in samples:
        yield document, sample


def _asked(source: Source, header: dict[str, Any], sample: Any, path: Path) -> _Asked:
    """What the user named as the label: `output`, a scorer, `scorer.answer`, or a key of a scorer's values.

    Raises:
        InputError: there is no such scorer.
    """
    model = identifier(at_path(header, "eval.model")) or "model"
    named = source.mapping.fields.get("label", OUTPUT)
    judge = next(iter(source.mapping.judges), None)
    if named == OUTPUT:
        return _Asked(None, "", judge or model)
    scores = at_path(sample, "scores")
    scores = scores if isinstance(scores, dict) else {}
    scorer, _, inner = named.partition(".")
    if named in scores:
        scorer, inner = named, ""
    if scorer not in scores and not isinstance(at_path(sample, "error"), dict):
        fix = f"it has: {_scorers(sample) or 'none'}; or output, for what the model said"
        raise InputError(Problem("has no such scorer", path, key="fields.label", value=shorten(named), fix=fix))
    return _Asked(scorer, inner, judge or (model if inner == "answer" else scorer))


def _scorers(sample: Any) -> str:
    scores = at_path(sample, "scores")
    names = list(scores) if isinstance(scores, dict) else []
    return ", ".join(shorten(name, 40) for name in names[:_MOST_LISTED])


def _named(sample: dict[str, Any], source: Source) -> Any:
    path = source.mapping.fields.get("item")
    return sample.get("id") if path is None else at_path(sample, path)


def _answer(item_id: str, sample: dict[str, Any], asked: _Asked, source: Source) -> ModelAnswer:
    output = sample.get("output")
    epoch = number(sample.get("epoch")) or 1
    beside: dict[str, Any] = {
        "sample": max(int(epoch) - 1, 0) if abs(epoch) < 2**31 else 0,
        "at": time_text(sample.get("completed_at")),
    }
    error = text(at_path(sample, "error.message")) or _limit(sample)
    if asked.scorer is not None:
        score = at_path(sample, "scores")
        score = score.get(asked.scorer) if isinstance(score, dict) else None
        said = at_path(score, "answer") if asked.path == "answer" else at_path(score, "value")
        said = at_path(said, asked.path) if asked.path not in ("", "answer") else said
        beside["rationale"] = text(at_path(score, "explanation"))
        return ModelAnswer(item_id, asked.judge, said, error=error if score is None else None, beside=beside)
    beside |= {
        "model_reported": text(at_path(output, "model")),
        "usage": usage_of(at_path(output, "usage")),
        "latency_s": positive(at_path(output, "time")),
    }
    said = text(at_path(output, "completion")) or _spoken(at_path(output, "choices.0.message.content"))
    finish = text(at_path(output, "choices.0.stop_reason"))
    error = error or text(at_path(output, "error"))
    return ModelAnswer(item_id, asked.judge, said, finish, error=error, beside=beside)


def _limit(sample: dict[str, Any]) -> str | None:
    """Which limit ended the sample, if one did."""
    limit = text(at_path(sample, "limit.type"))
    return None if limit is None else f"the sample ended at its {limit} limit"


def _spoken(content: Any) -> str | None:
    """The text of a message: a text, or a list of parts."""
    if isinstance(content, list):
        parts = [part if isinstance(part, str) else text(at_path(part, "text")) for part in content]
        return "\n".join(part for part in parts if part) or None
    return text(content)


def _content(sample: dict[str, Any], source: Source, asked: _Asked) -> dict[str, str]:
    """What was asked; with a scorer also the response that it judged."""
    if source.mapping.content:
        given = {name: _whole(at_path(sample, name), sample) for name in source.mapping.content}
        return {name: value for name, value in given.items() if value is not None}
    asked_text = sample.get("input")
    if isinstance(asked_text, list):
        turns = [(text(at_path(turn, "role")), _spoken(at_path(turn, "content"))) for turn in asked_text]
        asked_text = "\n\n".join(said if len(turns) == 1 else f"{role}: {said}" for role, said in turns if said)
    found = {"text": _whole(asked_text, sample), "choices": _choices(sample)}
    if asked.scorer is not None and asked.path != "answer":
        found["response"] = _whole(at_path(sample, "output.completion"), sample)
    return {name: value for name, value in found.items() if value is not None}


def _choices(sample: dict[str, Any]) -> str | None:
    """The answers to choose from, with the letters that Inspect's targets and answers name them by."""
    choices = sample.get("choices")
    given = choices if isinstance(choices, list) else []
    lines = [f"{chr(ord('A') + place)}) {_whole(choice, sample)}" for place, choice in enumerate(given[:26])]
    return "\n".join(lines) or None


def _whole(value: Any, sample: dict[str, Any]) -> str | None:
    """A text; one that the log keeps apart is fetched from there."""
    found = text(value)
    if found is not None and found.startswith(_ATTACHED):
        attached = at_path(sample, "attachments")
        key = found.removeprefix(_ATTACHED)
        return text(attached.get(key)) if isinstance(attached, dict) else None
    return found


def _gold(sample: dict[str, Any]) -> Any:
    """The target where there is a single one."""
    target = sample.get("target")
    if isinstance(target, list):
        return target[0] if len(target) == 1 else None
    return target


FORMAT = Format(
    name="inspect",
    title="logs of Inspect AI (.eval, .json, or a folder of them)",
    example='{"eval": {"model": …}, "samples": [{"id": …, "input": …, "output": {"completion": "negative"}}]}',
    read=_read,
    makes=frozenset({"votes"}),
    roles={"item": ("id",), "label": (OUTPUT,)},
    page="import/inspect.md",
)
