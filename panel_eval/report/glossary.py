"""What each number means, once, in words a reader without statistics can use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MetricText:
    """How one metric is named, written and explained.

    Attributes:
        title: name in a table, with its unit.
        better: which direction is better: `lower`, `higher` or `zero`.
        meaning: one or two plain sentences.
        digits: decimals shown.
        as_percent: written as a percentage.
    """

    title: str
    better: str
    meaning: str
    digits: int = 3
    as_percent: bool = False


METRIC_TEXTS: dict[str, MetricText] = {
    "ce_bits": MetricText(
        "Cross-entropy (bits per vote)", "lower",
        "How surprised the panel is by one human vote. It cannot fall below the reviewers' own disagreement, and "
        "it is fair to any number of reviewers: decide on this number.",
    ),
    "ce_skill": MetricText(
        "Skill against the base rate", "higher",
        "How much of the base rate's cross-entropy the panel saves. 0 means no better than always answering with "
        "the label shares of all items; below 0 means worse.", as_percent=True,
    ),
    "ce_crossfit_bits": MetricText(
        "Cross-entropy, cross-fitted (bits per vote)", "lower",
        "By class: each vote is scored in the class that the item's other votes make, so that no vote both chooses "
        "the class and is scored in it. Split items cost any forecast more: compare classes by skill.",
    ),
    "ce_crossfit_skill": MetricText(
        "Skill, cross-fitted", "higher",
        "How much of the base rate's cross-entropy the panel saves on the same votes, cross-fitted in the same "
        "way. 0 means no better than the base rate.", as_percent=True,
    ),
    "kl_bits": MetricText(
        "KL divergence (bits)", "lower",
        "Bits lost by using the panel's distribution in place of the reviewers': cross-entropy less the reviewers' "
        "own disagreement, estimated without what few reviewers distort. By class it rests on a model. A perfect "
        "panel has 0; a little below 0 is chance.",
    ),
    "kl_plugin_bits": MetricText(
        "KL divergence (bits, plug-in)", "lower",
        "The same with the observed shares taken as the truth, as others report it. Too high where reviewers are "
        "few, above all on items where they agree: never compare classes by it.",
    ),
    "kl_naive_bias_bits": MetricText(
        "What plug-in KL adds (bits)", "zero",
        "By how much plug-in KL is too high here because reviewers are few.",
    ),
    "jsd_bits": MetricText(
        "Jensen–Shannon divergence (bits)", "lower", "A symmetric distance between 0 and 1 bit."
    ),
    "js_distance": MetricText(
        "Jensen–Shannon distance (base e)", "lower", "Square root of the Jensen–Shannon divergence in nats."
    ),
    "tvd": MetricText(
        "Total variation distance", "lower", "The share of probability that would have to move to another label."
    ),
    "hellinger": MetricText("Hellinger distance", "lower", "A distance between 0 and 1; robust to small masses."),
    "brier": MetricText(
        "Brier score per vote", "lower", "Squared error of the panel's shares against single human votes."
    ),
    "brier_debiased": MetricText(
        "Squared distance (debiased)", "lower",
        "Squared distance to the shares an unlimited number of reviewers would give; few reviewers do not inflate "
        "it, so it may fall a little below 0 by chance.",
    ),
    "n_eq": MetricText(
        "Human-equivalent panel size", "higher",
        "How many fresh reviewers per item would be as close to the reviewers' distribution as the panel is, by "
        "squared distance.",
        digits=1,
    ),
    "mode_accuracy": MetricText(
        "Top label agrees", "higher",
        "How often the panel's most likely label is the reviewers' most frequent one; ties share the credit.",
        as_percent=True,
    ),
    "entropy_pearson": MetricText(
        "Entropy correlation (Pearson)", "higher",
        "Whether the panel spreads its mass on the items where the reviewers spread theirs. Few reviewers cap it.",
    ),
    "entropy_spearman": MetricText(
        "Entropy correlation (Spearman)", "higher", "The same by rank."
    ),
    "entropy_error_bits": MetricText(
        "Entropy error (bits)", "zero",
        "The panel's spread less the reviewers': above 0 the panel is more undecided than their votes, below 0 it "
        "is too sure. Few reviewers show less spread than there is: it is too high by what plug-in KL adds.",
    ),
    "entropy_error_abs_bits": MetricText("Absolute entropy error (bits)", "lower", "Its size, whatever the sign."),
    "rank_match": MetricText(
        "Whole ranking agrees", "higher", "How often all labels come in the reviewers' order.", as_percent=True
    ),
    "soft_ece": MetricText(
        "Soft calibration error", "lower",
        "Gap between the mass on the top label and the share of reviewers who chose it.",
    ),
    "soft_ece_squared_debiased": MetricText(
        "Soft calibration error, squared and debiased", "lower",
        "The squared gap less what the noise of few reviewers adds. If its interval holds 0, miscalibration cannot "
        "be told from noise; it may be negative.",
    ),
    "soft_ece_rms_debiased": MetricText(
        "Soft calibration error, debiased", "lower",
        "Its root: a typical gap, with large gaps counting more. None is given where nothing is left.",
    ),
    "classwise_soft_ece": MetricText(
        "Classwise soft calibration error", "lower", "The same gap over every label, not only the top one."
    ),
    "smooth_ece": MetricText("Smooth calibration error", "lower", "The soft gap without bins, by a kernel."),
    "hard_ece": MetricText(
        "Hard calibration error", "lower",
        "The gap against the majority label. Shown because others report it; it punishes a panel that reproduces "
        "honest disagreement.",
    ),
    "w1": MetricText(
        "Wasserstein distance (steps)", "lower", "How many steps on the scale the mass would have to travel."
    ),
    "rps": MetricText("Ranked probability score per vote", "lower", "Squared error of the cumulated shares."),
    "rps_divergence": MetricText(
        "Ranked probability divergence", "lower", "Squared distance of the cumulated shares."
    ),
}  # fmt: skip

CLASS_TEXTS: dict[str, str] = {
    "agreement": "at least nine in ten reviewers chose one label",
    "minor": "two thirds or more chose one label",
    "major": "fewer than two thirds chose the most frequent label",
    "unresolved": "two or more labels share the lead",
    "insufficient": "too few reviewers to say",
}

FORECASTER_TEXTS: dict[str, str] = {
    "panel": "the judges' pooled distribution",
    "uniform": "the same mass on every label: knows nothing",
    "base_rate": "the label shares of all other items, for every item: knows the task, not the item",
    "hard_label": "the reviewers' majority label as if it were certain: what a single-label data set would keep; "
    "scored on the very votes it is made from",
    "human_panel": "a fresh panel of as many people as the item has reviewers, scored as the panel is: the ceiling",
    "human_panel_1": "a fresh reviewer's single vote, scored as the panel is",
    "human_panel_3": "a fresh panel of three people, scored as the panel is",
}


def metric_text(metric: str) -> MetricText:
    """The text of a metric; one that is not known here is shown under its own name."""
    return METRIC_TEXTS.get(metric) or MetricText(metric, "lower", "")
