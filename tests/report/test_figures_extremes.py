"""Figures of one judge and of sixty, of two labels and of a hundred, of names that nobody would choose."""

from __future__ import annotations

import numpy as np
import pytest
from constructed import CLASSES, LABELS, mass_of, number
from drawn_figures import axes_of, every_figure, item_table, metrics_of, value_of, words
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.report import png_of, svg_of
from panel_eval.report.figures.entropies import entropies
from panel_eval.report.figures.judge_agreement import JUDGES_DRAWN, judge_agreement, judge_agreement_table
from panel_eval.report.figures.judge_value import judge_value
from panel_eval.report.figures.kl_by_class import kl_by_class
from panel_eval.report.figures.label_planes import PLANES
from panel_eval.report.figures.reliability import reliability
from panel_eval.report.figures.risk_coverage import risk_coverage
from panel_eval.report.figures.rows import ROWS_DRAWN
from panel_eval.report.figures.shares import shares
from panel_eval.report.figures.short_names import short_names
from panel_eval.report.figures.skill_by_class import skill_by_class
from panel_eval.schema import Metrics, Scores

HOSTILE = (
    "<script>document.title='owned'</script>",
    "$x_1$ & \\frac{1}{0} % ${jndi:ldap://x}",
    "حكم عربي ‮drawkcab",
    "裁判一号審査員判定者",
    "\x1b[31mred\x00\x07 bell",
    "n" * 200,
)


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE, ids=["script", "formula", "right-to-left", "chinese", "control", "long"])
def test_hostile_names_stand_as_text(name: str) -> None:
    judges, labels = (f"{name}1", f"{name}2"), (f"{name}a", f"{name}b", f"{name}c")
    for figure in every_figure(judges, labels):
        for svg in (figure.svg, svg_of(figure).decode()):
            assert "<script" not in svg
            assert "‮" not in svg
            assert "\x1b" not in svg
            found = words(svg)  # it is XML that a parser reads
            assert max(map(len, found)) <= 120
        assert figure.drawing.width <= 7
        assert len(figure.title) < 250
        assert png_of(figure)[:4] == b"\x89PNG"


def test_a_formula_is_not_set_as_one() -> None:
    texts = [text for figure in every_figure(("$x_1$", "b"), LABELS) for text in words(figure.svg)]
    assert "$x_1$" in texts


@pytest.mark.slow
@pytest.mark.parametrize("n_judges", [1, 13, 60])
@pytest.mark.parametrize("n_labels", [2, 4, 100])
def test_any_number_of_judges_and_labels(n_judges: int, n_labels: int) -> None:
    judges = tuple(f"judge {at:02}" for at in range(n_judges))
    labels = tuple(f"label {at}" for at in range(n_labels))
    figures = {figure.name: figure for figure in every_figure(judges, labels)}
    assert ("judge-agreement" in figures) == (2 <= n_judges <= JUDGES_DRAWN)
    for figure in figures.values():
        assert figure.drawing.height < 12.5
        assert axes_of(figure)
    planes = 1 if n_labels == 2 else min(n_labels, PLANES)
    assert sum(axes.axison for axes in axes_of(figures["shares"])) == planes
    assert ("In the table only:" in figures["shares"].caption) == (n_labels > PLANES)
    value = judge_value(value_of(judges))
    assert value is not None
    assert len(axes_of(value)[0].get_yticks()) == min(n_judges, ROWS_DRAWN)
    assert len(value.table.rows) == n_judges


def test_many_judges_have_their_agreement_in_a_table() -> None:
    judges = tuple(f"judge {at:02}" for at in range(60))
    metrics = metrics_of(judges, LABELS)
    assert judge_agreement(metrics) is None
    table = judge_agreement_table(metrics)
    assert table is not None
    assert len(table.rows) == 60
    assert table.columns == ("judge", "reviewers", "most like", "kappa with it")  # 60 x 60 is for nobody to read
    # Neighbours by name have kappa 0.8.
    assert [cell.text for cell in table.rows[0].cells] == ["0.30", "judge 01", "0.80"]


def emptied(scores: Scores) -> Scores:
    none = dict.fromkeys(scores.overall, number(None))
    return Scores(overall=none, by_class=dict.fromkeys(CLASSES, none))


def test_where_no_number_is_known_there_is_no_figure() -> None:
    metrics: Metrics = metrics_of(("ada", "bo"), LABELS)
    nothing = metrics.model_copy(update={"panel": emptied(metrics.panel)})
    assert kl_by_class(nothing) is None
    assert skill_by_class(nothing) is None
    curve = metrics.deferral.soft.model_copy(update={"coverage": [], "selective_risk": [], "oracle_risk": []})
    empty = metrics.deferral.model_copy(update={"soft": curve})
    assert risk_coverage(metrics.model_copy(update={"deferral": empty})) is None
    assert (
        reliability(
            metrics.model_copy(update={"calibration": metrics.calibration.model_copy(update={"reliability": []})})
        )
        is None
    )
    items = item_table(LABELS)
    unanswered = items.assign(panel_entropy_bits=np.nan, **{f"q_{label}": np.nan for label in LABELS})
    assert entropies(metrics, unanswered) is None
    assert shares(metrics, unanswered) is None
    assert judge_value(value_of(())) is None


@pytest.mark.parametrize("labels", [("a", "b"), LABELS, ("a", "b", "c", "d")])
def test_one_item_of_one_class(labels: tuple[str, ...]) -> None:
    items = item_table(labels, 1, ("minor",))
    metrics = metrics_of(("ada",), labels, mass=mass_of(items, labels))
    for figure in (entropies(metrics, items), shares(metrics, items)):
        assert figure is not None
        assert axes_of(figure)


def test_a_panel_that_says_the_same_as_the_reviewers_has_no_gap_and_no_arrow() -> None:
    items = item_table(LABELS)
    same = items.assign(**{f"q_{label}": items[f"p_{label}"] for label in LABELS})
    figure = shares(metrics_of(("ada",), LABELS, mass=mass_of(same, LABELS)), same)
    assert figure is not None
    assert figure.title == "No label is shown to get more or less mass than the reviewers give it"


def test_names_that_begin_alike_are_told_apart() -> None:
    assert short_names(["short", "a much longer name than that"], 12) == ["short", "a much long…"]
    models = [f"provider/some-model-of-{year}" for year in ("2025", "2026")]
    assert short_names(models, 14) == ["provide…f-2025", "provide…f-2026"]
    assert short_names(["x" * 40 + str(k) + "x" * 40 for k in range(2)], 12) == ["xxxxxx…x 1", "xxxxxx…x 2"]


@given(st.lists(st.text(max_size=40), max_size=8), st.integers(8, 20))
def test_a_short_name_is_one_line_that_fits(names: list[str], limit: int) -> None:
    shown = short_names(names, limit)
    assert len(shown) == len(names)
    assert all(len(name) <= limit and "\n" not in name for name in shown)
