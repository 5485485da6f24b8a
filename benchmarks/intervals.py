"""How often the 95 % intervals that panel-eval reports hold what they are about, and how far estimates are off.

Items are drawn from a population, reviewers from the items, again and again; each draw goes through `evaluate()`
and every number with an interval is looked up in its metrics. Nothing is listed by hand: new metrics are picked up.

    python benchmarks/intervals.py [--quick] [--json FILE] [--replications R] [--reviewers N ...] [--items N]

Simulated: three ordinal labels, each item's population p ~ Dirichlet(1.2, 0.9, 0.6). Two judges give distributions
q ∝ (0.9 p + 0.1 / 3)^s e^(noise), s = 1.3 and 0.8, normal noise of sd 0.6 and 0.9: they follow the items but are
not them. Reviewers are drawn from 40 people without habits of their own.

What an interval is asked to hold:
  population  scores that are unbiased, or corrected for few reviewers: their value if every item had very many
              reviewers.
  same n      everything else: the value with as many reviewers an item and very many items. An interval does not
              repair the bias of a plug-in number; the column "of popul." says what that costs.
  same fit    gains from a map fitted on the items: the average gain of all replications, as a map fitted on more
              items gains more.
The first two are read off one evaluation of very many items.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # one thread for each of the two processes
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
from pydantic import BaseModel  # noqa: E402
from synthetic import distribution_votes, humans_from_counts  # noqa: E402

from panel_eval import Metrics, evaluate, stats  # noqa: E402
from panel_eval.schema import Estimate  # noqa: E402

LABELS = ("low", "middle", "high")
DIRICHLET = (1.2, 0.9, 0.6)
JUDGES = {"sharp": (1.3, 0.6), "flat": (0.8, 0.9)}
PEOPLE = 40
ITEMS = 300
RESAMPLES = 500
UNBIASED_ITEMS = 4_000_000
VERY_MANY = 500
"""Votes an item that stand for its population."""
NOMINAL = (0.92, 0.98)
POPULATION = frozenset(
    ("ce_bits", "ce_skill", "kl_bits", "brier", "brier_debiased", "n_eq", "rps", "ce_crossfit_bits")
)
"""Numbers overall that claim to be those of the population."""
SAME_FIT = re.compile(r"_gain_bits$|miscalibrated_share$")
_ROUNDING = 1e-9
"""A number that is the same in every sample has an interval of no width."""
FORM = "the prior is fitted again in each resample, but its form is taken as known"
MODEL = "made from drawn panels of people: the model of populations is taken as known"
CLOSE = "floor and people lie close, and it is only reported where they can be told apart"
REASONS = (
    (r"to_human_parity$", f"{CLOSE}; {FORM}"),
    (r"^references_human_panel_.*_(ce|kl|n_eq|brier_debiased)", FORM),
    (r"^references_", MODEL),
    (r"^reliability_skill|n_eq_ce|^classes_|expected_entropy|human_entropy|refinement|miscalibrated_share", FORM),
    (r"naive_bias|^by_class_.*_(brier_debiased|n_eq|kl_bits)$", f"{FORM}; by class there are few items"),
    (r"_gain_bits$", "the map is held fixed in the resamples"),
    (
        r"(soft|smooth|hard)_ece",
        "an error near zero cannot be less, so wide on purpose; by class few items a bin",
    ),
    (r"^by_class_", "few items in the class"),
)
"""Why an interval may not hold its 95 %, the first that matches."""

Numbers = dict[str, tuple[float, float | None, float | None]]
"""Name to estimate and the ends of its interval."""


@dataclass
class Drawn:
    """What one draw of items gave: every number, and how far some are from the truth of the very items drawn."""

    numbers: Numbers
    off: dict[str, float] = field(default_factory=dict)


def populations(n_items: int, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Populations of items, and what each judge makes of them, both (n_items, n_labels)."""
    p = rng.dirichlet(DIRICHLET, size=n_items)
    judged = {}
    for judge, (sharpness, noise) in JUDGES.items():
        mass = (0.9 * p + 0.1 / len(LABELS)) ** sharpness * np.exp(noise * rng.normal(size=p.shape))
        judged[judge] = mass / mass.sum(axis=1, keepdims=True)
    return p, judged


def draw(n_items: int, n: int, seed: int) -> Drawn:
    """Draw items, ask n reviewers and the judges, evaluate."""
    rng = np.random.default_rng([seed, n])
    p, judged = populations(n_items, rng)
    votes = []
    for judge, q in judged.items():
        sure = np.clip(q.max(axis=1) + 0.1 * rng.normal(size=n_items), 0.0, 1.0)
        votes += distribution_votes(judge, q, LABELS, sure)
    counts = rng.multinomial(n, p)
    people = np.argsort(rng.random((n_items, PEOPLE)), axis=1)[:, :n] if n <= PEOPLE else None
    many = n_items > 10 * ITEMS
    humans = humans_from_counts(counts, LABELS, "ordinal", people)
    evaluation = evaluate(votes, humans, seed=seed, resamples=2 if many else RESAMPLES)
    metrics = evaluation.metrics
    return Drawn(dict(_numbers(metrics)), {} if many else _off(metrics, p, evaluation.panel_q, evaluation.judge_q))


def _off(metrics: Metrics, p: np.ndarray, q: np.ndarray, judge_q: dict[str, np.ndarray]) -> dict[str, float]:
    """Estimate less truth on the same items, so that the spread of items does not hide a bias."""
    overall, (first, second) = metrics.panel.overall, JUDGES
    kl = stats.kl_bits(p, q).mean()
    truth = {
        "brier_debiased": stats.squared_distance(p, q).mean(),
        "kl_bits": kl,
        "kl_plugin_bits": kl,
        "ce_bits": stats.cross_entropy_bits(p, q).mean(),
    }
    off = {name: number - truth[name] for name in truth if (number := overall[name].estimate) is not None}
    ours = [metrics.judges[judge].overall["ce_bits"].estimate for judge in (first, second)]
    true = [stats.cross_entropy_bits(p, judge_q[judge]).mean() for judge in (first, second)]
    return off | {"delta_ce_bits": (ours[0] - ours[1]) - (true[0] - true[1])}


def _numbers(metrics: Metrics) -> Iterator[tuple[str, tuple[float, float | None, float | None]]]:
    """Every number of the metrics but those of single judges and of floors, which are made like the panel's."""
    for name, number in _estimates(metrics):
        if name[0] == "judges" or (name[0] == "references" and name[1] != "human_panel"):
            continue
        if number.estimate is not None:
            short = name[2:] if name[:2] == ("panel", "overall") else name[1:] if name[0] == "panel" else name
            yield "_".join(short), (number.estimate, number.low, number.high)


def _estimates(node: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Estimate]]:
    if isinstance(node, Estimate):
        yield path, node
    elif isinstance(node, BaseModel):
        for name in type(node).model_fields:
            yield from _estimates(getattr(node, name), (*path, name))
    elif isinstance(node, dict):
        for name, child in node.items():
            yield from _estimates(child, (*path, str(name)))


@dataclass
class Coverage:
    """One number over all replications."""

    held: int = 0
    held_population: int = 0
    intervals: int = 0

    def add(self, ends: tuple[float | None, float | None], same_n: float, population: float | None) -> None:
        """Count one interval; an end of null beside one that is given lies at infinity."""
        low = -np.inf if ends[0] is None else ends[0]
        high = np.inf if ends[1] is None else ends[1]
        low, high = low - _ROUNDING, high + _ROUNDING
        self.intervals += 1
        self.held += low <= same_n <= high
        self.held_population += population is not None and low <= population <= high


def cover(drawn: list[Drawn], same_n: Numbers, population: Numbers) -> dict[str, Coverage]:
    """Coverage of every number that has an interval and a value to hold."""
    covered: dict[str, Coverage] = defaultdict(Coverage)
    for one in drawn:
        for name, (_, low, high) in one.numbers.items():
            if name in same_n and not (low is None and high is None):
                covered[name].add((low, high), same_n[name][0], population.get(name, (None,))[0])
    return covered


def with_same_fit(drawn: list[Drawn], same_n: Numbers) -> Numbers:
    """The values to hold, those of `SAME_FIT` averaged over the replications."""
    fitted = {name for name in same_n if SAME_FIT.search(name)}
    found = {name: [one.numbers[name][0] for one in drawn if name in one.numbers] for name in fitted}
    return same_n | {name: (float(np.mean(values)), None, None) for name, values in found.items() if values}


def report(n: int, drawn: list[Drawn], same_n: Numbers, population: Numbers) -> dict[str, float]:
    """Print the tables for n reviewers; returns the figures."""
    figures: dict[str, float] = {}
    missed: dict[str, list[str]] = defaultdict(list)
    print(f"\nn = {n} reviewers, {len(drawn)} replications of {ITEMS} items, {RESAMPLES} resamples")
    print(f"{'number':<58}{'estimand':>11}{'same n':>9}{'popul.':>9}{'cover':>7}{'± sd':>6}{'of popul.':>10}")
    for name, one in cover(drawn, same_n, population).items():
        overall = name in population and not name.startswith("by_class")
        claims = overall and name in POPULATION
        rate, of_population = one.held / one.intervals, one.held_population / one.intervals
        coverage = of_population if claims else rate
        figures[f"{name}_n{n}_coverage"] = coverage
        if overall and not claims:
            figures[f"{name}_n{n}_population_coverage"] = of_population
        error = np.sqrt(coverage * (1 - coverage) / one.intervals)
        mark = _mark(coverage, one.intervals)
        if mark == "  <<":
            missed[_reason(name)].append(f"{name} {coverage:.2f}")
        few = "" if one.intervals == len(drawn) else f"  ({one.intervals} intervals)"
        print(
            f"{name:<58}{_estimand(name, claims):>11}{same_n[name][0]:>9.4f}"
            f"{population[name][0] if overall else np.nan:>9.4f}{coverage:>7.3f}"
            f"{error:>6.3f}"
            f"{of_population if overall else np.nan:>10.3f}{mark}{few}"
        )
    print(f"\noutside {NOMINAL[0]:.0%} to {NOMINAL[1]:.0%} by more than two Monte-Carlo standard errors, and why:")
    for reason, names in missed.items():
        print(f"- {reason}:\n    " + ", ".join(names))
    print(f"\n{'bias on the same items':<30}{'mean':>10}{'MC se':>10}")
    for name in drawn[0].off:
        values = np.array([one.off[name] for one in drawn if name in one.off])
        error = values.std(ddof=1) / np.sqrt(values.size)
        figures |= {f"{name}_n{n}_bias": values.mean(), f"{name}_n{n}_bias_se": error}
        print(f"{name:<30}{values.mean():>10.5f}{error:>10.5f}")
    return figures


def _mark(coverage: float, intervals: int) -> str:
    """Nothing inside the nominal band, < where chance may have it outside, << where not."""
    outside = max(NOMINAL[0] - coverage, coverage - NOMINAL[1])
    chance = 2 * np.sqrt(0.95 * 0.05 / intervals)
    return "" if outside <= 0 else "  <" if outside <= chance else "  <<"


def _estimand(name: str, claims: bool) -> str:
    return "population" if claims else "same fit" if SAME_FIT.search(name) else "same n"


def _reason(name: str) -> str:
    return next((reason for pattern, reason in REASONS if re.search(pattern, name)), "no reason known")


def unbiased(n: int, n_items: int, at_once: int = 500_000) -> dict[str, float]:
    """Bias of the scores that claim to have none, over so many items that the spread of items hardly matters."""
    rng = np.random.default_rng([7, n])
    sums, squares, done = np.zeros(2), np.zeros(2), 0
    while done < n_items:
        p, judged = populations(at_once, rng)
        c = rng.multinomial(n, p)
        shares, panel = c / n, np.mean(list(judged.values()), axis=0)
        first, second = judged.values()
        brier = stats.brier_debiased(shares, panel, np.full(at_once, n)) - stats.squared_distance(p, panel)
        delta = [stats.cross_entropy_bits(x, first) - stats.cross_entropy_bits(x, second) for x in (shares, p)]
        off = np.column_stack([brier, delta[0] - delta[1]])
        sums, squares, done = sums + off.sum(axis=0), squares + (off**2).sum(axis=0), done + at_once
    mean = sums / done
    error = np.sqrt((squares / done - mean**2) / done)
    print(f"\nbias over {done:,} items, n = {n} reviewers: mean, Monte-Carlo standard error")
    figures = {}
    for name, value, se in zip(("brier_debiased", "delta_ce_bits"), mean, error, strict=True):
        print(f"{name:<30}{value:>10.6f}{se:>10.6f}")
        figures |= {f"{name}_n{n}_bias_of_many": float(value), f"{name}_n{n}_bias_of_many_se": float(se)}
    return figures


def simulate(sizes: list[int], replications: int, truth_items: int, seconds: float) -> dict[str, float]:
    """Run everything on two processes; no replication is begun after the time is over."""
    start = time.perf_counter()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        truths = {n: pool.submit(draw, truth_items, n, 1) for n in (VERY_MANY, *sizes)}
        population = truths[VERY_MANY].result().numbers
        same_n = {n: truths[n].result().numbers for n in sizes}
        print(f"values of {truth_items} items: {time.perf_counter() - start:.0f} s", flush=True)
        # One round of all n after another, so that a run cut short has as many of each.
        todo = ((n, 1000 + seed) for seed in range(replications) for n in sizes)
        drawn: dict[int, list[Drawn]] = defaultdict(list)
        running = {pool.submit(draw, ITEMS, n, seed): n for n, seed in islice(todo, 4)}
        while running:
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                drawn[running.pop(done)].append(done.result())
                if time.perf_counter() - start < seconds and (following := next(todo, None)):
                    running[pool.submit(draw, ITEMS, *following)] = following[0]
    figures: dict[str, float] = {"replications": min(len(drawn[n]) for n in sizes)}
    for n in sizes:
        figures |= report(n, drawn[n], with_same_fit(drawn[n], same_n[n]), population)
        figures |= unbiased(n, UNBIASED_ITEMS if np.isinf(seconds) else 500_000)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="4 reviewers, what fits into 45 s")
    parser.add_argument("--replications", type=int, default=400)
    parser.add_argument("--reviewers", type=int, nargs="+", default=[3, 4, 5, 10])
    parser.add_argument("--items", type=int, default=100_000, help="items that the values to hold are read off")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    if arguments.quick:
        figures = simulate([4], 1000, 6_000, seconds=38.0)
    else:
        figures = simulate(arguments.reviewers, arguments.replications, arguments.items, seconds=float("inf"))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
