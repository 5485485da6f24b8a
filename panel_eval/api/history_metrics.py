"""The few numbers of a metrics.json that the history shows, read without looking at the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from panel_eval.schema import Estimate, Scale
from panel_eval.schema.base import SCHEMA_VERSION

SHOWN = ("ce_bits", "ce_skill", "n_eq", "kl_bits", "brier_debiased", "entropy_pearson", "mode_accuracy", "soft_ece")
"""Metrics of the table of runs, overall."""
SHOWN_BY_CLASS = ("ce_crossfit_bits", "ce_crossfit_skill", "n_eq", "kl_bits")
_NONE: Mapping[str, Any] = {}


class Shown(BaseModel):
    """An excerpt of `Metrics`, in its words."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    task: str
    labels: list[str]
    scale: Scale
    n_items: int
    n_scored: int
    settings: dict[str, str | int | float | None]
    judges: list[str]
    overall: dict[str, Estimate]
    by_class: dict[str, dict[str, Estimate]]
    base_rate: dict[str, Estimate]
    outcomes: dict[str, int]
    cost_usd: float | None

    @property
    def usable_votes(self) -> float | None:
        """Share of votes with an answer; None without votes."""
        total = sum(self.outcomes.values())
        return self.outcomes.get("ok", 0) / total if total else None


@dataclass(frozen=True)
class _Table:
    """A record of a file that may hold anything."""

    fields: Mapping[str, Any]

    @classmethod
    def of(cls, value: object) -> _Table:
        return cls(value if isinstance(value, dict) else _NONE)

    def at(self, *keys: str) -> _Table:
        found = self
        for key in keys:
            found = _Table.of(found.fields.get(key))
        return found

    def some(self, names: Sequence[str]) -> dict[str, Any]:
        return {name: self.fields[name] for name in names if name in self.fields}


def read_metrics(content: bytes) -> Shown:
    """The excerpt of a metrics.json.

    Raises:
        ValueError: it is another version's, or not what this one writes.
    """
    whole = _Table.of(from_json(content))
    version = whole.fields.get("schema_version")
    if version != SCHEMA_VERSION:
        raise ValueError(f"schema_version is {version!r:.40}; this version reads {SCHEMA_VERSION}")
    plain = ("task", "labels", "scale", "n_items", "n_scored", "settings")
    return Shown.model_validate(
        {
            **whole.some(plain),
            "judges": list(whole.at("judges").fields),
            "overall": whole.at("panel", "overall").some(SHOWN),
            "by_class": {
                name: _Table.of(own).some(SHOWN_BY_CLASS)
                for name, own in whole.at("panel", "by_class").fields.items()
            },
            "base_rate": whole.at("references", "base_rate", "overall").some(SHOWN),
            "outcomes": dict(whole.at("coverage", "total").fields),
            "cost_usd": whole.at("economics").fields.get("cost_usd"),
        }
    )
