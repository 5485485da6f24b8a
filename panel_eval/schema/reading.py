"""Reading YAML and JSONL into models, with every problem located: file, line, key, value and the fix."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.schema.locating import locate, place
from panel_eval.schema.plain_yaml import line_of, load_plain_yaml
from panel_eval.schema.repeated_keys import has_repeated_keys, repeated_key

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
    except ValueError as error:
        raise InputError(Problem(f"is not a file name: {error}", value=shorten(str(path)))) from None


def read_jsonl(path: Path, model: type[ModelT]) -> Lines[ModelT]:
    """Read a JSONL file line by line; blank lines are skipped, each bad line gives its problems.

    Types are strict: the number 4 is neither "4" nor true.

    Raises:
        InputError: the file is missing or unreadable. Bad lines do not raise; see `Lines.problems`.
    """
    result: Lines[ModelT] = Lines(path)
    with collector_paused():
        for number, raw in _numbered_lines(read_bytes(path)):
            found = parse_line(raw, number, model, path)
            if isinstance(found, BaseModel):
                result.records.append((number, found))
            else:
                result.problems.extend(found)
    return result


def read_yaml(path: Path, model: type[ModelT]) -> ModelT:
    """Read a YAML file into a model. Plain YAML only: tags that build Python objects are refused.

    Raises:
        InputError: missing, not UTF-8, not YAML, or not what the model wants; lists every problem with its line.
    """
    node, data = load_plain_yaml(read_bytes(path), path)
    if data is None:
        raise InputError(Problem("is empty", path=path, fix="a YAML mapping (key: value) must stand here"))
    if not isinstance(data, Mapping):
        raise InputError(Problem("must be a YAML mapping (key: value)", path=path, value=shorten(data)))
    try:
        return model.model_validate(data, strict=True)
    except ValidationError as error:
        problems = locate(error.errors(include_url=False), data, model)
        raise InputError([place(problem, path, line_of(node, loc)) for loc, problem in problems]) from None


def read_json(path: Path, model: type[ModelT]) -> ModelT:
    """Read a file that is one JSON document into a model. Types are strict.

    Raises:
        InputError: missing, not JSON, or not what the model wants; lists every problem with its key.
    """
    found = parse_line(read_bytes(path).removeprefix(b"\xef\xbb\xbf"), None, model, path)
    if isinstance(found, list):
        raise InputError(found)
    return found


def parse_line(raw: bytes, number: int | None, model: type[ModelT], path: Path) -> ModelT | list[Problem]:
    """The record on one line, or everything that is wrong with it.

    Args:
        raw: the line without its line end.
        number: where it stands in the file, from 1; None where the record is the whole file.
        model: what it must be.
        path: the file, for the problems.
    """
    try:
        return _valid_record(raw, model)
    except UnicodeDecodeError as error:
        byte = f"byte {raw[error.start]:#04x} at position {error.start + 1}"
        problem = Problem(f"is not UTF-8 ({byte})", fix="save the file as UTF-8")
    except ValidationError as error:
        return [place(problem, path, number) for problem in _line_problems(error, model, raw)]
    except _NotFiniteError:
        problem = Problem("NaN and Infinity are not JSON numbers", fix="write null, or leave the key out")
    except _RepeatedKeyError as error:
        fix = "keep one of them; readers would silently take the last"
        problem = Problem("stands twice in one object", key=shorten(str(error)), fix=fix)
    return [place(problem, path, number)]


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for reference cycles meanwhile: records have none, and looking costs four times the parsing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _numbered_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if raw.strip():
            yield number, raw.rstrip(b"\r")


class _NotFiniteError(Exception):
    """A line holds NaN or Infinity where pydantic does not look (below `metadata`)."""


class _RepeatedKeyError(Exception):
    """One object of a line names the key in the argument twice."""


def _valid_record(raw: bytes, model: type[ModelT]) -> ModelT:
    text = raw.decode("utf-8")
    record = model.model_validate_json(text, strict=True)
    try:
        parsed = from_json(text, allow_inf_nan=False)
    except ValueError:
        raise _NotFiniteError from None
    if has_repeated_keys(raw, parsed):
        raise _RepeatedKeyError(repeated_key(text))
    return record


def _line_problems(error: ValidationError, model: type[BaseModel], raw: bytes) -> list[Problem]:
    details = error.errors(include_url=False)
    text = raw.decode("utf-8")
    if details[0]["type"] == "json_invalid":
        reason = str(details[0]["ctx"]["error"]).replace(" at line 1 column ", " at column ")
        fix = "is the line cut off, or two records on one line?"
        return [Problem(f"is not valid JSON: {reason}", value=shorten(text[-60:]), fix=fix)]
    return [problem for _, problem in locate(details, from_json(text), model)]


def _similar_file(path: Path) -> str | None:
    if not path.parent.is_dir():
        return f"the folder {path.parent} does not exist"
    near = nearest(path.name, sorted(entry.name for entry in path.parent.iterdir()))
    return f"did you mean {path.parent / near}?" if near else "check the path"
