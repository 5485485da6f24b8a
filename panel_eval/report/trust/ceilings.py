"""The panel between floor and ceiling, and how many people it is worth."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Row, Table, estimate_cell
from panel_eval.report.numbers import clear_of, estimate_of, value_text
from panel_eval.report.part import Part, said
from panel_eval.schema import Estimate, Metrics

_LOSSES: Final = {"ce_bits": "cross-entropy", "brier_debiased": "squared distance", "rps": "ranked probability"}
_SHOWN: Final = ("ce_bits", "brier_debiased")


def ceilings_part(metrics: Metrics) -> Part:
    """Where the panel stands between base rate and people, in two losses."""
    difference = metrics.reliability.against_others.panel_minus_human.ce_bits
    worth = metrics.reliability.n_eq_ce
    sentences = said(
        "0 is the base rate, 1 the ceiling; below 0 is worse than the base rate, and above 1 is possible against "
        "people, whose few votes are a noisy picture too.",
        _against_one(difference),
        None if worth.estimate is not None else f"Its worth in people by cross-entropy is not given: {worth.note}.",
        _two_worths(estimate_of(metrics.panel.overall, "n_eq"), worth),
    )
    return Part("ceilings", "As good as people?", sentences, (skill_table(metrics), worth_table(metrics)))


def _against_one(difference: Estimate) -> str | None:
    if difference.estimate is None:
        return None
    if not clear_of(difference, 0.0):
        return "Whether it predicts the other reviewers better than one reviewer does cannot be told."
    word = "better" if difference.estimate < 0 else "worse"
    low_bar = ": a low bar, as one vote says little of a distribution" if difference.estimate < 0 else ""
    return f"It predicts the other reviewers {word} than one reviewer does{low_bar}."


def _two_worths(squared: Estimate, entropy: Estimate) -> str | None:
    """Said where the two losses are shown to disagree on what the panel is worth."""
    if not (_apart(squared, entropy) or _apart(entropy, squared)):
        return None
    return (
        f"The worth at the top of the page, {value_text(squared, 'n_eq')}, is by squared distance; by "
        f"cross-entropy it is {value_text(entropy, 'n_eq')}: the two losses do not weigh errors alike. "
        "Name the one you quote."
    )


def _apart(one: Estimate, other: Estimate) -> bool:
    """Whether the one's interval lies below the other's."""
    return one.high is not None and other.low is not None and one.high < other.low


def skill_table(metrics: Metrics) -> Table:
    """The way from base rate to two ceilings that the panel has gone."""
    skill = metrics.reliability.skill.overall
    losses = [loss for loss in _SHOWN if loss in skill]
    ceilings = (
        ("to as many people", "base_rate_to_human_parity"),
        ("to the best possible", "base_rate_to_noise_free"),
    )
    rows = tuple(
        Row(title, tuple(estimate_cell(getattr(skill[loss], field), 2) for loss in losses))
        for title, field in ceilings
    )
    return Table(
        "The panel's way from the base rate", ("from the base rate", *(_LOSSES[loss] for loss in losses)), rows
    )


def worth_table(metrics: Metrics) -> Table:
    """The panel in people."""
    reliability = metrics.reliability
    rows = (
        Row(
            "people it is worth, by squared distance",
            (estimate_cell(estimate_of(metrics.panel.overall, "n_eq"), 1),),
        ),
        Row("people it is worth, by cross-entropy", (estimate_cell(reliability.n_eq_ce, 1),)),
        Row(
            "cross-entropy less that of one reviewer, bits (below 0: better)",
            (estimate_cell(reliability.against_others.panel_minus_human.ce_bits),),
        ),
    )
    return Table("The panel in people", ("measure", "panel"), rows)
