"""Synthetic panels for gates.py: items, reviewers and judges that are drawn, with losses that are planted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from synthetic import humans_from_counts

from panel_eval import HumanLabels, stats
from panel_eval.evaluation.monitoring import ItemNight, Night
from panel_eval.evaluation.versions import PanelVersion
from panel_eval.humans import item_digests

ALPHA = 0.5
"""Pseudo-votes per label of the default smoothing."""


@dataclass(frozen=True)
class World:
    """A task and a panel. Judges see the items' populations blurred, each with a liking of its own.

    Attributes:
        name: in tables and figures.
        items: of a night.
        reviewers: of each item.
        judges, samples: judges, and votes of each on each item.
        labels: number of labels.
        cluster_size: items that share half of their population, and count as one; None = items are independent.
    """

    name: str
    items: int
    reviewers: int = 5
    judges: int = 3
    samples: int = 4
    labels: int = 3
    cluster_size: int | None = None

    @property
    def names(self) -> list[str]:
        """Names of the labels."""
        return [f"label {k}" for k in range(self.labels)]

    def populations(self, draw: np.random.Generator) -> np.ndarray:
        """(n_items, n_labels) what the people behind each item think."""
        own = draw.dirichlet([0.6] * self.labels, size=self.items)
        if self.cluster_size is None:
            return own
        shared = draw.dirichlet([0.6] * self.labels, size=-(-self.items // self.cluster_size))
        return 0.5 * own + 0.5 * np.repeat(shared, self.cluster_size, axis=0)[: self.items]

    def clusters(self, night: int = 0) -> list[str] | None:
        """(n_items,) what each item comes from."""
        if self.cluster_size is None:
            return None
        return [f"{night}-{row // self.cluster_size}" for row in range(self.items)]

    def forecast(self, people: np.ndarray, draw: np.random.Generator, weak: float = 0.0) -> np.ndarray:
        """(n_items, n_labels) a panel's forecast: its judges are asked anew.

        Args:
            people: the populations.
            draw: the judges' sampling.
            weak: share of each judge's distribution that goes to the next label instead.
        """
        votes = np.zeros_like(people)
        for judge in range(self.judges):
            liking = np.full(self.labels, 0.5 / self.labels)
            liking[judge % self.labels] += 0.5
            seen = 0.65 * people + 0.35 * liking
            votes += draw.multinomial(self.samples, (1 - weak) * seen + weak * np.roll(seen, 1, axis=1))
        return (votes + ALPHA) / (self.judges * self.samples + ALPHA * self.labels)


WORLDS = (
    World("usual", 1000),
    World("few reviewers", 1000, reviewers=3, judges=5, samples=1),
    World("few items", 300, reviewers=5, judges=3, samples=2),
    World("one judge", 1000, reviewers=10, judges=1, samples=10, labels=5),
    World("clusters", 1000, reviewers=4, judges=3, samples=3, cluster_size=10),
)


@cache
def weakness(world: World, loss_bits: float) -> float:
    """The `weak` that costs so many bits, by bisection on 60,000 items."""
    large = replace(world, items=60_000)
    people = large.populations(np.random.default_rng(1))

    def cost(weak: float) -> float:
        return float(
            stats.cross_entropy_bits(people, large.forecast(people, np.random.default_rng(2), weak)).mean()
        )

    as_is, low, high = cost(0.0), 0.0, 0.6
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if cost(middle) - as_is < loss_bits else (low, middle)
    return (low + high) / 2


def version_pair(world: World, seed: int, weak: float) -> tuple[PanelVersion, PanelVersion]:
    """The same panel twice on the same items, the second one weakened."""
    draw = np.random.default_rng([seed, 31])
    people = world.populations(draw)
    humans = _humans(world, people, draw)
    digests = item_digests(humans)
    one, other = (
        PanelVersion(name, humans, digests, world.forecast(people, draw, share))
        for name, share in (("base", 0.0), ("candidate", weak))
    )
    return one, other


def _humans(world: World, people: np.ndarray, draw: np.random.Generator) -> HumanLabels:
    humans = humans_from_counts(draw.multinomial(world.reviewers, people), world.names)
    clusters = world.clusters()
    return humans if clusters is None else replace(humans, clusters=tuple(clusters))


def scores(
    world: World, kind: str, nights: int, seed: int, weak: float = 0.0, since: int = 0
) -> Iterator[np.ndarray]:
    """Cross-entropies of each night's items; canary items are the same ones on all nights."""
    draw = np.random.default_rng([seed, 32, kind == "canary"])
    people = world.populations(draw)
    shares = draw.multinomial(world.reviewers, people) / world.reviewers
    for night in range(nights):
        if kind == "fresh" and night:
            people = world.populations(draw)
            shares = draw.multinomial(world.reviewers, people) / world.reviewers
        yield stats.cross_entropy_bits(shares, world.forecast(people, draw, weak if night >= since else 0.0))


def as_nights(world: World, series: dict[str, list[np.ndarray]], seed: int) -> list[Night]:
    """Nights as the history reads them; with two kinds each night has items of both.

    Args:
        world: what was drawn.
        series: canary, fresh or both, to the scores of each night.
        seed: makes run ids of its own, which break ties in their own way.
    """
    length = len(next(iter(series.values())))
    return [
        Night(
            f"run-{seed}-{night:03d}",
            f"2026-01-{night + 1:02d}",
            [item for kind, own in series.items() for item in _items(world, kind, night, own[night])],
        )
        for night in range(length)
    ]


def _items(world: World, kind: str, night: int, own: np.ndarray) -> Iterator[ItemNight]:
    again = kind == "canary"
    clusters = world.clusters(0 if again else night)
    for row, score in enumerate(own.tolist()):
        name = f"{kind}-{row}" if again else f"{kind}-{night}-{row}"
        yield ItemNight(name, name, None if clusters is None else f"{kind}-{clusters[row]}", score)
