"""Which column of a data set is what, and which labels its numbers stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.importing.hub_files import DataFiles
from panel_eval.importing.hub_rows import HubTable
from panel_eval.schema.import_mapping import ImportMapping

PEOPLE = ("reviewer", "annotator", "worker", "rater", "user")
_NAMES = tuple(f"{who}{end}" for who in PEOPLE for end in ("", "s", "_id", "_ids", "_name", "_names"))
ROLES: dict[str, tuple[str, ...]] = {
    "item": ("item_id", "item", "example_id", "instance_id", "task_id", "uid", "id", "idx"),
    "reviewer": _NAMES,
    "label": ("annotations", "labels", "ratings", "votes", "label", "rating", "annotation", "score"),
    "counts": ("counts", "label_counts", "label_count", "label_counter", "vote_counts"),
    "distribution": ("soft_label", "soft_labels", "distribution", "label_distribution", "label_dist"),
    "reviewer_count": (
        "reviewer_count", "reviewers", "n_reviewers", "num_reviewers", "n_annotators", "num_annotators",
        "annotator_count", "n_annotations", "num_annotations", "weight",
    ),
    "cluster": ("cluster",),
    "gold": ("gold_label", "gold"),
    "split": ("split",),
    "adjudicated": ("adjudicated_label",),
    "adjudication_reason": ("adjudication_reason",),
    "metadata": ("metadata",),
    "origin": ("source",),
}  # fmt: skip
_LISTS = ("list", "large_list", "fixed_size_list")
_STRUCTS = ("struct", "map")
_FLOATS = ("double", "float", "halffloat")
_FLOAT_LISTS = tuple(f"{inner}>" for inner in _FLOATS)
_LABEL = ("label", "labels")
"""Lists of decimals under these names are shares: so trainers of classifiers have them."""
_INNER = ("reviewer", "label", "confidence", "evidence", "criterion", "seconds", "at")
_NO_TEXT = ("source", "disagreement_class", "hard_label")
_SHARE = "p_"


@dataclass(frozen=True)
class HubColumns:
    """Columns of a data set by what they are.

    Attributes:
        roles: role to column.
        content: content field to column.
        labels: the labels behind the numbers of lists, in order; empty where none are named.
        named: column, or column and key of its inner objects joined with a dot, to the labels behind its numbers.
        unused: columns that are nothing.
    """

    roles: Mapping[str, str]
    content: Mapping[str, str]
    labels: tuple[str, ...]
    named: Mapping[str, tuple[str, ...]]
    unused: tuple[str, ...]

    @property
    def wanted(self) -> list[str]:
        """The columns to read."""
        return list(dict.fromkeys([*self.roles.values(), *self.content.values()]))

    def label(self, value: Any, column: str) -> Any:
        """A label as it is called; -1, which stands for no label, as None."""
        names = self.named.get(column)
        if names is None or isinstance(value, bool) or not isinstance(value, int):
            return value
        return names[value] if 0 <= value < len(names) else None if value == -1 else value


def hub_columns(table: HubTable, files: DataFiles, mapping: ImportMapping, path: Path) -> HubColumns:
    """Find the columns.

    Raises:
        InputError: one that the user named does not exist, or there is nothing that tells of labels; lists them.
    """
    features = {**files.features, **table.features}
    roles = _roles(table.columns, mapping, path)
    if not {"label", "counts", "distribution"} & set(roles):
        fix = "name one with --field label=, counts= or distribution=COLUMN; " + listing(table.columns)
        raise InputError(Problem("has no column with labels, counts or shares", path=path, fix=fix))
    named = {name: found for column, feature in features.items() for name, found in _class_names(column, feature)}
    labels = _labels(table.columns, roles, named, files.export, mapping)
    if labels:
        named |= {column: labels for column in _numbered(table.columns, files.export) if column not in named}
    content = _content(table.columns, mapping, roles, path)
    used = {*roles.values(), *content.values()}
    unused = [name for name in table.columns if name not in used and not name.startswith(_SHARE)]
    return HubColumns(roles, content, labels, named, tuple(unused))


def listing(columns: Mapping[str, str]) -> str:
    """Columns with their types, for messages."""
    shown = ", ".join(f"{shorten(name, 40)} ({shorten(kind, 60)})" for name, kind in list(columns.items())[:30])
    return f"columns: {shown}" + (f" and {len(columns) - 30} more" if len(columns) > 30 else "")


def is_list(kind: str) -> bool:
    """Whether a type is a list."""
    return kind.startswith(_LISTS)


def _roles(columns: Mapping[str, str], mapping: ImportMapping, path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, candidates in ROLES.items():
        asked = mapping.fields.get(role)  # type: ignore[call-overload]
        if asked is not None:
            found[role] = _column(asked, columns, f"fields.{role}", path)
            continue
        taken = set(found.values())
        able = [name for name in candidates if name in columns and name not in taken]
        if (name := next((name for name in able if _fits(role, name, columns[name])), None)) is not None:
            found[role] = name
    if (label := found.get("label")) is None:
        return found
    kind = columns[label]
    if "distribution" not in found and label in _LABEL and is_list(kind) and kind.endswith(_FLOAT_LISTS):
        found["distribution"] = found.pop("label")
    elif "counts" not in found and kind.startswith(_STRUCTS) and not _holds_texts(kind):
        found["counts"] = found.pop("label")
    return found


def _holds_texts(kind: str) -> bool:
    """Whether an object's values are texts: labels by person, not numbers by label."""
    return ", string" in kind if kind.startswith("map") else "string" in kind


def _fits(role: str, name: str, kind: str) -> bool:
    """Whether a column's type is one for its role; what the user named is not asked."""
    number = kind.startswith(("int", "uint", *_FLOATS))
    if role == "reviewer":
        return not number or name.endswith(("_id", "_ids"))
    if role == "reviewer_count":
        return number
    if role in ("counts", "distribution"):
        return is_list(kind) or kind.startswith(_STRUCTS)
    return True


def _class_names(column: str, feature: Any) -> list[tuple[str, tuple[str, ...]]]:
    """The columns, or keys of their inner objects, whose numbers stand for labels."""
    while isinstance(feature, dict) and "feature" in feature:
        feature = feature["feature"]
    if isinstance(feature, list) and len(feature) == 1:
        feature = feature[0]
    if not isinstance(feature, dict):
        return []
    names = feature.get("names")
    if feature.get("_type") == "ClassLabel" and isinstance(names, list):
        return [(column, tuple(str(name) for name in names))]
    inner = [(key, found) for key, found in feature.items() if isinstance(found, (dict, list))]
    return [entry for key, found in inner if "." not in column for entry in _class_names(f"{column}.{key}", found)]


def _labels(
    columns: Mapping[str, str],
    roles: Mapping[str, str],
    named: Mapping[str, tuple[str, ...]],
    export: Mapping[str, Any],
    mapping: ImportMapping,
) -> tuple[str, ...]:
    """The labels in the order of lists: as an export, class names, columns p_LABEL or the user say."""
    listed = export.get("labels")
    if isinstance(listed, list) and listed:
        return tuple(str(label) for label in listed)
    likely = [roles.get(role, "") for role in ("counts", "distribution", "label")]
    for column in (*likely, f"{roles.get('label', '')}.label", "hard_label", "label", *named):
        if column in named:
            return named[column]
    shares = tuple(name.removeprefix(_SHARE) for name in columns if name.startswith(_SHARE))
    return shares if "distribution" in roles and shares else tuple(mapping.label_order)


def _numbered(columns: Mapping[str, str], export: Mapping[str, Any]) -> Sequence[str]:
    """Columns that hold numbers of labels by our own contract."""
    return [name for name in ("adjudicated_label", "hard_label") if name in columns] if export else []


def _content(
    columns: Mapping[str, str], mapping: ImportMapping, roles: Mapping[str, str], path: Path
) -> dict[str, str]:
    """The text columns that the user named, else all that play no role."""
    if mapping.content:
        return {name: _column(name, columns, "content", path) for name in mapping.content}
    taken = {*roles.values(), *_NO_TEXT}
    texts = [name for name, kind in columns.items() if kind in ("string", "large_string") and name not in taken]
    return {name.removeprefix("content."): name for name in texts}


def _column(name: str, columns: Mapping[str, str], key: str, path: Path) -> str:
    if name in columns:
        return name
    near = nearest(name, list(columns))
    hint = f"did you mean {shorten(near)!r}? " if near else ""
    raise InputError(Problem("has no such column", path, key=key, value=shorten(name), fix=hint + listing(columns)))
