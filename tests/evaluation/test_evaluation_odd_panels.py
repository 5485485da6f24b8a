"""Panels and labels as odd as they come: evaluation ends, and every number is finite or says why not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pydantic import BaseModel

from panel_eval import Vote, evaluate
from panel_eval.schema import Estimate

SIZES = (1, 2, 5, 9, 30, 99, 100, 101, 130)


def estimates(node: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Estimate]]:
    if isinstance(node, Estimate):
        yield ".".join(path), node
    elif isinstance(node, BaseModel):
        for name in type(node).model_fields:
            yield from estimates(getattr(node, name), (*path, name))
    elif isinstance(node, dict):
        for name, child in node.items():
            yield from estimates(child, (*path, str(name)))


def odd_labels(make_humans, rng, labels):
    """Populations of some kind, few or many reviewers, with clusters or unknown counts now and then."""
    n, k = int(rng.choice(SIZES)), len(labels)
    populations = {
        "dirichlet": rng.dirichlet(np.full(k, 0.8), n),
        "unanimous": np.eye(k)[rng.integers(0, k, n)],
        "at random": np.full((n, k), 1 / k),
        "all alike": np.tile(rng.dirichlet(np.ones(k)), (n, 1)),
    }[rng.choice(["dirichlet", "unanimous", "at random", "all alike"])]
    reviewers = rng.integers(1, int(rng.choice([2, 4, 9, 12])), size=n)
    counts = np.array([rng.multinomial(m, p) for m, p in zip(reviewers, populations, strict=True)])
    humans = make_humans(counts, labels, rng.choice(["nominal", "ordinal"]))
    if rng.random() < 0.3:
        origin = rng.integers(0, max(1, n // int(rng.choice([1, 3, 20]))), n)
        humans = replace(humans, clusters=tuple(f"c{code}" for code in origin))
    return replace(humans, counts_known=rng.random(n) < 0.5) if rng.random() < 0.3 else humans


def odd_votes(rng, humans):
    """One to four judges that give shares, labels, always the same, or nothing, to all items or some."""
    n, labels, votes = len(humans), humans.labels, []
    for judge in (f"j{number}" for number in range(int(rng.integers(1, 5)))):
        kind, part = rng.choice(["shares", "labels", "constant", "silent"]), rng.choice([1.0, 0.9, 0.3])
        answered = [item for item in humans.item_ids if kind != "silent" and rng.random() < part]
        shares = rng.dirichlet(np.full(len(labels), 0.5), n)
        for row, item in enumerate(answered):
            if kind == "labels":
                votes.append(Vote(item_id=item, judge=judge, label=str(rng.choice(labels))))
            else:
                said = dict(zip(labels, shares[0 if kind == "constant" else row].tolist(), strict=True))
                votes.append(Vote(item_id=item, judge=judge, distribution=said))
    return votes


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_odd_panels_are_evaluated_and_every_number_explained(make_humans, seed):
    rng = np.random.default_rng([seed, 11])
    humans = odd_labels(make_humans, rng, tuple("abcde"[: int(rng.integers(2, 6))]))
    smoothing = {"smoothing": "none"} if rng.random() < 0.2 else {}
    metrics = evaluate(odd_votes(rng, humans), humans, resamples=60, **smoothing).metrics
    json.dumps(metrics.model_dump(mode="json"), allow_nan=False)
    for name, number in estimates(metrics):
        assert number.estimate is not None or number.note, name
        if number.low is not None and number.high is not None:
            assert number.low <= number.high + 1e-12, name


def test_sixty_labels_give_a_table_of_their_columns_without_a_warning(make_humans):
    """Warnings are errors here; pandas warns of a table put together column by column."""
    labels = tuple(f"label-{number}" for number in range(60))
    humans = make_humans(np.random.default_rng(0).multinomial(5, np.full(60, 1 / 60), size=12), labels)
    votes = [Vote(item_id=item, judge="j", label=labels[row]) for row, item in enumerate(humans.item_ids)]
    items = evaluate(votes, humans, resamples=10).items
    assert {f"{side}_{label}" for side in "pq" for label in labels} <= set(items.columns)
