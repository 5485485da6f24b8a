"""The labelling-log contract: what reviewers did on the labelling page, one event a line, only ever appended to."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.soft_label import UnitInterval

LabellingEventName = Literal["opened", "given", "changed", "withdrawn"]
_OF_LABELS = ("reviewer", "item_id", "save_id")


class LabellingEvent(FileModel):
    """One line: a label given, changed or withdrawn, or what was to be labelled when the page was opened.

    The first line is `opened`; another one follows when the items or the rubric's wording changed. The last
    line of a reviewer and an item counts.
    """

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this contract.")
    event: LabellingEventName = Field(description="What happened.")
    at: str = Field(description="When, UTC, ISO 8601.")
    study: str | None = Field(default=None, description="opened: random name of this collection of labels.")
    task: str | None = Field(default=None, description="opened: the rubric's task.")
    rubric: str | None = Field(default=None, description="opened: sha256 of the rubric as reviewers see it.")
    labels: list[str] | None = Field(default=None, description="opened: the rubric's labels, in order.")
    items: dict[str, str] | None = Field(
        default=None, description="opened: item id to the digest of its text, of all items."
    )
    reviewer: str | None = Field(default=None, min_length=1, description="Who did it.")
    item_id: str | None = Field(default=None, min_length=1, description="To which item.")
    label: str | None = Field(default=None, description="given, changed: the label chosen.")
    confidence: UnitInterval | None = Field(default=None, description="Self-reported confidence, 0 to 1.")
    evidence: str | None = Field(default=None, description="What the reviewer saw; null if not given.")
    criterion: str | None = Field(
        default=None, description="The rubric's criterion that decided; null if not named."
    )
    seconds: float | None = Field(
        default=None, ge=0.0, description="Time spent on the item so far, without pauses and hidden windows."
    )
    save_id: str | None = Field(
        default=None, min_length=1, description="Made up by the page: an answer sent twice is stored once."
    )

    @model_validator(mode="after")
    def _fields_fit_the_event(self) -> Self:
        if self.event == "opened":
            wanted: tuple[str, ...] = ("study", "task", "rubric", "labels", "items")
        else:
            wanted = _OF_LABELS if self.event == "withdrawn" else (*_OF_LABELS, "label")
        if missing := [name for name in wanted if getattr(self, name) is None]:
            raise ValueError(f"an event {self.event!r} needs {', '.join(missing)}")
        return self
