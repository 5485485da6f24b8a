"""The report of a real evaluation: nine language models against 13,036 human ratings of 1,500 comments."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

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
    return RunView(None, evaluation.metrics, evaluation.items, humans, votes)


def test_the_verdict_is_the_published_finding(popquorn: RunView) -> None:
    said = verdict(popquorn.metrics)
    # METHODS §8: n_eq 1.80, cross-entropy 2.493; the data set counts 243 unusable votes.
    assert said.tone == "worse"
    assert "asking 1.8 of them per item" in said.headline
    assert "2.49 bits" in said.detail
    assert "243 of 13,500 votes" in said.detail


def test_the_page_holds_every_item_in_under_three_megabytes_and_five_seconds(
    popquorn: RunView, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    started = time.process_time()
    write_html(popquorn, page)
    assert time.process_time() - started < 5.0
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_size < 3_000_000
    assert "1,500 of 1,500 items" in text
    losses = [float(loss) for loss in re.findall(r"<span class=ce>([\d.]+)</span>", text)]
    assert len(losses) == 1500
    assert losses == sorted(losses, reverse=True)
