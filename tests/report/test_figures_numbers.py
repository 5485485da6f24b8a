"""What is drawn is what the metrics say, read back from the figures themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from constructed import CLASSES, LABELS, mass_of, number
from drawn_figures import (
    axes_of,
    coverage_of,
    item_table,
    marks,
    metrics_of,
    policy_of,
    strokes,
    uncertainty_of,
    value_of,
    words,
)
from hypothesis import given
from hypothesis import strategies as st
from made_results import build_metrics, scores

from panel_eval.report.figures.judge_agreement import by_likeness, judge_agreement
from panel_eval.report.figures.judge_value import judge_value
from panel_eval.report.figures.kl_by_class import kl_by_class
from panel_eval.report.figures.label_planes import groups
from panel_eval.report.figures.outcomes import outcomes_by_class, unusable_shares
from panel_eval.report.figures.policy_levels import policy_levels
from panel_eval.report.figures.position_bias import position_bias
from panel_eval.report.figures.reliability import reliability
from panel_eval.report.figures.risk_coverage import risk_coverage
from panel_eval.report.figures.self_confidence import self_confidence
from panel_eval.report.figures.shares import shares
from panel_eval.report.figures.skill_by_class import skill_by_class
from panel_eval.report.figures.triangle import CORNERS, in_triangle
from panel_eval.report.palette import PAGE
from panel_eval.schema import ReliabilityBin

JUDGES = ("ada", "bo", "cleo", "dan")


def by_class(metric: str, *values: tuple[float | None, float | None, float | None]):
    found = scores()
    for name, value in zip(CLASSES, values, strict=True):
        found.by_class[name][metric] = number(*value)
    return found


def test_skill_by_class_is_drawn_in_percent_with_its_intervals() -> None:
    panel = by_class(
        "ce_crossfit_skill", (0.1, 0.05, 0.15), (-0.2, -0.3, -0.1), (None, None, None), (0.02, None, None)
    )
    figure = skill_by_class(build_metrics(panel=panel))
    assert figure is not None
    (axes,) = axes_of(figure)
    # Rows run from the top: agreement 0, minor 1, unresolved 3; major has no number.
    assert marks(axes, PAGE.panel, "o") == [(10, 0), (-20, 1), (2, 3)]
    assert strokes(axes, PAGE.panel) == [[(5, 0), (15, 0)], [(-30, 1), (-10, 1)]]
    assert [cell.text for row in figure.table.rows for cell in row.cells] == ["10.0%", "−20.0%", "–", "2.0%"]


def test_kl_by_class_leaves_out_what_is_missing() -> None:
    panel = by_class("kl_bits", (0.5, 0.4, 0.6), (None, None, None), (1.2, None, None), (1.5, 1.4, 1.6))
    figure = kl_by_class(build_metrics(panel=panel))
    assert figure is not None
    (axes,) = axes_of(figure)
    assert marks(axes, PAGE.panel, "o") == [(0.5, 0), (1.2, 2), (1.5, 3)]
    assert strokes(axes, PAGE.panel) == [[(0.4, 0), (0.6, 0)], [(1.4, 3), (1.6, 3)]]


def test_reliability_has_its_interval_and_where_a_calibrated_panel_would_fall() -> None:
    base = build_metrics()
    held = ReliabilityBin(
        low=0.4, high=0.6, n=50, confidence=0.5, soft_accuracy=0.35, hard_accuracy=0.3, consistency_low=0.42,
        consistency_high=0.58, soft_accuracy_low=0.3, soft_accuracy_high=0.4,
    )  # fmt: skip
    calibration = base.calibration.model_copy(update={"reliability": [held]})
    figure = reliability(build_metrics(calibration=calibration))
    assert figure is not None
    axes, sizes = axes_of(figure)
    assert marks(axes, PAGE.panel, "o") == [(0.5, 0.35)]
    assert strokes(axes, PAGE.panel) == [[(0.5, 0.3), (0.5, 0.4)]]
    assert strokes(axes, PAGE.floor) == [[(0.5, 0.42), (0.5, 0.58)]]
    assert [patch.get_height() for patch in sizes.patches] == [50]
    assert "calibrated panel" in figure.caption
    assert figure.table.rows[0].cells[3].text == "0.420 to 0.580"


def test_risk_is_drawn_for_the_panel_for_people_and_for_the_best_order() -> None:
    metrics = metrics_of(JUDGES, LABELS)
    figure = risk_coverage(metrics)
    assert figure is not None
    (axes,) = axes_of(figure)
    soft = metrics.deferral.soft
    for colour, risk in (
        (PAGE.panel, soft.selective_risk), (PAGE.human, [0.05, 0.2, 0.3, 0.4]), (PAGE.base, soft.oracle_risk),
    ):  # fmt: skip
        assert strokes(axes, colour) == [list(zip(soft.coverage, risk, strict=True))]
    assert figure.table.columns == (
        "items kept",
        "risk, panel's order",
        "risk, as many fresh reviewers",
        "risk, best order",
    )


@pytest.mark.parametrize(("loss", "drawn"), [("disagreement", True), ("majority", False)])
def test_the_threshold_is_marked_where_the_policy_has_the_curves_loss(loss: str, drawn: bool) -> None:
    figure = risk_coverage(metrics_of(JUDGES, LABELS, policy=policy_of(loss)))
    assert figure is not None
    (axes,) = axes_of(figure)
    assert marks(axes, PAGE.ink, "o") == ([(0.6, 0.17)] if drawn else [])
    assert marks(axes, PAGE.ink, "v") == ([(0.6, 0.19)] if drawn else [])
    assert ("threshold" in figure.caption) is drawn


def test_runs_from_before_the_human_curve_have_the_others() -> None:
    figure = risk_coverage(build_metrics())
    assert figure is not None
    assert "fresh reviewers" not in " ".join(words(figure.svg)) + figure.caption


def test_promises_are_drawn_where_they_let_the_panel_decide() -> None:
    figure = policy_levels(policy_of(), "policy")
    assert figure is not None
    (axes,) = axes_of(figure)
    assert marks(axes, PAGE.panel, "o") == [(0.6, 0.17)]
    assert marks(axes, PAGE.hard, "v") == [(0.6, 0.19)]
    assert marks(axes, PAGE.human, "_") == [(0.6, 0.2)]
    assert strokes(axes, PAGE.panel) == [[(0.5, 0.17), (0.7, 0.17)], [(0.6, 0.1), (0.6, 0.25)]]
    assert [row.cells[0].text for row in figure.table.rows] == ["nothing", "60.0%"]


def test_judges_that_agree_stand_side_by_side() -> None:
    # Neighbours in reverse order of the names have kappa 0.8, others 0.1: that order or its mirror image.
    figure = judge_agreement(metrics_of(JUDGES, LABELS))
    assert figure is not None
    (axes,) = axes_of(figure)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names in (["reviewers", "dan", "cleo", "bo", "ada"], ["reviewers", "ada", "bo", "cleo", "dan"])
    written = {
        (round(text.get_position()[0]), round(text.get_position()[1])): text.get_text() for text in axes.texts
    }
    for row in range(5):
        for column in range(4):
            if row - 1 == column:
                assert (column, row) not in written
            else:
                expected = "0.30" if row == 0 else "0.80" if abs(row - 1 - column) == 1 else "0.10"
                assert written[column, row] == expected
    assert [row.cells[0].text for row in figure.table.rows] == ["0.30"] * 4


@given(st.permutations(["a", "b", "c", "d", "e"]))
def test_a_chain_of_likeness_is_found_whatever_the_order_of_the_file(judges: list[str]) -> None:
    """Likeness falls with the distance on a line: the line itself, in either direction, is the only chain."""
    line = "abcde"
    pairs = {
        one: {other: -abs(line.index(one) - line.index(other)) for other in line if other != one} for one in line
    }
    order = "".join(by_likeness(judges, pairs))
    assert order in (line, line[::-1])


def test_the_value_of_judges_stands_beside_their_price() -> None:
    figure = judge_value(value_of(JUDGES, usd=0.002))
    assert figure is not None
    axes = axes_of(figure)[0]
    assert [x for x, _ in marks(axes, PAGE.panel, "o")] == pytest.approx([0.2, 0.199, 0.198, 0.197])
    assert [x for x, _ in marks(axes, PAGE.human, "D")] == pytest.approx([0.1] * 4)
    assert words(figure.svg).count("$2.00") == 4  # $0.002 an item, a thousand items
    assert "$" not in " ".join(words(judge_value(value_of(JUDGES, usd=None)).svg))


def test_self_confidence_joins_what_is_reported_with_what_is_so() -> None:
    figure = self_confidence(metrics_of(("ada",), LABELS))
    assert figure is not None
    (axes,) = axes_of(figure)
    assert [x for x, _ in marks(axes, PAGE.panel, "o")] == [90]
    assert [x for x, _ in marks(axes, PAGE.human, "^")] == [60]
    assert [[x for x, _ in line] for line in strokes(axes, PAGE.muted)] == [[90, 60]]
    assert [[x for x, _ in line] for line in strokes(axes, PAGE.panel)] == [[85, 95]]


def test_position_bias_is_drawn_in_percent() -> None:
    figure = position_bias(uncertainty_of(("ada",)))
    assert figure is not None
    (axes,) = axes_of(figure)
    assert [x for x, _ in marks(axes, PAGE.panel, "o")] == [10]
    assert [x for x, _ in marks(axes, PAGE.hard, "s")] == [-2]


def test_unusable_votes_add_up_to_their_share() -> None:
    figure = outcomes_by_class(build_metrics(coverage=coverage_of(JUDGES)))
    assert figure is not None
    (axes,) = axes_of(figure)
    ends = {}
    for patch in axes.patches:
        row = round(patch.get_y() + patch.get_height() / 2)
        ends[row] = max(ends.get(row, 0.0), patch.get_x() + patch.get_width())
    assert ends == pytest.approx({0: 8.0, 1: 12.0})  # 4 of 50, 6 of 50
    assert figure.title == "Unusable votes: 12.0% in major, 8.0% in agreement"
    assert unusable_shares({"a": {"ok": 3, "error": 1}, "b": {}}) == {"a": {"error": 0.25}}


def test_the_triangle_has_labels_at_its_corners_and_equal_shares_in_its_middle() -> None:
    assert in_triangle(np.eye(3)) == pytest.approx(CORNERS)
    assert in_triangle(np.full((1, 3), 1 / 3)) == pytest.approx(CORNERS.mean(axis=0)[None])
    sides = [np.hypot(*(CORNERS[k] - CORNERS[k - 1])) for k in range(3)]
    assert sides == pytest.approx([1, 1, 1])


def test_arrows_lead_from_the_reviewers_to_the_panel() -> None:
    items = item_table(LABELS, 20)
    figure = shares(build_metrics(mass=mass_of(items, LABELS)), items)
    assert figure is not None
    (axes,) = axes_of(figure)
    (quiver,) = [found for found in axes.collections if hasattr(found, "U")]
    people, panel = (items[[f"{who}_{label}" for label in LABELS]].to_numpy() for who in "pq")
    far = np.hypot(*(in_triangle(panel) - in_triangle(people)).T) >= 0.02
    assert pytest.approx(in_triangle(people)[far]) == quiver.XY
    assert np.column_stack([quiver.U, quiver.V]) == pytest.approx((in_triangle(panel) - in_triangle(people))[far])
    means = {name: part for name, part in items.groupby("human_class")}
    for name, part in means.items():
        ours = in_triangle(part[[f"q_{label}" for label in LABELS]].to_numpy().mean(axis=0)[None])[0]
        theirs = next(line for line in axes.get_lines() if line.get_label() == name)
        assert [float(value[0]) for value in theirs.get_data()] == pytest.approx(list(ours))


def test_mean_shares_stand_in_the_table_and_the_title_names_the_largest_gap() -> None:
    # Two items: people .5 .5 0 and 1 0 0; the panel says .25 .25 .5 of both.
    items = pd.DataFrame({"p_a": [0.5, 1.0], "p_b": [0.5, 0.0], "p_c": [0.0, 0.0],
                          "q_a": [0.25, 0.25], "q_b": [0.25, 0.25], "q_c": [0.5, 0.5]})  # fmt: skip
    figure = shares(build_metrics(("a", "b", "c"), mass=mass_of(items, "abc")), items)
    assert figure is not None
    assert [[cell.text for cell in row.cells] for row in figure.table.rows] == [
        ["0.750", "0.250"], ["0.250", "0.250"], ["0.000", "0.500"],
    ]  # fmt: skip
    assert figure.title in (
        "The panel gives “a” 50 points less mass than the reviewers do",
        "The panel gives “c” 50 points more mass than the reviewers do",
    )
    unsure = shares(build_metrics(("a", "b", "c"), mass=mass_of(items, "abc", half_width=0.6)), items)
    assert unsure is not None
    assert unsure.title == "No label is shown to get more or less mass than the reviewers give it"


@pytest.mark.parametrize(("gap", "said"), [(0.004, "0.4 points"), (0.0003, "<0.1 points"), (0.012, "1.2 points")])
def test_a_gap_that_is_shown_is_never_written_as_none(gap: float, said: str) -> None:
    items = pd.DataFrame({"p_a": [0.5, 0.5], "p_b": [0.5, 0.5], "q_a": [0.5 - gap] * 2, "q_b": [0.5 + gap] * 2})
    figure = shares(build_metrics(("a", "b"), mass=mass_of(items, "ab", half_width=gap / 2)), items)
    assert figure is not None
    assert said in figure.title


def test_groups_hold_all_items_once_and_equal_masses_together() -> None:
    mass = np.repeat([0.1, 0.2, 0.3, 0.9], 10)
    share = np.linspace(0, 1, 40)
    found = groups(mass, share)
    assert len(found) == 4  # five groups are asked for, four masses exist
    assert found[:, 0] == pytest.approx([0.1, 0.2, 0.3, 0.9])
    assert found[:, 1] == pytest.approx(share.reshape(4, 10).mean(axis=1))
    assert groups(np.array([0.5]), np.array([1.0])) == pytest.approx(np.array([[0.5, 1.0]]))
