"""The section `panel_value` of `fit.json`: what each judge is worth, and which judges would do."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel
from panel_eval.schema.estimate import Estimate, MetricTable

JudgeStanding = Literal["adds", "replaceable", "adds_nothing", "harms", "copy", "not_told"]


class JudgeValue(FileModel):
    """What one judge is worth, in bits of cross-entropy per human vote (more is better), and what it costs."""

    left_out_bits: Estimate = Field(
        description="Cross-entropy of the panel re-fitted without the judge, less the whole panel's: what is lost "
        "if only this judge goes. Near 0 where another judge says the same."
    )
    shapley_bits: Estimate = Field(
        description="Shapley value: what the judge takes off the cross-entropy on average over all orders in which "
        "judges could join; judges that say the same share what they say. Sums to `value_bits` over judges."
    )
    shapley_error_bits: float | None = Field(
        description="Standard error from drawing orders; 0 where all sub-panels were fitted; null = one draw."
    )
    alone_bits: Estimate = Field(description="Base rate's cross-entropy less that of the judge alone, fitted.")
    standing: JudgeStanding = Field(
        description="adds: the panel is worse without it; replaceable: at most a twentieth of `value_bits` is lost "
        "without it, as others say it too; adds_nothing: no more is lost, nor can a share of its own be told; "
        "harms: the panel is better without it, as it gives the fit noise to learn from; copy: the same as another "
        "judge on every item; not_told: much or nothing may be lost without it, these items do not tell."
    )
    same_as: list[str] = Field(description="Judges that say the same on every item.")
    votes_per_item: float = Field(ge=0, description="Votes cast per item that the judge was asked about.")
    cost_per_item_usd: float | None = Field(description="What those votes cost when bought; null = not known.")
    shapley_bits_per_vote: Estimate = Field(description="Shapley value over `votes_per_item`.")
    shapley_bits_per_usd: Estimate = Field(
        description="Shapley value over `cost_per_item_usd`: bits per human vote for a dollar spent on each item."
    )
    note: str | None = Field(default=None, description="Whom it says the same as.")


class SubPanel(FileModel):
    """Some of the judges, fitted without the others."""

    judges: list[str] = Field(description="None: the base rate.")
    ce_bits: Estimate = Field(description="Out-of-fold cross-entropy per human vote.")
    behind_panel_bits: Estimate = Field(
        description="The same less the whole panel's, item by item; below 0 = better."
    )
    votes_per_item: float = Field(ge=0)
    cost_per_item_usd: float | None = Field(description="null where the price of one of the judges is not known.")


class SamplesUsed(FileModel):
    """The panel with at most so many of the recorded votes of each judge on each item."""

    samples: int = Field(ge=1, description="Most votes used of each judge on an item.")
    votes_per_item: float = Field(ge=0, description="Votes of all judges used per item.")
    ce_bits: Estimate = Field(description="Out-of-fold cross-entropy, mean over random choices of votes.")
    behind_all_bits: Estimate = Field(description="The same less that with all votes, item by item.")


class LabelOrderUse(FileModel):
    """One label order for all items against as many votes in orders drawn at random."""

    orders: int = Field(
        ge=2,
        description="Label orders compared: those in which judges of several orders were asked "
        "about nearly all items. Judges of one order an item keep their votes throughout.",
    )
    one_order_ce_bits: Estimate = Field(description="Votes of one order only; mean over the orders.")
    mixed_orders_ce_bits: Estimate = Field(description="As many votes of each judge and item, of any order.")
    gain_of_mixing_bits: Estimate = Field(description="One order less mixed; above 0, balancing orders helps.")
    by_order: dict[str, Estimate] = Field(description="Cross-entropy of each order, named by its labels.")


class PanelValue(FileModel):
    """What the judges of a panel are worth: cross-entropy of sub-panels, each re-fitted, out of fold."""

    n_items: int = Field(ge=0, description="Items that everything here rests on.")
    n_left_out: int = Field(ge=0, description="Items that no judge answered.")
    value_bits: Estimate = Field(description="Base rate's cross-entropy less the panel's: all that judges add.")
    base_rate_ce_bits: Estimate = Field(description="Cross-entropy of the out-of-fold base rate: a panel of none.")
    panel_ce_bits: Estimate = Field(
        description="Cross-entropy of the whole panel, fitted, in folds drawn for this."
    )
    judges: dict[str, JudgeValue]
    shapley: Literal["exact", "sampled", "none"] = Field(description="All sub-panels fitted, or random orders.")
    n_sub_panels: int = Field(ge=0, description="Different sub-panels that were fitted.")
    redundancy: MetricTable = Field(
        description="effective_judges, effective_judges_eigen, error_correlation: see `agreement.redundancy` of "
        "metrics.json; empty for one judge."
    )
    best: SubPanel | None = Field(description="The sub-panel of least cross-entropy, of those fitted.")
    smallest: SubPanel | None = Field(
        description="The fewest judges within one standard error (of the paired difference) of the best."
    )
    choice_cost_bits: Estimate = Field(
        description="What choosing so costs: cross-entropy of the sub-panels that the same rule chooses on other "
        "items, less the whole panel's. Unlike the scores of `best` and `smallest` not made of the chosen items."
    )
    greedy: list[SubPanel] = Field(description="From no judge on, each time adding the judge that helps most.")
    front: list[SubPanel] = Field(description="Sub-panels that no cheaper one equals, by rising cost.")
    front_cost: Literal["usd", "votes"] = Field(description="What `front` counts as cost; votes where prices lack.")
    samples: list[SamplesUsed] | None = Field(description="null where each judge voted once: see `samples_note`.")
    samples_note: str | None
    label_orders: LabelOrderUse | None = Field(description="null where it cannot be told: see `label_orders_note`.")
    label_orders_note: str | None
    notes: list[str] = Field(description="What must be known to read the numbers.")
    advice: str = Field(description="What to do, in one sentence.")
