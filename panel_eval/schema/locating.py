"""Turning pydantic's complaints into problems that name the key, the value and the fix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from panel_eval.errors import Problem, nearest, shorten

Location = tuple[str | int, ...]


def locate(details: list[ErrorDetails], data: object, model: type[BaseModel]) -> list[tuple[Location, Problem]]:
    """The problems behind pydantic's error details, each with its path inside `data`.

    Where a field may have several forms (a union), only the complaints about the form that fits best are kept.

    Args:
        details: what pydantic found.
        data: the parsed record the details are about.
        model: what the record should be.

    Returns:
        (path of keys and positions in the data, problem without file and line).
    """
    forms: dict[Location, dict[str, list[ErrorDetails]]] = {}
    for detail in details:
        prefix, form = _union_form(detail, data)
        forms.setdefault(prefix, {}).setdefault(form, []).append(detail)
    found: list[tuple[Location, Problem]] = []
    for by_form in forms.values():
        for located in _best_form(by_form, data, model):
            if located not in found:
                found.append(located)
    return found


def _union_form(detail: ErrorDetails, data: object) -> tuple[Location, str]:
    """Where a union stands and which of its forms the detail is about; details outside unions stand alone."""
    current = data
    for position, part in enumerate(detail["loc"]):
        known, current = _step(current, part)
        if not known and not _names_absent_key(detail, position):
            return detail["loc"][:position], str(part)
    return (*detail["loc"], detail["type"]), ""


def _names_absent_key(detail: ErrorDetails, position: int) -> bool:
    last = position == len(detail["loc"]) - 1
    return last and (detail["type"] == "missing" or detail["loc"][-1] == "[key]")


def _step(data: object, part: str | int) -> tuple[bool, object]:
    if isinstance(data, Mapping) and part in data:
        return True, data[part]
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return True, data[part]
    return False, data


def _best_form(
    by_form: Mapping[str, list[ErrorDetails]], data: object, model: type[BaseModel]
) -> list[tuple[Location, Problem]]:
    """The complaints of the form that was understood deepest, then with the fewest; of all forms in a tie."""
    rank = {form: (-max(len(d["loc"]) for d in found), len(found)) for form, found in by_form.items()}
    best = [form for form in by_form if rank[form] == min(rank.values())]
    return [
        (path := _real_path(detail, data), _problem(detail, path, model))
        for form in best
        for detail in by_form[form]
    ]


def _real_path(detail: ErrorDetails, data: object) -> Location:
    """The location without pydantic's own marks (names of union forms, `[key]`)."""
    path: list[str | int] = []
    current = data
    for part in detail["loc"]:
        known, current = _step(current, part)
        if known or (part == detail["loc"][-1] and detail["type"] == "missing"):
            path.append(part)
    return tuple(path)


def _problem(detail: ErrorDetails, path: Location, model: type[BaseModel]) -> Problem:
    key = shorten(".".join(str(part) for part in path)) if path else None
    if detail["type"] == "extra_forbidden":
        known = _known_keys(model, detail["loc"][:-1])
        near = nearest(str(path[-1]), known)
        fix = f"did you mean {near!r}?" if near else f"known keys: {', '.join(known)}"
        return Problem("unknown key", key=key, fix=fix)
    if detail["type"] == "missing":
        return Problem("is required but missing", key=key)
    message = detail["msg"].removeprefix("Value error, ")
    untold = detail["type"] == "value_error" or (detail["type"] == "misfit" and detail["input"] is None)
    value = None if untold else shorten(detail["input"])
    return Problem(message[:1].lower() + message[1:], key=key, value=value, fix=_fix(detail))


def _fix(detail: ErrorDetails) -> str | None:
    value = detail["input"]
    if "fix" in (context := detail.get("ctx", {})):  # a validator of ours that knows
        return str(context["fix"])
    if detail["type"] == "string_type" and isinstance(value, bool | int | float):
        return "put it in quotes"
    if detail["type"] == "int_type" and isinstance(value, float) and value.is_integer():
        return f"write {int(value)} without a decimal point"
    if detail["type"] in {"int_type", "float_type"} and isinstance(value, str) and value.strip().isnumeric():
        return "write the number without quotes"
    return None


def _known_keys(model: type[BaseModel], loc: Location) -> list[str]:
    """Keys of the (nested) model that a location points into."""
    current: list[type[BaseModel]] = [model]
    for part in loc:
        if not isinstance(part, str):
            continue
        fields = [form.model_fields[part] for form in current if part in form.model_fields]
        if fields:
            current = [form for field in fields for form in _nested_models(field.annotation)]
        else:  # the name of a union's form
            current = [form for form in current if _goes_by(form, part)] or current
    return list(current[0].model_fields) if current else []


def _goes_by(model: type[BaseModel], tag: str) -> bool:
    """Whether a form of a union has this name: its class's, or the only value that one of its fields takes."""
    tags = {get_args(field.annotation) for field in model.model_fields.values()}
    return tag == model.__name__ or (tag,) in tags


def _nested_models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _nested_models(inner)]


def place(problem: Problem, path: Path, line: int | None) -> Problem:
    """The same problem with its file and line."""
    return Problem(problem.message, path, line, problem.key, problem.value, problem.fix)
