"""One or two plain sentences that say how good the panel is, no surer than the intervals allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from panel_eval.report.numbers import count, decimal, estimate_of, interval_text, share, value_text
from panel_eval.report.points import points
from panel_eval.schema import Estimate, FitReport, Metrics, MetricTable, RunManifest

Tone = Literal["better", "worse", "unclear", "unknown"]

_NO_VOTE: Final = "No item has a usable vote: of this panel nothing can be said."


@dataclass(frozen=True)
class Verdict:
    """The panel in words.

    Attributes:
        tone: against the base rate: `better`, `worse`, `unclear` (the interval holds 0) or `unknown` (no number).
        headline: the sentence a manager reads.
        points: what to know beside it, a sentence each.
        detail: the sentences behind it; empty where there is nothing to add.
    """

    tone: Tone
    headline: str
    points: tuple[str, ...]
    detail: str


def verdict(metrics: Metrics, manifest: RunManifest | None = None, fit: FitReport | None = None) -> Verdict:
    """What `metrics` say about the panel, in words.

    The tone follows the interval of `ce_skill`, the headline `n_eq` of the panel beside that of the base rate.
    """
    panel = metrics.panel.overall
    base = metrics.references["base_rate"].overall if "base_rate" in metrics.references else {}
    tone = _tone(estimate_of(panel, "ce_skill"))
    headline = (
        _headline(estimate_of(panel, "n_eq"), estimate_of(base, "n_eq"), tone) if metrics.n_scored else _NO_VOTE
    )
    uniform = metrics.references["uniform"].overall if "uniform" in metrics.references else {}
    parts = [
        _skill_sentence(panel, base, tone) if metrics.n_scored else "",
        _uniform_sentence(panel, uniform),
        _missing_sentence(metrics),
        _partial_sentence(manifest),
    ]
    return Verdict(tone, headline, points(metrics, fit), " ".join(part for part in parts if part))


def _tone(skill: Estimate) -> Tone:
    if skill.estimate is None:
        return "unknown"
    if skill.low is None or skill.high is None:
        return "unclear"
    if skill.low > 0:
        return "better"
    return "worse" if skill.high < 0 else "unclear"


def _headline(panel: Estimate, base: Estimate, tone: Tone) -> str:
    if panel.estimate is None:
        return f"{_tone_sentence(tone)} Its worth in reviewers cannot be computed: {panel.note}."
    interval = interval_text(panel, "n_eq")
    within = f" (95% interval {interval})" if interval else " (no interval)"
    floor = f" The base rate alone would be worth {value_text(base, 'n_eq')}." if base.estimate is not None else ""
    worth = value_text(panel, "n_eq")
    return f"As close to the reviewers as asking {worth} of them per item{within}.{floor} {_tone_sentence(tone)}"


def _tone_sentence(tone: Tone) -> str:
    return {
        "better": "The panel predicts the reviewers' votes better than the base rate.",
        "worse": "The panel is worse than the base rate: the label shares of the other items, "
        "given for every item, would predict the reviewers better.",
        "unclear": "Whether the panel is better than the base rate cannot be told from these items.",
        "unknown": "Whether the panel is better than the base rate cannot be computed.",
    }[tone]


def _skill_sentence(panel: MetricTable, base: MetricTable, tone: Tone) -> str:
    skill, ours, floor = (
        estimate_of(panel, "ce_skill"), estimate_of(panel, "ce_bits"), estimate_of(base, "ce_bits"),
    )  # fmt: skip
    if tone == "unknown" or skill.estimate is None:
        return f"Skill cannot be computed: {skill.note}."
    interval = interval_text(skill, "ce_skill")
    text = f"Skill against the base rate {value_text(skill, 'ce_skill')}"
    text += f" (95% interval {interval})" if interval else " (no interval)"
    if ours.estimate is not None and floor.estimate is not None:
        text += f": {decimal(ours.estimate)} bits of cross-entropy per human vote against {decimal(floor.estimate)}"
    return f"{text}, over {count(ours.n)} items."


def _uniform_sentence(panel: MetricTable, uniform: MetricTable) -> str:
    """Said only where the intervals leave no doubt."""
    ours, floor = estimate_of(panel, "ce_bits"), estimate_of(uniform, "ce_bits")
    bound = floor.estimate if floor.high is None else floor.high
    if ours.low is None or bound is None or ours.low <= bound:
        return ""
    return f"Giving every label the same mass would do better too ({decimal(floor.estimate)} bits)."


def _missing_sentence(metrics: Metrics) -> str:
    total = sum(metrics.coverage.total.values())
    unusable = total - metrics.coverage.total.get("ok", 0)
    parts = []
    if unusable:
        was = "was" if unusable == 1 else "were"
        parts.append(f"{count(unusable)} of {count(total)} votes ({share(unusable, total)}) {was} unusable.")
    left_out = metrics.n_items - metrics.n_scored
    if left_out:
        have = "has" if left_out == 1 else "have"
        parts.append(f"{count(left_out)} of {count(metrics.n_items)} items {have} no usable vote and no score.")
    return " ".join(parts)


def _partial_sentence(manifest: RunManifest | None) -> str:
    if manifest is None or manifest.state == "sealed":
        return ""
    stored, planned = count(manifest.votes_stored), count(manifest.votes_planned)
    return f"The run is {manifest.state}: {stored} of {planned} planned votes are here."
