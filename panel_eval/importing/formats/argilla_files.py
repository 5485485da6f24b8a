"""The files of an Argilla export: records in JSON, JSON lines or Parquet, and the settings beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.documents import Records, read_document
from panel_eval.importing.entries import Dropped
from panel_eval.importing.formats.argilla_records import argilla_record
from panel_eval.importing.formats.argilla_shapes import ArgillaRecord
from panel_eval.importing.tables import PARQUET, open_table
from panel_eval.importing.values import label_text, objects_in

_SETTINGS = (".argilla/settings.json", "settings.json")
_RECORDS = "records.json"


@dataclass(frozen=True)
class Export:
    """What an export holds.

    Attributes:
        path: a file, or a folder with files.
        fields: names of the fields, where the settings tell.
        kinds: name of each question to its kind; empty where the export does not tell.
        options: name of a question to its labels in order, where the settings tell.
        dropped: what is no record.
    """

    path: Path
    fields: Sequence[str]
    kinds: Mapping[str, str]
    options: Mapping[str, list[str]]
    dropped: Sequence[Dropped]

    def records(self) -> Iterator[tuple[int, ArgillaRecord]]:
        """The records, each with where it stands; read anew, and none of them kept."""
        for place, given in _rows(self.path):
            if not isinstance(given, Dropped) and (found := argilla_record(given, self.fields)) is not None:
                yield place, found


def read_export(path: Path) -> Export:
    """Look through an export.

    Raises:
        InputError: it cannot be read, or holds no record of Argilla.
    """
    settings = _settings(path) if path.is_dir() else {}
    fields = [name for name in (label_text(f.get("name")) for f in objects_in(settings.get("fields"))) if name]
    kinds, options = _questions(settings)
    dropped, keys, any_record = [], "", False
    for place, given in _rows(path):
        if isinstance(given, Dropped):
            dropped.append(given)
        elif (record := argilla_record(given, fields)) is not None:
            any_record = True
            _note_questions(record, kinds)
        else:
            keys = keys or ", ".join(shorten(key, 30) for key in list(given)[:12])
            dropped.append(Dropped("no_record", "is no Argilla record", place, value=list(given)[:8]))
    if not any_record:
        message = f"holds no Argilla records (keys of the first: {keys or 'none'})"
        fix = "in Python: dataset.records.to_datasets().to_parquet(FILE), or dataset.records.to_json(FILE)"
        raise InputError(Problem(message, path=path, fix=fix))
    return Export(path, fields, kinds, options, dropped)


def _note_questions(record: ArgillaRecord, kinds: dict[str, str]) -> None:
    """Add the questions that a record's people or models answered."""
    for user in record.users:
        for name in user.values:
            kinds.setdefault(name, "")
    for given in record.suggestions:
        kinds.setdefault(given.question, "")


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | Dropped]]:
    for file in _files(path):
        if file.suffix.lower() in PARQUET:
            yield from _parquet_rows(file)
        else:
            yield from _json_rows(file)


def _files(path: Path) -> list[Path]:
    """The file; of a folder of `Dataset.to_disk` or of the Hub, its records."""
    if not path.is_dir():
        return [path]
    if (path / _RECORDS).is_file():
        return [path / _RECORDS]
    found = sorted(file for pattern in ("*.parquet", "data/*.parquet") for file in path.glob(pattern))
    if not found:
        message = f"holds no {_RECORDS} and no Parquet files"
        raise InputError(Problem(message, path=path, fix="name the file with the records"))
    return found


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | Dropped]]:
    """Records in a list or one a line, and `records.to_dict()`: by id, or one list a key."""
    for place, record in Records(path):
        if isinstance(record, Dropped):
            yield place, record
        elif record and all(isinstance(inner, dict) and "fields" in inner for inner in record.values()):
            yield from enumerate(record.values(), start=1)
        elif isinstance(record.get("fields"), list) or isinstance(record.get("id"), list):
            columns = {name: values for name, values in record.items() if isinstance(values, list)}
            longest = max(map(len, columns.values()))
            for row in range(longest):
                yield row + 1, {name: values[row] for name, values in columns.items() if row < len(values)}
        else:
            yield place, record


def _parquet_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with open_table(path) as table:
        names = _class_names(path)
        for row in table.rows:
            record = dict(zip(table.columns, row.values, strict=True))
            for column, classes in names.items():
                record[column] = _named_classes(record.get(column), classes)
            yield row.line, record


def _class_names(path: Path) -> dict[str, list[Any]]:
    """Columns that `datasets` stores as numbers of classes, to the names of these."""
    import pyarrow.parquet as pq

    about = (pq.read_schema(path).metadata or {}).get(b"huggingface", b"{}")
    try:
        features = json.loads(about)["info"]["features"]
        return {
            column: (feature if "names" in feature else feature["feature"])["names"]
            for column, feature in features.items()
            if feature.get("_type") == "ClassLabel" or (feature.get("feature") or {}).get("_type") == "ClassLabel"
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _named_classes(value: Any, names: list[Any]) -> Any:
    if isinstance(value, list):
        return [_named_classes(inner, names) for inner in value]
    is_code = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names)
    return names[value] if is_code else value


def _settings(folder: Path) -> dict[str, Any]:
    for name in _SETTINGS:
        if (folder / name).is_file():
            found = read_document(folder / name)
            return found if isinstance(found, dict) else {}
    return {}


def _questions(settings: dict[str, Any]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Name of each question to its kind, and to its labels."""
    kinds, options = {}, {}
    for question in objects_in(settings.get("questions")):
        name, about = label_text(question.get("name")), question.get("settings")
        if name is None or not isinstance(about, dict):
            continue
        kinds[name] = str(about.get("type", ""))
        values = [label_text(option.get("value")) for option in objects_in(about.get("options"))]
        if labels := [value for value in values if value is not None]:
            options[name] = labels
    return kinds, options
