"""What a single label leaves on the table, in numbers: the document `pilot`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.rubric import Scale

FEWEST_SPLIT = 10
"""Items on which reviewers differ, below which their resamples say nothing of what is lost on such items."""


class PilotSize(FileModel):
    """How much was labelled, and what of it says anything about a single label."""

    items: int = Field(ge=0, description="In the file.")
    used: int = Field(ge=0, description="With two or more reviewers whose votes are known.")
    one_reviewer: int = Field(ge=0, description="Left out: one reviewer.")
    unknown_counts: int = Field(ge=0, description="Left out: shares that are no whole votes.")
    not_drawn: int = Field(ge=0, description="Left out at random, where there are very many.")
    votes: int = Field(ge=0, description="Of the items used.")
    reviewers_per_item_min: int | None = Field(description="null where no item is used.")
    reviewers_per_item_mean: float | None
    reviewers_per_item_max: int | None
    split: int = Field(ge=0, description="Items used on which not all reviewers chose the same label.")
    tied: int = Field(ge=0, description="Items used without one most frequent label.")
    clusters: int | None = Field(description="null where the file names none.")


class HeldOutForecasts(FileModel):
    """How well votes that were left out are foretold from the other votes of their item, or from less.

    Names: all_votes; single_label (the majority label, or that these labels are tied); ties_broken (one label, of
    tied ones a random one); face_value (that label as if everybody had chosen it, smoothed); base_rate; uniform.
    Every forecast but face_value and uniform knows how votes go on the other items.
    """

    fewest_reviewers: int = Field(description="Of the items that are looked at.")
    ce_bits: dict[str, Estimate] = Field(description="Name to cross-entropy, bits a held-out vote.")
    lost_bits: dict[str, Estimate] = Field(description="Name to cross-entropy less that of all_votes.")
    kept_share: Estimate = Field(
        description="What the single label tells beyond the base rate, as a share of what all votes tell beyond it."
    )
    kept_share_ties_broken: Estimate


class ModelledForecasts(FileModel):
    """The same for all votes of an item, by its posterior (Dirichlet prior learnt from all items)."""

    told_bits: Estimate = Field(description="What an item's votes tell of the next one beyond the base rate.")
    lost_bits: Estimate = Field(description="Lost where only the majority label is kept, ties apart.")
    lost_bits_ties_broken: Estimate
    lost_bits_face_value: Estimate = Field(description="Lost where it is taken as if everybody had chosen it.")
    kept_share: Estimate
    kept_share_ties_broken: Estimate
    lost_bits_one_less: Estimate = Field(
        description="With one vote less: what `held_out.lost_bits.single_label` checks."
    )
    lost_bits_one_less_ties_broken: Estimate = Field(
        description="With one vote less: what `held_out_of_three.lost_bits.ties_broken` checks."
    )


class LabelInformation(FileModel):
    """What keeping one label loses."""

    held_out: HeldOutForecasts = Field(description="Items with four or more reviewers.")
    held_out_of_three: HeldOutForecasts = Field(description="Items with three or more reviewers, ties broken.")
    modelled: ModelledForecasts
    entropy_bits: Estimate = Field(description="Mean entropy of the people behind an item; one label says 0.")
    discarded_share: Estimate = Field(description="Mean share of the people whose label was not kept.")
    discards_more_than: dict[str, Estimate] = Field(
        description="Share of the people to the share of items whose discarded labels stand for more of them."
    )


class ClassOfOthers(FileModel):
    """Votes by the disagreement class of the other votes of their item, so that no vote classes itself."""

    share: Estimate = Field(description="Of the held-out votes.")
    next_vote: Estimate = Field(description="Share of held-out votes that are the others' majority label.")
    lost_bits: Estimate = Field(description="Bits lost a held-out vote by keeping the others' majority label only.")


class HardAccuracy(FileModel):
    """How accurate the kept labels look, and how accurate they are."""

    own_votes: Estimate = Field(description="Share of the votes that are the label they made themselves.")
    next_vote: Estimate = Field(description="Share of other reviewers who would choose it. Model-based.")
    optimism: Estimate = Field(description="own_votes less next_vote.")
    own_votes_one_less: Estimate = Field(description="own_votes of all but one vote of an item.")
    next_vote_one_less: Estimate = Field(
        description="Share of left-out votes that are the majority label of the others"
    )
    optimism_one_less: Estimate = Field(description="The difference of the two; no model.")
    next_vote_one_less_modelled: Estimate = Field(description="What the model expects of next_vote_one_less.")
    second_panel: Estimate = Field(
        description="Chance that a second panel of the same size would keep the same label. Model-based."
    )
    most_frequent: Estimate = Field(
        description="Chance that the kept label is the most frequent one of all people. Model-based."
    )
    relabel_sd: Estimate = Field(
        description="Standard deviation of the accuracy of one and the same answers, if second panels labelled the "
        "items. Model-based."
    )
    halves: Estimate = Field(
        description="Chance that random halves of an item's votes keep the same label; no model."
    )
    halves_modelled: Estimate = Field(description="The same by the model.")
    by_class: dict[str, ClassOfOthers]


class Overconfidence(FileModel):
    """A model that fits the hard labels perfectly, beside the people. Model-based."""

    confidence: Estimate = Field(description="Mean probability that it gives its most likely label.")
    agreement: Estimate = Field(description="Mean share of the people who choose that label.")
    gap: Estimate = Field(description="Their difference: its calibration error against people.")
    kl_bits: Estimate = Field(description="KL(people || model).")
    temperature: Estimate = Field(description="That brings its probabilities nearest to the people's shares.")


class ModelCheck(FileModel):
    """A number that held-out votes give, beside what the model expects it to be."""

    what: str
    held_out: Estimate
    modelled: Estimate
    difference: Estimate = Field(description="modelled less held_out.")
    fits: bool | None = Field(
        description="Whether the difference may be 0, or the model's number lies in the interval of held_out; null "
        "where there is no interval, or one without length."
    )


class PanelSize(FileModel):
    """What panels of so many people would leave on the table. Model-based, over fresh panels."""

    reviewers: int = Field(ge=1)
    all_votes_bits: Estimate = Field(description="KL of the people from what all votes and the other items tell.")
    single_label_bits: Estimate = Field(description="The same from the single label, ties apart.")
    same_label: Estimate = Field(description="Chance that two such panels keep the same label.")
    confidence: Estimate
    agreement: Estimate
    gap: Estimate
    model_kl_bits: Estimate = Field(description="KL(people || model that fits the hard labels perfectly).")


class LosingItem(FileModel):
    """An item that a single label tells little of."""

    item_id: str
    votes: dict[str, int] = Field(description="Label to votes, labels without votes left out.")
    kept: list[str] = Field(description="The most frequent label, or the tied ones.")
    disagreement_class: str
    discarded_share: float = Field(description="Expected share of the people whose label is not kept.")
    lost_bits: float = Field(description="Expected bits lost a further vote by taking the label at face value.")


class PilotReport(FileModel):
    """What a single label leaves on the table, on a user's own items."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str
    labels: list[str]
    scale: Scale
    headline: str = Field(description="One sentence.")
    findings: list[str] = Field(description="What the intervals carry, in plain sentences.")
    advice: list[str] = Field(description="What to do.")
    size: PilotSize
    information: LabelInformation | None = Field(description="null where nothing can be said; see `notes`.")
    accuracy: HardAccuracy | None
    overconfidence: Overconfidence | None
    checks: list[ModelCheck] = Field(description="Of the model, on held-out votes.")
    by_reviewers: list[PanelSize]
    nothing_bits: Estimate = Field(description="KL of the people from the overall label shares.")
    items: list[LosingItem] = Field(description="Items that lose most, first.")
    settings: dict[str, str | int | float | None]
    notes: list[str]
