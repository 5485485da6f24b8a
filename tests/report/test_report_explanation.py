"""Explanations as people read them, of ordinary, odd and hostile items."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from browser import OpenPage
from hostile_run import TEXTS, hostile_run
from mri_run import mri_run
from rich.cells import cell_len
from rich.console import Console

from panel_eval import Vote, explain, score
from panel_eval.api import tell_items
from panel_eval.api.explaining import explainer_of
from panel_eval.report.explanation import print_explanation, print_telling_items, render_explanation
from panel_eval.schema.explanation import Explanation

LABEL_LINE = {"item_id": "one", "task": "t", "counts": {"no": 2, "yes": 2}}


def in_terminal(found: Explanation, width: int = 80) -> str:
    written = io.StringIO()
    print_explanation(found, Console(file=written, width=width, color_system=None, highlight=False, emoji=False))
    return written.getvalue()


def explained(folder: Path, votes: list[Vote], **changed: object) -> Explanation:
    labels = folder / "labels.jsonl"
    labels.write_text(json.dumps(LABEL_LINE | changed) + "\n")
    return explain(score(labels, votes, resamples=100), "one")


@pytest.fixture(scope="module")
def mri(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    return explain(mri_run(tmp_path_factory.mktemp("mri")), "mri-2031")


@pytest.mark.parametrize("width", [80, 120])
def test_the_answer_stands_in_the_first_lines_within_the_width(mri: Explanation, width: int) -> None:
    lines = in_terminal(mri, width).splitlines()
    assert max(len(line) for line in lines) <= min(width, 100)
    assert "The panel is split on this item because its judges contradict" in " ".join(lines[:4])
    assert any(line.startswith("Diagnosis: genuine ambiguity.") for line in lines[:8])


def test_page_and_terminal_hold_what_was_computed(mri: Explanation) -> None:
    page = render_explanation(mri)
    assert mri.answer.replace("'", "&#39;") in page
    for line in mri.because:
        assert line.replace("'", "&#39;").replace(">", "&gt;") in page
    assert "edema visible in T2-FLAIR" in page
    assert "mild › moderate › severe" in in_terminal(mri, 120)
    assert Explanation.model_validate_json(mri.model_dump_json()) == mri


def test_one_judge_with_one_vote(tmp_path: Path) -> None:
    found = explained(tmp_path, [Vote(item_id="one", judge="j", label="yes")])
    assert found.answer.startswith("The panel is not split on this item: its one judge favours “yes”.")
    assert found.diagnosis == "split_missed"
    assert found.label_order is None
    assert found.panel.apart is None
    assert "single label" in " ".join(found.because)
    assert "Votes" not in in_terminal(found).split("What each judge says")[1]


def test_votes_that_all_failed(tmp_path: Path) -> None:
    votes = [
        Vote(item_id="one", judge=judge, outcome=outcome, raw="I cannot say")
        for judge, outcome in (("j", "refusal"), ("k", "truncated"))
    ]
    found = explained(tmp_path, votes)
    assert found.answer.startswith("The panel says nothing on this item: none of its 2 votes is an answer.")
    assert found.diagnosis == "no_forecast"
    assert [share.panel for share in found.shares] == [None, None]
    assert "answer as received: I cannot say" in in_terminal(found)
    assert "no answer: refusal" in render_explanation(found)


def test_one_reviewer_and_effective_counts(tmp_path: Path) -> None:
    found = explained(tmp_path, [Vote(item_id="one", judge="j", label="yes")], counts={"no": 0, "yes": 1})
    assert found.answer.endswith("Its one reviewer chose “yes”.")
    assert found.diagnosis == "indeterminate"
    shares = {"distribution": {"no": 0.35, "yes": 0.65}, "reviewer_count": 4, "counts": None}
    effective = explained(tmp_path, [Vote(item_id="one", judge="j", label="yes")], **shares)
    assert not effective.people.votes_known
    assert "of 4, 2.6 chose “yes” and 1.4 “no”" in effective.answer


def test_a_rationale_of_five_megabytes_makes_no_large_page(tmp_path: Path) -> None:
    votes = [Vote(item_id="one", judge="j", label="yes", rationale="because " * 650_000)]
    found = explained(tmp_path, votes, rationales=[{"reviewer": "A", "label": "no", "evidence": "for " * 10**6}])
    assert len(render_explanation(found)) < 60_000
    assert len(in_terminal(found)) < 8_000
    assert len(found.model_dump_json()) < 100_000
    assert "more characters" in render_explanation(found)


def test_hostile_texts_reach_the_terminal_as_text(tmp_path: Path) -> None:
    run = hostile_run(tmp_path)
    explainer = explainer_of(run)
    for item_id in TEXTS:
        text = in_terminal(explainer.explain(item_id))
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
        assert max(map(cell_len, text.splitlines())) <= 80
    written = io.StringIO()
    print_telling_items(tell_items(run), Console(file=written, width=80, color_system=None))
    assert "\x1b" not in written.getvalue()


@pytest.mark.slow
def test_no_hostile_text_runs_on_the_page(tmp_path: Path, open_page: OpenPage) -> None:
    explainer = explainer_of(hostile_run(tmp_path))
    for place, item_id in enumerate(TEXTS[::4]):
        page = tmp_path / f"page-{place}.html"
        page.write_text(render_explanation(explainer.explain(item_id)), encoding="utf-8")
        opened = open_page(page)
        assert not opened.owned()
        assert opened.utterances() == []


@pytest.mark.slow
@pytest.mark.parametrize(("width", "dark"), [(380, False), (1024, True), (1920, False)])
def test_the_page_fits_and_axe_finds_nothing(
    tmp_path: Path, mri: Explanation, open_page: OpenPage, width: int, dark: bool
) -> None:
    page = tmp_path / "page.html"
    page.write_text(render_explanation(mri), encoding="utf-8")
    opened = open_page(page, width=width, dark=dark)
    assert opened.utterances() == []
    assert opened.overflow() == 0
    assert opened.axe() == []


def test_of_many_labels_the_largest_are_shown(tmp_path: Path) -> None:
    counts = {f"label {k:03d}": int(k in (77, 99)) for k in range(120)}
    found = explained(tmp_path, [Vote(item_id="one", judge="j", label="label 050")], counts=counts)
    text = in_terminal(found)
    assert "80 smaller ones are not shown" in " ".join(text.split())
    assert all(f"label {k:03d}" in text for k in (50, 77, 99))
    assert render_explanation(found).count("<dt>label") == 40
