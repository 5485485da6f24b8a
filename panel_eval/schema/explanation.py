"""The explanation contract: why the panel is split on one item, as `panel-eval explain RUN ITEM` gives it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.diagnosis import DiagnosisName, HumanQuadrant, JudgeQuadrant
from panel_eval.schema.rubric import Scale
from panel_eval.schema.vote import Outcome


class LabelShares(FileModel):
    """One label: what people and panel give it."""

    label: str
    votes: float = Field(ge=0, description="Reviewers who chose it; effective where single votes are not known.")
    share: float = Field(ge=0, le=1, description="Of the reviewers asked.")
    population_low: float = Field(ge=0, le=1, description="Lower end of the share's 95 % interval among all.")
    population_high: float = Field(ge=0, le=1, description="Upper end.")
    panel: float | None = Field(ge=0, le=1, description="The panel's forecast; null = no judge answered.")


class ReviewerAnswer(FileModel):
    """What one reviewer said."""

    reviewer: str | None = Field(description="null = the file does not name them.")
    label: str | None
    evidence: str | None = None
    confidence: float | None = Field(default=None, ge=0, le=1, description="Self-reported.")


class PeopleOnItem(FileModel):
    """The human side of one item."""

    reviewers: int = Field(ge=1)
    votes_known: bool = Field(description="False: only shares and the number of reviewers are known.")
    answers: list[ReviewerAnswer] = Field(description="Of the reviewers that the file tells of.")
    entropy_bits: float = Field(description="Of the votes as they are; few votes show too little.")
    expected_entropy: float = Field(ge=0, le=1, description="Of the population, over log2 labels.")
    two_to_one_entropy: float = Field(ge=0, le=1, description="The same if the votes had split two to one.")
    split: bool | None = Field(description="More split than two to one; null = too close, or one reviewer.")
    confidence: float | None = Field(description="Mean, in standard deviations from the reviewers' own means.")
    usual_confidence: float | None = Field(
        default=None, description="The same of the median item: more is surer than usual; null = none is stated."
    )
    quadrant: HumanQuadrant
    disagreement_class: str = Field(description="Of the votes.")
    reported_class: str | None
    class_probabilities: dict[str, float] = Field(description="Of the population's class; empty = not drawn.")
    adjudicated_label: str | None = None
    adjudication_reason: str | None = None


class JudgeOnItem(FileModel):
    """What one judge said."""

    judge: str
    distribution: dict[str, float] | None = Field(description="Mean of its usable votes; null = none.")
    favours: list[str] = Field(description="Its most probable labels; several = tied.")
    usable: int = Field(ge=0)
    unusable: dict[Outcome, int] = Field(description="Votes that are no answer, by outcome.")
    entropy_bits: float | None = Field(
        description="Of its own answers, as they are; null = a single label, or none."
    )
    between_without_bits: float | None = Field(
        description="Spread between the other judges; null = fewer than two others answered."
    )


class VoteOnItem(FileModel):
    """One vote."""

    judge: str
    sample: int
    outcome: Outcome
    label: str | None
    distribution: dict[str, float] | None
    label_order: list[str] | None
    place: int | None = Field(ge=1, description="Where the chosen label stood in the list; null = not known.")
    confidence: float | None
    rationale: str | None
    problem: str | None = Field(description="Why there is no answer, as far as it is known.")


class Pairs(FileModel):
    """Pairs of answers, and how many of them name different labels."""

    pairs: int = Field(ge=0)
    apart: int = Field(ge=0)


class Repetition(FileModel):
    """How often two answers differ, by what differs between the two questions."""

    same_order: Pairs = Field(description="Same judge, labels in the same order: the chance of sampling.")
    other_order: Pairs = Field(description="Same judge, labels in another order.")
    other_judge: Pairs = Field(description="Two judges.")
    orders_known: bool = Field(description="False: not every vote tells the order; all count as the same.")


class LabelOrderEffect(FileModel):
    """Whether the answer goes with the place of the label in the list."""

    n_votes: int = Field(ge=0, description="Answers of judges that were asked in two orders or more.")
    n_orders: int = Field(ge=0)
    mass_by_place: list[float] = Field(description="Answers by the place of their label, from the first on.")
    first_excess: float | None = Field(
        description="How much more often the first label was chosen than if its place did not matter."
    )
    p_value: float | None = Field(
        ge=0, le=1, description="Permutation test that places do not matter; null = too few answers to test."
    )
    note: str | None = None


class UnmentionedEvidence(FileModel):
    """Evidence of a reviewer that the judges leave out."""

    reviewer: str
    label: str
    evidence: str
    dissents: bool | None = Field(description="Whether the label is not the reviewers' first; null = a tie.")
    coverage: float | None = Field(ge=0, le=1, description="Weighted share of its terms that a judge mentions.")
    mentioned: dict[str, list[str]] = Field(description="Term to the judges that mention it.")
    missed: list[str] = Field(description="Terms that no judge mentions, the heaviest first.")


class JudgesOnItem(FileModel):
    """The judges' side of one item."""

    quadrant: JudgeQuadrant
    judges: list[JudgeOnItem]
    panel_entropy_bits: float | None
    cross_entropy_bits: float | None = Field(description="The panel's loss on this item.")
    within_bits: float | None = Field(description="What each judge is unsure of; corrected for few votes.")
    between_bits: float | None = Field(description="Where they contradict; corrected for few votes.")
    between_cut_bits: float | None = Field(description="From here on they contradict one another.")
    apart: str | None = Field(description="The judge whose leaving lowers the spread between the rest most.")
    within_hidden: bool = Field(description="Single labels only: a judge's own doubt cannot be seen.")


class Explanation(FileModel):
    """Why people and judges answer as they do on one item."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run: str | None = Field(description="Name of the run's folder.")
    task: str
    item_id: str
    labels: list[str]
    scale: Scale
    content: dict[str, str]
    answer: str = Field(description="Why the panel is split on this item, or that it is not, in one sentence.")
    diagnosis: DiagnosisName
    meaning: str
    advice: str | None
    because: list[str] = Field(description="What the diagnosis rests on, in sentences no surer than the data.")
    shares: list[LabelShares]
    people: PeopleOnItem
    panel: JudgesOnItem
    votes: list[VoteOnItem]
    votes_left_out: int = Field(ge=0, description="Votes beyond those listed; all of them are counted.")
    label_order: LabelOrderEffect | None = Field(description="null = one order only, or none known.")
    repetition: Repetition
    evidence: list[UnmentionedEvidence] = Field(description="Evidence beside the judges' rationales.")
    notes: list[str]
