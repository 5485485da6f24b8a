"""The key `gate` of a panel: what a new run must show before it may replace the baseline."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from panel_eval.errors import nearest, shorten
from panel_eval.schema.base import FileModel
from panel_eval.schema.metrics import NOMINAL_METRICS, ORDINAL_METRICS

Segment = Literal["overall", "agreement", "minor", "major", "unresolved"]
_Share = Annotated[float, Field(ge=0.0, le=1.0)]
_Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class Margin(FileModel):
    """The largest loss against the baseline that is tolerated; the run must show that it is smaller."""

    metric: Literal["ce_bits", "brier_debiased"] = Field(default="ce_bits", description="Lower is better.")
    segment: Segment = Field(default="overall", description="overall, or a disagreement class.")
    margin: _Positive = Field(description="In the unit of the metric.")


class Limit(FileModel):
    """A value that a number of metrics.json must keep to, whatever the baseline has."""

    metric: str = Field(description="A metric of metrics.json, such as n_eq.")
    segment: Segment = "overall"
    at_least: float | None = Field(default=None, allow_inf_nan=False)
    at_most: float | None = Field(default=None, allow_inf_nan=False)
    by: Literal["interval", "estimate"] = Field(
        default="interval",
        description="interval: it must keep to it with 95 % confidence; estimate: the number itself must.",
    )

    @field_validator("metric")
    @classmethod
    def _metric_exists(cls, value: str) -> str:
        known = (*NOMINAL_METRICS, *ORDINAL_METRICS)
        if value not in known:
            near = nearest(value, known)
            meant = f"did you mean {near}?" if near else f"metrics are {', '.join(known)}"
            raise ValueError(f"there is no metric {shorten(value)!r}; {meant}")
        return value

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("name one of at_least and at_most")
        return self


class CostLimit(FileModel):
    """What a run may cost."""

    usd: _Positive | None = Field(default=None, description="The whole run, in US dollars.")
    usd_per_vote: _Positive | None = None
    times_baseline: _Positive | None = Field(default=None, description="Cost of a vote over that of the baseline.")


class DeferralLimit(FileModel):
    """What the panel's deferral policy must keep to on its test items."""

    risk: _Share | None = Field(default=None, description="Highest mean loss of the items that it decides.")
    coverage: _Share | None = Field(default=None, description="Smallest share of items that it decides.")


class GateSettings(FileModel):
    """What a run is held to. Without any of it, a run may not be shown to be worse than the baseline."""

    baseline: str = Field(
        default="last-passed",
        min_length=1,
        description="last-passed, none, a run directory or URL, or a file written by `panel-eval gate "
        "--save-baseline`.",
    )
    alpha: Annotated[float, Field(gt=0.0, lt=0.5)] = Field(
        default=0.025,
        description="Chance of failing a run that is no worse, over all its tests together; .025 is what a 95 % "
        "interval leaves on the side of a loss.",
    )
    margins: list[Margin] = Field(default_factory=lambda: [Margin(margin=0.05)])
    watch_classes: bool = Field(
        default=True, description="Fail as well if a disagreement class without a margin is shown to be worse."
    )
    limits: list[Limit] = Field(default_factory=list)
    usable_votes: _Share = Field(default=0.95, description="Smallest share of votes with an answer.")
    scored_items: _Share = Field(default=0.98, description="Smallest share of items with a forecast.")
    shared_items: _Share = Field(
        default=0.9,
        description="Smallest share of the items of either run that both have, unchanged, and that the baseline "
        "has a forecast of.",
    )
    cost: CostLimit = Field(default_factory=CostLimit)
    deferral: DeferralLimit = Field(default_factory=DeferralLimit)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        margins = [f"{each.metric} {each.segment}" for each in self.margins]
        limits = [f"{each.metric} {each.segment} {each.at_least is None}" for each in self.limits]
        for key, named in (("margins", margins), ("limits", limits)):
            if again := next((each for each in named if named.count(each) > 1), None):
                metric, segment = again.split()[:2]
                raise ValueError(f"{key} name {metric} {segment} twice")
        return self
