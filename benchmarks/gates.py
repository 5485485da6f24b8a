"""How often `gate` and `history` cry wolf, and what they find, beside what teams use instead.

    python benchmarks/gates.py [--quick] [--json FILE] [--pairs N] [--series N]

Everything is synthetic (gates_worlds.py): items have populations of opinion ~ Dirichlet(.6, ...), reviewers are
drawn from them, judges are blurred views of them that are asked anew each time. Five worlds: usual (1,000 items, 5
reviewers, 3 judges of 4 votes), few reviewers (3; 5 judges of 1 vote), few items (300), one judge (10 votes, 5
labels, 10 reviewers) and clusters (100 of 10 items). What is measured is the real code: `gate_versions` with the
default settings of a panel, and `watch` on nights as `panel-eval history` reads them.

A/A pair: the same panel twice on the same items. A/A series: 30 nights of the same panel, on the same items
(canary), on new ones (fresh), or on both. A false alarm of a series is one on any of its nights. A planted loss
costs .05 bits.

Naive rules on the same series: p < .05 of each night against the first or the last night (paired where items are
the same), the mean of all nights since the first against it at |z| > 1.96 each night, and a mean more than 5 or 10
% above the last night's.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # one thread for each of the two processes
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
from gates_worlds import WORLDS, World, as_nights, scores, version_pair, weakness  # noqa: E402

from panel_eval.evaluation.gate import gate_status, gate_versions  # noqa: E402
from panel_eval.evaluation.monitoring import Series, watch  # noqa: E402
from panel_eval.schema.gate_settings import GateSettings  # noqa: E402
from panel_eval.stats.paired_means import paired_means  # noqa: E402

NIGHTS = 30
QUIET = 10
"""Nights before a planted loss in a series."""
LOSS_BITS = 0.05
FLIPS = 1000
"""Sign patterns of each test; its level is exact with any number of them."""
KINDS = ("canary", "fresh", "both")
_SERIES = Series("panel", "task", "instrument", "the first run", current=True)


def gate_pair(world: World, weak: float, seed: int) -> str:
    """The verdict on one pair."""
    base, candidate = version_pair(world, seed, weak)
    return gate_status(gate_versions(base, candidate, GateSettings(), flips=FLIPS, seed=seed))


def _parts(world: World, kind: str) -> dict[str, World]:
    """The items of a night by kind; of both kinds half of them each."""
    if kind != "both":
        return {kind: world}
    half = replace(world, items=world.items // 2)
    return {"canary": half, "fresh": half}


def series_alarm(world: World, kind: str, weak: float, seed: int) -> int | None:
    """The night, from 0, on which a series of 30 raises its first alarm; a loss is planted after `QUIET` nights."""
    drawn = {
        name: list(scores(part, name, NIGHTS, seed, weak, QUIET)) for name, part in _parts(world, kind).items()
    }
    nights = as_nights(world, drawn, seed)
    place = {night.run_id: number for number, night in enumerate(nights)}
    found = [place[stream.alarm.run_id] for stream in watch(nights, _SERIES) if stream.alarm is not None]
    return min(found, default=None)


def naive_alarms(world: World, kind: str, seed: int) -> dict[str, bool]:
    """Which naive rule fires on any night of an A/A series."""
    nights = list(scores(world, kind, NIGHTS, seed))
    clusters = world.clusters()
    unit = np.arange(world.items) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    paired = kind == "canary"
    z = partial(_z, unit=unit, paired=paired)
    means = np.array([night.mean() for night in nights])
    running = [np.mean(nights[1 : night + 1], axis=0) for night in range(1, NIGHTS)] if paired else nights[1:]
    return {
        "p against the first night": any(abs(z(night, nights[0])) > 1.96 for night in nights[1:]),
        "p against the last night": any(abs(z(b, a)) > 1.96 for a, b in pairwise(nights)),
        "all nights so far at 1.96": _cumulative(running, nights[0], unit, paired),
        "5 % over the last night": bool((means[1:] > 1.05 * means[:-1]).any()),
        "10 % over the last night": bool((means[1:] > 1.10 * means[:-1]).any()),
    }


def ratio_found(world: World, limit: float, weak: float, seed: int) -> bool:
    """Whether the mean of the night on which a loss comes in is so many times the last night's."""
    before, since = scores(world, "canary", 2, seed, weak, 1)
    return bool(since.mean() > limit * before.mean())


def _z(now: np.ndarray, then: np.ndarray, unit: np.ndarray, paired: bool) -> float:
    weights = np.ones((len(now), 1))
    if paired:
        means = paired_means((now - then)[:, None], weights, unit)
        return float(means.mean[0] / means.standard_error[0])
    both = [paired_means(night[:, None], weights, unit) for night in (now, then)]
    error = np.hypot(both[0].standard_error[0], both[1].standard_error[0])
    return float((both[0].mean[0] - both[1].mean[0]) / error)


def _cumulative(running: Sequence[np.ndarray], first: np.ndarray, unit: np.ndarray, paired: bool) -> bool:
    if paired:
        return any(abs(_z(mean, first, unit, True)) > 1.96 for mean in running)
    means = [night.mean() for night in running]
    errors = [
        paired_means(night[:, None], np.ones((len(night), 1)), unit).standard_error[0]
        for night in (first, *running)
    ]
    squares = np.cumsum(np.square(errors[1:]))
    return any(
        abs(np.mean(means[:night]) - first.mean()) > 1.96 * np.hypot(np.sqrt(squares[night - 1]) / night, errors[0])
        for night in range(1, len(means) + 1)
    )


def _rate(hits: Sequence[bool]) -> tuple[float, float]:
    """Share and its Monte-Carlo standard error, of Agresti and Coull's, which is not 0 for none."""
    n = len(hits)
    near = (sum(hits) + 2) / (n + 4)
    return sum(hits) / n, float(np.sqrt(near * (1 - near) / (n + 4)))


class Table:
    """Prints rates as they are known, and keeps them as figures."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.figures: dict[str, float | None] = {}
        self._pool = pool

    def rate(self, key: str, words: str, hits: Sequence[bool]) -> None:
        """One line of the table."""
        value, error = _rate(hits)
        self.figures |= {key: value, f"{key}_error": error}
        print(f"{words:<66}{value:>8.3f} ± {error:.3f}{len(hits):>8}", flush=True)

    def over(self, work: Callable[[int], object], seeds: range) -> list[object]:
        """The results of a piece of work for each seed, on two processes."""
        return list(self._pool.map(work, seeds, chunksize=max(1, len(seeds) // 16)))


def gates(table: Table, pairs: int) -> None:
    """False alarms of the gate in every world, and planted losses where there are 1,000 items."""
    print(f"\n{'gate':<66}{'share':>8} ±  MC{'pairs':>8}")
    failed: list[bool] = []
    for number, world in enumerate(WORLDS):
        seeds = range(10_000 * number, 10_000 * number + -(-pairs // len(WORLDS)))
        own = [found == "FAIL" for found in table.over(partial(gate_pair, world, 0.0), seeds)]
        table.rate(f"gate_false_alarm_{_key(world.name)}", f"nothing changed, FAIL: {world.name}", own)
        failed += own
    table.rate("gate_false_alarm", "nothing changed, FAIL: all worlds", failed)
    world = WORLDS[0]
    seeds = range(90_000, 90_000 + -(-pairs // 3))
    verdicts = table.over(partial(gate_pair, world, weakness(world, LOSS_BITS)), seeds)
    table.rate("planted_found", f"loss of {LOSS_BITS} bits, 1,000 items: FAIL", [one == "FAIL" for one in verdicts])
    table.rate("planted_passed", "the same: PASS", [one == "PASS" for one in verdicts])


def histories(table: Table, series: int, worlds: Sequence[World]) -> None:
    """False alarms of 30 nights, and nights until a planted loss is found."""
    print(f"\n{'history, 30 nights':<66}{'share':>8} ±  MC{'series':>8}")
    for kind in KINDS:
        alarms: list[bool] = []
        for number, world in enumerate(worlds):
            seeds = range(10_000 * number, 10_000 * number + -(-series // len(worlds)))
            alarms += [one is not None for one in table.over(partial(series_alarm, world, kind, 0.0), seeds)]
        table.rate(f"history_false_alarm_{kind}", f"nothing changed, an alarm on any night: {kind}", alarms)
    rates = [(table.figures[f"history_false_alarm_{kind}"], kind) for kind in KINDS]
    worst = max(rates, key=lambda one: one[0] or 0.0)[1]
    for end in ("", "_error"):
        table.figures[f"history_false_alarm{end}"] = table.figures[f"history_false_alarm_{worst}{end}"]
    for kind in KINDS:
        _planted(table, kind, -(-series // 4))


def _planted(table: Table, kind: str, series: int) -> None:
    world = WORLDS[0]
    work = partial(series_alarm, world, kind, weakness(world, LOSS_BITS))
    found = [one for one in table.over(work, range(80_000, 80_000 + series)) if one is None or one >= QUIET]
    waited = [np.inf if one is None else one - QUIET + 1 for one in found]
    table.rate(
        f"history_planted_found_{kind}",
        f"loss of {LOSS_BITS} bits after {QUIET} nights, 1,000 items: {kind}",
        [bool(np.isfinite(one)) for one in waited],
    )
    median, slow = np.quantile(waited, [0.5, 0.9], method="higher")
    for name, value in (("median", median), ("p90", slow)):
        table.figures[f"history_planted_nights_{name}_{kind}"] = float(value) if np.isfinite(value) else None
    print(f"{'    nights until it is found: median, nine in ten':<66}{median:>8.0f}, {slow:.0f}")


def naive(table: Table, series: int, worlds: Sequence[World]) -> None:
    """What naive rules do on series in which nothing changes."""
    print(f"\n{'naive rules, 30 nights, nothing changed':<66}{'share':>8} ±  MC{'series':>8}")
    for kind in ("canary", "fresh"):
        found: list[dict[str, bool]] = []
        for number, world in enumerate(worlds):
            seeds = range(10_000 * number, 10_000 * number + -(-series // len(worlds)))
            found += table.over(partial(naive_alarms, world, kind), seeds)  # type: ignore[arg-type]
        for rule in found[0]:
            table.rate(f"naive_{_key(rule)}_{kind}", f"{rule}: {kind}", [one[rule] for one in found])
    usual = WORLDS[0]
    for percent in (5, 10):
        work = partial(ratio_found, usual, 1 + percent / 100, weakness(usual, LOSS_BITS))
        hits = [bool(one) for one in table.over(work, range(70_000, 70_000 + series))]
        table.rate(f"ratio_{percent}_percent_planted_found", f"loss of {LOSS_BITS} bits: {percent} % over", hits)
    table.figures["naive_false_alarm"] = table.figures["naive_p_against_the_first_night_canary"]


def _key(words: str) -> str:
    return words.replace(" % ", "_percent_").replace(".", "").replace(" ", "_")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer pairs and series, and fewer worlds of these")
    parser.add_argument("--pairs", type=int, help="A/A pairs, over all worlds (1,000; quick: 200)")
    parser.add_argument("--series", type=int, help="A/A series of each kind, over all worlds (1,000; quick: 40)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    quick = arguments.quick
    pairs, series = arguments.pairs or (200 if quick else 1000), arguments.series or (40 if quick else 1000)
    start = time.perf_counter()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        table = Table(pool)
        gates(table, pairs)
        histories(table, series, WORLDS[2:3] if quick else WORLDS)
        naive(table, series, WORLDS[2:3] if quick else WORLDS)
    table.figures["seconds"] = time.perf_counter() - start
    if arguments.json:
        arguments.json.write_text(json.dumps(table.figures) + "\n")


if __name__ == "__main__":
    main()
