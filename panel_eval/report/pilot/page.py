"""A pilot as one self-contained, offline, printable page: no script, no request, every text from data escaped."""

from __future__ import annotations

from typing import Any, Final

from panel_eval.report.numbers import NO_NUMBER, count, decimal, percent, range_text, sentence
from panel_eval.report.page import page_environment
from panel_eval.report.part import drawn, filled
from panel_eval.report.pilot import tables
from panel_eval.report.pilot.figures import sure_figure, unknown_figure
from panel_eval.report.printable import cut_line
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.pilot import FEWEST_SPLIT, PilotReport

NAME_CHARS: Final = 80
LEARNT: Final = "empirical_bayes"
Tile = tuple[str, str, str, str]


def render_pilot(report: PilotReport) -> str:
    """The whole page as text."""
    environment = page_environment()
    environment.globals.update(name=lambda text: cut_line(text, NAME_CHARS))
    return environment.get_template("pilot.html.j2").render(_context(report))


def _context(report: PilotReport) -> dict[str, Any]:
    return {
        "report": report,
        "tiles": _tiles(report),
        "figures": drawn(unknown_figure(report), sure_figure(report)),
        "tables": _tables(report),
        "notes": [sentence(note) for note in report.notes],
        "settings": {
            **{name.replace("_", " "): value for name, value in report.settings.items()},
            "items in the file": count(report.size.items),
            "items used": count(report.size.used),
            "votes": count(report.size.votes),
        },
    }


def _tables(report: PilotReport) -> dict[str, Any]:
    information, accuracy, over = report.information, report.accuracy, report.overconfidence
    if information is None or accuracy is None or over is None:
        return {}
    return {
        "information": (tables.information_table(information), tables.modelled_table(information)),
        "accuracy": filled(tables.accuracy_table(accuracy), tables.classes_table(accuracy)),
        "sure": (tables.overconfidence_table(over),),
        "sizes": filled(tables.sizes_table(report.by_reviewers)),
        "checks": filled(tables.checks_table(report.checks)),
        "items": filled(tables.items_table(report)),
    }


def _tiles(report: PilotReport) -> tuple[Tile, ...]:
    """Title, value and two details each; of what the findings speak of only."""
    information, accuracy, over = report.information, report.accuracy, report.overconfidence
    if information is None or accuracy is None or over is None:
        return ()
    apart = information.held_out.lost_bits["single_label"]
    lost = apart if apart.estimate is not None else information.held_out_of_three.lost_bits["ties_broken"]
    ties = "ties told apart" if apart.estimate is not None else "a coin settles ties"
    tiles = [
        (
            "Votes that are not the label most others chose",
            percent(
                None if accuracy.next_vote_one_less.estimate is None else 1 - accuracy.next_vote_one_less.estimate
            ),
            _complement_range(accuracy.next_vote_one_less),
            "held-out votes",
        ),
        (
            "Agreement with one's own labels looks too good by, points",
            NO_NUMBER
            if accuracy.optimism_one_less.estimate is None
            else decimal(100 * accuracy.optimism_one_less.estimate, 1),
            _range(accuracy.optimism_one_less, 1, 100.0),
            "held-out votes",
        ),
    ]
    if report.size.split < FEWEST_SPLIT:
        return tuple(tiles)
    tiles.append(
        ("Bits lost a vote where only the label is kept", decimal(lost.estimate, 3), _range(lost, 3), ties)
    )
    if report.settings.get("prior") == LEARNT:
        tiles.append(
            (
                "A model that learns the labels perfectly is too sure by, points",
                NO_NUMBER if over.gap.estimate is None else decimal(100 * over.gap.estimate, 1),
                _range(over.gap, 1, 100.0),
                "by the model",
            )
        )
    return tuple(tiles)


def _range(number: Estimate, digits: int, scale: float = 1.0) -> str:
    if number.estimate is None or number.low is None or number.high is None:
        return "no interval"
    scaled = number.model_copy(
        update={"estimate": scale * number.estimate, "low": scale * number.low, "high": scale * number.high}
    )
    text = range_text(scaled, digits)
    return f"95% interval {text}" if text else "the same in every sample"


def _complement_range(number: Estimate) -> str:
    if number.low is None or number.high is None:
        return "no interval"
    return f"95% interval {percent(1 - number.high)} to {percent(1 - number.low)}"
