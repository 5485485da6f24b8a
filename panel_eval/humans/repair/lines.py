"""A whole label file mended: its bytes, what changed where, and what is left to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from panel_eval.errors import Problem
from panel_eval.humans.loading import validate_labels
from panel_eval.humans.repair.draft import Change, Terms
from panel_eval.humans.repair.mending import KINDS, mend_line
from panel_eval.schema import Rubric, Scale
from panel_eval.schema.columnar import parse_lines
from panel_eval.schema.json_lines import JsonLines, read_lines
from panel_eval.schema.reading import collector_paused

KEPT_LINES = 200
"""Mended lines whose changes are kept to be shown; all are counted."""
_OF_A_KIND = 3
"""Lines kept of every kind, however late in the file."""


@dataclass(frozen=True)
class MendedLine:
    """What changes on one line.

    Attributes:
        number: of the line, from 1.
        item_id: that stands on it, None where none can be told.
        changes: in the order they are made.
    """

    number: int
    item_id: str | None
    changes: tuple[Change, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of its changes."""
        return frozenset(change.kind for change in self.changes)


@dataclass(frozen=True)
class Repairs:
    """What mending a label file would change; nothing is written.

    Attributes:
        path: the file.
        before, after: its bytes as they are, and mended.
        n_lines: lines that are not blank.
        n_changed: of them, lines that change.
        kept: the first of those, some of every kind among them.
        changes: kind to number of changes.
        lines: kind to number of lines with such a change.
        terms: what it was mended by.
        remaining: problems of the mended file, in line order.
    """

    path: Path
    before: bytes
    after: bytes
    n_lines: int
    n_changed: int
    kept: tuple[MendedLine, ...]
    changes: Mapping[str, int]
    lines: Mapping[str, int]
    terms: Terms
    remaining: tuple[Problem, ...]

    def examples(self, most: int) -> list[MendedLine]:
        """Mended lines in file order, `most` or few more: one of each kind of change, then the first ones."""
        chosen: dict[int, MendedLine] = {}
        for kind in sorted(self.lines, key=self.lines.__getitem__):
            if not any(kind in line.kinds for line in chosen.values()):
                line = next(line for line in self.kept if kind in line.kinds)
                chosen[line.number] = line
        for line in self.kept:
            if len(chosen) < most:
                chosen[line.number] = line
        return [chosen[number] for number in sorted(chosen)]


def propose_repairs(
    path: str | Path, rubric: Rubric | None = None, *, scale: Scale | None = None, strict: bool = False
) -> Repairs:
    """Mend a soft-label file as far as that is safe (docs/validate.md), in memory.

    Votes are never changed, lines never dropped, unknown labels never guessed, and duplicates left as they are. A
    line that needs nothing keeps its bytes; of a line that changes, all other values keep their spelling and order.

    Args:
        path: the file.
        rubric: gives labels and scale; without one labels are left as they are.
        scale: nominal or ordinal, where no rubric says it; decides the derived class.
        strict: also name what the full contract wants named, as null.

    Raises:
        InputError: the file is missing or unreadable.
    """
    lines = read_lines(Path(path))
    terms = _terms(lines, rubric, scale, strict)
    mended: dict[int, bytes] = {}
    kept: list[MendedLine] = []
    changes, on_lines = Counter[str](), Counter[str]()
    with collector_paused():
        for start, block in lines.blocks():
            for row, raw in enumerate(block, start):
                text, made = mend_line(raw, terms)
                if not made:
                    continue
                mended[row] = text
                changes.update(change.kind for change in made)
                kinds = {change.kind for change in made}
                on_lines.update(kinds)
                if len(kept) < KEPT_LINES or any(on_lines[kind] <= _OF_A_KIND for kind in kinds):
                    kept.append(MendedLine(int(lines.numbers[row]), _item_id(raw), tuple(made)))
    after = _spliced(lines, mended)
    return Repairs(
        path=lines.path,
        before=lines.data,
        after=after,
        n_lines=len(lines),
        n_changed=len(mended),
        kept=tuple(kept),
        changes=_in_order(changes),
        lines=_in_order(on_lines),
        terms=terms,
        remaining=tuple(validate_labels(path, rubric, strict, scale=scale, data=after)),
    )


def _terms(lines: JsonLines, rubric: Rubric | None, scale: Scale | None, strict: bool) -> Terms:
    if rubric is not None:
        return Terms(rubric.label_names, rubric.scale, strict=strict)
    return Terms(None, scale, _first_labels(lines), strict)


def _first_labels(lines: JsonLines) -> tuple[str, ...]:
    """The labels of the first item that names any."""
    for _, block in lines.blocks():
        for record in parse_lines(block):
            for key in ("distribution", "counts") if isinstance(record, dict) else ():
                if isinstance(record.get(key), dict) and record[key]:
                    return tuple(record[key])
    return ()


def _item_id(raw: bytes) -> str | None:
    (record,) = parse_lines([raw])
    found = record.get("item_id")
    return found if isinstance(found, str) else None


def _spliced(lines: JsonLines, mended: Mapping[int, bytes]) -> bytes:
    """The file with some lines in new words; everything between stays as it is."""
    if not mended:
        return lines.data
    parts: list[bytes] = []
    done = 0
    for row, text in mended.items():
        parts += (lines.data[done : lines.starts[row]], text)
        done = int(lines.ends[row])
    parts.append(lines.data[done:])
    return b"".join(parts)


def _in_order(counts: Mapping[str, int]) -> dict[str, int]:
    return {kind: counts[kind] for kind in KINDS if kind in counts}
