"""Labels given faster than a person reads, or far faster than this person and these items usually take."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from panel_eval.evaluation.label_warnings.facts import Facts, Found, SingleVotes
from panel_eval.schema.label_warnings import WarningExample
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray
from panel_eval.stats.response_times import group_medians, length_slopes, median_polish, own_tail, robust_spread
from panel_eval.wording import counted

READING_WPM = 3 * 238
"""Words a minute that nobody reads: three times the mean of silent reading (Brysbaert 2019: 238 for English)."""
FEWEST_WORDS = 10
"""Shorter texts are taken in at a glance."""
QUARTER = float(np.log(4.0))
"""A label in under a quarter of the expected time is a burst; expected = item's times reviewer's."""
FAR_SPREADS = 3.0
"""And it must lie so many robust standard deviations below."""
SHARE = 0.1
FEWEST_FAST = 5
"""Reviewers are named from a tenth of their timed labels, and from five."""
FEWEST_TIMED = 20
OWN_TAIL = 3.0
"""Labels before the text could be read must be so many times what the reviewer's other times lead to expect."""
MOST = 0.5
"""Or half of those with a text: then the reviewer's usual time is too short."""
FEWEST_SLOPES = 5
"""Reviewers from whom it can be told whether times grow with the length of texts."""


@dataclass(frozen=True, eq=False)
class _Timed:
    """Timed votes of reviewers with enough of them."""

    votes: IntArray
    seconds: FloatArray
    item: IntArray
    reviewer: IntArray


def check_haste(facts: Facts, found: Found) -> None:
    """Reviewers with many labels that were given too fast."""
    votes = facts.votes
    if votes is None:
        return
    if np.isnan(votes.seconds).all():
        found.not_checked.append("haste: the file does not say how long labels took (`seconds`)")
        return
    timed = _timed(votes)
    if not timed.votes.size:
        found.not_checked.append(f"haste: no reviewer has {FEWEST_TIMED} timed labels")
        return
    needed = _reading(facts, timed)
    if (slower := _times_something_else(timed, needed)) is not None:
        found.not_checked.append(
            f"reading speed: a word more takes {slower:.2f} s at most (95 %), less than the fastest reading "
            f"({60 / READING_WPM:.2f} s): the clock does not time it, or hardly anybody reads"
        )
        needed = np.zeros(needed.size)
    cases = _cases(facts, votes, timed, needed)
    found.warn(
        "too_fast",
        f"{counted(len(cases), 'reviewer')} gave many labels faster than the text can be read, or than their own "
        "pace and the items explain",
        "ask how they work (a clock that stops between pages lies); compare these labels with the others' before "
        "leaving any out",
        cases,
    )


def _timed(votes: SingleVotes) -> _Timed:
    has = votes.seconds >= 0  # not NaN
    enough = np.bincount(votes.reviewer[has], minlength=len(votes.names)) >= FEWEST_TIMED
    kept = np.flatnonzero(has & enough[votes.reviewer])
    return _Timed(kept, votes.seconds[kept], votes.item[kept], votes.reviewer[kept])


def _reading(facts: Facts, timed: _Timed) -> FloatArray:
    """Seconds in which an item's words could just be read, 0 where they are few; shared texts do not count."""
    times = Counter(text for own in facts.texts for text in own.values())
    words = np.zeros(len(facts.humans))
    for row, own in zip(facts.rows.tolist(), facts.texts, strict=True):
        words[row] = sum(len(text.split()) for text in own.values() if times[text] == 1)
    needed: FloatArray = np.where(words >= FEWEST_WORDS, words * 60.0 / READING_WPM, 0.0)[timed.item]
    return needed


def _times_something_else(timed: _Timed, needed: FloatArray) -> float | None:
    """Seconds that a word more takes at most, if the upper bound lies below the fastest reading; else None.

    Student's one-sided 95 % bound of the mean over reviewers of `length_slopes`. Where it lies below, times hardly
    know of the texts, so that long ones are labelled before they could be read whoever labels them.
    """
    long = needed > 0
    n_words = needed[long] * READING_WPM / 60.0
    slopes = length_slopes(timed.seconds[long], n_words, timed.reviewer[long], int(timed.reviewer.max()) + 1)
    slopes = slopes[~np.isnan(slopes)]
    if slopes.size < FEWEST_SLOPES:
        return None
    bound = float(slopes.mean() + stdtrit(slopes.size - 1, 0.95) * slopes.std(ddof=1) / np.sqrt(slopes.size))
    return max(bound, 0.0) if bound < 60.0 / READING_WPM else None


def _unread(timed: _Timed, needed: FloatArray) -> BoolArray:
    """Whether a label came before the text could be read, where that is more than the tail of a reviewer's times.

    A clock that does not time reading (pages that load ahead) spreads a fast reviewer's times smoothly over the
    limit; who skips texts has times of two kinds.
    """
    unread: BoolArray = timed.seconds < needed
    for reviewer in np.unique(timed.reviewer[unread]).tolist():
        own = (timed.reviewer == reviewer) & (needed > 0)
        share = unread[own].mean()
        if share < MOST and share < OWN_TAIL * own_tail(_logs(timed.seconds[own]) - np.log(needed[own]), 0.0):
            unread[own] = False
    return unread


def _bursts(timed: _Timed) -> BoolArray:
    """Whether a label came far faster than item and reviewer make likely, by median polish of log seconds."""
    _, item = np.unique(timed.item, return_inverse=True)
    _, reviewer = np.unique(timed.reviewer, return_inverse=True)
    left, _, _ = median_polish(_logs(timed.seconds), item, reviewer)
    limit = max(QUARTER, FAR_SPREADS * robust_spread(left))
    return left < -limit


def _logs(seconds: FloatArray) -> FloatArray:
    """Log seconds; below a tenth of a second no clock of a labelling page is to be believed."""
    logs: FloatArray = np.log(np.maximum(seconds, 0.1))
    return logs


def _paces(timed: _Timed, n_reviewers: int) -> FloatArray:
    """(n_reviewers,) median of a reviewer's time over the others' median on the item; NaN where unknown."""
    order = np.argsort(timed.item, kind="stable")
    ratios = np.full(timed.item.size, np.nan)
    for own in np.split(order, np.flatnonzero(np.diff(timed.item[order])) + 1):
        if own.size >= 3:
            logs = _logs(timed.seconds[own])
            ratios[own] = [logs[i] - np.median(np.delete(logs, i)) for i in range(own.size)]
    known = ~np.isnan(ratios)
    enough = np.bincount(timed.reviewer[known], minlength=n_reviewers) >= FEWEST_TIMED
    medians = group_medians(ratios[known], timed.reviewer[known], n_reviewers)
    return np.where(enough, np.exp(medians), np.nan)


def _cases(facts: Facts, votes: SingleVotes, timed: _Timed, needed: FloatArray) -> list[WarningExample]:
    """Reviewers with reasons, the largest share of fast labels first."""
    unread, bursts = _unread(timed, needed), _bursts(timed)
    size = len(votes.names)
    n = np.bincount(timed.reviewer, minlength=size)
    pace = _paces(timed, size)
    told: list[tuple[float, WarningExample]] = []
    for reviewer in np.flatnonzero(n).tolist():
        own = timed.reviewer == reviewer
        fast, reasons = np.zeros(own.size, dtype=bool), []
        for kind, words in ((unread, f"faster than {READING_WPM} words a minute"), (bursts, "in a burst")):
            count = int((own & kind).sum())
            if count >= max(FEWEST_FAST, SHARE * n[reviewer]):
                reasons.append(f"{count} of {n[reviewer]} labels {words}")
                fast |= own & kind
        if pace[reviewer] < 0.25:
            reasons.append(f"takes {pace[reviewer]:.0%} of the time of others on the same items")
            fast |= own
        if reasons:
            quickest = np.flatnonzero(fast)[np.argsort(timed.seconds[fast], kind="stable")][:3]
            median = float(np.median(timed.seconds[own]))
            text = f"{'; '.join(reasons)} (median {median:.1f} s a label)"
            example = facts.example(text, timed.item[quickest], votes.names[reviewer])
            told.append((float(fast.sum() / n[reviewer]), example))
    told.sort(key=lambda pair: (-pair[0], pair[1].reviewer or ""))
    return [example for _, example in told]
