"""Synthetic deliveries whose reviewers are named and timed, and of whom one may become careless, slow or strict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from panel_eval.humans import HumanLabels, labels_from_counts
from panel_eval.schema import Rationale, SoftLabel

LABELS = ("mild", "moderate", "severe")
SPLIT, CLEAR = (0.5, 0.4, 0.1), (0.94, 0.05, 0.01)


@dataclass(frozen=True)
class Change:
    """What happens to reviewer r00 after half of the items.

    Attributes:
        careless: chance of a random label instead of the own one.
        stricter: chance of one step more than the own label.
        pace: by what the seconds are multiplied.
    """

    careless: float = 0.0
    stricter: float = 0.0
    pace: float = 1.0


def timed_labels(
    seed: int,
    change: Change | None = None,
    *,
    items: int = 240,
    reviewers: int = 8,
    per_item: int = 4,
    scale: str = "ordinal",
    timed: bool = True,
    clustered: int = 0,
    gold_every: int = 0,
) -> HumanLabels:
    """Items labelled one after the other, a minute apart; ids are shuffled: their order is not that of time.

    Seconds are log-normal with a correlation of .3 from one vote of a reviewer to the next. With `clustered`, so
    many neighbours share a cluster and what its people see.
    """
    generator = np.random.default_rng([seed, 31])
    change = change or Change()
    ids = generator.permutation(items)
    pace = np.zeros(reviewers)
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    records, counts = [], np.zeros((items, 3))
    order = generator.permutation(3)
    for row in range(items):
        if not clustered or row % clustered == 0:
            order = generator.permutation(3)
        shares = np.array(SPLIT if row % 3 == 0 else CLEAR)
        said = []
        for who in sorted(generator.choice(reviewers, per_item, replace=False).tolist()):
            late = who == 0 and row >= items // 2
            label = int(order[generator.choice(3, p=shares)])
            if late and generator.random() < change.careless:
                label = int(generator.integers(3))
            if late and generator.random() < change.stricter:
                label = min(2, label + 1)
            pace[who] = 0.3 * pace[who] + np.sqrt(1 - 0.3**2) * generator.normal()
            seconds = float(np.exp(3.0 + 0.5 * pace[who])) * (change.pace if late else 1.0)
            counts[row, label] += 1
            at = (start + timedelta(minutes=row)).isoformat().replace("+00:00", "Z")
            said.append(
                Rationale(
                    reviewer=f"r{who:02d}",
                    label=LABELS[label],
                    seconds=round(seconds, 1) if timed else None,
                    at=at if timed else None,
                )
            )
        records.append(
            SoftLabel(
                item_id=f"item-{ids[row]:04d}",
                task="test",
                rationales=said,
                cluster=f"c{row // clustered}" if clustered else None,
                gold_label=LABELS[order[0]] if gold_every and row % gold_every == 1 else None,
            )
        )
    names = [record.item_id for record in records]
    humans = labels_from_counts(counts, LABELS, scale=scale, task="test", item_ids=names, records=tuple(records))
    return replace(humans, clusters=tuple(record.cluster for record in records)) if clustered else humans


def as_lines(humans: HumanLabels) -> str:
    """The labels as a file."""
    return "".join(
        record.model_copy(update={"counts": dict(zip(LABELS, counts, strict=True))}).model_dump_json(
            exclude_defaults=True
        )
        + "\n"
        for record, counts in zip(humans.records, humans.counts.astype(int).tolist(), strict=True)
    )
