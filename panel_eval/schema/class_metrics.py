"""The section `classes` of `metrics.json`: numbers by disagreement class that few reviewers do not distort."""

from __future__ import annotations

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate


class PopulationScore(FileModel):
    """Scores of the panel over populations of a class, each item taking part as far as it may be of that class."""

    share: Estimate = Field(description="Expected share of the items whose population is of this class.")
    ce_bits: Estimate
    kl_bits: Estimate


class ClassCertainty(FileModel):
    """How far the class made from an item's votes can be trusted."""

    probability: dict[str, dict[str, float]] = Field(
        description="Class of the votes -> class of the population -> mean probability; only classes that occur."
    )
    observed_is_population: Estimate = Field(
        description="Mean probability that the votes' class is the population's; items of the four classes."
    )


class Classes(FileModel):
    """The panel by disagreement class, without scoring it on the votes that made the class."""

    crossfit_weight: dict[str, float] = Field(
        description="Items behind `ce_crossfit_bits` of each class, counted by the share of their votes that put "
        "them there when left out."
    )
    crossfit_left_out: int = Field(description="Items whose votes are not known one by one, and so left out there.")
    population: dict[str, PopulationScore] = Field(description="Each class a population can have.")
    certainty: ClassCertainty
    model_note: str = Field(description="Which posterior the model-based numbers are made from, in words.")
    population_rule: str = Field(description="How a population is classed, in words.")
    items_drawn: int = Field(description="Items whose populations were drawn.")
    draws: int = Field(description="Populations drawn for each posterior that differs.")
