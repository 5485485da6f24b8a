"""Gold items: how often reviewers give the known answer, and which known answers reviewers refuse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from panel_eval.evaluation.label_quality.delivery import Delivery
from panel_eval.evaluation.means import null
from panel_eval.schema import Estimate
from panel_eval.schema.label_review import GoldItems, GoldMiss
from panel_eval.schema.reviewer_quality import GoldStatus, PassRate
from panel_eval.stats import mode_sets
from panel_eval.stats.arrays import FloatArray, IntArray
from panel_eval.stats.risk_control import clopper_pearson_upper
from panel_eval.stats.wilson import clustered_wilson_interval, wilson_interval

THRESHOLD = 0.7
"""A reviewer's pass rate must lie above it (METHODS 7.6)."""
MOST_LISTED = 200
_TAIL = 0.025
_NO_GOLD = "the file has no gold items"


@dataclass(frozen=True)
class Gold:
    """Gold items, and how reviewers fare on them.

    Attributes:
        section: as it stands in the document, without the reviewers' lists.
        rates: (n_reviewers,) pass rate of each named reviewer; empty where none is named.
        missed: rows of the items that most reviewers failed.
        doubt: chance that each of these gold labels is wrong.
    """

    section: GoldItems
    rates: tuple[PassRate, ...]
    missed: IntArray
    doubt: FloatArray


def gold_items(delivery: Delivery) -> Gold:
    """How often the known answers are given, overall, by reviewer and by item."""
    humans, gold = delivery.humans, delivery.gold
    rows = np.flatnonzero((gold >= 0) & humans.counts_known)
    hits = humans.counts[rows, gold[rows]]
    n = humans.reviewer_count[rows]
    missed = 2 * hits < n
    doubt = chance_below_half(hits[missed], n[missed])
    rates = _rates(delivery)
    names = () if delivery.named is None else delivery.named.votes.reviewers
    by_status = {status: [name for name, rate in zip(names, rates, strict=True) if rate.status == status]
                 for status in ("flagged", "fails", "too_few")}  # fmt: skip
    section = GoldItems(
        items=rows.size,
        overall=_overall(delivery, rows),
        threshold=THRESHOLD,
        fewest=fewest_gold(),
        flagged=by_status["flagged"],
        failing=by_status["fails"],
        too_few=len(by_status["too_few"]),
        missed_items=int(missed.sum()),
        missed=_missed(delivery, rows[missed], doubt),
        note=_note(delivery, rows),
    )
    return Gold(section, rates, rows[missed], doubt)


def pass_rate(passed: int, n: int) -> PassRate:
    """The share passed, its interval (Wilson's; Clopper and Pearson's if none or all passed), and what follows.

    Args:
        passed: gold items answered as they should be.
        n: gold items answered.
    """
    if n == 0:
        return PassRate(passed=0, n=0, rate=null("no gold items"), status="none")
    low, high = exact_interval(passed, n) if passed in (0, n) else wilson_interval(passed, n)
    rate = Estimate(estimate=passed / n, low=low, high=high, n=n)
    return PassRate(passed=passed, n=n, rate=rate, status=_status(low, high, n))


def exact_interval(hits: float, n: float) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share."""
    upper = float(clopper_pearson_upper(np.array(hits), np.array(n), _TAIL))
    return 1.0 - float(clopper_pearson_upper(np.array(n - hits), np.array(n), _TAIL)), upper


def fewest_gold() -> int:
    """Gold items with which one who passes all is shown to be above the threshold: .025^(1/n) >= .7."""
    return int(np.ceil(np.log(_TAIL) / np.log(THRESHOLD)))


def chance_below_half(hits: FloatArray, n: IntArray) -> FloatArray:
    """P(fewer than half of such reviewers would choose the label), share ~ Beta(hits + 1/2, n - hits + 1/2)."""
    return np.asarray(betainc(hits + 0.5, n - hits + 0.5, 0.5), dtype=np.float64)


def _status(low: float, high: float, n: int) -> GoldStatus:
    if high < THRESHOLD:
        return "fails"
    if low >= THRESHOLD:
        return "passes"
    return "flagged" if n >= fewest_gold() else "too_few"


def _rates(delivery: Delivery) -> tuple[PassRate, ...]:
    if delivery.named is None:
        return ()
    votes = delivery.named.votes
    on_gold = delivery.gold[votes.item] >= 0
    right = on_gold & (delivery.gold[votes.item] == votes.label)
    size = len(votes.reviewers)
    passed = np.bincount(votes.reviewer[right], minlength=size)
    n = np.bincount(votes.reviewer[on_gold], minlength=size)
    return tuple(pass_rate(hits, trials) for hits, trials in zip(passed.tolist(), n.tolist(), strict=True))


def _overall(delivery: Delivery, rows: IntArray) -> PassRate:
    """All votes on gold items; votes on one item (or cluster) are alike, and count as fewer."""
    humans = delivery.humans
    if not rows.size:
        return PassRate(passed=0, n=0, rate=null(_NO_GOLD), status="none")
    n = humans.reviewer_count[rows]
    hits = humans.counts[rows, delivery.gold[rows]].astype(np.int64)
    total, passed = int(n.sum()), int(hits.sum())
    unit = np.unique(delivery.cluster[rows], return_inverse=True)[1]
    units = int(unit.max()) + 1
    if passed in (0, total):
        low, high = exact_interval(units if passed else 0, units)
    else:
        hit = np.repeat(np.tile([True, False], rows.size), np.column_stack([hits, n - hits]).ravel())
        low, high = clustered_wilson_interval(hit, np.repeat(unit, n))
    note = f"votes on one gold item are alike: the interval is that of {units:,} independent items or clusters"
    rate = Estimate(estimate=passed / total, low=low, high=high, n=total, note=note)
    return PassRate(passed=passed, n=total, rate=rate, status=_status(low, high, units))


def _missed(delivery: Delivery, rows: IntArray, doubt: FloatArray) -> list[GoldMiss]:
    humans, gold = delivery.humans, delivery.gold
    modes = mode_sets(humans.distribution[rows]) if rows.size else np.zeros((0, len(humans.labels)), dtype=bool)
    worst = np.lexsort((rows, -doubt))[:MOST_LISTED]
    return [
        GoldMiss(
            item_id=humans.item_ids[rows[place]],
            gold_label=humans.labels[gold[rows[place]]],
            passed=int(humans.counts[rows[place], gold[rows[place]]]),
            n=int(humans.reviewer_count[rows[place]]),
            most_chosen=" / ".join(humans.labels[k] for k in np.flatnonzero(modes[place])),
            chance_gold_is_wrong=float(doubt[place]),
        )
        for place in worst.tolist()
    ]


def _note(delivery: Delivery, rows: IntArray) -> str | None:
    if not rows.size:
        return _NO_GOLD
    said = []
    if left := int((delivery.gold >= 0).sum()) - rows.size:
        said.append(f"{left:,} gold items left out: their votes are not known one by one")
    if delivery.named is None:
        said.append("the file names no reviewers: there is no pass rate of each")
    return "; ".join(said) or None
