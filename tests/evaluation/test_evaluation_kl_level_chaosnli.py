"""METHODS 0.8 on ChaosNLI: the level of KL from four votes an item beside what the other 96 say."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from kl_comparisons import compare
from scored_tables import kl_of

from panel_eval.stats import kl_bits

DATA = Path(os.environ.get("PANEL_EVAL_DATA", "../shared/data")) / "chaosnli"
CLASSES = ("agreement", "minor", "major", "unresolved")
LN2 = np.log(2.0)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no ChaosNLI data under {DATA}; set PANEL_EVAL_DATA"),
]


def read(path):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def chaosnli():
    """100 votes an item, and RoBERTa's logits (seed 0) in the order of the labels."""
    items = read(DATA / "chaosNLI_snli.jsonl")
    found = [record for split in ("dev", "test") for record in read(DATA / f"SNLI_{split}_roberta-base_0.json")]
    logits = {record["uid"]: np.array(record["logits"])[[0, 2, 1]] for record in found}
    return np.array([item["label_count"] for item in items]), np.array([logits[item["uid"]] for item in items])


def softmax(logits):
    mass = np.exp(logits - logits.max(axis=1, keepdims=True))
    return mass / mass.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module", params=[2.5, 1.0], ids=["softened", "vanilla"])
def levels(request, chaosnli, make_humans):
    """Truth, plug-in and ours in nats, overall and by class of the votes, averaged over four draws of them."""
    counts, logits = chaosnli
    q = softmax(logits / request.param)
    tables = []
    for seed in range(4):
        generator = np.random.default_rng(seed)
        four = np.array([generator.multivariate_hypergeometric(row, 4) for row in counts])
        humans = make_humans(four, ("entailment", "neutral", "contradiction"))
        comparison = compare(humans, q[None], panel_q=q, resamples=2, strength=20.0)
        ours = kl_of(comparison)
        truth, plugin = kl_bits((counts - four) / 96.0, q), kl_bits(humans.distribution, q)
        parts = [np.ones(len(q), dtype=bool), *(np.array(humans.derived_class) == name for name in CLASSES)]
        estimates = [ours[name].estimate for name in ("overall", *CLASSES)]
        tables.append([[truth[part].mean() for part in parts], [plugin[part].mean() for part in parts], estimates])
    truth, plugin, ours = np.mean(tables, axis=0) * LN2
    return request.param, truth, plugin, ours


def test_the_level_overall(levels):
    temperature, truth, plugin, ours = levels
    published = {2.5: 0.2324, 1.0: 0.6176}[temperature]  # against all 100 votes
    assert truth[0] == pytest.approx(published, abs=0.002)
    assert plugin[0] - truth[0] > 0.15
    assert ours[0] == pytest.approx(truth[0], abs=0.02 * LN2)


def test_the_order_of_the_classes(levels):
    temperature, truth, plugin, ours = levels
    true_order = ["agreement", "minor", "unresolved", "major"]
    assert [CLASSES[k] for k in np.argsort(truth[1:])] == true_order
    found = dict(zip(CLASSES, ours[1:], strict=True))
    assert min(found, key=found.get) == "agreement"
    assert max(found, key=found.get) == "major"
    assert (np.abs(ours[1:] - truth[1:]) < np.abs(plugin[1:] - truth[1:])).all()
    if temperature == 2.5:
        # The plug-in has them reversed: what is agreed on by luck looks worst.
        assert CLASSES[int(np.argmax(plugin[1:]))] == "agreement"
        assert ours[1:] == pytest.approx(truth[1:], abs=0.05)
