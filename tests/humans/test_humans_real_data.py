"""Class counts on public data sets (METHODS 7.2). The data is not part of the project."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from panel_eval.humans import disagreement_class, load_soft_labels

DATA = Path(os.environ.get("PANEL_EVAL_DATA") or Path(__file__).resolve().parents[2] / "../shared/data")


def data_file(name: str) -> Path:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not in {DATA}; set PANEL_EVAL_DATA to the folder that holds it")
    return path


def class_counts(classes: tuple[str, ...]) -> tuple[int, ...]:
    found = Counter(classes)
    return tuple(found[name] for name in ("agreement", "minor", "major", "unresolved", "insufficient"))


def test_popquorn_offensiveness_nominal():
    humans = load_soft_labels(data_file("popquorn_offensiveness/labels.jsonl"))
    assert class_counts(humans.derived_class) == (199, 494, 647, 160, 0)
    assert humans.labels == ("1", "2", "3", "4", "5")
    assert humans.reviewer_count.sum() == 13_036
    assert humans.reviewer_count.mean() == pytest.approx(8.69, abs=0.005)
    assert humans.counts_known.all()


def test_popquorn_counts_are_recovered_from_its_distributions(tmp_path):
    source = data_file("popquorn_offensiveness/labels.jsonl")
    path = tmp_path / "no_counts.jsonl"
    with path.open("w") as out:
        for line in source.read_text().splitlines():
            record = json.loads(line)
            del record["counts"]
            out.write(json.dumps(record) + "\n")
    stated, recovered = load_soft_labels(source), load_soft_labels(path)
    assert recovered.counts_known.all()
    assert (recovered.counts == stated.counts).all()
    assert (recovered.distribution == stated.distribution).all()


def test_chaosnli_snli():
    lines = data_file("chaosnli/chaosNLI_snli.jsonl").read_text().splitlines()
    counts = np.array([json.loads(line)["label_count"] for line in lines])
    assert class_counts(disagreement_class(counts)[0]) == (326, 722, 452, 14, 0)


def test_cifar10h():
    counts = np.load(data_file("cifar10h/cifar10h-counts.npy"))
    assert class_counts(disagreement_class(counts)[0]) == (8789, 949, 259, 3, 0)
