"""Labels and people under the names that they have here."""

from __future__ import annotations

from collections.abc import Sequence

from panel_eval.errors import nearest, shorten
from panel_eval.importing.values import label_text
from panel_eval.schema import Rubric, Scale
from panel_eval.schema.import_mapping import ImportMapping

MOST_LABELS, MOST_CHARACTERS = 1_000, 100_000
"""What a label set that nobody named may come to; beyond, free text was read as labels."""
_FEW_LABELS = 50


class TooManyLabelsError(Exception):
    """A label set that nobody named has outgrown what labels are; the message says how."""


class LabelNames:
    """Labels of the source as labels of the task; learns the label set where no rubric and no mapping gives one.

    Args:
        mapping: renames labels, and may name them all.
        rubric: names them all.

    Attributes:
        closed: whether a rubric or the mapping names all labels.
        bounded: whether more than labels can be is refused: each item of a label file names all of them.
    """

    def __init__(self, mapping: ImportMapping, rubric: Rubric | None) -> None:
        self._mapping = mapping.labels
        fixed = rubric.label_names if rubric is not None else tuple(mapping.label_order)
        self.closed = bool(fixed)
        self.bounded = not self.closed
        self._origin = "the rubric" if rubric is not None else "the mapping's label_order"
        self._code = {name: code for code, name in enumerate(fixed)}
        self._names = list(fixed)
        self._declared = self.closed
        self._characters = 0
        self._known: dict[tuple[type, object], int | str] = {}
        self.renamed_here: set[str] = set()
        """Labels of the mapping that were met."""
        self.scale: Scale = rubric.scale if rubric is not None else mapping.scale or "nominal"
        self._scale_given = rubric is not None or mapping.scale is not None

    def declare(self, names: Sequence[str], scale: Scale | None) -> None:
        """The source names its labels itself; what the user said goes first."""
        if not self.closed:
            self.renamed_here.update(name for name in names if name in self._mapping)
            for name in names:
                if isinstance(mapped := self._mapping.get(name, name), str):
                    self._learn(mapped)
            self._declared = True
        if scale is not None and not self._scale_given:
            self.scale = scale

    def code(self, label: object) -> int | str:
        """The number of a label, or why it has none: `no_answer`, `mapped_to_nothing` or `unknown_label`."""
        key = (label.__class__, label)
        try:
            return self._known[key]
        except KeyError:
            found = self._known[key] = self._look_up(label)
            return found
        except TypeError:  # a list or an object
            return "no_answer"

    def _look_up(self, label: object) -> int | str:
        name = self._told(label)
        if name is None:
            return "no_answer"
        if name in self._mapping:
            self.renamed_here.add(name)
            mapped = self._mapping[name]
            if mapped is None:
                return "mapped_to_nothing"
            name = mapped
        if self.closed and name not in self._code:
            return "unknown_label"
        return self._learn(name)

    def _told(self, label: object) -> str | None:
        """A label as text: as it stands if the user or the task calls it that (`1.0`, say), else `label_text`."""
        if isinstance(label, (str, float)) and not isinstance(label, bool):
            stands = label if isinstance(label, str) else repr(label)
            for text in (stands, stands.strip()):
                if text in self._mapping or (self.closed and text in self._code):
                    return text
        return label_text(label)

    def _learn(self, name: str) -> int:
        """The number of a label, a new one if it was not met before.

        Raises:
            TooManyLabelsError: so many, or so long, are no labels.
        """
        if name not in self._code:
            self._characters += len(name)
            if self.bounded and (len(self._names) >= MOST_LABELS or self._characters > MOST_CHARACTERS):
                long = (
                    f" of {self._characters:,} characters together"
                    if len(self._names) < MOST_LABELS
                    else " and more"
                )
                raise TooManyLabelsError(f"{self._met(name)}{long}: is that free text?")
            self._code[name] = len(self._names)
            self._names.append(name)
        return self._code[name]

    def renamed(self, label: object) -> str | None:
        """A judge's label in our names, None where it is none; one that is not known is not learnt: judges err.

        Of a label set that is known, upper and lower case are the same, unless they tell two labels apart.
        """
        name = self._told(label)
        if name in self._mapping:
            self.renamed_here.add(name)
        if name is None or (name := self._mapping.get(name, name)) is None:
            return None
        if not self.closed or name in self._code:
            return name
        alike = [known for known in self._code if known.casefold() == name.casefold()]
        return alike[0] if len(alike) == 1 else None

    def check_repeated(self, items: int) -> None:
        """Refuse labels of nearly every item its own, where neither user nor source said what the labels are.

        Raises:
            TooManyLabelsError: there are more than half as many labels as items.
        """
        if self.bounded and not self._declared and len(self._names) > max(_FEW_LABELS, items / 2):
            raise TooManyLabelsError(f"{self._met(self._names[-1])} on {items:,} items: is that free text?")

    def _met(self, example: str) -> str:
        return f"has {len(self._names):,} different labels, such as {shorten(example, 40)!r},"

    def name(self, code: int) -> str:
        """The label of a number."""
        return self._names[code]

    def unknown_text(self) -> str:
        """Why a label is not known, and what to do."""
        listed = ", ".join(shorten(name, 30) for name in list(self._code)[:12])
        return f"is no label of {self._origin} ({listed}); rename it with --map OLD=NEW, or drop it with --map OLD="

    def near(self, label: object) -> str | None:
        """The label that an unknown one may have been meant to be."""
        return nearest(label_text(label) or "", list(self._code))

    def ordered(self) -> tuple[list[str], list[int]]:
        """The names in the order of the distributions, and for each its code.

        As the rubric, the mapping or the source has them; else numbers rising, other labels by name.
        """
        names = list(self._code)
        if not self._declared:
            names.sort(key=by_number_then_name)
        return names, [self._code[name] for name in names]


def by_number_then_name(name: str) -> tuple[int, float, str]:
    """A key that sorts labels: numbers rising, then other labels by name."""
    try:
        return 0, float(name), name
    except ValueError:
        return 1, 0.0, name
