"""The whole of `pilot`, from labels alone."""

from __future__ import annotations

import numpy as np

from panel_eval.errors import InputError
from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import null
from panel_eval.evaluation.moving_columns import MovingColumns
from panel_eval.evaluation.pilot.accuracy import accuracy_columns, accuracy_section, checked_columns
from panel_eval.evaluation.pilot.checks import model_checks
from panel_eval.evaluation.pilot.information import drawn_columns, information_section, modelled_columns
from panel_eval.evaluation.pilot.losing_items import losing_items
from panel_eval.evaluation.pilot.numbers import Modelled
from panel_eval.evaluation.pilot.overconfidence import (
    best_inverse_temperature,
    overconfidence_columns,
    overconfidence_section,
)
from panel_eval.evaluation.pilot.panel_sizes import SIZES, panel_sizes, size_columns
from panel_eval.evaluation.pilot.populations import MOST_PEOPLE, Populations
from panel_eval.evaluation.pilot.usable import MOST_ITEMS, Pilot, read_pilot
from panel_eval.evaluation.pilot.words import advice_of, findings_of, headline_of, nothing_said
from panel_eval.evaluation.segments import MIN_UNITS
from panel_eval.humans import HumanLabels
from panel_eval.schema.pilot import PanelSize, PilotReport, PilotSize


def pilot_report(humans: HumanLabels, *, seed: int = 0, resamples: int = 2000) -> PilotReport:
    """What keeping a single label of each item would leave on the table.

    Args:
        humans: the labelled items, in any order; those with two or more known votes are used.
        seed: seeds resamples, choices of items and draws.
        resamples: bootstrap draws behind intervals.

    Raises:
        InputError: there are no items, or fewer than one resample is asked for.
    """
    if resamples < 1:
        raise InputError(f"resamples must be at least 1; found {resamples}")
    if not len(humans):
        raise InputError("there are no labelled items")
    pilot = read_pilot(humans, seed, resamples)
    size = _size(humans, pilot)
    if pilot.people is None:
        return _nothing(humans, pilot, size, resamples)
    return _report(pilot.people, size, pilot, resamples)


def _report(people: Comparison, size: PilotSize, pilot: Pilot, resamples: int) -> PilotReport:
    modelled, beta, drawn = _modelled(people)
    information, accuracy = information_section(people, modelled), accuracy_section(people, modelled)
    overconfidence, sizes = overconfidence_section(modelled, beta), panel_sizes(modelled)
    own, checks = modelled_columns(people), model_checks(people, modelled)
    items, as_much = losing_items(people, own["face_value"], own["discarded"])
    resampling, learnt = people.everything.resampling, people.posterior.fit is not None
    return PilotReport(
        task=people.humans.task,
        labels=list(people.humans.labels),
        scale=people.humans.scale,
        headline=headline_of(size, accuracy),
        findings=findings_of(size, information, accuracy, overconfidence, checks, learnt),
        advice=advice_of(size, information, accuracy, sizes, learnt),
        size=size,
        information=information,
        accuracy=accuracy,
        overconfidence=overconfidence,
        checks=checks,
        by_reviewers=sizes,
        nothing_bits=modelled.mean("nothing"),
        items=items,
        settings={
            "seed": pilot.seed,
            "resamples": resamples,
            "interval_level": 0.95,
            "resampled": resampling.drawn,
            "prior": people.posterior.method,
            "prior_concentration": people.posterior.concentration,
            "populations_drawn": drawn,
        },
        notes=_notes(people, size, sizes, as_much),
    )


def _modelled(people: Comparison) -> tuple[Modelled, float, int]:
    """Means under all forms of the prior, the inverse temperature they are made about, and populations drawn."""
    populations = Populations.of(people)
    beta = best_inverse_temperature(populations)

    def columns(sample: Comparison, drawn: Populations) -> Columns:
        return {
            **modelled_columns(sample),
            **checked_columns(sample),
            **accuracy_columns(sample, drawn),
            **overconfidence_columns(drawn, beta),
            **size_columns(sample, drawn),
        }

    under = [columns(other, Populations.of(other)) for other in people.other_priors.comparisons]
    means = MovingColumns.made(people, columns(people, populations), under).means(people.everything)
    others = [_under_other_form(people, drawn, beta) for drawn in populations.under_other_forms(people)]
    return Modelled(means, others, people.posterior.interval_note), beta, len(populations.p)


def _under_other_form(people: Comparison, drawn: Populations, beta: float) -> dict[str, float]:
    """Means of what another form of the prior expects."""
    columns = {
        **drawn_columns(people, drawn),
        **accuracy_columns(people, drawn),
        **overconfidence_columns(drawn, beta),
        **size_columns(people, drawn, other_form=True),
    }
    return {name: float(np.nanmean(values)) for name, values in columns.items() if not np.isnan(values).all()}


def _size(humans: HumanLabels, pilot: Pilot) -> PilotSize:
    used, left = pilot.humans, pilot.left_out
    n = used.reviewer_count
    top = used.counts.max(axis=1, initial=0.0)
    return PilotSize(
        items=len(humans),
        used=len(used),
        one_reviewer=left.one_reviewer,
        unknown_counts=left.unknown_counts,
        not_drawn=left.not_drawn,
        votes=int(n.sum()),
        reviewers_per_item_min=int(n.min()) if n.size else None,
        reviewers_per_item_mean=float(n.mean()) if n.size else None,
        reviewers_per_item_max=int(n.max()) if n.size else None,
        split=int((top < n).sum()),
        tied=int(((used.counts == top[:, None]).sum(axis=1) > 1).sum()),
        clusters=None if used.clusters is None else len(set(used.clusters)),
    )


def _notes(people: Comparison, size: PilotSize, sizes: list[PanelSize], as_much: int) -> list[str]:
    said = [*_left_out(size)]
    if people.posterior.note:
        said.append(people.posterior.note)
    if (size.reviewers_per_item_max or 0) > MOST_PEOPLE:
        said.append(f"a hard label of more than {MOST_PEOPLE} reviewers is taken as that of {MOST_PEOPLE}")
    if missing := [n for n in SIZES if n not in {one.reviewers for one in sizes}]:
        said.append(f"panels of {', '.join(map(str, missing))} are not computed: too many labels")
    if as_much:
        more = "1 more item loses" if as_much == 1 else f"{as_much:,} more items lose"
        said.append(f"{more} as much as the last of those that the page and the JSON list")
    if size.tied:
        said.append(
            f"on {size.tied:,} of {size.used:,} items no label leads: where one must be kept, each of the tied "
            "ones has the same chance"
        )
    return said


def _left_out(size: PilotSize) -> list[str]:
    left = (
        (size.one_reviewer, "has one reviewer", "have one reviewer", "what a second would say is not known"),
        (size.unknown_counts, "has shares that are no whole votes", "have shares that are no whole votes",
         "a vote cannot be left out"),
        (size.not_drawn, "is left out at random", "are left out at random", f"{MOST_ITEMS:,} tell as much"),
    )  # fmt: skip
    return [f"{n:,} items {many}: {why}" if n > 1 else f"1 item {one}: {why}" for n, one, many, why in left if n]


def _nothing(humans: HumanLabels, pilot: Pilot, size: PilotSize, resamples: int) -> PilotReport:
    why = (
        "there is only one label"
        if len(humans.labels) < 2
        else f"fewer than {MIN_UNITS} items have two or more reviewers whose votes are known"
    )
    return PilotReport(
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        headline=f"Nothing can be said of what a single label loses: {why}.",
        findings=[],
        advice=nothing_said(len(humans.labels)),
        size=size,
        information=None,
        accuracy=None,
        overconfidence=None,
        checks=[],
        by_reviewers=[],
        nothing_bits=null(why, size.used),
        items=[],
        settings={"seed": pilot.seed, "resamples": resamples, "interval_level": 0.95},
        notes=[why, *_left_out(size)],
    )
