"""Judges' answers beside soft labels: the data sets of `soft_vs_hard.py`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from chaosnli import DATA, LABELS, load_counts, load_logits, softmax
from synthetic import distribution_votes, humans_from_counts

from panel_eval import HumanLabels, PanelFile, RunResult, load_soft_labels, open_run, run
from panel_eval.demo import draw_labels, write_labels
from panel_eval.demo.running import RECORDED, live_panel
from panel_eval.errors import PanelEvalError
from panel_eval.pooling import JudgeForecasts, collect_votes, read_vote_table

_ALL = 10_000
"""More words of each disagreement class than there are."""
_SEED = 20260102
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True)
class SoftLabelSet:
    """Items with soft labels, and what judges said about them.

    Attributes:
        name: as it stands in the figures.
        about: what it is, in a line.
        humans, forecasts: of the items that a judge answered, in the order of their ids.
    """

    name: str
    about: str
    humans: HumanLabels
    forecasts: JudgeForecasts


def popquorn() -> SoftLabelSet | str:
    """Nine LLMs' votes; or why it is left out."""
    folder = DATA / "popquorn_offensiveness"
    if not folder.is_dir():
        return f"no popquorn_offensiveness in {DATA}"
    humans = load_soft_labels(folder / "labels.jsonl", scale="ordinal")
    about = "POPQUORN offensiveness: nine LLMs, one vote each"
    return _of("popquorn", about, humans, collect_votes(read_vote_table(folder / "votes.jsonl"), humans))


def chaosnli_snli() -> SoftLabelSet | str:
    """RoBERTa's probabilities under three seeds; or why it is left out."""
    if not (DATA / "chaosnli").is_dir():
        return f"no chaosnli in {DATA}"
    ids, counts = load_counts()
    humans = humans_from_counts(counts, LABELS)
    votes = [
        vote
        for seed in range(3)
        for vote in distribution_votes(f"roberta-{seed}", softmax(load_logits(ids, seed)), LABELS)
    ]
    return _of("chaosnli_snli", "ChaosNLI-SNLI: RoBERTa-base, three seeds", humans, collect_votes(votes, humans))


def cifar10h(path: Path) -> SoftLabelSet:
    """A classifier's logits for the 10,000 images of the CIFAR-10 test set, in its order.

    Raises:
        SystemExit: the file is no array of (10000, 10) finite numbers, or the counts are missing.
    """
    counts_file = DATA / "cifar10h" / "cifar10h-counts.npy"
    if not counts_file.is_file():
        sys.exit(f"--cifar10h-logits needs the counts of people in {counts_file}; set PANEL_EVAL_DATA")
    try:
        logits = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        sys.exit(f"{path}: not an array as numpy.save writes it ({error})")
    numeric = isinstance(logits, np.ndarray) and np.issubdtype(logits.dtype, np.floating)
    if not numeric or logits.shape != (10_000, 10) or not np.isfinite(logits).all():
        found = f"{logits.dtype} of shape {logits.shape}" if isinstance(logits, np.ndarray) else "several arrays"
        sys.exit(f"{path}: must hold finite floating-point logits of shape (10000, 10); found {found}")
    humans = humans_from_counts(np.load(counts_file, allow_pickle=False), CIFAR10)
    votes = distribution_votes("classifier", softmax(logits.astype(np.float64)), CIFAR10)
    return _of("cifar10h", f"CIFAR-10H: logits of {path.name}", humans, collect_votes(votes, humans))


def vader(n_items: int | None) -> SoftLabelSet | str:
    """The demo's local models on words of the VADER lexicon; or why they are left out.

    Args:
        n_items: ask the models for their label probabilities of so many random words; their votes are kept in the
            user's cache folder, and more words include fewer. None: the recorded votes of the demo's 60 words.
    """
    if n_items is None:
        humans = load_soft_labels(RECORDED / "labels.jsonl", scale="ordinal")
        about = "VADER: the demo's recorded votes on 60 words (far too few; --vader-items asks local models)"
        return _of("vader", about, humans, collect_votes(read_vote_table(RECORDED / "votes.jsonl"), humans))
    folder = _cache() / f"vader-{n_items}"
    try:
        done = _asked_before(folder) or _ask_local_models(n_items, folder)
    except PanelEvalError as error:
        return f"local models: {error}"
    about = f"VADER: {', '.join(done.metrics.judges)} on {len(done.humans)} words"
    return _of("vader", about, done.humans, collect_votes(done.votes, done.humans))


def _asked_before(folder: Path) -> RunResult | None:
    runs = (open_run(manifest.parent) for manifest in sorted(folder.glob("results/*/metrics.json")))
    return next((run for run in runs if run.manifest.state == "sealed"), None)


def _ask_local_models(n_items: int, folder: Path) -> RunResult:
    """Ask the demo's judges that give label probabilities; what was asked of fewer words is not asked again."""
    panel = live_panel(lambda text: None)
    folder.mkdir(parents=True, exist_ok=True)
    words = draw_labels(per_class=_ALL)
    chosen = np.random.default_rng(_SEED).permutation(len(words))[:n_items]
    write_labels(folder / "labels.jsonl", [words[row] for row in sorted(chosen.tolist())])
    judges = [judge for judge in panel.judges if judge.elicit == "logprobs"]
    return run(
        PanelFile(panel.model_copy(update={"judges": judges}), folder),
        results=folder / "results",
        reuse=sorted(_cache().glob("vader-*/results/*/votes.jsonl")),
        resamples=50,
        report=False,
    )


def _of(name: str, about: str, humans: HumanLabels, forecasts: JudgeForecasts) -> SoftLabelSet:
    by_id = np.argsort(np.array(humans.item_ids), kind="stable")
    rows = by_id[forecasts.answered.any(axis=0)[by_id]]
    return SoftLabelSet(name, about, humans.select(rows), forecasts.select(rows))


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "panel-eval" / "soft_vs_hard"
