"""The report of a real evaluation: nine language models against 13,036 human ratings of 1,500 comments."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from browser import OpenPage

from panel_eval.evaluation import evaluate
from panel_eval.humans import load_soft_labels
from panel_eval.report import RunView, verdict, write_html
from panel_eval.schema import Vote, read_jsonl

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("PANEL_EVAL_DATA", ROOT.parent / "shared" / "data")) / "popquorn_offensiveness"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data at {DATA}; set PANEL_EVAL_DATA"),
]


@pytest.fixture(scope="module")
def popquorn() -> RunView:
    humans = load_soft_labels(DATA / "labels.jsonl", scale="ordinal")
    votes = [vote for _, vote in read_jsonl(DATA / "votes.jsonl", Vote).records]
    evaluation = evaluate(votes, humans, resamples=200)
    view = RunView(None, evaluation.metrics, evaluation.items, humans, votes)
    return replace(view, forecasts=evaluation.forecasts)


def test_the_verdict_is_the_published_finding(popquorn: RunView) -> None:
    said = verdict(popquorn.metrics)
    # METHODS §8: n_eq 1.80, cross-entropy 2.493; the data set counts 243 unusable votes.
    assert said.tone == "worse"
    assert "asking 1.8 of them per item" in said.headline
    assert "2.49 bits" in said.detail
    assert "243 of 13,500 votes" in said.detail


@pytest.fixture(scope="module")
def page(popquorn: RunView, tmp_path_factory: pytest.TempPathFactory) -> Path:
    started = time.process_time()
    path = write_html(popquorn, tmp_path_factory.mktemp("page") / "report.html")
    assert time.process_time() - started < 5.0
    return path


def test_the_page_holds_every_item_in_under_three_megabytes(popquorn: RunView, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_size < 3_000_000
    assert "All 1,500 items" in text
    found = re.search(r'<script type="application/json" id="x-data">(.*?)</script>', text, flags=re.S)
    assert found is not None
    columns = json.loads(found[1])["columns"]
    shown = dict(zip(columns["id"], columns["ce"], strict=True))
    assert len(shown) == 1500
    assert all(
        abs(shown[item_id] - loss) <= 5e-4
        for item_id, loss in zip(popquorn.items["item_id"], popquorn.items["ce_bits"], strict=True)
    )
    assert columns["kl"] == sorted(columns["kl"], reverse=True)


def test_it_opens_in_silence_answers_at_once_and_can_be_read_by_everyone(open_page: OpenPage, page: Path) -> None:
    opened = open_page(page)
    assert opened.first_paint_ms() < 3_000  # the bar is 1,000 ms on an idle machine: benchmarks/report.py
    search = (
        "const box = document.getElementById('x-text'); box.value = '{}'; box.dispatchEvent(new Event('input'))"
    )
    times = [opened.time_ms(search.format(word)) for word in ("people", "the", "what is", "")]
    assert sorted(times)[1] < 100
    opened.page.fill("#x-text", "your username still miss")
    assert opened.page.locator("#x-list .id").all_inner_texts() == ["popquorn-off-12"]
    opened.page.keyboard.press("Escape")
    opened.page.select_option("#x-who", label="tulu2-7b")
    opened.page.select_option("#x-answer", "unusable")
    told = opened.page.locator("#x-count").inner_text()
    assert told.startswith("113 of 1,500 items")  # of the 243 unusable votes
    assert opened.utterances() == []
    assert opened.axe() == []
    assert opened.overflow() == 0
