"""What all file models share: strict keys, finite numbers, frozen instances."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION: Final = 1


class FileModel(BaseModel):
    """Base of every record that stands in a file: unknown keys and NaN are errors, instances are frozen."""

    model_config = ConfigDict(
        extra="forbid",
        allow_inf_nan=False,
        frozen=True,
        protected_namespaces=(),
        ser_json_inf_nan="constants",
    )
