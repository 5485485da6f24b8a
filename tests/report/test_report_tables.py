"""Tables say why a number is missing or doubtful, once."""

from __future__ import annotations

from collections.abc import Callable

from panel_eval.report.cells import Cell, Row, Table
from panel_eval.report.numbers import clear_among, clear_of, interval_text, sentence
from panel_eval.report.tables import best_judge, judge_table, overview_table
from panel_eval.schema import Estimate, Metrics

Build = Callable[..., Metrics]


def test_equal_notes_are_told_once_with_their_rows() -> None:
    doubtful, missing = Cell("1.2†", note="in sample"), Cell("–", note="no items")
    table = Table("t", ("a", "b"), (Row("x", (doubtful,)), Row("y", (doubtful, missing)), Row("z", (Cell("3"),))))
    assert table.caution_notes == ("x, y: in sample",)
    assert table.missing_notes == ("y: no items",)


def test_a_number_with_a_caution_carries_a_dagger(make_metrics: Build) -> None:
    metrics = make_metrics()
    cautious = Estimate(estimate=1.9, n=4, note="in sample")
    hard = metrics.references["hard_label"]
    hard = hard.model_copy(update={"overall": hard.overall | {"ce_bits": cautious}})
    table = overview_table(metrics.model_copy(update={"references": {"hard_label": hard}}))
    row = next(row for row in table.rows if row.header == "hard label")
    assert row.cells[0].text == "1.900†"
    assert table.caution_notes == ("hard label: in sample",)


def test_a_number_that_is_fixed_by_definition_has_no_interval() -> None:
    fixed = Estimate(estimate=2.3219, low=2.3219, high=2.3219, n=4)
    assert interval_text(fixed, "ce_bits") == ""
    assert interval_text(fixed.model_copy(update={"high": 2.4}), "ce_bits") == "2.322 to 2.400"


def test_judges_stand_by_cross_entropy_and_those_without_come_last(make_metrics: Build) -> None:
    metrics = make_metrics(judges=("ada", "bo", "cy"))  # constructed: 3.0, 4.0, 5.0 bits
    silent = metrics.judges["ada"].model_copy(
        update={"overall": {"ce_bits": Estimate(estimate=None, n=0, note="no usable vote")}}
    )
    metrics = metrics.model_copy(update={"judges": {**metrics.judges, "ada": silent}})
    assert [row.header for row in judge_table(metrics).rows] == ["bo", "cy", "ada"]
    assert best_judge(metrics) == "bo"
    assert best_judge(metrics.model_copy(update={"judges": {"ada": silent}})) is None


def test_a_judge_that_answered_few_items_is_not_the_best(make_metrics: Build) -> None:
    """Four items are scored: three answers are under 90 % of them."""
    metrics = make_metrics(judges=("few", "all"))
    ce = {"few": Estimate(estimate=0.5, n=3), "all": Estimate(estimate=1.5, n=4)}
    judges = {
        judge: scores.model_copy(update={"overall": {**scores.overall, "ce_bits": ce[judge]}})
        for judge, scores in metrics.judges.items()
    }
    assert metrics.n_scored == 4
    assert best_judge(metrics.model_copy(update={"judges": judges})) == "all"


def test_a_sentence_ends_once() -> None:
    assert sentence("nine bins") == "Nine bins."
    assert sentence("Nine bins.") == "Nine bins."


def test_one_of_many_numbers_must_stand_out_further_than_one_alone() -> None:
    # Normal intervals of 2.5 and of 4 standard errors: two-sided chances 0.0124 and 0.00006, against 0.05 / 100.
    some = Estimate(estimate=2.5, low=2.5 - 1.96, high=2.5 + 1.96, n=50)
    much = Estimate(estimate=-4.0, low=-4.0 - 1.96, high=-4.0 + 1.96, n=50)
    assert clear_of(some, 0.0)
    assert clear_among(some, 0.0, 1)
    assert clear_among(some, 0.0, 4)  # 0.0125 each
    assert not clear_among(some, 0.0, 5)  # 0.0100 each
    assert clear_among(much, 0.0, 100)
    assert not clear_among(Estimate(estimate=1.0, low=None, high=None, n=3), 0.0, 1)
