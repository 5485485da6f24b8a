"""Whatever a source holds: the file that is written validates, keeps the votes, goes out and comes back."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from imports import do_import

from panel_eval.api import export_labels
from panel_eval.humans import load_soft_labels
from panel_eval.importing import Annotation, Entry, Gathering, Item, Tally, labelled_items
from panel_eval.schema.import_mapping import ImportMapping

LABELS = ("no", "maybe", "yes", "1", "-2", "=1+1")
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)
names = st.sampled_from(["a", "b", "ç", "x,y", 'q"', "=1", " a ", "a\nb", ""])
answers = st.builds(
    Annotation,
    item_id=names,
    reviewer=st.none() | names,
    label=st.sampled_from([*LABELS, None, "", 1, 1.0, True, float("nan"), [], "other"]),
    line=st.none() | st.integers(1, 99),
    confidence=st.none() | st.floats(allow_nan=True) | st.floats(0, 1) | st.just("0.5") | st.just("high"),
    evidence=st.none() | texts,
    criterion=st.none() | texts,
    seconds=st.none() | st.floats() | st.floats(0, 1e6) | st.just("7.5"),
    at=st.none() | st.sampled_from(["2026-01-02T03:04:05Z", "yesterday", 1.7e9, 1e300, "2026-01-02", float("nan")]),
)
items = st.builds(
    Item,
    item_id=names,
    content=st.dictionaries(st.sampled_from(["text", "context", "x,1"]), texts.filter(str.strip), max_size=2),
    cluster=st.none() | names.filter(str.strip),
    gold_label=st.sampled_from([None, "no", "other", 1]),
    split=st.sampled_from([None, "train"]),
    adjudicated_label=st.sampled_from([None, "yes", "other"]),
    adjudication_reason=st.none() | texts.filter(str.strip),
    metadata=st.dictionaries(texts, st.none() | st.booleans() | texts | st.integers(), max_size=2),
)
tallies = st.builds(
    Tally,
    item_id=names,
    counts=st.dictionaries(st.sampled_from([*LABELS, "other", None]), st.integers(0, 5), max_size=4),
)


def write(entries: list[Entry], path: Path) -> tuple[Gathering, int]:
    """Gather entries and write the label file; the number of items in it."""
    gathered = Gathering(ImportMapping(label_order=list(LABELS)), None)
    gathered.take_all(entries)
    found, _ = labelled_items(gathered, "t")
    path.write_bytes(b"".join(found.lines()))
    return gathered, len(found)


@given(st.lists(answers | items | tallies, max_size=25))
@settings(max_examples=300, deadline=None)
def test_any_entries_give_a_file_that_validates(entries: list[Entry]):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "labels.jsonl"
        gathered, n_items = write(entries, path)
        if not n_items:
            return
        humans = load_soft_labels(path)
        assert humans.labels == LABELS
        given_answers = sum(isinstance(entry, Annotation) for entry in entries)
        columns, replaced = gathered.answers.columns()
        lost = gathered.drops.kinds()
        no_vote = {"no_item", "no_answer", "unknown_label", "mapped_to_nothing"}
        in_tallies = sum(sum(e.counts.values()) for e in entries if isinstance(e, Tally) and e.counts is not None)
        of_items = sum(isinstance(e, (Item, Tally)) for e in entries)
        dropped = sum(kind.count for kind in lost if kind.reason in no_vote)
        assert len(columns) + len(replaced) <= given_answers
        assert given_answers - len(columns) - len(replaced) <= dropped <= given_answers + of_items + in_tallies
        assert humans.reviewer_count.sum() == len(columns) + sum(
            tally.reviewers for code, tally in gathered.tallies.items() if code not in set(columns.item.tolist())
        )


@given(st.lists(answers, max_size=25))
@settings(max_examples=200, deadline=None)
def test_the_last_answer_of_each_person_is_the_one_that_is_kept(entries: list[Annotation]):
    entries = [entry._replace(at=None) for entry in entries]
    gathered = Gathering(ImportMapping(label_order=list(LABELS)), None)
    gathered.take_all(entries)
    last: dict[tuple[str, str], str] = {}
    unnamed: dict[str, list[str]] = defaultdict(list)
    plain = {"no", "maybe", "yes", "1", "-2", "=1+1"}
    for entry in entries:
        label = "1" if entry.label in (1, 1.0) and entry.label is not True else entry.label
        item, who = entry.item_id.strip(), (entry.reviewer or "").strip()
        if not item or not isinstance(label, str) or label not in plain:
            continue
        if who:
            last[item, who] = label
        else:
            unnamed[item].append(label)
    wanted = sorted([*(f"{i}/{label}" for (i, _), label in last.items()),
                     *(f"{i}/{label}" for i, own in unnamed.items() for label in own)])  # fmt: skip
    columns, _ = gathered.answers.columns()
    ids, name = gathered.items.ids, gathered.labels.name
    kept = zip(columns.item.tolist(), columns.label.tolist(), strict=True)
    assert sorted(f"{ids[item]}/{name(label)}" for item, label in kept) == wanted


@given(st.lists(answers | items, min_size=1, max_size=20), st.sampled_from([".csv", ".tsv", ".parquet"]))
@settings(max_examples=150, deadline=None)
def test_out_and_back_is_the_identity(entries: list[Entry], suffix: str):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "first.jsonl"
        if not write(entries, path)[1]:
            return
        table = Path(folder) / f"table{suffix}"
        assert export_labels(path, "long", table) == []
        back = do_import("long", table, Path(folder), task="t", label_order=list(LABELS))
        assert not back.report.dropped
        first = [json.loads(line) for line in path.read_bytes().splitlines()]
        again = [json.loads(line) for line in (Path(folder) / "labels.jsonl").read_bytes().splitlines()]
        assert again == first
