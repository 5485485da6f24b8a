"""One line of what `panel-eval apply` writes: an item that the panel decides, or hands over."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel


class PolicyDecision(FileModel):
    """What becomes of one item."""

    item_id: str
    decision: Literal["decide", "defer"]
    label: str | None = Field(description="The panel's label; null where people are to decide.")
    distribution: dict[str, float] | None = Field(description="The panel's forecast; null if nobody answered.")
    score: float | None = Field(description="How uncertain the panel is; null if that cannot be computed.")
    threshold: float | None = Field(description="The item is decided below it; null = nothing is.")
    set: list[str] = Field(description="Labels that hold a random reviewer's label with the promised chance.")
    reason: str = Field(description="Why, in words.")
