"""Several risks side by side, and how many items each takes at least."""

from __future__ import annotations

from panel_eval.evaluation.policy.losses import bound_of
from panel_eval.evaluation.policy.sample import PolicySample
from panel_eval.evaluation.policy.trying import coverage_and_risk
from panel_eval.evaluation.segments import Segment
from panel_eval.schema.deferral_settings import DeferralLoss
from panel_eval.schema.policy_metrics import MinimumItems, RiskLevel
from panel_eval.stats.risk_control import RiskControl

RISKS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2)
DELTAS = (0.05, 0.1)


def minimum_table(loss: DeferralLoss) -> list[MinimumItems]:
    """Fewest items for each usual promise."""
    return [
        MinimumItems(risk=risk, delta=delta, n=bound_of(loss, delta).fewest(risk))
        for delta in DELTAS
        for risk in RISKS
    ]


def risk_level(sample: PolicySample, risk: float, found: RiskControl, test: Segment) -> RiskLevel:
    """One risk: what calibration allows, and what comes of it on the test items."""
    coverage, test_risk = coverage_and_risk(sample, sample.decided(found.threshold), test)
    return RiskLevel(
        risk=risk,
        delta=sample.settings.delta,
        threshold=sample.stored(found.threshold),
        n_decided=found.n,
        mean_loss=found.mean_loss if found.n else None,
        risk_bound=found.upper if found.n else None,
        coverage=coverage,
        test_risk=test_risk,
    )


def risk_levels(sample: PolicySample, test: Segment) -> list[RiskLevel]:
    """The usual risks and the target, rising."""
    wanted = sorted({*RISKS, sample.settings.risk})
    return [risk_level(sample, risk, sample.control(risk), test) for risk in wanted]
