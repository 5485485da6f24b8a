"""Reading YAML and JSONL into models, with every problem located: file, line, key, value and the fix."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from panel_eval.errors import InputError, Problem, nearest, shorten

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass
class Lines(Generic[ModelT]):
    """The records of a JSONL file with their line numbers, and the problems met on the way.

    Attributes:
        path: the file read.
        records: (1-based line number, record) for each line that is valid.
        problems: everything wrong with the other lines, in line order.
    """

    path: Path
    records: list[tuple[int, ModelT]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_bytes(path: Path) -> bytes:
    """The file's bytes.

    Raises:
        InputError: it is missing, a folder, or unreadable.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(Problem("file not found", path=path, fix=_similar_file(path))) from None
    except IsADirectoryError:
        raise InputError(Problem("is a folder, not a file", path=path)) from None
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", path=path)) from None


def read_jsonl(path: Path, model: type[ModelT]) -> Lines[ModelT]:
    """Read a JSONL file line by line; blank lines are skipped, each bad line gives its problems.

    Raises:
        InputError: the file is missing or unreadable. Bad lines do not raise; see `Lines.problems`.
    """
    result: Lines[ModelT] = Lines(path)
    for number, raw in _numbered_lines(read_bytes(path)):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            result.problems.append(
                Problem(
                    f"is not UTF-8 (byte {raw[error.start]:#04x} at position {error.start + 1})",
                    path=path,
                    line=number,
                    fix="save the file as UTF-8",
                )
            )
            continue
        try:
            result.records.append((number, model.model_validate_json(text)))
        except ValidationError as error:
            result.problems.extend(_problems(error, model, path, number, text))
    return result


def read_yaml(path: Path, model: type[ModelT]) -> ModelT:
    """Read a YAML file into a model.

    Raises:
        InputError: missing, not UTF-8, not YAML, or not what the model wants; lists every problem with its line.
    """
    raw = read_bytes(path)
    try:
        text = raw.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except UnicodeDecodeError as error:
        raise InputError(Problem(f"is not UTF-8 (position {error.start + 1})", path=path)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "cannot be parsed"
        line = None if mark is None else mark.line + 1
        raise InputError(Problem(f"is not valid YAML: {what}", path=path, line=line)) from None
    except (ValueError, RecursionError) as error:
        raise InputError(Problem(f"holds a value YAML cannot read: {shorten(error)}", path=path)) from None
    if not isinstance(data, Mapping):
        raise InputError(Problem("must be a YAML mapping (key: value)", path=path, value=shorten(data)))
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(
            [_problem(detail, model, path, _yaml_line(node, detail["loc"])) for detail in error.errors()]
        ) from None


def _numbered_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if raw.strip():
            yield number, raw.rstrip(b"\r")


def _problems(
    error: ValidationError, model: type[BaseModel], path: Path, line: int, text: str
) -> Iterator[Problem]:
    for detail in error.errors():
        if detail["type"] == "json_invalid":
            yield Problem(
                _json_trouble(text),
                path=path,
                line=line,
                value=shorten(text[-60:]),
                fix="is the line cut off, or two records on one line?",
            )
        else:
            yield _problem(detail, model, path, line)


def _json_trouble(text: str) -> str:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"is not valid JSON: {error.msg} at column {error.colno}"
    except RecursionError:
        return "is not valid JSON: nested too deeply"
    return "is not valid JSON: NaN and Infinity are not JSON numbers"


def _problem(detail: ErrorDetails, model: type[BaseModel], path: Path, line: int | None) -> Problem:
    key = ".".join(str(part) for part in detail["loc"] if not _is_type_tag(part)) or None
    if detail["type"] == "extra_forbidden":
        known = _known_keys(model, detail["loc"][:-1])
        near = nearest(str(detail["loc"][-1]), known)
        fix = f"did you mean {near!r}?" if near else f"known keys: {', '.join(known)}"
        return Problem("unknown key", path=path, line=line, key=_printable(key), fix=fix)
    if detail["type"] == "missing":
        return Problem("is required but missing", path=path, line=line, key=key)
    message = detail["msg"].removeprefix("Value error, ")
    value = None if detail["type"] == "value_error" else shorten(detail["input"])
    return Problem(message[:1].lower() + message[1:], path=path, line=line, key=_printable(key), value=value)


def _printable(key: str | None) -> str | None:
    return None if key is None else shorten(key)


def _is_type_tag(part: str | int) -> bool:
    return isinstance(part, str) and (
        "[" in part or part in {"float", "int", "str", "Smoothing", "literal['none']"}
    )


def _known_keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """Keys of the (nested) model that a location points into."""
    current: type[BaseModel] = model
    for part in loc:
        if isinstance(part, str) and part in current.model_fields:
            nested = _nested_model(current.model_fields[part].annotation)
            if nested is None:
                return []
            current = nested
    return list(current.model_fields)


def _nested_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if (found := _nested_model(inner)) is not None:
            return found
    return None


def _yaml_line(node: yaml.Node | None, loc: tuple[str | int, ...]) -> int | None:
    """1-based line of the deepest part of `loc` that stands in the file."""
    line = None if node is None else node.start_mark.line + 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                if key_node.value == str(part):
                    line, node = key_node.start_mark.line + 1, value_node
                    break
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def _similar_file(path: Path) -> str | None:
    if not path.parent.is_dir():
        return f"the folder {path.parent} does not exist"
    near = nearest(path.name, sorted(entry.name for entry in path.parent.iterdir()))
    return f"did you mean {path.parent / near}?" if near else "check the path"
