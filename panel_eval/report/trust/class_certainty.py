"""How far an item's class can be trusted that few votes gave it."""

from __future__ import annotations

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import percent
from panel_eval.report.part import Part, filled, said
from panel_eval.schema import CLASS_NAMES, Metrics


def class_certainty_part(metrics: Metrics) -> Part | None:
    """From the class of the votes to that of the population."""
    certainty = metrics.classes.certainty
    if not certainty.probability:
        return None
    held = certainty.observed_is_population.estimate
    sentences = said(
        None
        if held is None
        else f"A few votes make an item's class by luck too: if everyone were asked, about {percent(held, 0)} of "
        "the items would keep theirs. Below, each item counts in every class as far as it may belong there.",
        f"Model: {metrics.classes.model_note}.",
    )
    tables = filled(certainty_table(metrics), population_table(metrics))
    return Part("certainty", "Are the classes right?", sentences, tables)


def certainty_table(metrics: Metrics) -> Table:
    """Class of the votes to the probable classes of the population."""
    probability = metrics.classes.certainty.probability
    reached = {name for row in probability.values() for name in row}
    columns = [name for name in CLASS_NAMES if name in reached]
    rows = tuple(
        Row(name, tuple(_probability(probability[name].get(other, 0.0)) for other in columns))
        for name in CLASS_NAMES
        if name in probability
    )
    return Table("Class if everyone were asked", ("class of the votes", *columns), rows)


def _probability(value: float) -> Cell:
    return Cell("<1%" if 0 < value < 0.005 else percent(value, 0))


def population_table(metrics: Metrics) -> Table:
    """Scores by the class of the population."""
    found = metrics.classes.population
    rows = tuple(
        Row(
            name,
            (
                estimate_cell(found[name].share, as_percent=True),
                estimate_cell(found[name].ce_bits),
                estimate_cell(found[name].kl_bits),
            ),
        )
        for name in CLASS_NAMES
        if name in found
    )
    columns = ("class if everyone were asked", "share of items", "cross-entropy, bits", "KL, bits")
    return Table("The panel by that class", columns, rows)
