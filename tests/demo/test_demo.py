"""The demo: its words are drawn from the lexicon, and a recorded run replays to the same numbers."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from panel_eval.api import PanelFile, open_run, run
from panel_eval.demo import draw_labels, run_demo, write_labels
from panel_eval.demo.running import RECORDED, live_panel
from panel_eval.demo.words import CLASSES, LABELS, read_lexicon
from panel_eval.errors import JudgeSetupError
from panel_eval.humans import load_rubric, load_soft_labels
from panel_eval.schema import Vote, read_jsonl


def test_a_word_has_the_ratings_of_the_lexicon() -> None:
    """vader_lexicon.txt: withdrawal 0.1 1.13578 [0, 1, 0, -1, ...]: 4 below zero, 2 at zero, 4 above."""
    words, counts = read_lexicon()
    assert dict(zip(LABELS, counts[words.index("withdrawal")], strict=True)) == {
        "negative": 4, "neutral": 2, "positive": 4,
    }  # fmt: skip
    assert (counts.sum(axis=1) == 10).all()


def test_every_disagreement_class_occurs_in_the_draw(tmp_path: Path) -> None:
    write_labels(tmp_path / "labels.jsonl", draw_labels())
    humans = load_soft_labels(tmp_path / "labels.jsonl", load_rubric("sentiment"))
    assert Counter(humans.derived_class) == dict.fromkeys(CLASSES, 15)


def test_the_shipped_labels_are_those_of_the_seed(tmp_path: Path) -> None:
    write_labels(tmp_path / "labels.jsonl", draw_labels())
    assert (tmp_path / "labels.jsonl").read_bytes() == (RECORDED / "labels.jsonl").read_bytes()


def test_the_recorded_demo_replays_every_vote(tmp_path: Path) -> None:
    result = run_demo(results=tmp_path, recorded=True, say=lambda text: None)
    recorded = [vote for _, vote in read_jsonl(RECORDED / "votes.jsonl", Vote).records]
    assert Counter((vote.judge, vote.outcome) for vote in result.votes) == Counter(
        (vote.judge, vote.outcome) for vote in recorded
    )
    answers = {(v.item_id, v.judge, v.sample): (v.label, v.distribution) for v in recorded}
    assert {(v.item_id, v.judge, v.sample): (v.label, v.distribution) for v in result.votes} == answers
    assert result.directory is not None
    assert "demo-recorded" in result.directory.name
    assert open_run(result.directory).metrics == result.metrics


def test_the_recording_holds_no_path_and_no_key() -> None:
    text = (RECORDED / "votes.jsonl").read_text()
    folders = (str(Path.home()), str(RECORDED.parents[2]), tempfile.gettempdir(), "/home/", "site-packages")
    for mark in (*folders, "sk-", "Bearer"):
        assert mark not in text
    assert {json.loads(line)["model_reported"] for line in text.splitlines()} <= {
        "smollm2-135m",
        "gemma3-270m",
        None,
    }


@pytest.mark.slow
def test_real_local_judges_answer_and_fill_the_distributions(tmp_path: Path) -> None:
    try:
        panel = live_panel(lambda text: None)
    except JudgeSetupError as error:
        pytest.skip(str(error))
    write_labels(tmp_path / "labels.jsonl", draw_labels(per_class=1))
    result = run(PanelFile(panel, tmp_path), results=tmp_path / "results")
    assert len(result.votes) == 4 * sum(judge.samples for judge in panel.judges)
    q = result.items[["q_negative", "q_neutral", "q_positive"]].to_numpy()
    assert np.allclose(q.sum(axis=1), 1.0)
    by_logprobs = [v for v in result.votes if v.judge == "smollm2-logprobs" and v.outcome == "ok"]
    assert by_logprobs
    assert all(v.captured_mass is not None and v.captured_mass >= 0.5 for v in by_logprobs)
