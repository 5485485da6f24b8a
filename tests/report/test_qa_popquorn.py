"""The QA document of real labels: 1,500 comments, 262 reviewers, and the nine language models that judged them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from qa_reading import Pdf, decimals, percents

from panel_eval import api

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("PANEL_EVAL_DATA", ROOT.parent / "shared" / "data")) / "popquorn_offensiveness"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data at {DATA}; set PANEL_EVAL_DATA"),
]


def test_of_the_labels_alone(tmp_path: Path) -> None:
    delivery = api.read_delivery(DATA / "labels.jsonl", scale="ordinal", resamples=200)
    pdf = Pdf(api.write_qa(delivery, tmp_path / "qa.pdf").read_bytes())
    assert 2 <= len(pdf.pages) <= 8
    # README of the data: 1,500 items, 13,036 ratings by 262 people, 5 to 10 each.
    assert "items 1,500 votes 13,036, of each item: 5 to 10" in pdf.pages[0]
    assert "262 named" in pdf.pages[0]
    alpha = delivery.quality.agreement.coefficients["alpha_ordinal"]
    assert alpha.estimate is not None
    assert decimals(alpha.estimate, 2) in pdf.pages[0]
    for one in delivery.quality.reviewers.reviewers[:30]:
        assert one.agreement.estimate is not None
        assert f"{one.reviewer} {one.votes} {percents(one.agreement.estimate)}" in pdf.text
    assert "232 more" in pdf.text


def test_of_the_run(tmp_path: Path) -> None:
    api.score(
        DATA / "labels.jsonl", DATA / "votes.jsonl", scale="ordinal", out=tmp_path / "run", resamples=100
    )  # fmt: skip
    pdf = Pdf(api.write_qa(tmp_path / "run").read_bytes())
    assert 2 <= len(pdf.pages) <= 8
    assert all(pdf.fonts().values())
    # METHODS 8: cross-entropy 2.493, n_eq 1.80; 243 of 13,500 votes cannot be used.
    assert "13,257 of 13,500 votes" in pdf.pages[0]
    assert "panel 2.493 " in pdf.text
    assert "all judges 13,257 243" in pdf.text
