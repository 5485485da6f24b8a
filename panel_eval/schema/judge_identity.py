"""A judge as other documents name it: by its id, and by everything that makes it the instrument it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from panel_eval.schema.base import FileModel

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ItemDigests = Annotated[str, Field(pattern=r"^([0-9a-f]{12}( [0-9a-f]{12})*)?$")]


class JudgeIdentity(FileModel):
    """A judge whose answers a document is made for."""

    id: str = Field(description="As in votes.")
    instrument_hash: Digest | None = Field(
        default=None, description="sha256 of model, prompt and settings; null for votes made elsewhere."
    )
