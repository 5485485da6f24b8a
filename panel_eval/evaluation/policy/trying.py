"""What a policy does on test items: how much it decides and loses, whom it bothers for nothing, what it misses."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.alignment import AGREEMENT_SHARE, DISAGREEMENT
from panel_eval.evaluation.means import mean_estimate, null, segment_means
from panel_eval.evaluation.policy.losses import bound_of
from panel_eval.evaluation.policy.sample import PolicySample
from panel_eval.evaluation.segments import Segment
from panel_eval.schema import CLASS_NAMES, Estimate
from panel_eval.schema.policy_metrics import ClassDeferral, ShareBeside
from panel_eval.stats.arrays import BoolArray, FloatArray
from panel_eval.stats.ties import TIE_TOLERANCE

_NO_ITEMS = "no test items"
_NOTHING_DECIDED = "nothing is decided"
_NOTHING_DEFERRED = "nothing is handed over"
_NO_LOSS = "nothing was lost: the upper end is an exact bound, not a resampled one"
_ONE_SIDED = 0.025


def tried_means(columns: dict[str, FloatArray], test: Segment, missing: str = _NO_ITEMS) -> dict[str, Estimate]:
    """Mean of each column over the test items, NaN entries left out, with its interval."""
    if not test.rows.size:
        return dict.fromkeys(columns, null(_NO_ITEMS))
    return {name: mean_estimate(mean, missing=missing) for name, mean in segment_means(columns, test).items()}


def coverage_and_risk(sample: PolicySample, decided: BoolArray, test: Segment) -> tuple[Estimate, Estimate]:
    """Share of the test items that is decided, and the mean loss among them."""
    shares = tried_means({"coverage": decided.astype(np.float64)}, test)
    return shares["coverage"], risk_among(sample, decided, test)


def risk_among(sample: PolicySample, part: BoolArray, test: Segment) -> Estimate:
    """Mean loss of the test items in `part` by the panel's labels.

    Where nothing was lost every resample loses nothing either; then the upper end is that of the exact bound.
    """
    lost = np.where(part, sample.lost, np.nan)
    found = tried_means({"risk": lost}, test, _NOTHING_DECIDED)["risk"]
    if found.estimate != 0.0 or found.high is None:
        return found
    n = np.unique(test.resampling.cluster[test.rows[part[test.rows]]]).size
    high = bound_of(sample.settings.loss, _ONE_SIDED).upper(np.zeros(n))
    return found.model_copy(update={"high": high, "note": "; ".join(filter(None, (found.note, _NO_LOSS)))})


def class_deferrals(sample: PolicySample, decided: BoolArray, test: Segment) -> dict[str, ClassDeferral]:
    """For each disagreement class that occurs among the test items: what is handed over, what is lost."""
    classes = np.array(sample.humans.derived_class)
    found = {}
    for name in CLASS_NAMES:
        own = classes == name
        n_items = int(own[test.rows].sum())
        if n_items:
            deferred = np.where(own, ~decided, np.nan)
            found[name] = ClassDeferral(
                n_items=n_items,
                deferred=tried_means({"deferred": deferred}, test)["deferred"],
                risk=risk_among(sample, own & decided, test),
            )
    return found


def wasted_share(sample: PolicySample, decided: BoolArray, test: Segment) -> ShareBeside:
    """Of the items handed over, those on which 9 in 10 reviewers agree."""
    agree = sample.humans.distribution.max(axis=1) >= AGREEMENT_SHARE - TIE_TOLERANCE
    return _share_beside(agree, ~decided, test, _NOTHING_DEFERRED)


def missed_share(sample: PolicySample, decided: BoolArray, test: Segment) -> ShareBeside:
    """Of the items decided, those of class major or unresolved."""
    return _share_beside(np.isin(sample.humans.derived_class, DISAGREEMENT), decided, test, _NOTHING_DECIDED)


def _share_beside(mark: BoolArray, part: BoolArray, test: Segment, nothing: str) -> ShareBeside:
    marks = mark.astype(np.float64)
    return ShareBeside(
        share=tried_means({"share": np.where(part, marks, np.nan)}, test, nothing)["share"],
        base_rate=tried_means({"all": marks}, test)["all"],
    )
