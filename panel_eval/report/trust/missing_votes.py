"""Which votes are missing, where, and what they could hide."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.numbers import NO_NUMBER, count, decimal, percent, share
from panel_eval.report.part import Part, filled, said
from panel_eval.report.tables import classes_present
from panel_eval.schema import Metrics
from panel_eval.schema.coverage_metrics import Bounds, Rates

_COLUMNS: Final = ("items missing", "as scored", "at worst", "at best")


def missing_votes_part(metrics: Metrics) -> Part | None:
    """Rates and bounds; None where every vote asked for is usable and every item answered."""
    coverage = metrics.coverage
    total, usable = sum(coverage.total.values()), coverage.total.get("ok", 0)
    unanswered = coverage.panel.unanswered if coverage.panel else 0
    if total == usable and not unanswered:
        return None
    bounds, judges = filled(panel_bounds(metrics)), filled(judge_bounds(metrics))
    sentences = said(
        f"{count(total - usable)} of {count(total)} votes ({share(total - usable, total)}) could not be used. "
        "Rates that differ between classes bend scores: the answered items are then not like all items.",
        _unanswered(metrics),
        "Bounds put what is missing at its worst and at its best. They are certain, but leave out the luck of "
        "which items were drawn."
        if bounds or judges
        else None,
    )
    tables = (*filled(rates_table(metrics)), *bounds)
    if not tables and not judges:
        return None
    return Part("missing", "What could the missing votes hide?", sentences, tables, judges)


def _unanswered(metrics: Metrics) -> str | None:
    panel = metrics.coverage.panel
    if panel is None or not (panel.unanswered or panel.fewer_judges):
        return None
    none = f"{count(panel.unanswered)} of {count(panel.items)} items have no usable vote and are not scored"
    if not panel.unanswered:
        none = f"Every one of the {count(panel.items)} items has a usable vote"
    return f"{none}; {count(panel.fewer_judges)} are scored with fewer judges than the panel has."


def rates_table(metrics: Metrics) -> Table | None:
    """Share of unusable votes by judge and class; judges without any are left out."""
    rates, classes = metrics.coverage.rates, classes_present(metrics)
    if rates is None:
        return None
    judges = [name for name, row in rates.by_judge.items() if row and row.get("ok", 0.0) < 1.0]
    scopes = [("all judges", rates.total, rates.by_class)]
    scopes += [(name, rates.by_judge[name], rates.by_judge_and_class.get(name, {})) for name in judges]
    rows = tuple(
        Row(name, (_lost(whole), *(_lost(split.get(cls, {})) for cls in classes)), emphasis=position == 0)
        for position, (name, whole, split) in enumerate(scopes)
    )
    return Table("Unusable votes by class of the item", ("judge", "all", *classes), rows)


def _lost(rates: Rates) -> Cell:
    return Cell(percent(1.0 - rates.get("ok", 0.0)) if rates else NO_NUMBER)


def panel_bounds(metrics: Metrics) -> Table | None:
    """The panel's scores as they are, and with what is missing at its worst and best."""
    panel = metrics.coverage.panel
    if panel is None:
        return None
    found = (
        ("top label agrees", panel.mode_accuracy, True),
        ("Brier score", panel.brier, False),
        ("cross-entropy, bits", panel.ce_bits, False),
    )
    rows = tuple(Row(name, _bounds(bounds, as_percent)) for name, bounds, as_percent in found if bounds.n_missing)
    return Table("Bounds of the panel's scores", ("score", *_COLUMNS), rows)


def judge_bounds(metrics: Metrics) -> Table:
    """The same for how often each judge's top label agrees; judges that answered all are left out."""
    rows = tuple(
        Row(judge, _bounds(one.mode_accuracy, True))
        for judge, one in metrics.coverage.judges.items()
        if one.mode_accuracy.n_missing
    )
    return Table("Bounds by judge: how often its top label agrees", ("judge", *_COLUMNS), rows)


def _bounds(bounds: Bounds, as_percent: bool) -> tuple[Cell, ...]:
    def cell(value: float | None) -> Cell:
        text = percent(value) if as_percent else decimal(value, 3)
        return Cell(text, note=(bounds.note or "") if value is None else "")

    missing = f"{count(bounds.n_missing)} of {count(bounds.n)}"
    return (Cell(missing), cell(bounds.scored), cell(bounds.worst), cell(bounds.best))
