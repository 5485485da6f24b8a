"""Items without human labels in a run: asked about by the rules for all items, stored, and in no score."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import panel_eval as pe
from panel_eval.api.unlabelled import unlabelled_forecasts
from panel_eval.engine import StopSignal
from panel_eval.judges.wire import TransportError

LABELS = ("low", "mid", "high")
RUBRIC = {
    "task": "mood",
    "description": "Which mood?",
    "labels": [{"name": name, "definition": f"It is {name}."} for name in LABELS],
}
N_LABELLED, N_POOL = 12, 30
SAMPLES = 2


def labelled(number: int) -> dict[str, Any]:
    counts = {"low": number % 3, "mid": 1, "high": 2 - number % 3}
    return {"item_id": f"l{number}", "task": "mood", "counts": counts, "content": {"text": f"labelled {number}"}}


def unlabelled(number: int) -> dict[str, Any]:
    return {"item_id": f"u{number}", "content": {"text": f"unlabelled {number}"}, "cluster": f"c{number % 4}"}


def write(path: Path, records: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


@pytest.fixture
def panel(tmp_path: Path) -> pe.Panel:
    """One judge, two samples; twelve labelled items and thirty others."""
    (tmp_path / "mood.yaml").write_text(json.dumps(RUBRIC))
    return pe.Panel(
        panel="tiny",
        rubric=str(tmp_path / "mood.yaml"),
        labels=write(tmp_path / "labels.jsonl", [labelled(n) for n in range(N_LABELLED)]),
        unlabelled=write(tmp_path / "pool.jsonl", [unlabelled(n) for n in range(N_POOL)]),
        judges=[pe.Judge(id="j", model="fake/x", samples=SAMPLES, limits={"concurrency": 1})],
    )


def answer(item_id: str, sample: int) -> str:
    """Two votes: low and mid in turn on l0, u0, l3 …, mid twice on the next item, and so on."""
    return (LABELS[int(item_id[1:]) % 3], LABELS[1])[sample]


def judge(stop: StopSignal | None = None, after: int = 0) -> pe.FakeTransport:
    """A judge that answers everything; if `stop` is given, the run is stopped at the request number `after`."""
    asked = count(1)

    def reply(request: pe.WireRequest) -> str:
        if stop is not None and next(asked) == after:
            stop.request()
        return answer(request.question.item_id, request.question.sample)

    return pe.FakeTransport(reply)


def run(panel: pe.Panel, results: Path, transport: pe.FakeTransport | None = None, **options: Any) -> pe.RunResult:
    return pe.run(
        panel, transports={"j": transport or judge()}, results=results, report=False, resamples=100, **options
    )


def run_cut_short(panel: pe.Panel, results: Path, after: int) -> pe.RunResult:
    """A run that is stopped at one of its requests."""
    stop = StopSignal()
    return run(panel, results, judge(stop, after), stop=stop)


def without_costs(result: pe.RunResult) -> dict[str, Any]:
    assert result.directory is not None
    found = json.loads((result.directory / "metrics.json").read_text())
    found.pop("economics")
    return found


def test_scores_are_those_of_a_run_without_them(panel: pe.Panel, tmp_path: Path) -> None:
    """Same metrics but for what votes cost, same table of items, no warning; the votes are all there."""
    beside = run(panel, tmp_path / "beside")
    alone = run(panel.model_copy(update={"unlabelled": None}), tmp_path / "alone")
    assert without_costs(beside) == without_costs(alone)
    assert beside.items.equals(alone.items)
    assert len(beside.votes) == SAMPLES * (N_LABELLED + N_POOL)
    assert beside.metrics.economics.votes == len(beside.votes)
    assert beside.metrics.economics.by_class["unlabelled"].votes_paid == SAMPLES * N_POOL
    story = beside.manifest
    assert (story.n_items, story.n_unlabelled) == (N_LABELLED, N_POOL)
    assert story.votes_planned == story.votes_stored == len(beside.votes)
    assert not beside.incomplete


def test_a_run_read_back_knows_them(panel: pe.Panel, tmp_path: Path) -> None:
    result = run(panel, tmp_path / "r")
    assert result.directory is not None
    back = pe.open_run(result.directory)
    for found in (result, back):
        assert found.unlabelled.item_ids == tuple(f"u{n}" for n in range(N_POOL))
        assert found.unlabelled.clusters is not None
        assert found.unlabelled.clusters[5] == "cluster:c1"
        assert found.unlabelled.records[7].content == {"text": "unlabelled 7"}
    assert len(back.votes) == len(result.votes)
    bare = run(panel.model_copy(update={"unlabelled": None}), tmp_path / "bare")
    assert bare.directory is not None
    assert not (bare.directory / "unlabelled.jsonl").exists()
    assert len(pe.open_run(bare.directory).unlabelled) == 0


def test_the_judges_answers_on_them_are_forecasts(panel: pe.Panel, tmp_path: Path) -> None:
    """u0: low and mid; u1: mid twice; u2: high and mid."""
    found = unlabelled_forecasts(run(panel, tmp_path / "r"))
    assert found.judge_ids == ("j",)
    assert found.q_raw.shape == (1, N_POOL, 3)
    np.testing.assert_allclose(found.q_raw[0, :3], [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.5]])
    assert found.strength.tolist() == [[2.0] * N_POOL]
    bare = unlabelled_forecasts(run(panel.model_copy(update={"unlabelled": None}), tmp_path / "bare"))
    assert bare.q_raw.shape == (1, 0, 3)


def test_items_added_to_an_unfinished_run_buy_nothing_again(panel: pe.Panel, tmp_path: Path) -> None:
    """A run without them is stopped; with them it goes on in the same directory, and asks for what is missing."""
    first = run_cut_short(panel.model_copy(update={"unlabelled": None}), tmp_path / "r", 9)
    assert first.incomplete
    bought = {vote.vote_key for vote in first.votes if vote.outcome == "ok"}
    assert len(bought) == 9
    transport = judge()
    second = run(panel, tmp_path / "r", transport)
    assert second.directory == first.directory
    assert not second.incomplete
    assert len(transport.requests) == SAMPLES * (N_LABELLED + N_POOL) - len(bought)


def test_a_run_cut_short_is_a_random_sample_of_whole_items_of_both_kinds(panel: pe.Panel, tmp_path: Path) -> None:
    """Of 42 items 21 are asked about: both kinds are among them, and one item is unfinished."""
    result = run_cut_short(panel, tmp_path / "r", 41)
    counts: dict[str, int] = {}
    for vote in result.votes:
        counts[vote.item_id] = counts.get(vote.item_id, 0) + 1
    assert sorted(counts.values()) == [1] + [SAMPLES] * 20
    heard = {kind: sum(item_id[0] == kind for item_id in counts) for kind in "lu"}
    assert 2 <= heard["l"] <= 10  # 12 of 42 items: 6 expected
    assert result.incomplete
    assert result.unasked == SAMPLES * (N_LABELLED + N_POOL) - len(result.votes)
    partial = [warning.text for warning in result.metrics.warnings if warning.code == "partial"]
    on_labelled = sum(vote.item_id[0] == "l" for vote in result.votes)
    assert f"{on_labelled} of {SAMPLES * N_LABELLED} planned votes on the labelled items" in partial[0]


def test_a_run_that_lacks_only_votes_on_them_is_partial_but_its_scores_are_not(
    panel: pe.Panel, tmp_path: Path
) -> None:
    def reply(request: pe.WireRequest) -> str | Exception:
        item_id = request.question.item_id
        broken = TransportError("bad_request", "no", retryable=False)
        return broken if item_id.startswith("u") else answer(item_id, request.question.sample)

    result = run(panel, tmp_path / "r", pe.FakeTransport(reply))
    assert result.incomplete
    assert result.failed > 0
    assert [warning.code for warning in result.metrics.warnings if warning.code == "partial"] == []


def test_an_item_that_people_labelled_in_the_meantime_is_not_asked_about_again(
    panel: pe.Panel, tmp_path: Path
) -> None:
    """The key of a vote knows nothing of labels: with --reuse the pool's votes serve the newly labelled items."""
    first = run(panel, tmp_path / "r")
    assert first.directory is not None
    moved = [{**unlabelled(n), "task": "mood", "counts": {"low": 1, "mid": 2, "high": 0}} for n in range(10)]
    write(Path(panel.labels), [*(labelled(n) for n in range(N_LABELLED)), *moved])
    assert panel.unlabelled is not None
    write(Path(panel.unlabelled), [unlabelled(n) for n in range(10, N_POOL)])
    transport = judge()
    second = run(panel, tmp_path / "r", transport, reuse=[first.directory])
    assert not transport.requests
    assert (second.manifest.n_items, second.manifest.n_unlabelled) == (N_LABELLED + 10, N_POOL - 10)
    assert second.metrics.n_scored == N_LABELLED + 10


def test_a_pool_that_is_named_no_more_leaves_the_run(panel: pe.Panel, tmp_path: Path) -> None:
    """Its votes stay in the journal; the run is about the labelled items then."""
    first = run_cut_short(panel, tmp_path / "r", 40)
    assert first.directory is not None
    assert (first.directory / "unlabelled.jsonl").exists()
    second = run(panel.model_copy(update={"unlabelled": None}), tmp_path / "r")
    assert second.directory == first.directory
    assert not (first.directory / "unlabelled.jsonl").exists()
    assert not second.incomplete
    assert second.metrics.warnings == pe.open_run(first.directory).metrics.warnings
    assert "votes_for_unknown_items" not in {warning.code for warning in second.metrics.warnings}


def test_an_item_that_was_mended_has_one_answer_a_sample(panel: pe.Panel, tmp_path: Path) -> None:
    """Votes on its former text stay in votes.jsonl, but are no votes of the run that is read back."""
    assert panel.unlabelled is not None
    run_cut_short(panel, tmp_path / "r", 60)
    mended = [{**unlabelled(n), "content": {"text": f"mended {n}"}} for n in range(N_POOL)]
    write(Path(panel.unlabelled), mended)
    result = run(panel, tmp_path / "r")
    assert result.directory is not None
    lines = (result.directory / "votes.jsonl").read_bytes().count(b"\n")
    back = pe.open_run(result.directory)
    assert lines > len(back.votes) == len(result.votes) == SAMPLES * (N_LABELLED + N_POOL)
    np.testing.assert_array_equal(unlabelled_forecasts(back).q_raw, unlabelled_forecasts(result).q_raw)


def test_votes_only_on_unlabelled_items_still_make_a_run(panel: pe.Panel, tmp_path: Path) -> None:
    """A run that is stopped at its first request may have heard of no labelled item: partial, not an error."""
    for seed in range(8):
        result = run_cut_short(panel.model_copy(update={"seed": seed}), tmp_path / str(seed), 1)
        assert result.incomplete
        if result.votes[0].item_id.startswith("u"):
            assert result.metrics.n_scored == 0
            assert result.unasked == SAMPLES * (N_LABELLED + N_POOL) - 1
            return
    pytest.fail("no seed began with an unlabelled item")
