"""The tables of a pilot."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.numbers import NO_NUMBER, decimal, percent
from panel_eval.report.printable import cut_line
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.pilot import (
    HardAccuracy,
    HeldOutForecasts,
    LabelInformation,
    LosingItem,
    ModelCheck,
    Overconfidence,
    PanelSize,
    PilotReport,
)

NAME_CHARS: Final = 60
LABEL_CHARS: Final = 30
MOST_LABELS: Final = 12
_FORECASTS: Final = {
    "all_votes": "all other votes",
    "single_label": "the label most chose, ties told apart",
    "ties_broken": "one label, a coin settles ties",
    "face_value": "that label at face value",
    "base_rate": "overall label shares",
    "uniform": "nothing",
}
_SHARES: Final = {"0.25": "a quarter", "0.5": "half"}


def information_table(information: LabelInformation) -> Table:
    """How well held-out votes are foretold; of items with four or more reviewers where there are any."""
    apart, broken = information.held_out, information.held_out_of_three
    found = broken if apart.ce_bits["all_votes"].estimate is None else apart
    caption = (
        f"How well a held-out vote is foretold; items with {found.fewest_reviewers} or more reviewers. "
        "Bits a vote: lower is better"
    )
    return Table(caption, ("known of the item", "cross-entropy", "worse than all votes"), _forecast_rows(found))


def modelled_table(information: LabelInformation) -> Table:
    """What the model makes of all votes of an item, and whom the discarded labels stand for."""
    modelled = information.modelled
    rows = [
        Row("told by all votes beyond the overall label shares, bits", (estimate_cell(modelled.told_bits),)),
        Row("lost with the label only, ties told apart, bits", (estimate_cell(modelled.lost_bits),)),
        Row("lost with one label, a coin settles ties, bits", (estimate_cell(modelled.lost_bits_ties_broken),)),
        Row("lost with that label at face value, bits", (estimate_cell(modelled.lost_bits_face_value),)),
        Row("entropy of the people, bits; one label says 0", (estimate_cell(information.entropy_bits),)),
        Row("people whose label is not kept", (_share(information.discarded_share),)),
    ]
    rows += [
        Row(f"items on which these are more than {_SHARES.get(name, name)} of all", (_share(number),))
        for name, number in information.discards_more_than.items()
    ]
    return Table(
        "By the model, for all reviewers that the items have", ("an item, on average", "value"), tuple(rows)
    )


def accuracy_table(accuracy: HardAccuracy) -> Table:
    """Agreement with majority labels, in sample and out of it."""
    rows = (
        Row("the votes it was made of", (_share(accuracy.own_votes_one_less), _share(accuracy.own_votes))),
        Row("another reviewer", (_share(accuracy.next_vote_one_less), _share(accuracy.next_vote))),
        Row(
            "too good by, points", (_points(accuracy.optimism_one_less), _points(accuracy.optimism)), emphasis=True
        ),
        Row("a second panel's label", (Cell(""), _share(accuracy.second_panel))),
        Row("the most frequent label of all people", (Cell(""), _share(accuracy.most_frequent))),
    )
    columns = ("agreement of the majority label with", "one reviewer held out", "all reviewers, by the model")
    return Table("How accurate the kept label looks, and is", columns, rows)


def classes_table(accuracy: HardAccuracy) -> Table:
    """Held-out votes by the class of the others."""
    rows = tuple(
        Row(name, (_share(one.share), _share(one.next_vote), estimate_cell(one.lost_bits)))
        for name, one in accuracy.by_class.items()
    )
    columns = ("the others' votes", "votes", "next vote is their label", "bits lost")
    return Table("By the class of the other votes, so that no vote classes itself", columns, rows)


def overconfidence_table(over: Overconfidence) -> Table:
    """The perfect fit to the hard labels."""
    rows = (
        Row("says", (_share(over.confidence),)),
        Row("people who agree", (_share(over.agreement),)),
        Row("too sure by, points", (_points(over.gap),), emphasis=True),
        Row("KL of the people from it, bits", (estimate_cell(over.kl_bits),)),
        Row("temperature that would bring it nearest", (estimate_cell(over.temperature, 2),)),
    )
    return Table("A model that fits the kept labels perfectly, by the model of people", ("", "value"), rows)


def sizes_table(sizes: list[PanelSize]) -> Table:
    """By the number of reviewers."""
    rows = tuple(
        Row(
            f"{one.reviewers}",
            (
                estimate_cell(one.all_votes_bits),
                estimate_cell(one.single_label_bits),
                _share(one.same_label),
                _points(one.gap),
            ),
        )
        for one in sizes
    )
    columns = (
        "reviewers",
        "unknown, all votes kept",
        "unknown, label kept",
        "second panel, same label",
        "too sure by, points",
    )
    return Table("By the number of reviewers, by the model; unknown in bits a further vote", columns, rows)


def checks_table(checks: list[ModelCheck]) -> Table:
    """The model beside held-out votes."""
    rows = tuple(
        Row(
            check.what,
            (
                _checked(check.held_out, check.what),
                _checked(check.modelled, check.what),
                Cell({True: "yes", False: "no", None: NO_NUMBER}[check.fits]),
            ),
        )
        for check in checks
    )
    return Table(
        "What the model expects, where held-out votes can check it", ("", "held out", "model", "fits"), rows
    )


def items_table(report: PilotReport) -> Table:
    """The items that lose most."""
    rows = tuple(_item_row(item) for item in report.items)
    columns = ("item", "votes", "kept", "class", "people not heard", "bits lost at face value")
    return Table("Items of which one label tells least; both figures by the model", columns, rows)


def _item_row(item: LosingItem) -> Row:
    ranked = sorted(item.votes.items(), key=lambda pair: -pair[1])
    votes = " · ".join(f"{cut_line(label, LABEL_CHARS)}: {n:,}" for label, n in ranked[:MOST_LABELS])
    kept = " / ".join(cut_line(label, LABEL_CHARS) for label in item.kept[:MOST_LABELS])
    cells = (
        Cell(votes),
        Cell(kept if len(item.kept) == 1 else f"tied: {kept}"),
        Cell(item.disagreement_class),
        Cell(percent(item.discarded_share, 0)),
        Cell(decimal(item.lost_bits)),
    )
    return Row(cut_line(item.item_id, NAME_CHARS), cells)


def _forecast_rows(found: HeldOutForecasts) -> tuple[Row, ...]:
    return tuple(
        Row(
            words,
            (
                estimate_cell(found.ce_bits[name]),
                estimate_cell(found.lost_bits[name]) if name in found.lost_bits else Cell(""),
            ),
            emphasis=name in ("single_label", "all_votes"),
        )
        for name, words in _FORECASTS.items()
        if name in found.ce_bits
    )


def _share(number: Estimate) -> Cell:
    return estimate_cell(number, as_percent=True)


def _points(number: Estimate) -> Cell:
    """A difference of percentages."""
    ends = {
        name: None if value is None else 100.0 * value
        for name, value in (("estimate", number.estimate), ("low", number.low), ("high", number.high))
    }
    return estimate_cell(number.model_copy(update=ends), 1)


def _checked(number: Estimate, what: str) -> Cell:
    return estimate_cell(number) if what.startswith("bits") else _share(number)
