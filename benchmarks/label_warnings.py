"""How often warnings about labels are false, and how often they find what was planted.

Deliveries are simulated with a known truth and go through `panel_eval.evaluation.label_warnings`.

    python benchmarks/label_warnings.py [--quick] [--json FILE] [--deliveries N] [--items N]

Simulated: 400 items, 5 of 20 reviewers each, so about 100 labels a reviewer; four labels, each item's population
p ~ Dirichlet(2 × (.5, .25, .15, .1)); texts of 20 to 60 words, drawn from 5,000 with Zipf's frequencies. A label
takes the reading of its words, at 238 words a minute times a log-normal factor of the reviewer (sd .3, at most
2.5), and 6 s of thought, times log-normal factors of the reviewer (sd .4), the item (.3) and the label (.8).

Honest worlds: items in random order; sorted by their most likely label, so that honest runs are long; times
without a floor, log-normal throughout with sd .5 a label, as if people could read at any speed; times that know
nothing of the text, log-normal around 5 s, as if the clock started after reading. Planted, in one of
the 20 reviewers: a stretch of one label; a stretch of A B A B; one label on everything; three labels in ten within
1 to 2 seconds; all labels in a seventh of the time. Planted in 20 of the items: a copy with none to two words
changed, its votes drawn anew from the same population.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from panel_eval.evaluation.label_warnings import label_warnings
from panel_eval.humans import labels_from_counts
from panel_eval.schema import Rationale, SoftLabel

LABELS = ("a", "b", "c", "d")
BASE = 2 * np.array([0.5, 0.25, 0.15, 0.1])
REVIEWERS, PER_ITEM, COPIES = 20, 5, 20
STATISTICAL = ("straight_lining", "pattern", "one_label", "too_fast")
_START = datetime(2030, 1, 1, tzinfo=UTC)
_ZIPF = 1.0 / np.arange(1, 5001)


@dataclass
class Delivery:
    """Votes with their order and times, before they become items.

    Attributes:
        shares: (n_items, 4) the populations.
        texts: (n_items,) words of each item.
        people: (n_items, 5) who labels it.
        labels: (n_items, 5) what they say.
        seconds: (n_items, 5) how long they take.
        rng: of this delivery.
        planted: item pairs that are copies.
    """

    shares: np.ndarray
    texts: list[list[str]]
    people: np.ndarray
    labels: np.ndarray
    seconds: np.ndarray
    rng: np.random.Generator
    planted: list[tuple[int, int]] = field(default_factory=list)

    def of(self, reviewer: int) -> tuple[np.ndarray, np.ndarray]:
        """A reviewer's cells in the order of the items, which is the order of their work."""
        return np.nonzero(self.people == reviewer)


Plant = Callable[[Delivery], None]


def delivery(
    seed: int, items: int, has_floor: bool = True, is_sorted: bool = False, times_reading: bool = True
) -> Delivery:
    """An honest delivery."""
    rng = np.random.default_rng([seed, 41])
    shares = rng.dirichlet(BASE, items)
    if is_sorted:
        shares = shares[np.argsort(shares.argmax(axis=1), kind="stable")]
    words = np.array([f"word{k}" for k in range(_ZIPF.size)])
    texts = [list(rng.choice(words, rng.integers(20, 61), p=_ZIPF / _ZIPF.sum())) for _ in range(items)]
    people = np.array([rng.permutation(REVIEWERS)[:PER_ITEM] for _ in range(items)])
    labels = drawn(rng, shares)
    pace, hardness = np.exp(rng.normal(0, 0.4, REVIEWERS)), np.exp(rng.normal(0, 0.3, items))
    words_read = np.array([len(text) for text in texts])[:, None]
    noise = hardness[:, None] * pace[people] * np.exp(rng.normal(0, 0.8 if has_floor else 0.5, people.shape))
    speed = np.minimum(np.exp(rng.normal(0, 0.3, REVIEWERS)), 2.5)[people]
    seconds = words_read * 60 / 238 / speed + 6.0 * noise if has_floor else (4.0 + 0.25 * words_read) * noise
    if not times_reading:
        seconds = 5.0 * noise
    return Delivery(shares, texts, people, labels, seconds, rng)


def drawn(rng: np.random.Generator, shares: np.ndarray) -> np.ndarray:
    """(n_items, 5) labels from the items' populations."""
    return (rng.random((len(shares), PER_ITEM, 1)) > shares.cumsum(axis=1)[:, None, :-1]).sum(axis=2)


def stretch(made: Delivery, length: int) -> None:
    """Reviewer 0 gives one label, drawn by how labels are used, from a random place on."""
    rows, columns = made.of(0)
    first = made.rng.integers(0, rows.size - length)
    made.labels[rows[first : first + length], columns[first : first + length]] = made.rng.choice(4, p=BASE / 2)


def alternating(made: Delivery, length: int) -> None:
    """Reviewer 0 gives two labels by turns."""
    rows, columns = made.of(0)
    first = made.rng.integers(0, rows.size - length)
    pair = made.rng.permutation(4)[:2]
    made.labels[rows[first : first + length], columns[first : first + length]] = pair[np.arange(length) % 2]


def constant(made: Delivery) -> None:
    """Reviewer 0 gives one label on everything."""
    made.labels[made.of(0)] = made.rng.choice(4, p=BASE / 2)


def bursts(made: Delivery) -> None:
    """Three in ten labels of reviewer 0 come within one to two seconds."""
    rows, columns = made.of(0)
    fast = made.rng.random(rows.size) < 0.3
    made.seconds[rows[fast], columns[fast]] = made.rng.uniform(1, 2, int(fast.sum()))


def hasty(made: Delivery) -> None:
    """Reviewer 0 takes a seventh of an average reviewer's time throughout."""
    cells = made.of(0)
    made.seconds[cells] = (6.0 + 0.25 * np.array([len(made.texts[row]) for row in cells[0]])) / 7
    made.seconds[cells] *= np.exp(made.rng.normal(0, 0.5, cells[0].size))


def copies(made: Delivery) -> None:
    """The last items are copies of the first, none to two words changed."""
    for k in range(COPIES):
        copy, text = len(made.texts) - COPIES + k, list(made.texts[k])
        for place in made.rng.permutation(len(text))[: made.rng.integers(0, 3)]:
            text[place] = "changed"
        made.texts[copy] = text
        made.shares[copy] = made.shares[k]
        made.planted.append((k, copy))
    made.labels[-COPIES:] = drawn(made.rng, made.shares[-COPIES:])


def found_in(made: Delivery) -> Counter[str]:
    """Warnings of a delivery: reviewers or groups by kind; and pairs planted and found."""
    counts = np.array([np.bincount(row, minlength=4) for row in made.labels])
    clock = np.zeros(REVIEWERS)
    records = []
    for i, row in enumerate(made.people):
        said = []
        for who, label, seconds in zip(row, made.labels[i], made.seconds[i], strict=True):
            clock[who] += seconds
            at = (_START + timedelta(seconds=float(clock[who]))).isoformat()
            said.append(
                Rationale(reviewer=f"r{who:02d}", label=LABELS[label], seconds=round(float(seconds), 2), at=at)
            )
        text = {"text": " ".join(made.texts[i])}
        records.append(SoftLabel(item_id=f"item-{i:07d}", task="labels", rationales=said, content=text))
    found = label_warnings(labels_from_counts(counts, LABELS, records=records))
    seen = Counter({warning.code: warning.count for warning in found.warnings})
    for warning in found.warnings:
        if warning.code in STATISTICAL and any(example.reviewer == "r00" for example in warning.examples):
            seen[f"{warning.code}_r00"] = 1
    seen["groups"] = seen["same_content"] + seen["similar_content"]
    return seen


def simulated(seed: int, items: int, plant: Plant | None = None, **world: object) -> Counter[str]:
    """Warnings of one delivery."""
    made = delivery(seed, items, **world)  # type: ignore[arg-type]
    if plant is not None:
        plant(made)
    return found_in(made)


HONEST = {
    "random order": {},
    "items sorted by label": {"is_sorted": True},
    "times without a floor": {"has_floor": False},
    "times without the text": {"times_reading": False},
}
PLANTED: dict[str, tuple[str, Plant]] = {
    "run of 10": ("straight_lining", partial(stretch, length=10)),
    "run of 15": ("straight_lining", partial(stretch, length=15)),
    "run of 25": ("straight_lining", partial(stretch, length=25)),
    "A B A B over 12": ("pattern", partial(alternating, length=12)),
    "A B A B over 20": ("pattern", partial(alternating, length=20)),
    "one label on everything": ("one_label", constant),
    "3 in 10 within 2 s": ("too_fast", bursts),
    "a seventh of the time": ("too_fast", hasty),
}


def measure(deliveries: int, items: int) -> dict[str, float]:
    """All figures; the table goes to the terminal as it is made."""
    figures: dict[str, float] = {}
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        print(
            f"{'honest labels':<26}" + "".join(f"{code:>18}" for code in STATISTICAL) + "   (deliveries with any)"
        )
        for name, world in HONEST.items():
            seen = list(pool.map(partial(simulated, items=items, **world), range(deliveries)))
            shares = [float(np.mean([one[code] > 0 for one in seen])) for code in STATISTICAL]
            print(f"{name:<26}" + "".join(f"{share:>18.3f}" for share in shares))
            key = name.replace(" ", "_").replace(".", "")
            figures |= {f"false_{code}_{key}": share for code, share in zip(STATISTICAL, shares, strict=True)}
        print(f"\n{'planted':<26}{'found':>18}")
        for name, (code, plant) in PLANTED.items():
            seen = list(pool.map(partial(simulated, items=items, plant=plant), range(deliveries)))
            figures[f"found_{name.replace(' ', '_')}"] = share = float(
                np.mean([one[f"{code}_r00"] for one in seen])
            )
            print(f"{name:<26}{share:>18.2f}")
        seen = list(pool.map(partial(simulated, items=items, plant=copies), range(deliveries)))
        figures["found_copies"] = float(np.mean([one["groups"] / COPIES for one in seen]))
        figures["false_contradicting"] = float(np.mean([one["contradicting_duplicates"] / COPIES for one in seen]))
        print(f"{'copies, of ' + str(COPIES):<26}{figures['found_copies']:>18.3f}")
        print(f"{'… said to contradict':<26}{figures['false_contradicting']:>18.3f}")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20 deliveries of each kind instead of 200")
    parser.add_argument("--deliveries", type=int)
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    start = time.perf_counter()
    figures = measure(arguments.deliveries or (20 if arguments.quick else 200), arguments.items)
    figures["seconds"] = time.perf_counter() - start
    if arguments.json:
        arguments.json.write_text(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
