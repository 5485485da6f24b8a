"""The demo's human labels: words that ten people rated, drawn from the VADER sentiment lexicon.

Each line of the lexicon holds ten ratings from -4 (extremely negative) to +4 (extremely positive). They are
collapsed to negative (< 0), neutral (0) and positive (> 0). Hutto & Gilbert (2014), ICWSM-14; MIT licence.
"""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import numpy as np

from panel_eval.errors import JudgeSetupError
from panel_eval.humans import disagreement_class
from panel_eval.schema import SoftLabel

LABELS = ("negative", "neutral", "positive")
SEED = 20260101
WORDS_PER_CLASS = 15
CLASSES = ("agreement", "minor", "major", "unresolved")

_PLAIN_WORD = re.compile(r"^[a-z]{4,12}$")


def read_lexicon() -> tuple[list[str], np.ndarray]:
    """The plain words of the installed lexicon and their counts.

    Returns:
        words, and counts (n_words, 3) in the order of `LABELS`.

    Raises:
        JudgeSetupError: vaderSentiment is not installed.
    """
    try:
        path = resources.files("vaderSentiment").joinpath("vader_lexicon.txt")
    except ModuleNotFoundError:
        raise JudgeSetupError(
            "the demo's words come from the package vaderSentiment, which is not installed: "
            "pip install 'panel-eval[demo]', or see a recorded run with: panel-eval demo --recorded"
        ) from None
    words, counts = [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _mean, _sd, ratings = line.split("\t")
        if _PLAIN_WORD.match(word):
            values = json.loads(ratings)
            words.append(word)
            counts.append([sum(v < 0 for v in values), sum(v == 0 for v in values), sum(v > 0 for v in values)])
    return words, np.array(counts, dtype=np.float64)


def draw_labels(seed: int = SEED, per_class: int = WORDS_PER_CLASS) -> list[SoftLabel]:
    """Soft labels of `per_class` words of each disagreement class, drawn without replacement, in lexicon order.

    Args:
        seed: of the draw; the default is that of the recorded demo.
        per_class: words for each of agreement, minor, major, unresolved.
    """
    words, counts = read_lexicon()
    classes, _ = disagreement_class(counts, "ordinal")
    generator = np.random.default_rng(seed)
    rows: list[int] = []
    for name in CLASSES:
        members = np.flatnonzero(np.array(classes) == name)
        rows.extend(generator.choice(members, size=min(per_class, len(members)), replace=False).tolist())
    return [_soft_label(words[row], counts[row]) for row in sorted(rows)]


def write_labels(path: Path, labels: list[SoftLabel]) -> None:
    """Write labels as JSONL, one item a line."""
    lines = [label.model_dump_json(exclude_defaults=True) + "\n" for label in labels]
    path.write_text("".join(lines), encoding="utf-8")


def _soft_label(word: str, counts: np.ndarray) -> SoftLabel:
    n = int(counts.sum())
    return SoftLabel(
        item_id=f"vader-{word}",
        task="sentiment",
        distribution={label: int(count) / n for label, count in zip(LABELS, counts, strict=True)},
        reviewer_count=n,
        counts={label: int(count) for label, count in zip(LABELS, counts, strict=True)},
        content={"text": word},
        metadata={"source": "VADER sentiment lexicon (Hutto & Gilbert 2014, MIT licence)"},
    )
