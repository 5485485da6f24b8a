"""The README.md of a data set: its front matter names configurations, files of splits, labels behind numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.schema.plain_yaml import load_plain_yaml

_FRONT_MATTER = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_MOST_BYTES = 4 << 20


@dataclass(frozen=True)
class Card:
    """What a README.md says to programs.

    Attributes:
        configs: name of each configuration to its `data_files`.
        default: the configuration to take where none is named.
        features: of the columns, as `datasets` describes them.
    """

    configs: Mapping[str, Any] = field(default_factory=dict)
    default: str | None = None
    features: Mapping[str, Any] = field(default_factory=dict)


def card_of(folder: Path) -> Card:
    """The card of a folder; an empty one where there is no README.md or it says nothing to programs."""
    path = folder / "README.md"
    if not path.is_file():
        return Card()
    with path.open("rb") as file:
        found = _FRONT_MATTER.match(file.read(_MOST_BYTES))
    try:
        told = load_plain_yaml(found[1], path)[1] if found else None
    except InputError:  # a card for people: its files are found by their names
        return Card()
    if not isinstance(told, Mapping):
        return Card()
    listed = [
        entry for entry in _list(told.get("configs")) if isinstance(entry, Mapping) and entry.get("data_files")
    ]
    configs = {str(entry.get("config_name", "default")): entry["data_files"] for entry in listed}
    marked = [str(entry.get("config_name")) for entry in listed if entry.get("default") is True]
    likely = marked or [name for name in configs if name == "default" or len(configs) == 1]
    default = likely[0] if likely else None
    return Card(configs, default, _features(told.get("dataset_info"), default))


def data_files(card: Card, folder: Path) -> list[tuple[str, list[str]]] | None:
    """The patterns of each split's files in the configuration to read; None where the card names no files.

    Raises:
        InputError: it names several configurations and none of them as default.
    """
    if not card.configs:
        return None
    if card.default is None:
        listed = ", ".join(shorten(name, 40) for name in list(card.configs)[:20])
        fix = "name the folder or a file of one of them"
        raise InputError(Problem(f"holds {len(card.configs)} configurations: {listed}", path=folder, fix=fix))
    given = card.configs[card.default]
    if isinstance(given, Mapping):
        return [(str(split), _patterns(paths)) for split, paths in given.items()]
    if isinstance(given, list) and all(isinstance(entry, Mapping) for entry in given):
        return [(str(entry.get("split", "train")), _patterns(entry.get("path"))) for entry in given]
    return [("train", _patterns(given))]


def _patterns(given: Any) -> list[str]:
    return [str(pattern).removeprefix("./") for pattern in (given if isinstance(given, list) else [given])]


def _features(info: Any, config: str | None) -> Mapping[str, Any]:
    """The features of `dataset_info`: a list of {name, dtype} there, here as the library has them."""
    entries = [entry for entry in (info if isinstance(info, list) else [info]) if isinstance(entry, Mapping)]
    chosen = [entry for entry in entries if entry.get("config_name", config) == config] or entries[:1]
    features = chosen[0].get("features") if chosen else None
    listed = [entry for entry in _list(features) if isinstance(entry, Mapping)]
    return {str(entry.get("name")): _feature(entry) for entry in listed}


def _feature(entry: Mapping[str, Any]) -> Any:
    for key in ("sequence", "list"):
        if key in entry:
            inner = entry[key]
            if isinstance(inner, Mapping):
                return {"feature": _feature(inner), "_type": "Sequence"}
            if isinstance(inner, list):
                return {"feature": _struct(inner), "_type": "Sequence"}
            return {"feature": {"dtype": str(inner), "_type": "Value"}, "_type": "Sequence"}
    if "struct" in entry:
        return _struct(entry["struct"])
    dtype = entry.get("dtype", entry)
    if isinstance(dtype, Mapping) and isinstance(label := dtype.get("class_label"), Mapping):
        names = label.get("names")
        named = list(names.values()) if isinstance(names, Mapping) else _list(names)
        return {"names": [str(name) for name in named], "_type": "ClassLabel"}
    return {"dtype": str(dtype), "_type": "Value"}


def _struct(inner: Any) -> dict[str, Any]:
    return {str(entry.get("name")): _feature(entry) for entry in _list(inner) if isinstance(entry, Mapping)}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
