"""What the page says under "How to make it better": everything found out is shown, each fact once."""

from __future__ import annotations

from constructed import number

from panel_eval.evaluation.learning_curve.halves import neither
from panel_eval.evaluation.learning_curve.law import no_law
from panel_eval.report.figures.learning_curve import learning_finding
from panel_eval.report.improve.learning_curve import learning_curve_part
from panel_eval.report.improve.panel_value import panel_value_part
from panel_eval.report.improve.uncertainty import uncertainty_part
from panel_eval.report.part import Part
from panel_eval.schema.learning_curve_metrics import CurvePoint, LearningCurve
from panel_eval.schema.panel_value_metrics import (
    JudgeStanding,
    JudgeValue,
    LabelOrderUse,
    PanelValue,
    SubPanel,
)
from panel_eval.schema.uncertainty_metrics import Uncertainty, UncertaintyPart

NONE = number(None)


def judge_value(standing: JudgeStanding = "adds", usd: float | None = None) -> JudgeValue:
    """Worth .2 bits (.1 to .3), by Shapley's share."""
    share = number(0.2, 0.1, 0.3)
    per_usd = NONE if usd is None else number(*(value / usd for value in (0.2, 0.1, 0.3)))
    return JudgeValue(
        left_out_bits=number(0.1), shapley_bits=share, shapley_error_bits=0.0, alone_bits=number(0.3),
        standing=standing, same_as=[], votes_per_item=1.0, cost_per_item_usd=usd, shapley_bits_per_vote=share,
        shapley_bits_per_usd=per_usd,
    )  # fmt: skip


def sub_panel(*judges: str) -> SubPanel:
    return SubPanel(
        judges=list(judges), ce_bits=number(1.5), behind_panel_bits=number(0.0), votes_per_item=len(judges),
        cost_per_item_usd=0.012 * len(judges),
    )  # fmt: skip


def panel_value(judges: dict[str, JudgeValue], orders: LabelOrderUse | None = None) -> PanelValue:
    return PanelValue(
        n_items=40, n_left_out=0, value_bits=number(0.4) if judges else NONE, base_rate_ce_bits=number(1.9),
        panel_ce_bits=number(1.5), judges=judges, shapley="exact", n_sub_panels=3,
        redundancy={"effective_judges": number(1.4)}, best=sub_panel("b", "a"), smallest=sub_panel("b"),
        choice_cost_bits=number(0.0), greedy=[sub_panel(), sub_panel("b"), sub_panel("a", "b")],
        front=[sub_panel("b")], front_cost="usd", samples=None, samples_note="each judge voted once on each item",
        label_orders=orders, label_orders_note=None if orders else "no order is known", notes=[],
        advice="What to do stands here.",
    )  # fmt: skip


def uncertainty(*parts: UncertaintyPart, position_note: str | None = None) -> Uncertainty:
    return Uncertainty(
        n_items=40, n_votes=80, total=number(0.5) if parts else NONE, parts=list(parts),
        not_told={"samples": "too few repeats", "label_orders": "all votes name one"}, position_bias={},
        position_note=position_note, spread=None, within_judge_remedy="w", between_judge_remedy="b", notes=[],
        advice="To tell these apart, ask twice.",
    )  # fmt: skip


def rows(part: Part, caption: str) -> dict[str, list[str]]:
    """The rows of a table of a part: header to cells."""
    (table,) = (table for table in (*part.tables, *part.folded) if table.caption == caption)
    return {row.header: [cell.text for cell in row.cells] for row in table.rows}


def test_what_cannot_be_found_out_is_said_and_why() -> None:
    nothing = LearningCurve(
        by_items=[], by_reviewers=[], panel_ce_bits=NONE, panel_n_eq=NONE, beats_base_rate_from=None,
        beats_panel_from=None, law=no_law("too few items", 4), items_or_reviewers=neither("too few items"),
        band="What bands cover.", n_items=4, items_left_out=0, folds=5, draws=0, seed=0, notes=[],
        advice="No learning curve: too few items.",
    )  # fmt: skip
    parts = learning_curve_part(nothing), panel_value_part(panel_value({})), uncertainty_part(uncertainty())
    for part in parts:
        assert part.advice
        assert not part.tables + part.folded + part.figures
        assert part.sentences == ()  # nothing of bands and intervals that are not there


def test_one_label_order_stands_beside_as_many_votes_in_mixed_ones() -> None:
    orders = LabelOrderUse(
        orders=2, one_order_ce_bits=number(1.7), mixed_orders_ce_bits=number(1.5), gain_of_mixing_bits=number(0.2),
        by_order={"x > y": number(1.6), "y > x": number(1.8)},
    )  # fmt: skip
    part = panel_value_part(panel_value({"a": judge_value(), "b": judge_value()}, orders))
    assert rows(part, "With votes in one label order only") == {
        "one order, mean of all": ["1.700"],
        "as many votes in mixed orders": ["1.500"],
        "taken off by mixing": ["0.200"],
        "only x > y": ["1.600"],
        "only y > x": ["1.800"],
    }


def test_value_for_money_has_its_interval_and_money_no_idle_digits() -> None:
    part = panel_value_part(panel_value({"a": judge_value(usd=0.012), "b": judge_value(usd=0.012)}))
    dollars = part.tables[0].rows[0].cells[-1]
    assert (dollars.text, dollars.interval) == ("16.7", "8.3 to 25.0")  # .2, .1, .3 bits over .012 dollars
    assert rows(part, "The front of cost and quality")["b"][0] == "0.0120"


def test_sub_panels_are_named_by_their_judges_then_by_who_joins() -> None:
    part = panel_value_part(panel_value({"a": judge_value(), "b": judge_value()}))
    found = rows(part, "Sub-panels, fitted without the others")
    assert list(found) == ["best: b, a", "smallest that does: b", "none: the base rate", "b", "with a"]
    assert [cells[0] for cells in found.values()] == ["2", "1", "0", "1", "2"]


def test_verdicts_are_explained_where_they_are_given() -> None:
    said = panel_value_part(panel_value({"a": judge_value("not_told"), "b": judge_value()})).sentences
    assert any(sentence.startswith("Not told:") for sentence in said)
    assert not any(sentence.startswith("Replaceable") for sentence in said)
    assert "2 judges do as much as 1.4 whose errors are independent of each other." in said


def test_a_whole_that_is_one_part_says_no_more_than_its_advice() -> None:
    whole = UncertaintyPart(
        sources=["judges", "samples"], variance=number(0.5), share=number(1.0), left_in_panel=number(0.1),
        remedy="to tell these apart, ask twice",
    )  # fmt: skip
    part = uncertainty_part(uncertainty(whole, position_note="the votes name no order"))
    assert part.sentences == ("Order of the labels: all votes name one.",)


def test_each_part_has_its_remedy_in_words() -> None:
    between, again = (
        UncertaintyPart(
            sources=[source], variance=number(0.25), share=number(0.5), left_in_panel=number(0.1), remedy=remedy
        )
        for source, remedy in (("judges", "mend the rubric"), ("samples", "ask more"))
    )
    sentences = uncertainty_part(uncertainty(between, again)).sentences
    assert sentences[:2] == ("Between judges: mend the rubric.", "Asking again: ask more.")


def test_a_fall_that_may_be_chance_is_not_a_headline() -> None:
    points = [
        CurvePoint(
            items=items, reviewers=5.0, ce_bits=number(bits), n_eq=NONE, base_rate_ce_bits=number(1.6),
            gain_over_base_rate_bits=number(0.1), gain_over_panel_bits=number(0.0),
        )
        for items, bits in ((25, 1.5), (100, 1.46))
    ]  # fmt: skip
    unknown = no_law("the cross-entropy does not fall with more items by more than chance", 100)
    known = unknown.model_copy(update={"next_doubling_bits": number(0.01)})
    assert learning_finding(points, unknown) == "More than 25 items are not shown to lower the cross-entropy"
    assert learning_finding(points, known) == "Going from 25 to 100 items takes 0.04 bits off the cross-entropy"
