"""The section `coverage` of `metrics.json`."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate

Rates = dict[str, float]
"""Outcome to its share of the votes that were asked for; empty where none was."""


class OutcomeRates(FileModel):
    """Shares of votes by outcome; `ok` is the share that could be used."""

    total: Rates
    by_judge: dict[str, Rates]
    by_class: dict[str, Rates]
    by_judge_and_class: dict[str, dict[str, Rates]] = Field(description="Judge -> class of the item -> rates.")


class Bounds(FileModel):
    """A mean as it was scored, and how bad or good it could be with the missing items as bad or good as can be."""

    scored: float | None = Field(description="Mean over the items that were answered; null if none was.")
    worst: float | None = Field(description="Over all items, the missing ones as bad as can be; null = no limit.")
    best: float | None = Field(description="Over all items, the missing ones as good as can be.")
    n: int = Field(ge=0, description="All items, answered or missing.")
    n_missing: int = Field(ge=0, description="Items that were not answered.")
    note: str | None = None


class PanelCoverage(FileModel):
    """What the panel as a whole left unanswered, and what that could hide."""

    items: int = Field(description="Labelled items.")
    unanswered: int = Field(description="Items without a single usable vote; they are not scored.")
    never_asked: int = Field(description="Those of them that no judge was asked about, as far as the votes tell.")
    unanswered_by_class: dict[str, int]
    fewer_judges: int = Field(description="Items scored with fewer judges than the panel has.")
    items_by_judges_heard: dict[str, int] = Field(description="Number of judges with a usable vote -> items.")
    mode_accuracy: Bounds
    brier: Bounds
    ce_bits: Bounds = Field(description="No limit to the worst: a forecast can be wrong by any number of bits.")
    ce_bits_as_base_rate: Estimate = Field(description="Over all items, the base rate standing in for failures.")
    ce_bits_as_uniform: Estimate = Field(description="Over all items, equal shares standing in for failures.")
    ce_skill_as_base_rate: Estimate = Field(description="Skill over all items; a failure has skill 0.")


class JudgeCoverage(FileModel):
    """What one judge left unanswered."""

    asked: int = Field(description="Items it was asked about: those with any vote of it, usable or not.")
    unanswered: int = Field(description="Those of them without a usable vote.")
    not_asked: int = Field(description="Items without any vote of it; they are in no rate and no bound.")
    mode_accuracy: Bounds = Field(description="Over the items it was asked about.")


class Coverage(FileModel):
    """How many votes ended in which outcome: never renormalised, always counted."""

    total: dict[str, int]
    by_judge: dict[str, dict[str, int]]
    by_class: dict[str, dict[str, int]]
    rates: OutcomeRates | None = None
    panel: PanelCoverage | None = None
    judges: dict[str, JudgeCoverage] = Field(default_factory=dict)
