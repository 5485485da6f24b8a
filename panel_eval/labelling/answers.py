"""The labels in force: what a sequence of events amounts to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from panel_eval.schema.labelling_log import LabellingEvent


@dataclass(frozen=True)
class Answer:
    """What one reviewer says about one item by now.

    Attributes:
        event: the last one of this reviewer and item.
        version: how many there were.
        revision: how many events of this reviewer there were, on any item, with this one.
    """

    event: LabellingEvent
    version: int
    revision: int

    @property
    def label(self) -> str | None:
        """The label; None if it was withdrawn."""
        return None if self.event.event == "withdrawn" else self.event.label


class Answers:
    """Events, read one by one; the last one of a reviewer and an item counts."""

    def __init__(self, events: Iterable[LabellingEvent] = ()) -> None:
        self._of: dict[str, dict[str, Answer]] = defaultdict(dict)
        self._revision: dict[str, int] = defaultdict(int)
        self._saves: dict[tuple[str, str], Answer] = {}
        self._on_item: dict[str, set[str]] = defaultdict(set)
        for event in events:
            self.take(event)

    def take(self, event: LabellingEvent) -> Answer | None:
        """Add one event; None if it is no label."""
        reviewer, item_id = event.reviewer, event.item_id
        if event.event == "opened" or reviewer is None or item_id is None:
            return None
        before = self._of[reviewer].get(item_id)
        self._revision[reviewer] += 1
        answer = Answer(event, 1 if before is None else before.version + 1, self._revision[reviewer])
        self._of[reviewer][item_id] = answer
        self._on_item[item_id].add(reviewer)
        if event.save_id is not None:
            self._saves[reviewer, event.save_id] = answer
        return answer

    @property
    def reviewers(self) -> list[str]:
        """Everybody who gave a label, sorted."""
        return sorted(name for name, own in self._of.items() if own)

    def of(self, reviewer: str) -> Mapping[str, Answer]:
        """Item id to this reviewer's answer, withdrawn ones too."""
        return self._of.get(reviewer, {})

    def on(self, item_id: str) -> list[Answer]:
        """The labels of an item that are in force, reviewers sorted by name."""
        found = (self._of[reviewer][item_id] for reviewer in sorted(self._on_item.get(item_id, ())))
        return [answer for answer in found if answer.label is not None]

    def saved_as(self, reviewer: str, save_id: str) -> Answer | None:
        """The answer that was stored when the page sent this one before, if it did."""
        return self._saves.get((reviewer, save_id))

    def revision(self, reviewer: str) -> int:
        """How many events of this reviewer there were."""
        return self._revision.get(reviewer, 0)

    def labelled_items(self) -> Iterator[str]:
        """Ids of items with a label in force."""
        return (item_id for item_id in self._on_item if self.on(item_id))
