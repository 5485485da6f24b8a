"""One self-contained, offline `report.html`: one script of ours, no request, every text from data escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup
from pydantic import BaseModel

from panel_eval.report.explorer import content_security_policy, explorer
from panel_eval.report.glossary import CLASS_TEXTS, FORECASTER_TEXTS, METRIC_TEXTS
from panel_eval.report.page import page_environment, place_attribute, write_whole
from panel_eval.report.places import Places
from panel_eval.report.printable import cut
from panel_eval.report.references import OVERVIEW_REFERENCES, chosen_references, reference_title
from panel_eval.report.section_words import words_of
from panel_eval.report.sections import report_sections
from panel_eval.report.tiles import tiles
from panel_eval.report.verdict import verdict
from panel_eval.report.view import RunView

MAX_BYTES: Final = 2_900_000
INSTRUMENT_CHARS: Final = 6000


def write_html(run: RunView, path: Path) -> Path:
    """Write the report of `run` to `path`, atomically: the same results give the same bytes.

    Raises:
        OSError: the folder is missing or not writable.
    """
    return write_whole(render_report(run).encode(), path)


def render_report(run: RunView) -> str:
    """The whole page as text, under `MAX_BYTES` in UTF-8 unless judges alone fill it."""
    environment = _environment(run)
    page = environment.get_template("report.html.j2").render(_context(run), items=Markup("\0ITEMS\0"))
    head, tail = page.split("\0ITEMS\0")
    room = MAX_BYTES - len(head.encode()) - len(tail.encode())
    return head + explorer(run, room) + tail


def _environment(run: RunView) -> Environment:
    environment = page_environment()
    documents: dict[str, BaseModel] = {"metrics.json": run.metrics}
    if run.fit is not None:
        documents["fit/fit.json"] = run.fit
    environment.globals.update(
        place=place_attribute(Places(documents)),
    )
    return environment


def _context(run: RunView) -> dict[str, Any]:
    metrics, manifest = run.metrics, run.manifest
    sections = report_sections(run)
    return {
        "metrics": metrics,
        "manifest": manifest,
        "content_security_policy": content_security_policy(),
        "title": _title(run),
        "verdict": verdict(metrics, manifest, run.fit),
        "tiles": tiles(run),
        "sections": sections,
        "metric_texts": {name: text for name, text in METRIC_TEXTS.items() if name in metrics.panel.overall},
        "section_words": words_of(frozenset(section.name for section in sections)),
        "class_texts": CLASS_TEXTS,
        "forecaster_texts": {
            reference_title(name): text
            for name, text in FORECASTER_TEXTS.items()
            if name == "panel" or name in chosen_references(metrics.references, OVERVIEW_REFERENCES)
        },
        "instruments": _instruments(run),
        "settings": {_words(name): value for name, value in metrics.settings.items()},
    }


def _title(run: RunView) -> str:
    if run.manifest is not None and run.manifest.panel is not None:
        return f"{run.manifest.panel.panel} on {run.metrics.task}"
    return run.metrics.task


def _words(name: str) -> str:
    return name.replace("_", " ")


def _instruments(run: RunView) -> list[tuple[str, str]]:
    if run.manifest is None:
        return []
    return [(judge.id, _json(judge.instrument)) for judge in run.manifest.judges]


def _json(value: Mapping[str, Any]) -> str:
    return cut(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True, default=str), INSTRUMENT_CHARS)
