"""How well uncertainty finds the items that a hundred people split on: METHODS 6.4, on ChaosNLI-SNLI."""

from __future__ import annotations

import json

import numpy as np
import pytest

from panel_eval.humans import disagreement_class
from panel_eval.stats.correlation import weighted_auroc
from panel_eval.stats.deferral_scores import one_less_top
from panel_eval.stats.entropy import entropy_bits
from panel_eval.stats.expected_auroc import expected_auroc, score_shares


def read(path):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def chaosnli(data_folder):
    """Counts of 100 people, RoBERTa's forecast at temperature 2.5, and which items are major or unresolved."""
    folder = data_folder / "chaosnli"
    if not folder.is_dir():
        pytest.skip(f"no ChaosNLI data in {folder}")
    found = [line for split in ("dev", "test") for line in read(folder / f"SNLI_{split}_roberta-base_0.json")]
    logits = {line["uid"]: line["logits"] for line in found}
    items = read(folder / "chaosNLI_snli.jsonl")
    counts = np.array([item["label_count"] for item in items], dtype=float)
    cooled = np.array([logits[item["uid"]] for item in items])[:, [0, 2, 1]] / 2.5  # e, c, n to e, n, c
    mass = np.exp(cooled - cooled.max(axis=1, keepdims=True))
    classes = np.array(disagreement_class(counts)[0])
    return counts, mass / mass.sum(axis=1, keepdims=True), np.isin(classes, ["major", "unresolved"])


def test_what_a_models_uncertainty_finds(chaosnli):
    _, q, disagree = chaosnli
    assert disagree.sum() == 452 + 14
    assert float(weighted_auroc(entropy_bits(q), disagree)) == pytest.approx(0.650, abs=5e-4)
    assert float(weighted_auroc(one_less_top(q), disagree)) == pytest.approx(0.656, abs=5e-4)


@pytest.mark.parametrize(("people", "auroc"), [(3, 0.679), (4, 0.730), (10, 0.828), (20, 0.873)])
def test_what_fresh_people_find(people, auroc, chaosnli):
    # METHODS takes the people out of the hundred and the class from the rest; one draw is off by about .01.
    counts, _, _ = chaosnli
    generator = np.random.default_rng(people)
    found = []
    for _ in range(4):
        votes = np.array([generator.multivariate_hypergeometric(row, people) for row in counts.astype(int)])
        rest = np.isin(disagreement_class(counts - votes)[0], ["major", "unresolved"])
        found.append(float(expected_auroc(score_shares(entropy_bits(votes / people)[None]), rest)))
    assert np.mean(found) == pytest.approx(auroc, abs=0.015)
