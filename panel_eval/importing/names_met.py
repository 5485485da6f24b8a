"""Names of items and people as the source writes them, and ours: what is alike is told, what is one is made one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from panel_eval.errors import nearest, shorten
from panel_eval.importing.values import identifier, label_text
from panel_eval.schema.import_mapping import ImportMapping

_SHOWN = 3


class Names:
    """Names of one kind, each looked up once.

    Args:
        kind: what they are names of, in the plural.
        renamed: name in the source to the name here.
        numbers: whether `1.0` is the name `1`, as spreadsheets write the numbers of people.
    """

    def __init__(self, kind: str, renamed: Mapping[str, str] | None = None, numbers: bool = False) -> None:
        self._kind = kind
        self._numbers = numbers
        self._renamed = renamed or {}
        self._known: dict[str, str | None] = {}
        self._written: dict[str, str] = {}
        self._merged: dict[str, str] = {}
        self.met: set[str] = set()
        """Names of the mapping that were met."""

    def name(self, given: object) -> str | None:
        """The name here; None where nothing is named."""
        if given.__class__ is not str:
            return self._look_up(given)
        try:
            return self._known[given]
        except KeyError:
            found = self._known[given] = self._look_up(given)
            return found

    def _look_up(self, given: object) -> str | None:
        found = identifier(given)
        if found is not None and self._numbers:
            found = label_text(found)
        if found is None:
            return None
        if isinstance(given, str) and self._written.setdefault(found, given) != given:
            self._merged.setdefault(self._written[found], given)
        if found in self._renamed:
            self.met.add(found)
        return self._renamed.get(found, found)

    def known(self) -> list[str]:
        """All names that were met in texts."""
        return list(dict.fromkeys(name for name in self._known.values() if name is not None))

    def notes(self, alike: bool = False) -> Iterator[str]:
        """What must be known of the names.

        Args:
            alike: also tell of names that differ by case or spaces within them only.
        """
        merged = [f"{_quoted(one)} and {_quoted(other)}" for one, other in self._merged.items()]
        if merged:
            yield f"{self._kind} taken for one though written in two ways: {_listing(merged)}"
        if not alike:
            return
        folded: dict[str, list[str]] = {}
        for name in self.known():
            folded.setdefault("".join(name.casefold().split()), []).append(name)
        pairs = [" and ".join(map(_quoted, names[:_SHOWN])) for names in folded.values() if len(names) > 1]
        if pairs:
            fix = "if they are the same, say so with reviewers: in a mapping file"
            yield f"{self._kind} whose names differ by case or spaces only count apart: {_listing(pairs)}; {fix}"


def unmet(mapping: ImportMapping, judges: set[str], people: Names, labels: set[str]) -> Iterator[str]:
    """Names in the mapping that the source does not have: often a slip, and then a judge counts as a person.

    Args:
        mapping: what the user said.
        judges: judges of the mapping that were met.
        people: the reviewers.
        labels: labels of the mapping that were met.
    """
    for name in mapping.judges:
        if name not in judges:
            near = nearest(name, people.known())
            hint = f"; did you mean {_quoted(near)}?" if near else ""
            yield f"no annotator is called {_quoted(name)}, so no answer was taken for a judge's{hint}"
    for kind, missing in (
        ("reviewers", [name for name in mapping.reviewers if name not in people.met]),
        ("labels", [name for name in mapping.labels if name not in labels]),
    ):
        if missing:
            yield f"{kind} of the mapping that the source does not have: {_listing(list(map(_quoted, missing)))}"


def _quoted(name: str) -> str:
    return repr(shorten(name))


def _listing(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
