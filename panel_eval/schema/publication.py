"""The publication contract: `published.json`, what a run in a remote results root is made of."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel


class PublishedFile(FileModel):
    """One file of a published run."""

    size: int = Field(ge=0, description="Bytes.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Publication(FileModel):
    """The whole of `published.json`. Same run, same bytes. Reports, gate and fit are not in it: they may change."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run_id: str
    files: dict[str, PublishedFile] = Field(description="Name -> what it must be.")
