"""Figures of made-up results of any size, and what they draw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

import numpy as np
import pandas as pd
from constructed import CLASSES, mass_of, number
from made_results import build_metrics
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from panel_eval.report import plotting as plot
from panel_eval.report.figures import Figure
from panel_eval.report.figures.entropies import entropies
from panel_eval.report.figures.judge_agreement import judge_agreement
from panel_eval.report.figures.judge_value import judge_value
from panel_eval.report.figures.kl_by_class import kl_by_class
from panel_eval.report.figures.outcomes import outcomes, outcomes_by_class
from panel_eval.report.figures.policy_levels import policy_levels
from panel_eval.report.figures.position_bias import position_bias
from panel_eval.report.figures.reliability import reliability
from panel_eval.report.figures.risk_coverage import risk_coverage
from panel_eval.report.figures.self_confidence import self_confidence
from panel_eval.report.figures.shares import shares
from panel_eval.report.figures.skill_by_class import skill_by_class
from panel_eval.report.palette import PAGE
from panel_eval.schema import Coverage, Metrics
from panel_eval.schema.agreement_metrics import Agreement, CrossAgreement, JudgeRedundancy
from panel_eval.schema.calibration_metrics import SelfConfidence
from panel_eval.schema.deferral_metrics import HumanRiskCurve
from panel_eval.schema.deferral_settings import DeferralSettings
from panel_eval.schema.panel_value_metrics import JudgeValue, PanelValue
from panel_eval.schema.policy_metrics import HumanReview, PolicyReport, RiskLevel, ShareBeside
from panel_eval.schema.uncertainty_metrics import PositionBias, Uncertainty

NONE = number(None)
SVG = "{http://www.w3.org/2000/svg}"


def item_table(labels: Sequence[str], n_items: int = 40, classes: Sequence[str] = CLASSES) -> pd.DataFrame:
    """Items with human and panel distributions, drawn with a fixed seed."""
    generator = np.random.default_rng(3)
    people, panel = (generator.dirichlet(np.full(len(labels), 0.7), n_items) for _ in range(2))
    table: dict[str, object] = {
        "item_id": [f"item {i}" for i in range(n_items)],
        "human_class": [classes[i % len(classes)] for i in range(n_items)],
        "human_entropy_bits": -(people * np.log2(people)).sum(axis=1),
        "panel_entropy_bits": -(panel * np.log2(panel)).sum(axis=1),
    }
    table |= {f"p_{label}": people[:, k] for k, label in enumerate(labels)}
    table |= {f"q_{label}": panel[:, k] for k, label in enumerate(labels)}
    return pd.DataFrame(table)


def metrics_of(judges: Sequence[str], labels: Sequence[str], **parts: object) -> Metrics:
    """Results of any judges and labels, with every section that a figure reads."""
    base = build_metrics(tuple(labels), tuple(judges))
    parts = {"coverage": coverage_of(judges), "agreement": agreement_of(judges), **parts}
    calibration = base.calibration.model_copy(update={"self_confidence": confidences_of(judges)})
    deferral = base.deferral.model_copy(
        update={"human_risk": [HumanRiskCurve(reviewers=None, risk=[0.05, 0.2, 0.3, 0.4])]}
    )
    mass = mass_of(item_table(labels), labels)
    return build_metrics(
        tuple(labels), tuple(judges), **{"calibration": calibration, "deferral": deferral, "mass": mass, **parts}
    )


def coverage_of(judges: Sequence[str]) -> Coverage:
    return Coverage(
        total={"ok": 90, "refusal": 6, "error": 4},
        by_judge={judge: {"ok": 8, "refusal": 1, "error": 1} for judge in judges},
        by_class={"agreement": {"ok": 46, "refusal": 4}, "major": {"ok": 44, "refusal": 2, "error": 4}},
    )


def agreement_of(judges: Sequence[str]) -> Agreement:
    """Kappa 0.8 of judges that are neighbours in reverse order of their names, else 0.1."""
    order = sorted(judges, reverse=True)
    place = {judge: at for at, judge in enumerate(order)}
    pairs = {
        one: {other: 0.8 if abs(place[one] - place[other]) == 1 else 0.1 for other in judges if other != one}
        for one in judges
    }
    redundancy = JudgeRedundancy(
        numbers={}, error_correlation={}, kappa_p={}, cohen_kappa=pairs, weighted_kappa=None
    )
    cross = CrossAgreement(
        together={"normalised_ordinal": number(0.5, 0.4, 0.6)}, panel={},
        judges={judge: {"kappa_majority": number(0.3)} for judge in judges}, note=None,
    )  # fmt: skip
    return Agreement(
        class_counts=dict.fromkeys(CLASSES, 1), reported_vs_derived={}, cross=cross,
        redundancy=redundancy if len(judges) > 1 else None,
    )  # fmt: skip


def confidences_of(judges: Sequence[str]) -> dict[str, SelfConfidence]:
    return {
        judge: SelfConfidence(
            mean_confidence=number(0.9, 0.85, 0.95), mean_agreement=number(0.6, 0.5, 0.7),
            overconfidence=number(0.3, 0.2, 0.4), soft_ece=NONE, soft_ece_squared_debiased=NONE, auroc=NONE,
        )
        for judge in judges
    }  # fmt: skip


def value_of(judges: Sequence[str], usd: float | None = 0.002) -> PanelValue:
    return PanelValue(
        n_items=40, n_left_out=0, value_bits=number(0.4), base_rate_ce_bits=number(1.9), panel_ce_bits=number(1.5),
        judges={
            judge: JudgeValue(
                left_out_bits=number(0.1, 0.05, 0.15), shapley_bits=number(0.2 - 0.001 * at, 0.1, 0.3),
                shapley_error_bits=0.0, alone_bits=number(0.3), standing="adds", same_as=[], votes_per_item=1.0,
                cost_per_item_usd=usd, shapley_bits_per_vote=number(0.2), shapley_bits_per_usd=NONE,
            )
            for at, judge in enumerate(judges)
        },
        shapley="exact", n_sub_panels=3, redundancy={}, best=None, smallest=None, choice_cost_bits=NONE, greedy=[],
        front=[], front_cost="usd", samples=None, samples_note=None, label_orders=None, label_orders_note=None,
        notes=[], advice="",
    )  # fmt: skip


def uncertainty_of(judges: Sequence[str]) -> Uncertainty:
    bias = PositionBias(first=number(0.1, 0.05, 0.15), last=number(-0.02, -0.05, 0.01), control="same_item")
    return Uncertainty(
        n_items=40, n_votes=100, total=number(0.5), parts=[], not_told={},
        position_bias=dict.fromkeys(judges, bias),
        position_note=None, spread=None, within_judge_remedy="", between_judge_remedy="", notes=[], advice="",
    )  # fmt: skip


def policy_of(loss: str = "disagreement") -> PolicyReport:
    level = RiskLevel(
        risk=0.2, delta=0.1, threshold=1.2, n_decided=40, mean_loss=0.15, risk_bound=0.19,
        coverage=number(0.6, 0.5, 0.7), test_risk=number(0.17, 0.1, 0.25),
    )  # fmt: skip
    never = RiskLevel(
        risk=0.05, delta=0.1, threshold=None, n_decided=0, mean_loss=None, risk_bound=None, coverage=number(0.0),
        test_risk=NONE,
    )  # fmt: skip
    share = ShareBeside(share=number(0.1), base_rate=number(0.2))
    review = HumanReview(
        reviewers=3, loss_deferred=NONE, panel_loss_deferred=NONE, break_even=NONE, method="made up"
    )
    return PolicyReport(
        settings=DeferralSettings.model_validate({"loss": loss, "risk": 0.2}), rule="decide what is sure",
        n_calibration=50, n_units=50, n_test=50, n_undecidable=0, levels=[never, level], at_target=level,
        minimum_n=[], by_class={}, wasted=share, missed=share, sets=[], human_review=review, costs=None, notes=[],
        advice="",
    )  # fmt: skip


def every_figure(judges: Sequence[str], labels: Sequence[str], **parts: object) -> list[Figure]:
    """Every figure of these that there are numbers for."""
    metrics, items = metrics_of(judges, labels, **parts), item_table(labels)
    made = (
        kl_by_class(metrics), skill_by_class(metrics), reliability(metrics), entropies(metrics, items),
        shares(metrics, items), self_confidence(metrics), risk_coverage(metrics), judge_agreement(metrics),
        judge_value(value_of(judges)), position_bias(uncertainty_of(judges)), outcomes(metrics),
        outcomes_by_class(metrics), policy_levels(policy_of(), "policy"),
    )  # fmt: skip
    return [figure for figure in made if figure is not None]


def axes_of(figure: Figure) -> list[Axes]:
    """The axes that a figure draws, in the page's placeholder colours."""
    canvas = plot.canvas(figure.drawing.width, figure.drawing.height)
    with plot.drawing(figure.name, PAGE):
        figure.drawing.draw(canvas, PAGE)
    return list(canvas.axes)


def marks(axes: Axes, colour: str, shape: str) -> list[tuple[float, float]]:
    """Where markers of a colour and shape stand, legend entries left out."""
    return [
        (float(x), float(y))
        for line in axes.get_lines()
        if line.get_color() == colour and line.get_marker() == shape
        for x, y in zip(*line.get_data(), strict=True)
    ]


def strokes(axes: Axes, colour: str) -> list[list[tuple[float, float]]]:
    """Lines without markers of a colour, as lists of points."""
    return [
        [(float(x), float(y)) for x, y in zip(*line.get_data(), strict=True)]
        for line in axes.get_lines()
        if line.get_color() == colour and line.get_marker() == "None" and len(line.get_xdata()) > 1
    ]


def words(svg: str) -> list[str]:
    """The texts in an SVG as a reader gets them."""
    root = ElementTree.fromstring(svg)
    return ["".join(element.itertext()) for element in root.iter() if element.tag.rpartition("}")[2] == "text"]


def colours_in(svg: str) -> set[str]:
    return set(re.findall(r"#[0-9a-f]{6}", svg))


def legend_looks(figure: Figure) -> list[tuple[object, ...]]:
    """How the entries of a figure's legend look to a reader who sees no colours."""
    canvas = plot.canvas(figure.drawing.width, figure.drawing.height)
    with plot.drawing(figure.name, PAGE):
        figure.drawing.draw(canvas, PAGE)
        handles = [handle for legend in canvas.legends for handle in legend.legend_handles]
    return [_look(handle) for handle in handles if handle is not None]


def _look(handle: Artist) -> tuple[object, ...]:
    if isinstance(handle, Line2D):
        dashes = handle._dash_pattern if handle.get_linestyle() != "None" else None
        hollow = handle.get_markerfacecolor() == "none"
        return handle.get_marker(), str(dashes), hollow, handle.get_linewidth() if dashes else 0
    return (getattr(handle, "get_hatch", lambda: None)(),)
