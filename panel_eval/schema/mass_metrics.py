"""The section `mass` of `metrics.json`: where people and panel put their mass on average, side by side."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


class PeopleAndPanel(FileModel):
    """A mean over items of the reviewers' votes, of the panel's forecast, and their difference."""

    people: Estimate
    panel: Estimate
    difference: Estimate = Field(description="Panel less people, item by item, resampled together.")


class MassOfItems(FileModel):
    """Means over some items that both have answered."""

    labels: dict[str, PeopleAndPanel] = Field(description="Label to mean share of reviewers and mass of the panel.")
    entropy_bits: PeopleAndPanel = Field(description="Mean entropies; the reviewers' of their votes as they are.")


class Mass(FileModel):
    """Mean mass on each label and mean entropy, over all scored items and by disagreement class."""

    overall: MassOfItems
    by_class: dict[str, MassOfItems] = Field(description="Classes without a scored item are left out.")
    note: str | None = Field(default=None, description="Labels that are left out, if there are many.")
