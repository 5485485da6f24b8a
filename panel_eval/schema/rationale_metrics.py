"""The section `rationales` of `metrics.json`: which evidence of the reviewers the judges' rationales mention."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate

Standing = Literal["majority", "dissenter", "tied"]
"""A reviewer's label on an item: its single most frequent one, another one, or there are several most frequent."""


class EvidenceCoverage(FileModel):
    """How much of some pieces of evidence rationales mention, and how much those of other items do."""

    pieces: int = Field(ge=0, description="Pieces of evidence behind the numbers: one reviewer's on one item.")
    coverage: Estimate = Field(description="Weighted share of a piece's terms that are mentioned; mean of pieces.")
    chance: Estimate = Field(description="The same with rationales of other items that got the same label.")
    lift: Estimate = Field(description="(coverage - chance) / (1 - chance): 0 = as by chance, 1 = all of it.")


class JudgeRationales(FileModel):
    """What one judge's rationales mention, alone."""

    evidence: EvidenceCoverage
    beyond_content: EvidenceCoverage | None = Field(
        description="Of the terms that do not stand in the item's content; null = items have no content."
    )
    rationales: int = Field(ge=0, description="Rationales read: one for each vote that has one.")
    words: Estimate = Field(description="Mean words of a rationale.")
    own_terms: Estimate = Field(
        description="Share of the terms it uses that stand in no reviewer's evidence on the item. No error as such."
    )


class ReviewerEvidence(FileModel):
    """How much of one reviewer's evidence any judge mentions."""

    reviewer: str
    evidence: EvidenceCoverage


class MissedEvidence(FileModel):
    """A piece of evidence that the judges hardly mention."""

    item_id: str
    reviewer: str
    label: str = Field(description="The reviewer's label.")
    standing: Standing
    evidence: str = Field(description="Its first 300 characters.")
    missed: list[str] = Field(description="Terms that no judge mentions, the heaviest first, at most ten.")
    coverage: float = Field(ge=0, le=1, description="Weighted share of its terms that any judge mentions.")
    panel_mass: float = Field(ge=0, le=1, description="What the panel gives the reviewer's label.")
    missed_bits: float = Field(ge=0, description="Weight of its ten heaviest missed terms.")


class MissedTerm(FileModel):
    """A term that reviewers cite and judges hardly mention."""

    term: str = Field(description="As first written in evidence.")
    pieces: int = Field(ge=1, description="Pieces of evidence that hold it.")
    mentioned: int = Field(ge=0, description="Those among them on whose item a judge mentions it.")
    dissenters: int = Field(ge=0, description="Pieces that hold it and are dissenters' evidence.")


class Quoted(FileModel):
    """What of the evidence could be had by pasting the item's content."""

    share: Estimate = Field(description="Weighted share of a piece's terms that stand in the item's content.")
    beyond_content: EvidenceCoverage = Field(description="Of the terms that do not stand there.")


class RationaleMetrics(FileModel):
    """Reviewers' evidence beside the judges' rationales, by terms; any judge's mention counts unless said."""

    note: str | None = Field(description="Why there is nothing to tell, or what was left unread.")
    items_with_evidence: int = Field(ge=0, description="Items read whose reviewers gave evidence.")
    items: int = Field(ge=0, description="Those among them on which a judge gave a rationale.")
    overall: EvidenceCoverage
    by_class: dict[str, EvidenceCoverage] = Field(description="By derived disagreement class.")
    by_standing: dict[Standing, EvidenceCoverage] = Field(description="By how the reviewer's label stands.")
    dissenter_gap: Estimate = Field(description="Coverage of the majority's evidence less that of dissenters.")
    by_panel_label: dict[Literal["same", "other"], EvidenceCoverage] = Field(
        description="By whether the reviewer's label is the panel's most probable one."
    )
    by_judge: dict[str, JudgeRationales]
    by_reviewer: list[ReviewerEvidence] = Field(description="Those with the most evidence, at most 50, by name.")
    reviewers: int = Field(ge=0, description="Reviewers with evidence on the items.")
    quoted: Quoted | None = Field(description="null = the items have no content.")
    own_terms: Estimate = Field(
        description="Share of the terms judges use that stand in no reviewer's evidence on the item."
    )
    evidence_words: Estimate = Field(description="Mean words of a piece of evidence.")
    missed_terms: list[MissedTerm] = Field(
        description="Terms cited on three items or more that judges miss most: by misses x weight; at most 12."
    )
    heaviest_missed: list[MissedEvidence] = Field(
        description="The most telling misses, at most 12, by missed_bits x (1 - panel_mass); one an item, and no "
        "two that miss the same terms."
    )
