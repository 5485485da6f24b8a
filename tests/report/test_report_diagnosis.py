"""The report's part on why people and judges differ."""

from __future__ import annotations

import pytest
from diagnosed_items import diagnosed_humans, diagnosed_votes

from panel_eval.evaluation import evaluate
from panel_eval.report.diagnosis_part import diagnosis_part
from panel_eval.schema import Estimate, Metrics
from panel_eval.schema.diagnosis import ConfidenceTest, Tally


@pytest.fixture(scope="module")
def metrics() -> Metrics:
    return evaluate(diagnosed_votes(), diagnosed_humans(), resamples=100).metrics


def with_test(metrics: Metrics, rho: float, low: float, high: float, p: float | None) -> Metrics:
    assert metrics.diagnosis is not None
    test = ConfidenceTest(spearman=Estimate(estimate=rho, low=low, high=high, n=16), p_value=p, n_units=16)
    humans = metrics.diagnosis.humans.model_copy(update={"confidence_test": test})
    diagnosis = metrics.diagnosis.model_copy(update={"humans": humans})
    return metrics.model_copy(update={"diagnosis": diagnosis})


def test_a_run_that_was_scored_before_has_no_such_part(metrics: Metrics) -> None:
    assert diagnosis_part(metrics.model_copy(update={"diagnosis": None})) is None


def test_the_table_holds_each_diagnosis_that_occurs_the_most_frequent_first(metrics: Metrics) -> None:
    part = diagnosis_part(metrics)
    assert part is not None
    assert metrics.diagnosis is not None
    rows = part.tables[0].rows
    shown = {row.header.replace(" ", "_"): int(row.cells[0].text) for row in rows}
    assert shown == {name: tally.items for name, tally in metrics.diagnosis.diagnoses.items() if tally.items}
    assert list(shown.values()) == sorted(shown.values(), reverse=True)
    for row in rows:
        assert row.cells[1].of is metrics.diagnosis.diagnoses[row.header.replace(" ", "_")].share


@pytest.mark.parametrize(
    ("test", "says"),
    [
        ((-0.4, -0.6, -0.2, 0.001), "less sure where they disagree (rank"),
        ((0.4, 0.2, 0.6, 0.001), "more sure where they disagree (rank"),
        ((-0.1, -0.4, 0.2, 0.4), "is not shown"),
        ((-0.3, -0.6, 0.01, 0.04), "is not shown"),
        ((-0.3, -0.6, -0.1, None), "too few items for a test"),
    ],
)
def test_what_confidence_tells_is_no_surer_than_its_test(
    metrics: Metrics, test: tuple[float, float, float, float | None], says: str
) -> None:
    part = diagnosis_part(with_test(metrics, *test))
    assert part is not None
    assert any(says in sentence for sentence in part.sentences)


def test_few_items_among_many_are_not_said_to_be_none(metrics: Metrics) -> None:
    assert metrics.diagnosis is not None
    rare = Tally(
        items=50,
        share=Estimate(estimate=0.005, low=0.004, high=0.007, n=10_000),
        by_class={}, meaning="The reviewers split, but the judges agree.", advice="Ask people.",
    )  # fmt: skip
    diagnosis = metrics.diagnosis.model_copy(update={"diagnoses": {"split_missed": rare}})
    part = diagnosis_part(metrics.model_copy(update={"diagnosis": diagnosis}))
    assert part is not None
    assert part.sentences[0] == (
        "Split missed, 50 items (0.5%, 0.4% to 0.7%): The reviewers split, but the judges agree. Ask people."
    )
