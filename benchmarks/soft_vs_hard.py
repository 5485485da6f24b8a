"""The same panel fitted to the people's distribution and to their majority label, on items it was not fitted to.

POPQUORN (nine LLMs' votes), ChaosNLI-SNLI (RoBERTa under three seeds) and the demo's panel of local models on words
of the VADER lexicon; CIFAR-10H with a classifier's logits given by path. Five folds, drawn anew for each fold seed;
soft and hard targets share folds, and everything is scored against the votes of all people. Beside it stands what
Singh et al. (arXiv 2511.14117) report of training whole models: KL 32 % lower, entropy correlation 61 % stronger,
the same accuracy. Only these averages over their data sets are quoted.

    python benchmarks/soft_vs_hard.py [--quick] [--json FILE] [--vader-items N] [--cifar10h-logits FILE.npy]

The data sets are read from PANEL_EVAL_DATA (default ../shared/data); those that are missing are left out and named.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

from soft_label_scores import METRICS, Scores, difference, relative, score_set
from soft_label_sets import SoftLabelSet, chaosnli_snli, cifar10h, popquorn, vader

from panel_eval.pooling.fitted import METHODS

PAPER = {"kl_reduction": 0.32, "entropy_gain": 0.61}
KINDS = {"raw": "as it is", "base_rate": "base rate", "hard": "fitted, hard", "soft": "fitted, soft"}
DECIMALS = {"n_eq": 2}


def data_sets(vader_items: int | None, logits: Path | None) -> list[SoftLabelSet]:
    """Those that are there; of the others it is said why not."""
    images = cifar10h(logits) if logits else None  # first, as it may be refused
    found = []
    for data in (popquorn(), chaosnli_snli(), vader(vader_items), images):
        if isinstance(data, SoftLabelSet):
            found.append(data)
        elif data:
            print(f"left out: {data}")
    return found


def show(data: SoftLabelSet, scores: dict[str, Scores]) -> None:
    """The table of one data set."""
    print(f"\n{data.about}; {len(data.humans):,} items")
    print(f"{'':<18}" + "".join(f"{metric:>16}" for metric in METRICS))
    for kind, words in KINDS.items():
        cells = (_number(scores[kind].values[metric], metric) for metric in METRICS)
        print(f"{words:<18}" + "".join(f"{cell:>16}" for cell in cells))
    found = {metric: difference(scores, metric) for metric in METRICS}
    rows = {
        "soft - hard": [_number(d.value, m, signed=True) for m, d in found.items()],
        "  from": [_number(d.low, m, signed=True) for m, d in found.items()],
        "  to": [_number(d.high, m, signed=True) for m, d in found.items()],
        "  sd, fold seeds": [_number(d.seed_sd, m) for m, d in found.items()],
    }
    for words, cells in rows.items():
        print(f"{words:<18}" + "".join(f"{cell:>16}" for cell in cells))


def compare_with_paper(data: SoftLabelSet, scores: dict[str, Scores]) -> dict[str, float | None]:
    """Relative differences, soft against hard, beside the paper's averages."""
    kl, plugin, entropy = (relative(scores, m) for m in ("kl_bits", "kl_plugin_bits", "entropy_pearson"))
    accuracy = difference(scores, "accuracy")
    print(f"KL lower by                  {_share(kl, -1)}   plug-in {_share(plugin, -1)}   paper 32 %")
    print(f"entropy correlation up by    {_share(entropy)}   paper 61 %")
    change = f"{accuracy.value:+.4f} ({accuracy.low:+.4f} to {accuracy.high:+.4f})"
    print(f"accuracy                     {change}   paper the same")
    return {
        f"{data.name}_kl_reduction": -kl[0] if kl else None,
        f"{data.name}_kl_plugin_reduction": -plugin[0] if plugin else None,
        f"{data.name}_entropy_gain": entropy[0] if entropy else None,
    }


def flat(data: SoftLabelSet, scores: dict[str, Scores]) -> dict[str, float | None]:
    """Figures of one data set by name."""
    figures: dict[str, float | None] = {f"{data.name}_items": len(data.humans)}
    for metric in METRICS:
        for kind in KINDS:
            figures[f"{data.name}_{metric}_{kind}"] = scores[kind].values[metric]
        found = difference(scores, metric)
        for part, value in (
            ("", found.value),
            ("_low", found.low),
            ("_high", found.high),
            ("_seed_sd", found.seed_sd),
        ):
            figures[f"{data.name}_{metric}_soft_minus_hard{part}"] = value
    return figures


def _number(value: float, metric: str, *, signed: bool = False) -> str:
    if not math.isfinite(value):
        return "-"
    return f"{value:{'+' if signed else ''}.{DECIMALS.get(metric, 4)}f}"


def _share(found: tuple[float, float, float] | None, sign: int = 1) -> str:
    if found is None:
        return "- (hard targets cannot be told from 0)"
    value, *ends = (sign * 100.0 * part for part in found)
    return f"{value:.1f} % ({min(ends):.1f} to {max(ends):.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="2 fold seeds and 300 resamples instead of 10 and 2,000"
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--method", choices=sorted(METHODS), default="stacking", help="how pools are fitted")
    parser.add_argument(
        "--vader-items", type=int, metavar="N", help="ask the local models about N words (40 or more)"
    )
    parser.add_argument(
        "--cifar10h-logits", type=Path, metavar="FILE.npy", help="(10000, 10) logits, test-set order"
    )
    arguments = parser.parse_args()
    if arguments.vader_items is not None and arguments.vader_items < 40:
        parser.error("--vader-items must be at least 40")
    n_seeds, resamples = (2, 300) if arguments.quick else (10, 2000)
    figures: dict[str, float | None] = {f"paper_{name}": value for name, value in PAPER.items()}
    print(f"pools: {arguments.method}; 5 folds, {n_seeds} fold seeds; intervals over items, {resamples} resamples")
    for data in data_sets(arguments.vader_items, arguments.cifar10h_logits):
        scores = score_set(data, METHODS[arguments.method], n_seeds, resamples)
        show(data, scores)
        figures |= flat(data, scores) | compare_with_paper(data, scores)
    if arguments.json:
        finite = {
            name: value if value is not None and math.isfinite(value) else None for name, value in figures.items()
        }
        arguments.json.write_text(json.dumps(finite) + "\n")


if __name__ == "__main__":
    main()
