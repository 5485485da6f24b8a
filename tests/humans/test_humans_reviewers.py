"""Who voted what, from rationales that name a reviewer for every vote."""

import json

import numpy as np

from panel_eval.humans import load_soft_labels, reviewers
from panel_eval.humans.reviewers import reviewer_votes


def load(tmp_path, items):
    """Items as (counts, {reviewer: label})."""
    lines = [
        json.dumps(
            {
                "item_id": f"i{row}",
                "task": "t",
                "counts": counts,
                "rationales": [{"reviewer": name, "label": label} for name, label in named.items()],
            }
        )
        for row, (counts, named) in enumerate(items)
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(lines))
    return load_soft_labels(path)


def test_votes_of_items_whose_reviewers_are_all_named(tmp_path):
    humans = load(
        tmp_path,
        [
            ({"a": 2, "b": 1}, {"zoe": "a", "ann": "b", "bob": "a"}),
            ({"a": 2, "b": 1}, {"zoe": "a", "ann": "b"}),  # one of three is not named
            ({"a": 0, "b": 1}, {"ann": "b"}),
        ],
    )
    votes = reviewer_votes(humans)
    assert votes is not None
    assert votes.reviewers == ("ann", "bob", "zoe")
    cast = {
        (int(i), votes.reviewers[j], humans.labels[k])
        for i, j, k in zip(votes.item, votes.reviewer, votes.label, strict=True)
    }
    assert cast == {(0, "zoe", "a"), (0, "ann", "b"), (0, "bob", "a"), (2, "ann", "b")}
    assert (votes.n_items, votes.n_read) == (2, 3)


def test_votes_add_up_to_the_counts_where_rows_were_selected(tmp_path):
    named = [({"a": 2, "b": 1}, {"p": "a", "q": "a", "r": "b"}), ({"a": 1, "b": 2}, {"p": "b", "q": "a", "r": "b"})]
    humans = load(tmp_path, named * 3).select([5, 0, 3])
    votes = reviewer_votes(humans)
    tally = np.zeros((3, 2))
    np.add.at(tally, (votes.item, votes.label), 1)
    assert (tally == humans.counts).all()


def test_files_that_name_nobody_or_not_enough_have_none(tmp_path):
    assert reviewer_votes(load(tmp_path, [({"a": 2, "b": 1}, {})] * 3)) is None
    assert reviewer_votes(load(tmp_path, [({"a": 2, "b": 1}, {"zoe": "a"})] * 3)) is None


def test_many_items_are_read_in_part(tmp_path, monkeypatch):
    monkeypatch.setattr(reviewers, "MAX_ITEMS", 5)
    humans = load(tmp_path, [({"a": 1, "b": 1}, {"p": "a", "q": "b"})] * 12)
    votes = reviewer_votes(humans, seed=1)
    assert (votes.n_items, votes.n_read) == (5, 5)
    assert (votes.item == reviewer_votes(humans, seed=1).item).all()
