"""The contract `disagreement`: where people disagree, how sure that is, and what the rubric has to do with it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.diagnosis import CountedShare, HumanQuadrant, HumanQuadrants
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.label_quality import ClassShares
from panel_eval.schema.rubric import Scale


class ClassCertainties(FileModel):
    """How sure the classes of single items are: chance that everyone's class is the class of the votes."""

    items: int = Field(ge=0, description="Items with a class whose populations were drawn.")
    above_90_percent: CountedShare = Field(description="Items whose class is at least 90 % certain.")
    above_50_percent: CountedShare = Field(description="Items whose class is at least 50 % certain.")
    unlikeliest: CountedShare = Field(
        description="Items on which another class is likelier than that of the votes."
    )


class CriterionDisagreement(FileModel):
    """The items of one criterion: those in which a reviewer named it."""

    name: str
    items: int = Field(ge=0)
    rationales: int = Field(ge=0, description="Rationales that tell the criterion.")
    told_by_name: int = Field(ge=0, description="Of these, by their field `criterion`.")
    told_by_evidence: int = Field(ge=0, description="Of these, by the criterion's name in their evidence.")
    split: CountedShare = Field(description="Items whose reviewers are more split than two to one.")
    rubric_problem: CountedShare = Field(description="Items that are split, and less sure than usual.")
    genuine_ambiguity: CountedShare = Field(description="Items that are split, and surer than usual.")
    elsewhere: Estimate = Field(description="Share of rubric_problem among the items without this criterion.")
    excess: Estimate = Field(description="Share of rubric_problem here less that elsewhere.")
    excess_p_value: float | None = Field(
        ge=0, le=1, description="Two-sided sign-flip test of no difference; null = too few items."
    )
    excess_p_adjusted: float | None = Field(ge=0, le=1, description="The same for all criteria together (Holm).")
    slope: Estimate = Field(
        description="Logistic regression over the criterion's items: log-odds that two reviewers of one differ, "
        "for one standard deviation more of confidence; below 0 = they differ where they are less sure."
    )
    slope_p_value: float | None = Field(ge=0, le=1, description="Two-sided, of no relation.")
    slope_p_adjusted: float | None = Field(ge=0, le=1, description="The same for all criteria together (Holm).")


class CriteriaDisagreement(FileModel):
    """Disagreement by the rubric's criteria."""

    criteria: list[CriterionDisagreement] = Field(
        description="The highest share of rubric_problem first; those without items last."
    )
    advice: str = Field(description="Which criterion to rewrite, as far as the numbers carry it.")
    rewrite: list[str] = Field(description="Criteria whose share of rubric_problem stands out.")
    items_read: int = Field(ge=0, description="Items whose rationales were read.")
    items_with_criterion: int = Field(ge=0, description="Of these, items for which a criterion is told.")
    told_by: Literal["name", "evidence", "name and evidence", "nothing"]
    unknown_names: dict[str, int] = Field(
        description="Names in the field `criterion` that the rubric lacks, and rationales with them, at most 50."
    )
    note: str | None


class TellingDisagreement(FileModel):
    """An item worth reading."""

    item_id: str
    why: str = Field(description="A quadrant, or uncertain_class.")
    votes: dict[str, float]
    disagreement_class: str
    class_probability: float | None = Field(description="Chance that everyone's class is that; null = not drawn.")
    expected_entropy: float = Field(description="Expected entropy of the population over log2 labels, 0 to 1.")
    confidence: float | None = Field(description="Mean standardised confidence of its reviewers.")
    criteria: list[str] = Field(description="Criteria that its reviewers named.")


class Disagreement(FileModel):
    """Where people disagree, from their labels alone."""

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this contract.")
    task: str
    labels: list[str]
    scale: Scale
    n_items: int = Field(ge=1)
    n_votes: int = Field(ge=1)
    classes: ClassShares
    certainty: ClassCertainties
    quadrants: HumanQuadrants
    criteria: CriteriaDisagreement | None = Field(description="null = neither a rubric nor a rationale names any.")
    telling: list[TellingDisagreement]
    sentences: list[str] = Field(description="The same in words.")
    settings: dict[str, int | float | str]
    notes: list[str]


TELLING_QUADRANTS: tuple[HumanQuadrant, ...] = ("rubric_problem", "genuine_ambiguity", "fragile_consensus", "clear")
