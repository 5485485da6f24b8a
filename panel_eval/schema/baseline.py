"""The baseline contract: all that a comparison needs of a run, in one file that can be committed and reviewed."""

from __future__ import annotations

import math
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.comparison import ComparedRun
from panel_eval.schema.rubric import Scale

BASELINE_KIND: Final = "panel-eval baseline"
_SUM_TOLERANCE = 1e-6
_Share = Annotated[float, Field(ge=0.0, le=1.0)]
_MOST = 10**9  # reviewers of an item: more is no count of people
_Count = Annotated[int, Field(ge=0, le=_MOST)]


class BaselineItem(FileModel):
    """An item as the baseline's panel saw it: no text, only its digest. Lists are in the order of the labels."""

    item_id: str = Field(min_length=1)
    votes: list[_Count] | None = Field(
        default=None, description="Reviewers who chose each label; null where only shares are known."
    )
    shares: list[_Share] | None = Field(default=None, description="Shares of the labels, where votes are null.")
    reviewers: int = Field(ge=1, le=_MOST, description="Reviewers behind the item.")
    content: str | None = Field(default=None, description="Digest of the text that judges saw; null without text.")
    forecast: list[_Share] | None = Field(description="The panel's; null where no judge answered.")

    @model_validator(mode="after")
    def _people_are_told_once(self) -> Self:
        if (self.votes is None) == (self.shares is None):
            raise ValueError("an item has either votes or shares")
        if self.votes is not None and sum(self.votes) != self.reviewers:
            raise ValueError("votes must add up to the number of reviewers")
        for name in ("shares", "forecast"):
            values = getattr(self, name)
            if values is not None and abs(math.fsum(values) - 1.0) > _SUM_TOLERANCE:
                raise ValueError(f"{name} must add up to 1")
        return self


class Baseline(FileModel):
    """A run to compare later runs with, as `panel-eval gate --save-baseline` writes it."""

    schema_version: Literal[1] = SCHEMA_VERSION
    kind: Literal["panel-eval baseline"] = BASELINE_KIND
    task: str
    labels: list[str] = Field(min_length=2, description="In the order of every list of an item.")
    scale: Scale
    label_values: list[float] = Field(description="Severities of the labels, used for distances.")
    run: ComparedRun = Field(description="Facts of the run, its judges' fingerprints among them.")
    items: list[BaselineItem] = Field(min_length=1, description="In the order of their ids.")

    @model_validator(mode="after")
    def _items_fit_the_labels(self) -> Self:
        if len(self.label_values) != len(self.labels):
            raise ValueError("label_values must have a value for each label")
        ids = [item.item_id for item in self.items]
        if len(set(ids)) != len(ids):
            raise ValueError("item ids must be unique")
        for item in self.items:
            for values in (item.votes, item.shares, item.forecast):
                if values is not None and len(values) != len(self.labels):
                    raise ValueError(
                        f"item {item.item_id!r} has {len(values)} numbers for {len(self.labels)} labels"
                    )
        return self
