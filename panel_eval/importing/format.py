"""What an importer is: a name, what it reads, and a function that finds entries in a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from panel_eval.importing.entries import Entry
from panel_eval.schema.import_mapping import ImportMapping

if TYPE_CHECKING:
    from panel_eval.schema import Rubric, SoftLabel


@dataclass(frozen=True)
class Source:
    """What is read, and how.

    Attributes:
        path: a file or a folder.
        mapping: what the user says of its fields and labels.
    """

    path: Path
    mapping: ImportMapping


@dataclass(frozen=True)
class Handover:
    """Labels to write in another tool's format.

    Attributes:
        records: makes an iterator over the records anew, in file order.
        labels: all labels in order.
        rubric: if one is at hand.
    """

    records: Callable[[], Iterator[SoftLabel]]
    labels: tuple[str, ...]
    rubric: Rubric | None = None


@dataclass(frozen=True)
class Format:
    """A format that labels or votes can be imported from. Third parties offer theirs as entry points.

    Attributes:
        name: as on the command line, such as `label-studio`.
        title: what it is, in a few words.
        example: how a record looks: one line.
        read: finds the entries of a source, lazily and in its order. Raises `InputError` where the source as a
            whole is not of this format; what is wrong with a single record becomes `Dropped`.
        makes: labels, votes, or both.
        roles: the mapping's `fields` that it heeds, with the names it looks for itself.
        page: its page in the documentation.
        write: writes labels in this format; None where it can only be read. Returns what the format cannot hold,
            in words.
    """

    name: str
    title: str
    example: str
    read: Callable[[Source], Iterable[Entry]]
    makes: frozenset[str] = frozenset({"labels"})
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    page: str | None = None
    write: Callable[[Handover, Path], list[str]] | None = None
