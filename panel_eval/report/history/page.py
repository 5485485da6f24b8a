"""The history as one self-contained, offline HTML page: no script, no request, every text from data escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from panel_eval.report.cells import Row, Table
from panel_eval.report.figures.figure import Figure
from panel_eval.report.glossary import METRIC_TEXTS
from panel_eval.report.history.by_class import by_class_figure
from panel_eval.report.history.glossary import WATCHING_TEXTS
from panel_eval.report.history.links import relative_href
from panel_eval.report.history.monitoring import monitoring_figure
from panel_eval.report.history.panels import PanelHistory, panel_histories
from panel_eval.report.history.spending import cost_figure, usable_votes_figure
from panel_eval.report.history.tables import (
    changes_table,
    gate_word,
    metric,
    runs_table,
    streams_table,
    usable_text,
    usd,
)
from panel_eval.report.history.trend import trend_figure
from panel_eval.report.history.words import Said, advice_beyond_alarms, night, panel_said, report_said
from panel_eval.report.numbers import count, interval_text, value_text
from panel_eval.report.page import page_environment, write_whole
from panel_eval.report.printable import printable
from panel_eval.schema.history import HistoryReport

FIGURED_PANELS = 12
"""Panels with figures, those in alarm first; the others have their tables."""
TABLE_ROWS = 400
"""Rows of one table of numbers."""
PAGE_ROWS = 6_000
"""Rows of all tables of numbers together: a page stays below a few megabytes with any number of panels."""
SKIPPED_SHOWN = 200
_TABLES_OF_A_PANEL = 8
_COMMAND = re.compile(r"`(panel-eval [a-z]+|--[a-z]+)`")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")


def write_history_page(report: HistoryReport, path: Path, hrefs: Mapping[str, str] | None = None) -> Path:
    """Write the history to `path`, atomically: the same report gives the same bytes.

    Args:
        report: the history.
        path: the page.
        hrefs: run id -> address of its report, relative to the page, where there is one.

    Raises:
        OSError: the folder is missing or not writable.
    """
    return write_whole(render_history(report, hrefs or {}).encode(), path)


def render_history(report: HistoryReport, hrefs: Mapping[str, str]) -> str:
    """The whole page as text."""
    panels = panel_histories(report)
    rows = max(10, min(TABLE_ROWS, PAGE_ROWS // (_TABLES_OF_A_PANEL * max(1, len(panels)))))
    shown = [_panel_view(history, number, rows, hrefs) for number, history in enumerate(panels, start=1)]
    environment = page_environment()
    environment.filters["prose"] = _prose
    return environment.get_template("history.html.j2").render(_context(report, panels, shown))


def _prose(text: str) -> Markup:
    """The escaped text, with dates that no line end parts and commands in the type of commands."""
    dated = _DATE.sub(r'<span class="date">\g<0></span>', str(escape(printable(text))))
    return Markup(_COMMAND.sub(r"<code>\1</code>", dated))


@dataclass(frozen=True)
class PanelView:
    """One panel's part of the page."""

    anchor: str
    title: str
    said: Said
    past_alarms: tuple[str, ...]
    tiles: tuple[dict[str, str], ...]
    trend: Figure | None
    changes: Table
    watched: tuple[Figure, ...]
    streams: Table
    more: tuple[Figure, ...]
    runs: Table
    run_links: tuple[tuple[Row, str, str | None], ...]


def _panel_view(history: PanelHistory, number: int, rows: int, hrefs: Mapping[str, str]) -> PanelView:
    anchor = f"p{number}"
    drawn = number <= FIGURED_PANELS
    several = drawn and len(history.runs) > 1
    watched = [
        monitoring_figure(history, kind, f"{anchor}{kind}", rows) if several else None
        for kind in ("canary", "fresh")
    ]
    more = [
        make(history, f"{anchor}{name}", rows) if several else None
        for name, make in (("class", by_class_figure), ("cost", cost_figure), ("votes", usable_votes_figure))
    ]
    runs = runs_table(history, rows)
    return PanelView(
        anchor=anchor,
        title=history.title,
        said=panel_said(history),
        past_alarms=tuple(entry.alarm.text for entry in history.alarms if not entry.current),
        tiles=_tiles(history),
        trend=trend_figure(history, f"{anchor}trend", rows) if drawn else None,
        changes=changes_table(history, rows),
        watched=tuple(figure for figure in watched if figure is not None),
        streams=streams_table(history),
        more=tuple(figure for figure in more if figure is not None),
        runs=runs,
        run_links=tuple(
            (row, run.run_id, relative_href(hrefs.get(run.run_id)))
            for row, run in zip(runs.rows, history.runs[-len(runs.rows) :], strict=True)
        ),
    )


def _tiles(history: PanelHistory) -> tuple[dict[str, str], ...]:
    """The latest run in four numbers."""
    run = history.latest
    found = []
    for name, title in (("ce_bits", "Cross-entropy, bits per human vote"), ("n_eq", "Worth in reviewers per item")):
        estimate = metric(run, name)
        interval = interval_text(estimate, name)
        detail = f"95% interval {interval}" if interval else (estimate.note or "no interval")
        found.append({"title": title, "value": value_text(estimate, name), "detail": detail})
    gate = run.gate_headline or ("the run met no gate" if run.gate is None else "")
    found.append({"title": "Gate", "value": gate_word(run), "detail": gate})
    cost = "not known" if run.cost_usd is None else usd(run.cost_usd)
    items = f"{count(run.n_scored)} of {count(run.n_items)} items scored, cost {cost}"
    found.append({"title": "Usable votes", "value": usable_text(run.usable_votes), "detail": items})
    return tuple(found)


def _context(report: HistoryReport, panels: tuple[PanelHistory, ...], shown: list[PanelView]) -> dict[str, Any]:
    said = report_said(report)
    nights = sorted(night(run.started_at) for run in report.runs)
    return {
        "title": panels[0].title if len(panels) == 1 else "History of the panels",
        "said": said,
        "tone": said.standing if said.standing in ("worse", "better") else "",
        "advice": advice_beyond_alarms(report),
        "n_runs": len(report.runs),
        "n_panels": len(panels),
        "first": nights[0] if nights else "",
        "last": nights[-1] if nights else "",
        "panels": shown,
        "skipped": list(report.skipped.items())[:SKIPPED_SHOWN],
        "n_skipped": len(report.skipped),
        "metric_texts": {name: METRIC_TEXTS[name] for name in ("ce_bits", "ce_skill", "n_eq", "ce_crossfit_bits")},
        "watching_texts": WATCHING_TEXTS,
    }
