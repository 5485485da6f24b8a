"""A judge as it showed itself in a run: the instrument that was configured, and what its answers tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from panel_eval.schema.base import FileModel

STRAY = 0.05
"""A model behind a smaller share of a judge's answers does not make it another judge."""


class JudgeFingerprint(FileModel):
    """What makes a judge the instrument it is, as far as a run tells. Counts are of votes with outcome `ok`."""

    id: str = Field(description="As in votes.")
    instrument_hash: str | None = Field(
        default=None, description="sha256 of model, prompt, schema and settings; null for votes made elsewhere."
    )
    instrument: dict[str, Any] = Field(default_factory=dict, description="The settings behind the hash.")
    prompt: str | None = Field(default=None, description="The text of the prompt template, where the run has it.")
    samples: int | None = Field(
        default=None, description="Votes asked for of each item; null for votes made elsewhere."
    )
    models_reported: dict[str, int] = Field(
        default_factory=dict, description="Model named in the provider's answers -> votes."
    )
    snapshots: dict[str, int] = Field(
        default_factory=dict, description="The provider's mark of what served the answers -> votes."
    )
    parse_rungs: dict[str, int] = Field(default_factory=dict, description="Parsing rung that read them -> votes.")


def changed_settings(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Keys whose values differ between two sets of settings, such as two instruments; absent is as null."""
    return [key for key in sorted(one.keys() | other.keys()) if one.get(key) != other.get(key)]


def main_models(answers: Mapping[str, int]) -> list[str]:
    """The models that a judge's answers mostly name, sorted: single answers by another one are strays.

    Args:
        answers: model to the number of answers that name it.
    """
    return sorted(model for model, count in answers.items() if count >= STRAY * sum(answers.values()))
