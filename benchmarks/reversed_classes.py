"""KL by disagreement class from the votes that define the class comes out in reversed order; ours does not.

ChaosNLI-SNLI: 1,514 items with 100 votes. Four votes an item are drawn and put it in a class; the panel is
RoBERTa's softmax(logits / 2.5). The plug-in KL of each class uses the four votes again; the truth is the KL to the
other 96. `kl_bits` and `ce_crossfit_bits` are read from what `evaluate()` reports, knowing the four votes only.
Cross-fitting leaves one of the four out, so its classes are those of three votes, which are never `major`.

    python benchmarks/reversed_classes.py [--quick] [--json FILE]

The data is read from PANEL_EVAL_DATA (default ../shared/data); without it nothing is compared.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from chaosnli import LABELS, load_counts, load_logits, require_data, softmax
from synthetic import distribution_votes, humans_from_counts

from panel_eval import evaluate, stats

CLASSES = ("agreement", "minor", "major", "unresolved")
COLUMNS = ("plugin", "truth", "kl", "plugin_ce", "truth_ce", "crossfit_ce", "crossfit_truth")
REVIEWERS = 4


def by_class(counts: np.ndarray, q: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """One subsample of four votes: each column of the table, (n_classes,) in bits."""
    rng = np.random.default_rng(seed)
    drawn = np.array([rng.multivariate_hypergeometric(row, REVIEWERS) for row in counts.astype(np.int64)])
    humans = humans_from_counts(drawn, LABELS)
    votes = distribution_votes("roberta", q, LABELS)
    evaluation = evaluate(votes, humans, smoothing="none", seed=seed, resamples=50)
    others = (counts - drawn) / (counts - drawn).sum(axis=1, keepdims=True)
    kl, ce = stats.kl_bits(others, q), stats.cross_entropy_bits(others, q)
    classes = np.array(humans.derived_class)
    table = evaluation.metrics.panel.by_class
    return {
        "plugin": _ours(table, "kl_plugin_bits"),
        "truth": np.array([kl[classes == name].mean() for name in CLASSES]),
        "kl": _ours(table, "kl_bits"),
        "plugin_ce": _ours(table, "ce_bits"),
        "truth_ce": np.array([ce[classes == name].mean() for name in CLASSES]),
        "crossfit_ce": _ours(table, "ce_crossfit_bits"),
        "crossfit_truth": _of_three(rng, counts, ce),
    }


def _ours(table: dict, metric: str) -> np.ndarray:
    numbers = [table[name][metric].estimate for name in CLASSES]
    return np.array([np.nan if number is None else number for number in numbers])


def _of_three(rng: np.random.Generator, counts: np.ndarray, ce: np.ndarray) -> np.ndarray:
    """Cross-entropy by the class of three votes, which is the class that leaving one of four out gives."""
    three = np.array([rng.multivariate_hypergeometric(row, REVIEWERS - 1) for row in counts.astype(np.int64)])
    classes = np.array(humans_from_counts(three, LABELS).derived_class)
    means = [ce[classes == name].mean() if (classes == name).any() else np.nan for name in CLASSES]
    return np.array(means)


def order(values: np.ndarray) -> str:
    """Classes from the lowest to the highest."""
    ranked = [CLASSES[k] for k in np.argsort(values) if np.isfinite(values[k])]
    return " < ".join(ranked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="2 subsamples instead of 20")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    require_data("chaosnli")
    ids, counts = load_counts()
    q = softmax(load_logits(ids, 0), 2.5)
    runs = [by_class(counts, q, seed) for seed in range(2 if arguments.quick else 20)]
    means = {column: np.mean([run[column] for run in runs], axis=0) for column in COLUMNS}
    print(f"bits; means over {len(runs)} subsamples of {REVIEWERS} votes; class from those votes")
    print(f"{'':<16}" + "".join(f"{name:>12}" for name in CLASSES) + "   order")
    words = {
        "plugin": "KL, same votes",
        "truth": "KL, other 96",
        "kl": "kl_bits (ours)",
        "plugin_ce": "CE, same votes",
        "truth_ce": "CE, other 96",
        "crossfit_ce": "cross-fit CE",
        "crossfit_truth": "CE, class of 3",
    }
    for column, values in means.items():
        print(f"{words[column]:<16}" + "".join(f"{value:>12.4f}" for value in values) + f"   {order(values)}")
    if arguments.json:
        flat = {
            f"{column}_{name}": None if np.isnan(value) else float(value)
            for column, values in means.items()
            for name, value in zip(CLASSES, values, strict=True)
        }
        arguments.json.write_text(json.dumps(flat) + "\n")


if __name__ == "__main__":
    main()
