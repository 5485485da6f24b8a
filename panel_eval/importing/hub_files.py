"""The files of a data set as the library `datasets` writes it and as the Hugging Face hub holds it.

A folder of `save_to_disk` (state.json, dataset_dict.json), a repository (README.md with `configs`, or files named
by their split), an export of ours (export.json), or one file. Names that a file holds are only compared with those
that are in the folder: none is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.documents import read_document
from panel_eval.importing.hub_card import card_of, data_files

KINDS = ((".parquet", ".pq"), (".arrow",), (".jsonl", ".ndjson", ".json"), (".csv", ".tsv"))
"""Suffixes of the files that are read, kind by kind; of a folder with several kinds, the first."""
EXPORT = "export.json"
_SPLITS = ("train", "training", "test", "testing", "validation", "valid", "val", "eval", "evaluation", "dev")
_SHARD = re.compile(r"-\d{5}-of-\d{5}.*")
_NOT_DATA = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", EXPORT})
_MOST_FILES = 20_000
_OURS = ("soft-label", "classification")


@dataclass(frozen=True)
class DataFile:
    """A file with rows, and the split that it belongs to."""

    path: Path
    split: str | None


@dataclass(frozen=True)
class DataFiles:
    """What a data set is made of.

    Attributes:
        files: in order.
        features: what the folder says of its columns, as `datasets` describes them.
        export: export.json, where the data set is an export of ours.
    """

    files: tuple[DataFile, ...]
    features: Mapping[str, Any]
    export: Mapping[str, Any]


def find_data_files(path: Path) -> DataFiles:
    """The files of a data set.

    Raises:
        InputError: there are none, or those of several configurations.
    """
    if not path.is_dir():
        return DataFiles((DataFile(path, None),), {}, _export(path.parent) or _export(path.parent.parent))
    if (path / "dataset_dict.json").is_file():
        return _dataset_dict(path)
    if (path / "state.json").is_file():
        return DataFiles(tuple(_saved(path, None)), _features(path), {})
    if export := _export(path):
        return DataFiles(tuple(_exported(path, export)), {}, export)
    return _repository(path)


def _dataset_dict(path: Path) -> DataFiles:
    listed = _object(read_document(path / "dataset_dict.json")).get("splits")
    folders = {folder.name: folder for folder in path.iterdir() if (folder / "state.json").is_file()}
    names = listed if isinstance(listed, list) else sorted(folders)
    if missing := [name for name in names if name not in folders]:
        raise InputError(Problem("has no folder of a split that it names", path, value=shorten(missing[0])))
    files = [file for name in names for file in _saved(folders[name], name)]
    return DataFiles(tuple(files), _features(folders[names[0]]) if names else {}, {})


def _saved(folder: Path, split: str | None) -> Iterator[DataFile]:
    """The files of one split of `save_to_disk`, in the order that its state.json has."""
    state = _object(read_document(folder / "state.json"))
    there = {file.name: file for file in folder.iterdir() if file.suffix == ".arrow"}
    listed = state.get("_data_files")
    for entry in listed if isinstance(listed, list) else []:
        name = _object(entry).get("filename")
        if name not in there:
            raise InputError(Problem("names a file that is not there", folder / "state.json", value=shorten(name)))
        named = state.get("_split")
        yield DataFile(there[name], split or (named if isinstance(named, str) else None))


def _exported(path: Path, export: Mapping[str, Any]) -> Iterator[DataFile]:
    """The files of an export of ours, of the format that has most in it."""
    there = {file.relative_to(path).as_posix(): file for file in path.glob("*/*.parquet")}
    listed = [entry for entry in _list(export.get("files")) if isinstance(entry, dict)]
    for kind in _OURS:
        if found := [entry for entry in listed if entry.get("format") == kind and entry.get("path") in there]:
            for entry in found:
                yield DataFile(there[entry["path"]], str(entry.get("split")))
            return
    fix = "export it again with --format soft-label"
    raise InputError(Problem("is an export that has no file with soft labels of its items", path=path, fix=fix))


def _repository(path: Path) -> DataFiles:
    files = sorted(islice(_files(path), _MOST_FILES))
    card = card_of(path)
    features = card.features or _features(path)
    if (configured := data_files(card, path)) is not None:
        found = []
        for split, patterns in configured:
            inside = [
                file for file in files if any(fnmatch(file.relative_to(path).as_posix(), p) for p in patterns)
            ]
            if not inside:
                message = f"README.md names files of the split {shorten(split)} that are not there"
                raise InputError(Problem(message, path=path, value=shorten(", ".join(patterns))))
            found += [DataFile(file, split) for file in inside]
        return DataFiles(tuple(found), features, {})
    for suffixes in KINDS:
        if alike := [file for file in files if file.suffix.lower() in suffixes]:
            return DataFiles(tuple(DataFile(file, _split(file)) for file in alike), features, {})
    fix = "a data set has Parquet, Arrow, JSON lines or CSV files; a loading script is not run"
    raise InputError(Problem("holds no data files", path=path, fix=fix))


def _files(path: Path) -> Iterator[Path]:
    for file in path.rglob("*"):
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if not hidden and file.name not in _NOT_DATA and file.suffix.lower() in sum(KINDS, ()) and file.is_file():
            yield file


def _split(file: Path) -> str | None:
    """The split in a file's name, or its folder's: `train-00000-of-00002.parquet`, `test/data.jsonl`."""
    stem = _SHARD.sub("", file.stem)
    return next((name for name in (stem, file.parent.name) if name.lower() in _SPLITS), None)


def _features(folder: Path) -> Mapping[str, Any]:
    info = folder / "dataset_info.json"
    return _object(_object(read_document(info)).get("features")) if info.is_file() else {}


def _export(folder: Path) -> Mapping[str, Any]:
    path = folder / EXPORT
    found = _object(read_document(path)) if path.is_file() else {}
    return found if found.get("made_by") == "panel-eval export" else {}


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
