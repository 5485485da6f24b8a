"""The unlabelled-item contract: one item a line that judges are asked about and no human labelled."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel


class UnlabelledItem(FileModel):
    """One item without human labels: what judges see of it, and where it comes from."""

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this contract.")
    item_id: str = Field(min_length=1, description="Stable identifier; no other item has it, labelled or not.")
    task: str | None = Field(default=None, min_length=1, description="If given, equals the rubric's `task`.")
    content: dict[str, str] | None = Field(
        default=None, description="The text fields that judges see. May come from the panel's content file."
    )
    cluster: str | None = Field(default=None, description="Items that share an origin share this.")
    split: str | None = Field(default=None, description="Data split, such as pool or test.")
    metadata: dict[str, Any] = Field(default_factory=dict, description="Anything else; not interpreted.")
