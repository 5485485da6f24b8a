"""A comparison as one self-contained, offline page: no script, no request, every text from data escaped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Environment

from panel_eval.report.cells import Table
from panel_eval.report.comparison import facts, tables
from panel_eval.report.comparison.figures import candidate_figures, overview_figure
from panel_eval.report.comparison.moved_items import MovedView, moved_views
from panel_eval.report.comparison.words import candidate_names, deciding, interval_words, left_out, signed
from panel_eval.report.figures.figure import Figure
from panel_eval.report.glossary import CLASS_TEXTS
from panel_eval.report.numbers import NO_NUMBER, count, decimal, percent, share
from panel_eval.report.page import page_environment
from panel_eval.report.part import filled
from panel_eval.schema.comparison import CandidateComparison, ComparedRun, ComparisonReport

MAX_ITEM_BYTES: Final = 500_000
"""Room for the items of all candidates; the rest of a page is small."""
_TONES: Final = {"better": "better", "worse": "worse"}


@dataclass(frozen=True)
class CandidateView:
    """One candidate as the page shows it.

    Attributes:
        place: from 1; makes anchors unique.
        name: of the candidate among the others.
        tone: colours the verdict.
        tiles: title, value and two details each.
        family: the tested differences.
        figures: drawn.
        changes: between the instruments; None without any.
        prompts: judge to the lines of its prompt that changed.
        left_out: items that are not compared, by name.
        facts: missing forecasts, votes, cost, latency, single judges.
        display: metrics to look at, one table a segment.
        items: those that moved most, rendered.
        shown: how many these are.
        comparison: the rest.
    """

    place: int
    name: str
    tone: str
    tiles: tuple[tuple[str, str, str, str], ...]
    family: tuple[Table, ...]
    figures: list[Figure]
    changes: Table | None
    prompts: list[tuple[str, list[str]]]
    left_out: str
    facts: tuple[Table, ...]
    display: tuple[Table, ...]
    items: list[MovedView]
    comparison: CandidateComparison


def render_comparison(report: ComparisonReport) -> str:
    """The whole page as text."""
    environment = page_environment()
    environment.globals.update(percent0=lambda value: percent(value, 0))
    return environment.get_template("comparison.html.j2").render(_context(environment, report))


def _context(environment: Environment, report: ComparisonReport) -> dict[str, Any]:
    several = len(report.candidates) > 1
    return {
        "report": report,
        "title": _title(report),
        "several": several,
        "candidates": _views(environment, report),
        "overview": tables.candidates_table(report) if several else None,
        "overview_figure": overview_figure(report),
        "legend": tables.TEST_LEGEND,
        "class_texts": CLASS_TEXTS,
        "settings": {name.replace("_", " "): value for name, value in report.settings.items()},
        "base_facts": _run_facts(report.base),
        "run_facts": _run_facts,
    }


def _title(report: ComparisonReport) -> str:
    base = report.base.panel or report.base.run_id
    if len(report.candidates) > 1:
        return f"{count(len(report.candidates))} candidates beside {base}"
    return f"{candidate_names(report)[0]} beside {base}"


def _views(environment: Environment, report: ComparisonReport) -> list[CandidateView]:
    template = environment.get_template("comparison_item.html.j2")
    room = MAX_ITEM_BYTES // len(report.candidates)
    views = []
    for place, (name, candidate) in enumerate(
        zip(candidate_names(report), report.candidates, strict=True), start=1
    ):
        sized = ((view, len(template.render(item=view).encode())) for view in moved_views(candidate, report.labels))
        views.append(_view(place, name, candidate, report.base, list(_fitting(sized, room))))
    return views


def _fitting(sized: Iterator[tuple[MovedView, int]], room: int) -> Iterator[MovedView]:
    """As many items as there is room for, in their order."""
    for view, size in sized:
        room -= size
        if room < 0:
            return
        yield view


def _view(
    place: int, name: str, candidate: CandidateComparison, base: ComparedRun, items: list[MovedView]
) -> CandidateView:
    changes = facts.changes_table(candidate)
    return CandidateView(
        place=place,
        name=name,
        tone=_TONES.get(candidate.verdict, "unclear"),
        tiles=_tiles(candidate, base),
        family=tables.family_tables(candidate),
        figures=candidate_figures(candidate, place),
        changes=changes if changes.rows else None,
        prompts=facts.prompt_diffs(candidate),
        left_out=left_out(candidate),
        facts=filled(
            facts.missing_table(candidate),
            facts.facts_table(base, candidate.run),
            facts.judge_facts_table(base, candidate.run),
            tables.judges_table(candidate),
        ),
        display=facts.display_tables(candidate),
        items=items,
        comparison=candidate,
    )


def _tiles(candidate: CandidateComparison, base: ComparedRun) -> tuple[tuple[str, str, str, str], ...]:
    own, run, overlap = deciding(candidate), candidate.run, candidate.overlap
    interval = interval_words(own)
    votes, usable = sum(run.votes.values()), run.votes.get("ok", 0)
    base_votes, base_usable = sum(base.votes.values()), base.votes.get("ok", 0)
    return (
        ("Difference in cross-entropy, bits per human vote", signed(own.difference.estimate),
         f"95% interval {interval}" if interval else "no interval", "below 0 is better"),
        ("Smallest true difference found four times in five", decimal(own.detectable, 3), "bits per human vote",
         f"{count(own.units)} independent units"),
        ("Items compared", count(overlap.compared), f"{count(overlap.shared)} the same in both runs",
         f"{count(run.n_items)} of the candidate, {count(base.n_items)} of the baseline"),
        ("Usable votes of the candidate", share(usable, votes), f"{count(usable)} of {count(votes)} votes",
         f"baseline {share(base_usable, base_votes)}"),
    )  # fmt: skip


def _run_facts(run: ComparedRun) -> dict[str, str | None]:
    return {
        "run": run.run_id,
        "panel": run.panel or "votes made elsewhere",
        "state": run.state,
        "started": run.started_at,
        "git commit": run.git_commit,
        "judges": ", ".join(judge.id for judge in run.judges) or NO_NUMBER,
    }
