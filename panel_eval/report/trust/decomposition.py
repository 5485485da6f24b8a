"""Where the panel's cross-entropy comes from, and what would reduce it."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import clear_of, decimal, percent
from panel_eval.report.part import Part, said
from panel_eval.report.printable import cut_line
from panel_eval.schema import Metrics
from panel_eval.schema.calibration_metrics import Decomposition

_LABEL_CHARS: Final = 24
MOSTLY = 0.5
"""Share of the avoidable part above which calibration is called most of it."""


def decomposition_part(metrics: Metrics) -> Part | None:
    """The parts of the cross-entropy with advice."""
    parts = metrics.calibration.decomposition
    if parts is None:
        return None
    sentences = said(
        "Every human vote costs the panel its cross-entropy. The reviewers' own disagreement no forecast avoids; "
        "the rest is calibration, or items it does not tell apart.",
        advice(parts),
    )
    table = decomposition_table(parts)
    return Part("decomposition", "What would make it better?", sentences, (table,))


def advice(parts: Decomposition) -> str | None:
    """Recalibrate, or look for better judges: no surer than the interval of the gain."""
    gain, share = parts.recalibration_gain_bits, parts.miscalibrated_share.estimate
    if gain.estimate is None:
        return None
    if not clear_of(gain, 0.0) or gain.estimate < 0:
        rest = parts.refinement_bits
        if clear_of(rest, 0.0) and (rest.estimate or 0.0) > 0:
            return "Recalibration gains nothing that these items can show: better judges, prompts or rubric would."
        return (
            "Recalibration gains nothing that these items can show, and whether better judges, prompts or rubric "
            "would cannot be told."
        )
    if share is None:
        return None
    if share < MOSTLY:
        return (
            f"Look for other judges, prompts or a clearer rubric: recalibration reaches {percent(share, 0)} of "
            "what could be avoided."
        )
    return f"Recalibrate: {percent(share, 0)} of what could be avoided is calibration. {_direction(parts)}".strip()


def _direction(parts: Decomposition) -> str:
    """What the map does to the forecast: flatter or sharper, and which labels get more or less."""
    words = []
    if parts.temperature is not None:
        sure = "too sure" if parts.temperature > 1 else "not sure enough"
        words.append(f"The panel is {sure} of its labels (temperature {decimal(parts.temperature, 1)})")
    if parts.label_bias_nats:
        least, most = (pick(parts.label_bias_nats.items(), key=lambda p: p[1])[0] for pick in (max, min))
        words.append(
            f"{'it' if words else 'The panel'} gives {_quoted(least)} too little and {_quoted(most)} too much"
        )
    return "; ".join(words) + "." if words else ""


def _quoted(label: str) -> str:
    return f"“{cut_line(label, _LABEL_CHARS)}”"


def decomposition_table(parts: Decomposition) -> Table:
    """The terms, bits a vote."""
    rows = (
        Row("cross-entropy", (estimate_cell(parts.cross_entropy_bits),), emphasis=True),
        Row("= the reviewers' own disagreement", (estimate_cell(parts.human_entropy_bits),)),
        Row("+ what recalibration would take off", (estimate_cell(parts.recalibration_gain_bits),)),
        Row("+ what only better judges would take off", (estimate_cell(parts.refinement_bits),)),
        Row("share of the avoidable that is calibration", (estimate_cell(parts.miscalibrated_share, 1, True),)),
        Row("taken off by one temperature alone", (estimate_cell(parts.temperature_gain_bits),)),
        Row("that temperature (above 1: too sure)", (_temperature(parts.temperature),)),
    )
    return Table("Where the cross-entropy comes from, bits per vote", ("part", "panel"), rows)


def _temperature(value: float | None) -> Cell:
    note = "" if value is not None else "it ranks labels the wrong way round, or there are too few items"
    return Cell(decimal(value, 2), note=note)
