"""The report's tables as data: what stands in which row, for the terminal and the page alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from panel_eval.report.cells import Cell, Row, Table, metric_cell, metric_cells
from panel_eval.report.glossary import CLASS_TEXTS, metric_text
from panel_eval.report.numbers import count, estimate_of, share
from panel_eval.report.references import (
    CLASS_REFERENCES,
    OVERVIEW_REFERENCES,
    chosen_references,
    reference_title,
)
from panel_eval.schema import CLASS_NAMES, OUTCOMES, Metrics, Scores

OVERVIEW_METRICS = ("ce_bits", "ce_skill", "kl_bits", "n_eq", "mode_accuracy")
CLASS_METRICS = (
    "ce_crossfit_bits", "ce_crossfit_skill", "kl_bits", "n_eq", "mode_accuracy", "entropy_error_bits",
)  # fmt: skip
JUDGE_METRICS = ("ce_bits", "n_eq", "mode_accuracy")


NEARLY_ALL = 0.9
"""Share of the scored items that a judge must have answered to be called the best."""


def classes_present(metrics: Metrics) -> tuple[str, ...]:
    """The disagreement classes that hold items, in their order."""
    return tuple(name for name in CLASS_NAMES if metrics.agreement.class_counts.get(name, 0) > 0)


def best_judge(metrics: Metrics) -> str | None:
    """The judge with the lowest cross-entropy of those that answered nearly all items; None if there is none.

    A judge scored on a few items only (the rest refused or unparseable) is not comparable. Equal judges: the
    first by name.
    """
    needed = NEARLY_ALL * metrics.n_scored
    scored = [
        (estimate.estimate, judge)
        for judge, scores in metrics.judges.items()
        if (estimate := estimate_of(scores.overall, "ce_bits")).estimate is not None and estimate.n >= needed
    ]
    return min(scored)[1] if scored else None


def overview_table(metrics: Metrics) -> Table:
    """The panel between its floors and its ceilings, and the best single judge."""
    rows = [Row("panel", metric_cells(metrics.panel.overall, OVERVIEW_METRICS), emphasis=True)]
    for name, scores in chosen_references(metrics.references, OVERVIEW_REFERENCES).items():
        rows.append(Row(reference_title(name), metric_cells(scores.overall, OVERVIEW_METRICS)))
    if (judge := best_judge(metrics)) is not None:
        cells = metric_cells(metrics.judges[judge].overall, OVERVIEW_METRICS)
        rows.append(Row(f"best judge: {judge}", cells))
    caption = "The panel against its references, all scored items"
    return Table(caption, ("forecaster", *_titles(OVERVIEW_METRICS)), tuple(rows))


def class_table(metrics: Metrics) -> Table:
    """The panel by disagreement class."""
    rows = [
        Row(
            name,
            (
                Cell(count(metrics.agreement.class_counts[name])),
                *metric_cells(metrics.panel.by_class.get(name, {}), CLASS_METRICS),
            ),
        )
        for name in classes_present(metrics)
    ]
    caption = "The panel by disagreement class; cross-entropy and skill are cross-fitted"
    return Table(caption, ("human class", "items", *_titles(CLASS_METRICS)), tuple(rows))


def class_reference_table(metrics: Metrics) -> Table:
    """The panel beside its floors and the ceiling within each disagreement class."""
    forecasters: list[tuple[str, Scores]] = [("panel", metrics.panel)]
    forecasters += [
        (reference_title(name), scores)
        for name, scores in chosen_references(metrics.references, CLASS_REFERENCES).items()
    ]
    rows = [
        Row(
            title,
            metric_cells(scores.by_class.get(name, {}), CLASS_METRICS),
            class_heading(metrics, name),
            title == "panel",
        )
        for name in classes_present(metrics)
        for title, scores in forecasters
    ]
    return Table(
        "The panel and its references by disagreement class", ("forecaster", *_titles(CLASS_METRICS)), tuple(rows)
    )


def class_heading(metrics: Metrics, name: str) -> str:
    """A class with its size, and its rule where that is a matter of shares alone."""
    items = metrics.agreement.class_counts.get(name, 0)
    heading = f"{name}: {count(items)} {'item' if items == 1 else 'items'}"
    # On ordinal scales the distance between votes counts too: no short rule holds.
    rule = CLASS_TEXTS.get(name) if metrics.scale == "nominal" else None
    return f"{heading}, {rule}" if rule else heading


def judge_table(metrics: Metrics) -> Table:
    """Each judge alone: votes, unusable ones, scores, best cross-entropy first; then models beside the panel."""
    judges, beside = metrics.judges, {name: model.scores for name, model in metrics.beside.items()}
    rows = [Row(judge, _alone(judges[judge], _outcomes(metrics, judge))) for judge in _by_cross_entropy(judges)]
    columns = ("judge", "usable votes", "other outcomes", *_titles(JUDGE_METRICS))
    if not beside:
        return Table("Each judge alone", columns, tuple(rows))
    rows = [replace(row, cells=(*row.cells, Cell("in the panel"))) for row in rows]
    for name in _by_cross_entropy(beside):
        model = metrics.beside[name]
        behind = metric_cell({"ce_bits": model.behind_panel_bits}, "ce_bits")
        rows.append(Row(name, (*_alone(model.scores, model.outcomes), behind)))
    advice = " ".join(model.advice for model in metrics.beside.values())
    caption = f"Each judge alone, and below them models beside the panel. {advice}"
    return Table(caption, (*columns, "CE less the panel's"), tuple(rows))


def _by_cross_entropy(scores: Mapping[str, Scores]) -> list[str]:
    """The names, best first."""

    def order(name: str) -> tuple[float, str]:
        estimate = estimate_of(scores[name].overall, "ce_bits").estimate
        return (float("inf") if estimate is None else estimate, name)

    return sorted(scores, key=order)


def _outcomes(metrics: Metrics, judge: str) -> dict[str, int]:
    return metrics.coverage.by_judge.get(judge, {})


def _alone(scores: Scores, outcomes: dict[str, int]) -> tuple[Cell, ...]:
    """One judge's row."""
    total, usable = sum(outcomes.values()), outcomes.get("ok", 0)
    votes = Cell(f"{count(usable)} of {count(total)}", share(usable, total))
    return votes, Cell(other_outcomes(outcomes)), *metric_cells(scores.overall, JUDGE_METRICS)


def other_outcomes(outcomes: dict[str, int]) -> str:
    """Outcomes other than `ok`, counted in words."""
    parts = [f"{name.replace('_', ' ')} {count(n)}" for name, n in outcomes.items() if name != "ok" and n]
    return ", ".join(parts) or "none"


def outcome_table(metrics: Metrics) -> Table:
    """How many votes of each judge ended in which outcome."""
    counted = {**metrics.coverage.by_judge, "all judges": metrics.coverage.total}
    return _outcomes_counted(metrics, counted, "judge", "Votes by outcome")


def outcome_class_table(metrics: Metrics) -> Table:
    """How many votes on the items of each class ended in which outcome."""
    found = metrics.coverage.by_class
    counted = {name: found[name] for name in CLASS_NAMES if sum(found.get(name, {}).values())}
    return _outcomes_counted(metrics, counted, "human class", "Votes by outcome and class of the item")


def _outcomes_counted(metrics: Metrics, counted: Mapping[str, dict[str, int]], first: str, caption: str) -> Table:
    present = [name for name in OUTCOMES if name == "ok" or metrics.coverage.total.get(name, 0)]
    rows = [
        Row(row, tuple(Cell(count(seen.get(name, 0))) for name in present), emphasis=row == "all judges")
        for row, seen in counted.items()
    ]
    return Table(caption, (first, *(name.replace("_", " ") for name in present)), tuple(rows))


def reported_table(metrics: Metrics) -> Table:
    """Classes as reported in the label file against classes derived here."""
    confusion = metrics.agreement.reported_vs_derived
    seen = {name for derived in confusion.values() for name in derived}
    derived_names = [*(name for name in CLASS_NAMES if name in seen), *sorted(seen - set(CLASS_NAMES))]
    rows = [
        Row(reported, tuple(Cell(count(derived.get(name, 0))) for name in derived_names))
        for reported, derived in confusion.items()
    ]
    caption = "Classes as the label file reports them (rows), and as its votes give them by our rule (columns)"
    return Table(caption, ("reported", *derived_names), tuple(rows))


def every_metric_table(metrics: Metrics) -> Table:
    """Every metric of the panel, overall and by class."""
    classes = classes_present(metrics)
    tables = [metrics.panel.overall, *(metrics.panel.by_class.get(name, {}) for name in classes)]
    rows = [
        Row(metric_text(metric).title, tuple(metric_cell(table, metric) for table in tables))
        for metric in metrics.panel.overall
    ]
    return Table("Every metric of the panel", ("metric", "all", *classes), tuple(rows))


def _titles(metrics: Sequence[str]) -> tuple[str, ...]:
    return tuple(metric_text(metric).title for metric in metrics)
