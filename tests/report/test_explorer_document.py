"""What the explorer embeds, and how it keeps to its room: texts are cut before an item is dropped."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explored_runs import HOSTILE_ID, JUDGES, LABELS, explored_view, judged, labelled, unscored_view

from panel_eval.report import RunView
from panel_eval.report.explorer import explorer
from panel_eval.report.explorer.choosing import most_telling
from panel_eval.report.explorer.section import LADDER, MAX_ITEMS
from panel_eval.schema import OUTCOMES, Metrics, SoftLabel, Vote

ROOM = 2_000_000


def document(html: str) -> dict[str, Any]:
    """The JSON in the section."""
    found = re.search(r'<script type="application/json" id="x-data">(.*?)</script>', html, flags=re.S)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> RunView:
    return explored_view(tmp_path_factory.mktemp("run"))


def entry(read: dict[str, Any], item_id: str) -> dict[str, Any]:
    """One item's entry in each column."""
    columns = read["columns"]
    keys = columns.get("key") or [None] * len(columns["id"])
    at = next(k for k, shown in enumerate(columns["id"]) if item_id in (shown, keys[k]))
    return {name: column[at] for name, column in columns.items()}


def test_the_primers_item_is_embedded_as_its_file_has_it(view: RunView) -> None:
    read = document(explorer(view, ROOM))
    mri = entry(read, "mri-2031")
    assert (mri["human"], mri["reviewers"], mri["reported"]) == ([0, 250, 1, 500, 2, 250], 4, "major")
    assert mri["human_entropy"] == 1.5
    said = [[read["people"][who], read["answers"][label], text] for who, label, text in mri["people"][0]]
    assert said[2] == ["C", "severe", "edema visible in T2-FLAIR"]
    assert mri["adjudicated"] == ["", "honest disagreement; not collapsed by default"]
    contents = {read["fields"][name]: text for name, text in mri["content"]}
    assert contents == {"finding": "18 mm lesion, parietal", "sequence": "T2-FLAIR"}


def test_judges_answers_are_their_own_and_unsmoothed(view: RunView) -> None:
    read = document(explorer(view, ROOM))
    votes = [vote for vote in view.votes if vote.item_id == "scan 0005" and vote.judge == "bo"]
    labels = [LABELS.index(vote.label or "") for vote in votes]
    expected = labels[0] if labels[0] == labels[1] else [min(labels), 500, max(labels), 500]
    own = entry(read, "scan 0005")
    assert own["judges"][read["judges"].index("bo")] == expected
    refused = entry(read, "scan 0003")
    assert refused["judges"] == [None, None, None]
    assert refused["said"][2] == [n for judge in range(3) for n in (judge, OUTCOMES.index("refusal"), 2)]
    assert refused["said"][0][0] == [
        0,
        -1 - OUTCOMES.index("refusal"),
        "answer as received: I cannot help with scans",
        2,
    ]


def test_a_hostile_id_is_shown_printable_and_kept_as_it_is(view: RunView) -> None:
    own = entry(document(explorer(view, ROOM)), HOSTILE_ID)
    assert own["key"] == HOSTILE_ID
    assert not {"\u202e", "\x1b", "\u2028"} & set(own["id"])


def test_a_label_named_like_an_outcome_is_not_taken_for_one(tmp_path: Path) -> None:
    records = [SoftLabel(item_id="i", task="t", counts={"refusal": 3, "error": 1}, content={"a": "b"})]
    votes = [
        Vote(item_id="i", judge="ada", label="error", rationale="chosen"),
        Vote(item_id="i", judge="bo", outcome="error", rationale="failed"),
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text(records[0].model_dump_json(exclude_defaults=True))
    read = document(explorer(explored_view(tmp_path, records, votes), ROOM))
    chosen, failed = read["columns"]["said"][0][0]
    assert read["answers"][chosen[1]] == "error"
    assert failed[1] == -1 - OUTCOMES.index("error")


def test_the_policy_and_the_order_of_certainty_are_those_of_the_whole_run(view: RunView) -> None:
    decided = np.arange(60) % 3 == 0
    read = document(explorer(replace(view, decided=decided), ROOM))
    for item_id in ("scan 0006", "scan 0007"):
        row = int(item_id[-2:])
        own, unsure = entry(read, item_id), view.items["uncertainty"]
        assert own["decided"] == int(decided[row])
        below, upto = (unsure < unsure[row]).sum(), (unsure <= unsure[row]).sum()
        assert own["unsure"] == [round(1000 * below / 59), round(1000 * upto / 59)]


def test_texts_are_cut_before_items_are_dropped_and_the_page_says_so(view: RunView) -> None:
    whole = len(explorer(view, ROOM).encode())
    records = [r.model_copy(update={"content": {"finding": "word " * 900}}) for r in labelled()]
    long = explorer(replace(view, humans=replace(view.humans, records=tuple(records))), whole + 60_000)
    assert len(long.encode()) <= whole + 60_000
    assert len(document(long)["columns"]["id"]) == 60
    assert re.search(r"Contents are cut to [\d,]+ characters", long)
    assert "more characters)" in document(long)["columns"]["content"][0][0][1]


def test_where_nothing_else_helps_the_least_telling_items_are_dropped(view: RunView) -> None:
    empty = len(explorer(view, 0).encode())
    html = explorer(view, empty + 4_000)
    shown = document(html)["columns"]["id"]
    assert 3 <= len(shown) < 60
    assert len(html.encode()) <= empty + 4_000
    assert f"{len(shown)} of 60 items, chosen:" in html
    chosen = view.items["item_id"].to_numpy()[most_telling(view.items, len(shown))].tolist()
    assert shown == [item_id for item_id in chosen if item_id != HOSTILE_ID]


def test_five_megabytes_from_a_judge_seventy_judges_and_a_hundred_labels(
    make_metrics: Callable[..., Metrics], tmp_path: Path
) -> None:
    labels = [f"label {k:03d} " + "x" * 200 for k in range(100)]
    records = [
        SoftLabel(item_id=f"i{row}", task="t", counts={label: int(k % 7 == row) for k, label in enumerate(labels)})
        for row in range(3)
    ]
    spread = dict(zip(labels, np.full(100, 0.01).tolist(), strict=True))
    votes = [
        Vote(item_id=f"i{row}", judge=f"judge {j}", rationale="€<" * 2_500_000 if j == 0 and row == 0 else "short",
             **({"distribution": spread} if j % 2 else {"label": labels[j]}))
        for row in range(3)
        for j in range(70)
    ]  # fmt: skip
    metrics = make_metrics(labels=tuple(labels), judges=tuple(f"judge {j}" for j in range(70)))
    html = explorer(unscored_view(tmp_path, records, votes, metrics), 300_000)
    assert len(html.encode()) <= 300_000
    read = document(html)
    assert len(read["columns"]["id"]) == 3
    assert "more characters)" in html
    listed = [mass for own in read["columns"]["judges"] for mass in own if isinstance(mass, list)]
    assert {(len(mass), *mass[24:]) for mass in listed} == {(26, -1, 880)}  # 12 labels, and what 88 of 1 % hold
    assert all(own[1] == 10 for own in read["columns"]["said"])  # 60 reasons of 70


def test_of_a_large_run_two_thousand_items_are_shown_by_the_rule(
    make_metrics: Callable[..., Metrics], tmp_path: Path
) -> None:
    records = labelled(2300)
    view = unscored_view(tmp_path, records, judged(records), make_metrics(LABELS, JUDGES))
    html = explorer(view, ROOM)
    read = document(html)
    assert len(read["columns"]["id"]) == MAX_ITEMS
    assert "2,000 of 2,300 items, chosen: the same number of each disagreement class" in html
    assert "items.parquet" in html
    chosen = view.items["item_id"].to_numpy()[most_telling(view.items, MAX_ITEMS)].tolist()
    keys = read["columns"]["key"]
    assert [keys[k] or shown for k, shown in enumerate(read["columns"]["id"])] == chosen
    assert len(html.encode()) <= ROOM


def test_each_step_of_the_ladder_is_no_longer_than_the_one_before() -> None:
    for longer, shorter in itertools.pairwise(LADDER):
        assert longer.content >= shorter.content
        assert longer.reason >= shorter.reason
        assert longer.judge_labels >= shorter.judge_labels


def test_the_order_of_the_votes_changes_nothing(view: RunView) -> None:
    assert explorer(replace(view, votes=list(view.votes)[::-1]), ROOM) == explorer(view, ROOM)
