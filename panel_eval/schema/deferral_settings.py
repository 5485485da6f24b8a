"""The key `deferral` of a panel file: when the panel decides an item by itself, and what mistakes cost."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from panel_eval.schema.base import FileModel

DeferralScore = Literal["entropy", "one_less_top", "margin", "between_judges", "judge_disagreement"]
"""What items are ranked by, higher = less certain."""
DeferralLoss = Literal["majority", "disagreement", "distance"]
"""What deciding an item by the panel's top label loses."""

Level = Annotated[float, Field(ge=1e-5, lt=1.0)]
"""A risk or a chance. To show a smaller one takes more labels than anybody has: 230,000 without an error."""
_Amount = Annotated[float, Field(ge=0.0)]


class DeferralCosts(FileModel):
    """What reviewing, a wrong label and a judge's call cost, all in one currency."""

    human: _Amount = Field(description="One review by one person.")
    error: _Amount = Field(description="One item whose loss is 1; smaller losses cost their part of it.")
    call: _Amount | None = Field(
        default=None,
        description="Asking the panel about one item; null = as recorded with the votes, in US dollars.",
    )


class DeferralSettings(FileModel):
    """Key `deferral` of a panel file: when the panel decides an item, and when it hands it to people."""

    score: DeferralScore = Field(
        default="entropy",
        description="entropy, one_less_top or margin (1 - margin) of the panel's forecast; between_judges: "
        "Jensen-Shannon spread; judge_disagreement: chance that two judges name different labels.",
    )
    risk: Level = Field(default=0.1, description="Highest mean loss among the decided items.")
    delta: Level = Field(default=0.1, description="Chance of a calibration that breaks this promise.")
    loss: DeferralLoss = Field(
        default="disagreement",
        description="majority: 0/1, not the reviewers' unique most frequent label; disagreement: share of "
        "reviewers who chose another label; distance: their mean distance on an ordinal scale, 1 = all of it.",
    )
    reviewers: int = Field(default=3, ge=1, le=99, description="People asked about an item that is handed over.")
    costs: DeferralCosts | None = Field(default=None, description="For the cost curve; null = none is drawn.")
    set_coverage: Level = Field(
        default=0.9, description="Chance that a label set holds the label of a random reviewer."
    )
