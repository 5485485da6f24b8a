"""Labels that nobody or nearly everybody chose."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.label_warnings.facts import Facts, Found, named

RARE = 0.01
"""Share of the votes under which a label is called rare."""
DOMINANT = 0.9
"""Mean share from which one label is said to dominate."""
FEWEST_VOTES = 100
"""Below so many votes nothing is said: a label may well be missing by chance."""
SURE = 0.01
"""Rare, too, must be shown: at most this chance of so few votes if the share were `RARE`."""


def check_balance(facts: Facts, found: Found) -> None:
    """How the labels are used, and what that does to the numbers."""
    humans = facts.humans
    votes, shares = humans.counts.sum(axis=0), humans.distribution.mean(axis=0)
    total = float(votes.sum())
    if total < FEWEST_VOTES:
        found.not_checked.append(f"balance of labels: {total:.0f} votes are fewer than {FEWEST_VOTES}")
        return
    names = [named(label) for label in humans.labels]
    unused = np.flatnonzero(votes == 0)
    found.warn(
        "label_unused",
        f"nobody chose {', '.join(names[k] for k in unused)}, in {total:,.0f} votes",
        "look whether a label is missing by mistake or misspelt; if not, nothing can be said of judges on it",
        [facts.example(f"{names[k]}: no vote") for k in unused],
    )
    rare = [k for k in np.argsort(votes) if votes[k] > 0 and _is_rare(float(votes[k]), total)]
    found.warn(
        "label_rare",
        f"under {RARE:.0%} of the votes are {', '.join(names[k] for k in rare)}",
        "numbers by label rest on few votes there (see their intervals); label more items on which it is likely",
        [
            facts.example(f"{names[k]}: {votes[k]:,.0f} of {total:,.0f} votes", _most_of(facts, int(k)))
            for k in rare
        ],
    )
    top = int(shares.argmax())
    chance = float((shares**2).sum())
    found.warn(
        "label_dominates",
        f"{names[top]} has {shares[top]:.0%} of the votes: two reviewers who draw from these shares agree on "
        f"{chance:.0%} by chance, and it is the most frequent label of {_mode_share(facts, top):.0%} of the items",
        "few disagreements then pull kappa and alpha far down: read Gwet's AC1 beside them, judge panels by skill "
        "over the base rate rather than by accuracy, and label more items of the other kind",
        [facts.example(f"{names[top]}: mean share {shares[top]:.1%}")] if shares[top] >= DOMINANT else [],
    )


def _is_rare(votes: float, total: float) -> bool:
    from scipy.stats import binom

    return votes < RARE * total and float(binom.cdf(round(votes), round(total), RARE)) <= SURE


def _most_of(facts: Facts, label: int) -> list[int]:
    """The items with most votes for a label."""
    votes = facts.humans.counts[:, label]
    return [int(row) for row in np.argsort(-votes, kind="stable")[:3] if votes[row] > 0]


def _mode_share(facts: Facts, label: int) -> float:
    return float((facts.humans.distribution.argmax(axis=1) == label).mean())
