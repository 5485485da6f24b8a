"""What the labelling page sends to its server: bounded, strict, nothing else."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from panel_eval.schema.base import FileModel
from panel_eval.schema.soft_label import UnitInterval

MOST_EVIDENCE = 20_000
"""Characters of one reviewer's evidence for one item."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=400)]
ItemId = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class Begin(FileModel):
    """A reviewer says who they are."""

    reviewer: Name = Field(description="Their name.")


class Save(FileModel):
    """A reviewer gives, changes or withdraws a label."""

    reviewer: Name = Field(description="Who.")
    item_id: ItemId = Field(description="The item.")
    label: ItemId | None = Field(description="The label; null to withdraw it.")
    confidence: UnitInterval | None = Field(default=None, description="0 to 1.")
    evidence: Annotated[str, StringConstraints(max_length=MOST_EVIDENCE)] | None = Field(
        default=None, description="What the reviewer saw."
    )
    criterion: ItemId | None = Field(default=None, description="A criterion of the rubric.")
    seconds: Annotated[float, Field(ge=0.0, le=1e7)] | None = Field(default=None, description="Time on the item.")
    edition: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="Which text of item and rubric the page showed."
    )
    seen: Annotated[int, Field(ge=0)] = Field(description="The version of the answer that the page had shown.")
    save_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")] = Field(
        description="Different for each answer; the same if it is sent again."
    )


class Catch(FileModel):
    """A page asks what became of its reviewer's answers elsewhere, in another window."""

    reviewer: Name = Field(description="Who.")
    since: Annotated[int, Field(ge=0)] = Field(description="The revision it knows.")
