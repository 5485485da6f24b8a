"""The one way in: labelled items and a panel's forecasts become a policy with a promise, tried on other items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from panel_eval.evaluation.policy.advice import chance_in_words, policy_advice, rule_in_words
from panel_eval.evaluation.policy.costs import cost_section, human_review
from panel_eval.evaluation.policy.deciding import decide
from panel_eval.evaluation.policy.human_review import human_majority_loss
from panel_eval.evaluation.policy.levels import minimum_table, risk_level, risk_levels
from panel_eval.evaluation.policy.sample import PolicySample, prepare_sample
from panel_eval.evaluation.policy.sets import every_vote_threshold, sets_on_test, split_threshold
from panel_eval.evaluation.policy.splitting import PolicySplit, refuse_overlap, split_items
from panel_eval.evaluation.policy.trying import class_deferrals, missed_share, wasted_share
from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, PanelPooling, item_digests
from panel_eval.schema import JudgeIdentity
from panel_eval.schema.deferral_policy import DeferralPolicy, PolicyCalibration, PolicyTest
from panel_eval.schema.deferral_settings import DeferralSettings
from panel_eval.schema.policy_metrics import PolicyReport, RiskLevel
from panel_eval.stats.arrays import FloatArray

EXCHANGEABLE = (
    "the promise is for items like the calibration items, asked of the same judges: calibrate again when a model, "
    "a prompt or the stream of items changes"
)
CLUSTERS = "one item of each cluster is used, so the promise is for a random item of a random cluster"


@dataclass(frozen=True)
class Provenance:
    """What a policy says of where it comes from, and how its panel forecasts.

    Attributes:
        judges: in the order of the forecasts; default: their ids, with unknown instruments.
        pooling: how the forecast is made of the judges' answers.
        rubric_hash: sha256 of the rubric, if there is one.
        run_id: the run that the votes are of.
        labels_sha256: hash of the human labels.
    """

    judges: Sequence[JudgeIdentity] = ()
    pooling: PanelPooling = field(default_factory=PanelPooling)
    rubric_hash: str | None = None
    run_id: str | None = None
    labels_sha256: str | None = None


@dataclass(frozen=True)
class CalibratedPolicy:
    """A policy and what was found out about it.

    Attributes:
        policy: decides items; equals policy.json.
        section: for fit.json.
    """

    policy: DeferralPolicy
    section: PolicyReport


def calibrate_policy(
    q: FloatArray,
    forecasts: JudgeForecasts,
    humans: HumanLabels,
    settings: DeferralSettings,
    *,
    seed: int,
    split: PolicySplit | None = None,
    provenance: Provenance | None = None,
    resamples: int = 2000,
) -> CalibratedPolicy:
    """Choose what the panel decides on some items, and try it on others.

    The same for any order of items.

    Args:
        q: (n_items, n_labels) the panel's forecasts; it must not have been fitted to items of the split.
        forecasts: what each judge said about the items.
        humans: the labelled items, in the same order.
        settings: score, risk, delta, loss, costs.
        seed: of the split, of draws and of the order in which losses are read.
        split: which items calibrate and which test; default: halves of whole clusters.
        provenance: what to write down of the panel.
        resamples: bootstrap draws behind each interval.

    Raises:
        InputError: a distance on a nominal scale, or a cluster on both sides of the split.
    """
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")
    people = humans.select(by_id)
    own = split_items(people, seed) if split is None else PolicySplit(split.calibration[by_id], split.test[by_id])
    refuse_overlap(own, people)
    sample = prepare_sample(people, forecasts.select(by_id), q[by_id], settings, seed, own)
    everything = Segment(OVERALL, np.arange(len(people)), make_resampling(people, resamples, seed))
    test = everything.take(own.test)
    target = risk_level(sample, settings.risk, sample.control(settings.risk), test)
    policy = _document(sample, target, provenance or Provenance())
    return CalibratedPolicy(policy, _section(sample, policy, target, test))


def _document(sample: PolicySample, target: RiskLevel, provenance: Provenance) -> DeferralPolicy:
    settings, humans = sample.settings, sample.humans
    judges = list(provenance.judges) or [JudgeIdentity(id=name) for name in sample.forecasts.judge_ids]
    answered = sample.usable & sample.split.calibration
    return DeferralPolicy(
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        score=settings.score,
        loss=settings.loss,
        risk=settings.risk,
        delta=settings.delta,
        threshold=target.threshold,
        rule=rule_in_words(sample, target.threshold),
        fewest_judges=sample.fewest_judges,
        judges=judges,
        rubric_hash=provenance.rubric_hash,
        pooling=provenance.pooling.fitted or "linear",
        weights=dict(provenance.pooling.weights),
        smoothing=provenance.pooling.smoothing,
        calibration=PolicyCalibration(
            n_items=int(sample.units.sum()),
            n_decided=target.n_decided,
            mean_loss=target.mean_loss,
            risk_bound=target.risk_bound,
            clustered=humans.clusters is not None,
            item_digests=item_digests(humans.item_ids[row] for row in np.flatnonzero(sample.split.calibration)),
            run_id=provenance.run_id,
            labels_sha256=provenance.labels_sha256,
        ),
        test=PolicyTest(
            n_items=int(sample.split.test.sum()),
            coverage=target.coverage.estimate,
            risk=target.test_risk.estimate,
        ),
        sets=every_vote_threshold(humans, sample.q, answered, 1.0 - settings.set_coverage),
        seed=sample.seed,
    )


def _section(sample: PolicySample, policy: DeferralPolicy, target: RiskLevel, test: Segment) -> PolicyReport:
    settings, humans, q = sample.settings, sample.humans, sample.q
    decided = decide(policy, q, sample.forecasts).decided
    people_lose = human_majority_loss(humans, sample.forecasts, q, settings.loss, settings.reviewers, sample.seed)
    levels = risk_levels(sample, test)
    answered = test.take(sample.usable[test.rows])
    split = split_threshold(
        humans, q, sample.usable & sample.split.calibration, 1.0 - settings.set_coverage, sample.seed
    )
    return PolicyReport(
        settings=settings,
        rule=policy.rule,
        n_calibration=int(sample.split.calibration.sum()),
        n_units=int(sample.units.sum()),
        n_test=int(sample.split.test.sum()),
        n_undecidable=int((~sample.usable & (sample.split.calibration | sample.split.test)).sum()),
        levels=levels,
        at_target=target,
        minimum_n=minimum_table(settings.loss),
        by_class=class_deferrals(sample, decided, test),
        wasted=wasted_share(sample, decided, test),
        missed=missed_share(sample, decided, test),
        sets=[
            sets_on_test("every_vote", policy.sets, humans, q, answered),
            sets_on_test("split", split, humans, q, answered),
        ],
        human_review=human_review(sample, decided, people_lose, test),
        costs=None if settings.costs is None else cost_section(sample, decided, people_lose, settings.costs, test),
        notes=_notes(sample),
        advice=policy_advice(sample, target, levels),
    )


def _notes(sample: PolicySample) -> list[str]:
    notes = [chance_in_words(sample.settings.delta), EXCHANGEABLE]
    if sample.humans.clusters is not None:
        notes.append(CLUSTERS)
    return notes
