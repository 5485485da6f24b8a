"""The parameters of a fitted pool, as they stand in `fitted.json`: one model for each method."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from panel_eval.schema.base import FileModel

_MOST = 1e9
"""Largest size of a number in a pool: no fit comes near it, and sums of such numbers stay finite."""
_Size = Annotated[float, Field(ge=-_MOST, le=_MOST)]
ByLabel = dict[str, _Size]
"""Label to number."""
_Weight = Annotated[float, Field(ge=0.0, le=_MOST)]

_SHARPNESS = Field(description="Inverse of the temperature: the logarithms are multiplied by it; below 1 flattens.")
_BIAS = Field(description="Label to what is added to its logarithm, in nats.")


class TemperatureParameters(FileModel):
    """The panel of equal weights at another temperature: softmax(sharpness · log q)."""

    method: Literal["temperature"] = "temperature"
    sharpness: _Size = _SHARPNESS


class WeightedParameters(FileModel):
    """The weighted average of the judges that answered: softmax(sharpness · log average + label_bias_nats)."""

    method: Literal["linear_pool", "log_pool"] = Field(
        description="Average of the distributions, or of their logarithms."
    )
    weights: dict[str, _Weight] = Field(description="Judge to weight; they sum to 1.")
    sharpness: _Size = _SHARPNESS
    label_bias_nats: ByLabel = _BIAS

    @field_validator("weights")
    @classmethod
    def _someone_weighs(cls, value: dict[str, float]) -> dict[str, float]:
        if not any(weight > 0 for weight in value.values()):
            raise ValueError("at least one weight must be above 0")
        return value


class VectorScalingParameters(FileModel):
    """The panel of equal weights, each label's logarithm stretched: softmax(slopes · log q + label_bias_nats)."""

    method: Literal["vector_scaling"] = "vector_scaling"
    slopes: ByLabel = Field(description="Label to what its logarithm is multiplied by.")
    label_bias_nats: ByLabel = _BIAS


class DirichletParameters(FileModel):
    """The panel of equal weights, its logarithms put through a matrix: softmax(W log q + label_bias_nats)."""

    method: Literal["dirichlet"] = "dirichlet"
    matrix: dict[str, ByLabel] = Field(
        description="Label to what its score is made of: the logarithm of each label times the number."
    )
    label_bias_nats: ByLabel = _BIAS


class JudgeMeans(FileModel):
    """What a judge's answers are measured from; a missing answer is taken for it."""

    answer: ByLabel = Field(description="Mean share of each label.")
    log_answer: ByLabel | None = Field(
        default=None,
        description="The same of 1 + log(share) / log(10,000), where judges give distributions; shares below "
        "1 / 10,000 count as that.",
    )


class StackedJudge(FileModel):
    """What a judge's answer adds to the labels' scores."""

    mean: JudgeMeans
    answer: dict[str, ByLabel] = Field(description="Label that the judge gives mass to, to the scores it adds to.")
    log_answer: dict[str, ByLabel] | None = Field(default=None, description="The same for the logarithms.")
    missing: ByLabel = Field(description="What is added where the judge did not answer.")


class StackedPanel(FileModel):
    """What the judges' answers together add: the logarithms of the panel of equal weights."""

    mean: ByLabel = Field(description="Mean logarithm of each label, less the item's mean over labels.")
    log_answer: dict[str, ByLabel] = Field(description="Label that the panel gives mass to, to scores it adds to.")


class StackingParameters(FileModel):
    """Softmax regression on the judges' answers: softmax(intercept + what the panel and each judge add)."""

    method: Literal["stacking"] = "stacking"
    intercept: ByLabel = Field(description="The labels' scores where every judge gives its mean answer.")
    panel: StackedPanel
    judges: dict[str, StackedJudge]


class OrdinalJudge(FileModel):
    """How far a judge's answer moves the item up the scale."""

    mean: JudgeMeans
    answer: ByLabel = Field(description="Label that the judge gives mass to, to how far that moves the item.")
    log_answer: ByLabel | None = Field(default=None, description="The same for the logarithms.")
    missing: _Size = Field(description="How far a missing answer moves the item.")


class OrdinalPanel(FileModel):
    """How far the judges' answers together move the item: the logarithms of the panel of equal weights."""

    mean: ByLabel = Field(description="Mean logarithm of each label, less the item's mean over labels.")
    log_answer: ByLabel = Field(description="Label that the panel gives mass to, to how far that moves the item.")


class CumulativeLinkParameters(FileModel):
    """Proportional odds: P(label or below) = logistic(threshold - how far panel and judges move the item)."""

    method: Literal["cumulative_link"] = "cumulative_link"
    thresholds: ByLabel = Field(
        description="Label to the threshold above it, ascending; none above the last label."
    )
    panel: OrdinalPanel
    judges: dict[str, OrdinalJudge]


class BlendParameters(FileModel):
    """The mean of the forecasts of several pools."""

    method: Literal["blend"] = "blend"
    pools: list[Annotated[StackingParameters | CumulativeLinkParameters, Field(discriminator="method")]] = Field(
        min_length=1
    )


PoolParameters = Annotated[
    TemperatureParameters
    | WeightedParameters
    | VectorScalingParameters
    | DirichletParameters
    | StackingParameters
    | CumulativeLinkParameters
    | BlendParameters,
    Field(discriminator="method"),
]
