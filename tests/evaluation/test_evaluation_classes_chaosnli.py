"""METHODS 0.1 and 2.3 on ChaosNLI: the order of the classes that few votes show, and the one a hundred show."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from class_comparisons import comparison_of, with_prior
from scored_tables import tables_of

from panel_eval.evaluation.class_crossfit import crossfit_estimates, leave_one_out
from panel_eval.stats import kl_bits

DATA = Path(os.environ.get("PANEL_EVAL_DATA", "../shared/data")) / "chaosnli"
LABELS = ("entailment", "neutral", "contradiction")
CLASSES = ("agreement", "minor", "major", "unresolved")
LN2 = np.log(2.0)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no ChaosNLI data under {DATA}; set PANEL_EVAL_DATA")


def read(path):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def chaosnli():
    """100 votes an item, and RoBERTa (seed 0) softened by temperature 2.5."""
    items = read(DATA / "chaosNLI_snli.jsonl")
    found = [record for split in ("dev", "test") for record in read(DATA / f"SNLI_{split}_roberta-base_0.json")]
    logits = {record["uid"]: np.array(record["logits"])[[0, 2, 1]] / 2.5 for record in found}
    table = np.array([logits[item["uid"]] for item in items])
    q = np.exp(table - table.max(axis=1, keepdims=True))
    return np.array([item["label_count"] for item in items]), q / q.sum(axis=1, keepdims=True)


def subsamples(counts, n, times, seed):
    """Tables of n votes an item, drawn without replacement."""
    rng = np.random.default_rng(seed)
    for _ in range(times):
        yield np.array([rng.multivariate_hypergeometric(row, n) for row in counts])


def test_crossfit_of_five_votes_has_the_published_values(chaosnli, make_humans):
    counts, q = chaosnli
    bits, skill = [], []
    for votes in subsamples(counts, 5, 12, seed=1):
        comparison = comparison_of(make_humans(votes, LABELS), q, resamples=1)
        numbers = crossfit_estimates(comparison, leave_one_out(comparison), comparison.panel)
        bits.append([numbers[name]["ce_crossfit_bits"].estimate for name in CLASSES])
        skill.append([numbers[name]["ce_crossfit_skill"].estimate for name in CLASSES])
    # METHODS 2.3: the truth, which is known from the other 95 votes. Within three errors of a mean of 12.
    spread = 3 * np.std(bits, axis=0) / np.sqrt(12)
    assert (np.abs(np.mean(bits, axis=0) * LN2 - [0.628, 0.848, 1.073, 0.939]) < spread * LN2 + 0.01).all()
    spread = 3 * np.std(skill, axis=0) / np.sqrt(12)
    assert (np.abs(np.mean(skill, axis=0) - [0.389, 0.172, -0.022, 0.093]) < spread + 0.01).all()


def test_the_plug_in_reverses_the_classes_and_the_model_puts_them_right(chaosnli, make_humans):
    counts, q = chaosnli
    plugin, truth, model = [], [], []
    for votes in subsamples(counts, 4, 10, seed=2):
        comparison = comparison_of(make_humans(votes, LABELS), q, resamples=1)
        # METHODS 2.3: s about 2.7, w about .88 on a recalibrated reference and the rest on the base rate
        base = votes.sum(axis=0) / votes.sum()
        comparison = with_prior(comparison, 2.7 * (0.88 * q + 0.12 * base))
        table = tables_of(comparison)
        naive = np.array([table[name]["kl_plugin_bits"].estimate for name in CLASSES])
        rest = (counts - votes) / (counts - votes).sum(axis=1, keepdims=True)
        others = kl_bits(rest, q)
        classes = np.array(comparison.humans.derived_class)
        plugin.append(naive)
        model.append([table[name]["kl_bits"].estimate for name in CLASSES])
        truth.append([others[classes == name].mean() for name in CLASSES])
    nats = [np.mean(numbers, axis=0) * LN2 for numbers in (plugin, truth, model)]
    assert nats[0] == pytest.approx([0.494, 0.349, 0.313, 0.342], abs=0.025)  # same votes: agreement looks worst
    assert nats[1] == pytest.approx([0.213, 0.239, 0.274, 0.255], abs=0.02)  # the other 96: agreement is best
    assert nats[2] == pytest.approx([0.236, 0.239, 0.276, 0.240], abs=0.02)
    assert np.argmax(nats[0]) == np.argmin(nats[1]) == 0
    assert np.argmax(nats[2]) == np.argmax(nats[1]) == CLASSES.index("major")
