"""Whatever a release's file holds: an import ends in files that validate or in an error that says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imports import do_import

from panel_eval.api import import_annotations
from panel_eval.errors import InputError

WORDS = (
    "uid", "label_counter", "label_count", "label_dist", "example", "premise", "old_label", "e", "n", "c", "1", "2",
    "text", "context", "annotators", "annotations", "soft_label", "other_info", "explanations", "Ann1", "Ann1,Ann2",
    "0,1", "metric", "instances", "instance", "id", "individual_human_scores", "labels_list", "mean_human",
    "category", "graded", "worst", "best", "fluency", "labels", "label", "counts", "soft_label", "reviewers",
    "item_id", "source", "panel", "human", "p_yes", "yes", "metadata", "{", "[0 1]", "gold_label", "", "\x1b[31m",
)  # fmt: skip
words = st.sampled_from(WORDS)
leaves = st.none() | st.booleans() | st.integers(-3, 2**70) | st.floats() | words | st.text(max_size=5)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=5), max_leaves=25
)


def mostly(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nine times of ten what a file has there, else anything."""
    return st.integers(0, 9).flatmap(lambda draw: values if draw == 9 else kind)


def objects(**known: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with the keys that the format has, mostly of the right kind, and others."""
    fixed = st.fixed_dictionaries({name: mostly(kind) for name, kind in known.items()})
    return st.builds(lambda base, more: {**more, **base}, fixed, st.dictionaries(words, values, max_size=2))


counts = st.dictionaries(st.sampled_from(["e", "n", "c"]), st.integers(0, 4), max_size=3)
shares = st.dictionaries(st.sampled_from(["0", "1", "-2", "neutral"]), st.floats(0, 1) | counts, max_size=3)
people = st.sampled_from(["Ann1,Ann2", "Ann1", "Ann1,Ann1,Ann2", ""])
marks = st.dictionaries(st.sampled_from(["Ann1", " Ann2", ""]), words, max_size=2) | st.sampled_from(
    ["0,1", "-2", ""]
)
chaosnli = objects(uid=words, label_counter=counts, label_count=st.lists(st.integers(0, 3), min_size=3, max_size=3))
lewidi = objects(
    text=words | st.dictionaries(words, words, max_size=2), annotators=people, annotations=marks, soft_label=shares,
    other_info=objects(explanations=st.lists(words, max_size=3)),
)  # fmt: skip
scored = st.dictionaries(
    st.just("fluency"),
    objects(individual_human_scores=st.lists(st.integers(0, 3) | leaves, max_size=3)),
    min_size=1,
)
bench = objects(
    annotations=st.lists(objects(metric=words, category=words, worst=leaves, best=leaves), max_size=2),
    instances=st.lists(
        objects(id=st.integers(0, 3), instance=values, annotations=scored, llama=values), max_size=3
    ),
)
rows = objects(
    id=st.integers(0, 3),
    labels=st.lists(st.integers(-1, 2) | words, max_size=3) | words,
    counts=counts,
    soft_label=st.lists(st.floats(0, 1), max_size=3) | st.just([0.25, 0.25, 0.5]),
    reviewers=st.integers(0, 4) | st.lists(words, max_size=3),
    text=words,
    source=st.sampled_from(["human", "panel"]),
)
labelled = st.dictionaries(words, mostly(st.dictionaries(words, leaves, max_size=3)), max_size=3)
CASES = {
    "chaosnli": st.lists(chaosnli, min_size=1, max_size=4),
    "lewidi": st.dictionaries(words, lewidi, min_size=1, max_size=3),
    "judge-bench": bench,
    "alttest": labelled,
    "huggingface": st.lists(rows, min_size=1, max_size=5),
}
ORDER = {"huggingface": ["yes", "0", "1"]}
ASKED = {"judge-bench": "fluency", "lewidi": "neutral", "huggingface": "labels"}
LINES = {"chaosnli", "huggingface"}
cells = words.filter(str.isprintable) | st.sampled_from(["3", "3", "1.0", "1", "-99999", "0"])
TABLES = {
    "popquorn": "instance_id,user_id,text,offensiveness",
    "dices": "item_id,rater_id,context,response,answer_time_ms,safety_gold,Q_overall",
    "cifar10h": "annotator_id,is_attn_check,true_category,chosen_category,cifar10_test_test_idx,reaction_time",
    "huggingface": "id,labels,annotators,soft_label,reviewers,text",
}


def ends_well(name: str, path: Path, folder: Path, **options: Any) -> None:
    """Import; what was written validates (it is loaded back), or an error says what is wrong."""
    said = "done"
    try:
        do_import(name, path, folder, task="t", want=("labels", "votes", "items"), **options)
    except InputError as error:
        said = str(error)
    assert said
    assert "\x1b" not in said


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_json_ends_in_labels_or_in_an_error(name: str, data: st.DataObject):
    given_ = data.draw(mostly(CASES[name]))
    label = data.draw(st.sampled_from([None, None, None, ASKED.get(name)]))
    with TemporaryDirectory() as folder:
        suffix = ".jsonl" if name in LINES else ".json"
        path = Path(folder) / f"x{suffix}"
        many = given_ if name in LINES and isinstance(given_, list) else [given_]
        path.write_text("\n".join(map(json.dumps, many)), encoding="utf-8")
        fields = {} if label is None else {"label": label}
        ends_well(name, path, Path(folder), fields=fields, label_order=ORDER.get(name, []))


@pytest.mark.parametrize("name", TABLES)
@given(rows=st.lists(st.lists(cells, min_size=8, max_size=8), max_size=6), more=st.sampled_from([0, 0, 0, 1]))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_table_ends_in_labels_or_in_an_error(name: str, rows: list[list[str]], more: int):
    width = TABLES[name].count(",") + 1 + more
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_text("\n".join([TABLES[name], *(",".join(row[:width]) for row in rows)]), encoding="utf-8")
        ends_well(name, path, Path(folder))


@given(text=st.lists(st.lists(words | st.just("[1, -4, 9]") | st.just("[2, 2]"), max_size=5), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_lexicon_ends_in_labels_or_in_an_error(text: list[list[str]]):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vader_lexicon.txt"
        path.write_text("\n".join(map("\t".join, text)), encoding="utf-8")
        ends_well("vader", path, Path(folder))


@pytest.mark.parametrize("name", ["cifar10h", "dices", "popquorn", "long", "wide"])
def test_tables_with_lists_in_their_cells_end_in_an_error(name: str, tmp_path: Path):
    columns = ["cifar10_test_test_idx", "annotator_id", "chosen_category", "true_category", "item_id", "rater_id"]
    columns += ["Q_overall", "instance_id", "user_id", "offensiveness", "label"]
    path = tmp_path / "cells.parquet"
    pq.write_table(pa.table({column: [[1], [2]] for column in columns}), path)
    with pytest.raises(InputError):
        import_annotations(name, path, tmp_path / "out.jsonl")
