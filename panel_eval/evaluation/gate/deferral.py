"""What the panel's deferral policy does on its test items, held to the gate."""

from __future__ import annotations

from collections.abc import Iterator

from panel_eval.evaluation.gate.limits import Kept, kept
from panel_eval.evaluation.gate.words import estimate_words, exact
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.gate_result import GateCheck
from panel_eval.schema.gate_settings import GateSettings
from panel_eval.schema.policy_metrics import PolicyReport

_NO_POLICY = "add `deferral:` to the panel, or run panel-eval fit on this run first"


def deferral_checks(policy: PolicyReport | None, settings: GateSettings) -> list[GateCheck]:
    """Hold risk and coverage of a policy, as its test items show them, to the limits of the gate.

    Args:
        policy: the policy with its trial; None where the run has none.
        settings: the limits.
    """
    return list(_checks(policy, settings))


def _checks(policy: PolicyReport | None, settings: GateSettings) -> Iterator[GateCheck]:
    limits = settings.deferral
    none = Estimate(estimate=None, n=0, note="the run has no deferral policy")
    if limits.risk is not None:
        risk = none if policy is None else policy.at_target.test_risk
        words = "Mean loss of the items that the policy decides"
        yield _check("deferral risk", words, risk, limits.risk, kept(risk, at_most=limits.risk), "at most")
    if limits.coverage is not None:
        share = none if policy is None else policy.at_target.coverage
        words = "Share of the items that the policy decides"
        status = kept(share, at_least=limits.coverage)
        if share.estimate == 0.0 and limits.coverage > 0.0:
            status = "FAIL"  # it decides nothing: no interval is needed to see that
        yield _check("deferral coverage", words, share, limits.coverage, status, "at least")


def _check(name: str, words: str, value: Estimate, limit: float, status: Kept, bound: str) -> GateCheck:
    wanted = f"the whole interval must be {bound} {exact(limit)}"
    fix = None
    if status != "PASS":
        fix = _NO_POLICY if value.note == "the run has no deferral policy" else "calibrate the policy on more items"
    return GateCheck(
        name=name,
        kind="deferral",
        status=status,
        value=value,
        threshold=limit,
        text=f"{words} (test items): {estimate_words(value, limit)}; {wanted}.",
        fix=fix,
    )
