"""Sections of metrics.json for the tests of the report: every number was made up to be easy to recognise."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from panel_eval.schema import Agreement, Coverage, Estimate
from panel_eval.schema.agreement_metrics import (
    AltTest,
    AltTestResult,
    CrossAgreement,
    JudgeRedundancy,
    RaterAgreement,
)
from panel_eval.schema.calibration_metrics import Decomposition
from panel_eval.schema.coverage_metrics import Bounds, JudgeCoverage, OutcomeRates
from panel_eval.schema.mass_metrics import Mass, MassOfItems, PeopleAndPanel

LABELS = ("mild", "moderate", "severe")
CLASSES = ("agreement", "minor", "major", "unresolved")


def number(value: float | None, low: float | None = None, high: float | None = None, n: int = 4) -> Estimate:
    return Estimate(estimate=value, low=low, high=high, n=n, note=None if value is not None else "made up")


def raters(nominal: float, ordinal: float, label: str) -> RaterAgreement:
    """Pair agreement, kappa and AC1 as in the example of docs/metrics/agreement.md."""
    found = {"alpha_nominal": nominal, "alpha_ordinal": ordinal}
    found |= {"pair_agreement": 0.96, "fleiss_kappa": 0.48, "gwet_ac1": 0.96}
    coefficients = {name: number(value) for name, value in found.items()}
    return RaterAgreement(coefficients=coefficients, prevalence={label: 0.9}, votes="made up")


def agreement_saying(
    judges: tuple[str, ...], labels: tuple[str, ...] = LABELS, text: str = "reviewers"
) -> Agreement:
    """Agreement of two judges; the second could not be tested."""
    tested = AltTestResult(winning_rate=0.5, advantage=0.61, passes=True, n_reviewers=4, n_won=2)
    untested = AltTestResult(
        winning_rate=None, advantage=None, passes=None, n_reviewers=0, n_won=0, note="fewer than 10 items each"
    )
    together = {"alpha_nominal": 0.3, "alpha_ordinal": 0.4, "normalised_nominal": 0.43, "normalised_ordinal": 0.51}
    shared = {"error_correlation": 0.5, "effective_judges": 4 / 3}  # 2 / (1 + .5)
    return Agreement(
        class_counts={**dict.fromkeys(CLASSES, 1), "insufficient": 0},
        reported_vs_derived={"not reported": dict.fromkeys(CLASSES, 1)},
        human=raters(0.6, 0.7, labels[0]),
        judge=raters(0.8, 0.9, labels[1]),
        cross=CrossAgreement(
            together={name: number(value) for name, value in together.items()},
            panel={}, judges={}, note="The judges share something.",
        ),
        redundancy=JudgeRedundancy(
            numbers={name: number(value) for name, value in shared.items()},
            error_correlation={}, kappa_p={}, cohen_kappa={}, weighted_kappa=None,
        ),
        alt_test=AltTest(
            epsilon=0.15, score="accuracy", fdr=0.05, fewest_items=30, panel=tested, panel_distribution=tested,
            judges={judges[0]: tested, judges[1]: untested},
        ),
        alt_test_note=text,
    )  # fmt: skip


def decomposition(labels: tuple[str, ...]) -> Decomposition:
    """Recalibration clearly gains; the first label gets too little, the last too much."""
    return Decomposition(
        cross_entropy_bits=number(2.5), human_entropy_bits=number(1.5),
        recalibration_gain_bits=number(0.75, 0.5, 1.0), temperature_gain_bits=number(0.5),
        refinement_bits=number(0.25), miscalibrated_share=number(0.75), temperature=2.0,
        label_bias_nats={labels[0]: 0.5, labels[-1]: -0.5},
    )  # fmt: skip


def coverage_saying(judges: tuple[str, ...]) -> Coverage:
    """The first judge answers everything, the second nothing."""
    rates = {judges[0]: {"ok": 1.0}, judges[1]: {"ok": 0.0, "error": 1.0}}
    bounds = Bounds(scored=None, worst=0.0, best=1.0, n=4, n_missing=4, note="nothing was answered")
    return Coverage(
        total={"ok": 8, "error": 4},
        by_judge={judges[0]: {"ok": 8, "error": 0}, judges[1]: {"ok": 0, "error": 4}},
        by_class={},
        rates=OutcomeRates(total={"ok": 2 / 3, "error": 1 / 3}, by_judge=rates, by_class={}, by_judge_and_class={}),
        judges={judges[1]: JudgeCoverage(asked=4, unanswered=4, not_asked=0, mode_accuracy=bounds)},
    )


def mass_of(items: pd.DataFrame, labels: Sequence[str], half_width: float = 0.01) -> Mass:
    """Means of the table's columns, overall and by class, with intervals of the width that a test wants."""
    by_class = items.groupby("human_class", sort=False) if "human_class" in items else ()
    return Mass(
        overall=_mass(items, labels, half_width),
        by_class={str(name): _mass(part, labels, half_width) for name, part in by_class},
    )


def _mass(items: pd.DataFrame, labels: Sequence[str], half_width: float) -> MassOfItems:
    def beside(people: pd.Series[float], panel: pd.Series[float]) -> PeopleAndPanel:
        means = float(people.mean()), float(panel.mean()), float((panel - people).mean())
        made = [number(mean, mean - half_width, mean + half_width) for mean in means]
        return PeopleAndPanel(people=made[0], panel=made[1], difference=made[2])

    nothing = pd.Series([0.0])
    return MassOfItems(
        labels={label: beside(items[f"p_{label}"], items[f"q_{label}"]) for label in labels},
        entropy_bits=beside(items.get("human_entropy_bits", nothing), items.get("panel_entropy_bits", nothing)),
    )
