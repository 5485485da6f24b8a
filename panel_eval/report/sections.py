"""The sections of a run's page in their order, from the first question a reader has to the last.

How good is it, on which items, how sure may one be, what may it decide, which judges, which votes went missing, are
the labels sound, why do people and judges differ, and what would make it better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from panel_eval.report.costs import besides, cost_sentence, cost_tables
from panel_eval.report.diagnosis_part import diagnosis_part
from panel_eval.report.figures import Figure
from panel_eval.report.figures.entropies import entropies
from panel_eval.report.figures.judge_agreement import judge_agreement, judge_agreement_table
from panel_eval.report.figures.judge_value import judge_value
from panel_eval.report.figures.kl_by_class import kl_by_class
from panel_eval.report.figures.outcomes import outcomes, outcomes_by_class
from panel_eval.report.figures.position_bias import position_bias
from panel_eval.report.figures.reliability import reliability
from panel_eval.report.figures.risk_coverage import risk_coverage
from panel_eval.report.figures.self_confidence import self_confidence
from panel_eval.report.figures.shares import shares
from panel_eval.report.figures.skill_by_class import skill_by_class
from panel_eval.report.improve import improve_parts
from panel_eval.report.part import Part, drawn, filled, said
from panel_eval.report.people import people_parts
from panel_eval.report.policy import policy_part
from panel_eval.report.reasons import reasons_part
from panel_eval.report.section import Section
from panel_eval.report.tables import (
    class_reference_table,
    every_metric_table,
    judge_table,
    overview_table,
    reported_table,
)
from panel_eval.report.trust import (
    agreement_part,
    ceilings_part,
    class_certainty_part,
    decomposition_part,
    deferral_part,
    human_entropy_part,
    missing_votes_part,
    precision_part,
    spread_part,
)
from panel_eval.report.view import RunView


def report_sections(run: RunView) -> list[Section]:
    """The sections that these results have anything for, in the page's order."""
    makers: tuple[Callable[[RunView], Section | None], ...] = (
        _results,
        _classes,
        _calibration,
        _deferral,
        _judges,
        _votes,
        _people,
        _reasons,
        _improve,
    )
    return [section for make in makers if (section := make(run)) is not None and section.tells]


def report_figures(run: RunView) -> list[Figure]:
    """All figures of the page, in its order."""
    return [figure for section in report_sections(run) for figure in section.every_figure]


def _results(run: RunView) -> Section:
    metrics = run.metrics
    return Section(
        "results",
        "Results",
        "The panel against its references",
        (
            "A number means little alone. Read the panel beside forecasters that know nothing of the item, beside "
            "fresh reviewers, and beside its best judge.",
        ),
        (overview_table(metrics),),
        parts=_telling(ceilings_part(metrics), precision_part(metrics.precision)),
    )


def _classes(run: RunView) -> Section:
    metrics = run.metrics
    return Section(
        "classes",
        "Classes",
        "By disagreement class",
        (
            "Each item's class comes from its reviewers' votes. Votes that make a class cannot also judge a "
            "forecast in it, so cross-entropy and skill are cross-fitted and KL, n_eq come from a model. Compare "
            "classes by skill or KL: split items cost any forecast more cross-entropy.",
        ),
        (class_reference_table(metrics),),
        drawn(kl_by_class(metrics), skill_by_class(metrics)),
        _telling(class_certainty_part(metrics)),
        (every_metric_table(metrics),),
    )


def _calibration(run: RunView) -> Section:
    metrics = run.metrics
    return Section(
        "calibration",
        "Calibration",
        "Is it as sure as the reviewers are many?",
        figures=drawn(
            reliability(metrics),
            entropies(metrics, run.items),
            shares(metrics, run.items),
            self_confidence(metrics),
        ),
        parts=_telling(decomposition_part(metrics), spread_part(metrics), human_entropy_part(metrics)),
    )


def _deferral(run: RunView) -> Section:
    metrics = run.metrics
    return Section(
        "deferral",
        "Deferral",
        "What may it decide, and what should it hand over?",
        figures=drawn(risk_coverage(metrics)),
        parts=_telling(policy_part(metrics.policy, "as-is"), deferral_part(metrics)),
    )


def _judges(run: RunView) -> Section:
    metrics = run.metrics
    found, alike = run.fit, judge_agreement(metrics)
    return Section(
        "judges",
        "Judges",
        "Judges",
        tables=(judge_table(metrics),),
        figures=drawn(
            alike,
            None if found is None else judge_value(found.panel_value),
            None if found is None else position_bias(found.uncertainty),
        ),
        parts=_telling(agreement_part(metrics)),
        folded=filled(judge_agreement_table(metrics)) if alike is None else (),
    )


def _votes(run: RunView) -> Section:
    metrics = run.metrics
    costs = cost_tables(metrics)
    return Section(
        "votes",
        "Votes",
        "Votes that came back, votes that did not, and their price",
        said(cost_sentence(metrics) if costs else None, besides(metrics, run.manifest) if costs else None),
        filled(*costs),
        drawn(outcomes(metrics), outcomes_by_class(metrics)),
        _telling(missing_votes_part(metrics)),
    )


def _people(run: RunView) -> Section:
    metrics = run.metrics
    reported = filled(reported_table(metrics))
    return Section(
        "people",
        "Labels",
        "Are the labels sound?",
        parts=_telling(*people_parts(metrics)),
        folded=reported,
    )


def _reasons(run: RunView) -> Section:
    metrics = run.metrics
    return Section(
        "reasons",
        "Reasons",
        "Why people and judges differ",
        parts=_telling(diagnosis_part(metrics), reasons_part(metrics)),
    )


def _improve(run: RunView) -> Section | None:
    if run.fit is None:
        return None
    outdated = (
        "These findings are of an earlier state of this run, with other votes or labels. Run panel-eval fit again."
    )
    return Section(
        "improve",
        "Improve",
        "How to make it better",
        parts=tuple(improve_parts(run.fit)),
        advice=outdated if run.fit_outdated else "",
    )


def _telling(*parts: Part | None) -> tuple[Part, ...]:
    """The questions that these results have numbers for."""
    return tuple(_known(parts))


def _known(parts: Iterable[Part | None]) -> Iterable[Part]:
    return (part for part in parts if part is not None and part.tells)
