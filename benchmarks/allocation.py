"""Further reviews where `panel-eval allocate` puts them, against as many spread evenly.

Each item starts with a few votes; a plan is made from these; the votes it asks for are then bought from what is
known to be the item's population, and so are as many spread evenly. Both are held against that population:

    kl      mean KL of the population from the posterior mean, in bits: what a soft label is off
    loss    mean -log2 of the chance that the posterior gives to the population's disagreement class, in bits
    right   share of items whose likeliest class is the population's

Populations are those of ChaosNLI-SNLI (1,514 items, 100 votes each: further votes are real ones, drawn from those
that are left) and synthetic ones (1,500 items, Dirichlet). Starts: 3 votes an item, or 1 to 7 at random.

    python benchmarks/allocation.py [--quick] [--json FILE]

ChaosNLI is read from PANEL_EVAL_DATA (default ../shared/data); without it only the synthetic rows are made.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from chaosnli import DATA, LABELS, load_counts

from panel_eval import labels_from_counts
from panel_eval.evaluation.allocation import plan_reviews
from panel_eval.evaluation.posterior import labels_posterior
from panel_eval.evaluation.references import base_rate
from panel_eval.stats import kl_bits
from panel_eval.stats.class_probability import class_moments, population_class
from panel_eval.stats.posterior_expectations import posterior_mean

AIMS = ("distribution", "class")
MEASURES = ("kl", "loss", "right")
MOST, BUDGET = 5, 750


@dataclass(frozen=True)
class Town:
    """Populations, and how votes are drawn from them.

    Attributes:
        name: of the populations.
        votes: (n_items, n_labels) all votes there are of each item; None where they never run out.
        shares: (n_items, n_labels) the populations.
    """

    name: str
    votes: np.ndarray | None
    shares: np.ndarray

    def ask(self, so_far: np.ndarray, reviews: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The votes so far, and as many more as are asked for."""
        if self.votes is None:
            return so_far + rng.multinomial(reviews, self.shares)
        left = (self.votes - so_far).astype(np.int64)
        return so_far + np.array(
            [rng.multivariate_hypergeometric(row, n) for row, n in zip(left, reviews.tolist(), strict=True)]
        )


def planned(counts: np.ndarray, budget: int, aim: str, seed: int) -> np.ndarray:
    """(n_items,) further reviews by the plan."""
    humans = labels_from_counts(counts, LABELS)
    plan = plan_reviews(humans, budget, aim=aim, most=MOST, seed=seed, resamples=10)
    reviews = np.zeros(len(counts), dtype=np.int64)
    for item in plan.items:
        reviews[humans.index[item.item_id]] = item.reviews
    return reviews


def evenly(n_items: int, budget: int, rng: np.random.Generator) -> np.ndarray:
    """(n_items,) the same number each, a rest to items drawn at random."""
    each, rest = divmod(budget, n_items)
    reviews = np.full(n_items, each)
    reviews[rng.choice(n_items, rest, replace=False)] += 1
    return reviews


def measured(counts: np.ndarray, shares: np.ndarray, seed: int) -> np.ndarray:
    """(3,) the measures of what the votes say of the populations."""
    humans = labels_from_counts(counts, LABELS)
    alpha = labels_posterior(humans, base_rate(humans), seed).alpha
    distinct, code = np.unique(alpha, axis=0, return_inverse=True)
    chance = class_moments(distinct, 4000, np.random.default_rng(seed)).probability[code.reshape(-1)]
    truth = population_class(shares)
    of_truth = chance[np.arange(len(truth)), truth]
    loss = -np.log2(np.maximum(of_truth, 1 / 8000))
    return np.array(
        [kl_bits(shares, posterior_mean(alpha)).mean(), loss.mean(), (chance.argmax(axis=1) == truth).mean()]
    )


def one_repeat(town: Town, start: str, budget: int, seed: int) -> dict[str, np.ndarray]:
    """The measures before, after an even spread, and after each plan."""
    rng = np.random.default_rng([seed, 17])
    n = len(town.shares)
    first = np.full(n, 3) if start == "3" else rng.integers(1, 8, n)
    so_far = town.ask(np.zeros(town.shares.shape), first, rng)
    after = {"before": measured(so_far, town.shares, seed)}
    after["even"] = measured(town.ask(so_far, evenly(n, budget, rng), rng), town.shares, seed)
    for aim in AIMS:
        after[aim] = measured(town.ask(so_far, planned(so_far, budget, aim, seed), rng), town.shares, seed)
    return after


def towns() -> Iterator[Town]:
    """The populations that are there."""
    shares = np.random.default_rng(7).dirichlet([0.9, 0.6, 0.5], 1500)
    yield Town("synthetic", None, shares)
    if (DATA / "chaosnli").is_dir():
        _, votes = load_counts()
        yield Town("chaosnli", votes, votes / votes.sum(axis=1, keepdims=True))
    else:
        print(f"no chaosnli in {DATA}: only synthetic populations")


def main() -> None:
    """Measure, print the table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="2 repeats instead of 12")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    repeats, figures = (2 if arguments.quick else 12), {}
    heading = f"{'populations':<12}{'start':>6}{'reviews':>9}  {'measure':<8}{'before':>8}{'even':>8}"
    print(heading + "".join(f"{name:>22}" for name in ("for distribution", "for class")))
    for town in towns():
        for start in ("3", "1-7"):
            runs = [one_repeat(town, start, BUDGET, seed) for seed in range(repeats)]
            figures |= told(town.name, start, BUDGET, runs)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))


def told(name: str, start: str, budget: int, runs: list[dict[str, np.ndarray]]) -> dict[str, float]:
    """Print the rows of a case; its figures: gains of each plan over the gain of the even spread."""
    figures = {}
    for place, measure in enumerate(MEASURES):
        value = {way: np.array([run[way][place] for run in runs]) for way in ("before", "even", *AIMS)}
        line = (
            f"{name:<12}{start:>6}{budget:>9}  {measure:<8}{value['before'].mean():8.4f}{value['even'].mean():8.4f}"
        )
        for way in AIMS:
            ratio, error = gain_ratio(value["before"], value["even"], value[way])
            line += f"{value[way].mean():9.4f} {ratio:5.2f} ±{error:5.2f}"
            figures[f"{name}_{start.replace('-', '_')}_{budget}_{measure}_{way}"] = round(ratio, 3)
        print(line, flush=True)
    return figures


def gain_ratio(before: np.ndarray, even: np.ndarray, plan: np.ndarray) -> tuple[float, float]:
    """How much more the plan gains than the even spread, with its Monte-Carlo error (delta method, paired)."""
    gain, base = before - plan, before - even
    ratio = gain.mean() / base.mean()
    error = np.std(gain - ratio * base, ddof=1) / np.sqrt(len(gain)) / abs(base.mean())
    return float(ratio), float(error)


if __name__ == "__main__":
    main()
