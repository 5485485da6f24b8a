"""The Python interface: the same power as the command line, in notebooks too."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import panel_eval as pe
from panel_eval.engine import Progress, StopSignal
from panel_eval.judges.wire import TransportError
from panel_eval.pooling import VoteTable, latest_votes

PRICE = {"input_usd_per_mtok": 100.0, "output_usd_per_mtok": 100.0}
RUBRIC = pe.Rubric.model_validate(
    {
        "task": "mood",
        "description": "Which mood?",
        "labels": [{"name": name, "definition": f"It is {name}."} for name in ("low", "mid", "high")],
    }
)


@pytest.fixture
def panel(tmp_path: Path) -> pe.Panel:
    """A panel of one judge about two items; paths are absolute since it is made in Python."""
    labels = tmp_path / "labels.jsonl"
    labels.write_text(
        '{"item_id": "x", "task": "mood", "counts": {"low": 3, "mid": 1, "high": 0}, "content": {"text": "grey"}}\n'
        '{"item_id": "y", "task": "mood", "counts": {"low": 0, "mid": 2, "high": 2}, "content": {"text": "blue"}}\n'
    )
    rubric = tmp_path / "mood.yaml"
    rubric.write_text(RUBRIC.model_dump_json())  # JSON is YAML
    judge = pe.Judge(id="j", model="fake/unused.yaml", samples=2)
    return pe.Panel(panel="tiny", rubric=str(rubric), labels=str(labels), judges=[judge])


def script() -> dict[str, object]:
    return {"x": ["low", "mid"], "y": "high"}


def test_votes_of_a_scripted_judge_become_the_distributions_they_should(panel: pe.Panel, tmp_path: Path) -> None:
    """Item x: a vote each for low and mid; alpha = 1/2, m = 2, K = 3 give (1 + .5) / 3.5 twice and .5 / 3.5."""
    result = pe.run(panel, transports={"j": pe.FakeTransport(script())}, results=tmp_path / "r", report=False)
    rows = result.items.set_index("item_id")
    assert rows.loc["x", ["q_low", "q_mid", "q_high"]].tolist() == pytest.approx([1.5 / 3.5, 1.5 / 3.5, 0.5 / 3.5])
    assert rows.loc["y", ["q_low", "q_mid", "q_high"]].tolist() == pytest.approx([0.5 / 3.5, 0.5 / 3.5, 2.5 / 3.5])


def test_a_running_event_loop_is_no_obstacle(panel: pe.Panel, tmp_path: Path) -> None:
    async def notebook() -> list[int]:
        found = []
        for round_ in range(2):
            transport = pe.FakeTransport(script())
            found.append(len(pe.run(panel, transports={"j": transport}, results=tmp_path / str(round_)).votes))
        return found

    assert asyncio.run(notebook()) == [4, 4]


def test_run_then_score_of_its_votes_gives_the_same_numbers(panel: pe.Panel, tmp_path: Path) -> None:
    result = pe.run(panel, transports={"j": pe.FakeTransport(script())}, results=tmp_path / "r", report=False)
    assert result.directory is not None
    again = pe.score(result.directory / "labels.jsonl", result.directory / "votes.jsonl", rubric=RUBRIC)
    assert again.metrics.panel == result.metrics.panel
    assert again.metrics.references == result.metrics.references


def test_a_run_read_back_is_the_run(panel: pe.Panel, tmp_path: Path) -> None:
    result = pe.run(panel, transports={"j": pe.FakeTransport(script())}, results=tmp_path / "r")
    assert result.directory is not None
    back = pe.open_run(result.directory)
    assert back.metrics == result.metrics
    assert back.manifest == result.manifest
    assert list(back.votes) == list(result.votes)
    assert back.items.equals(result.items)


def test_items_added_to_an_unfinished_run_do_not_restart_it(panel: pe.Panel, tmp_path: Path) -> None:
    down = pe.FakeTransport({"x": "low", "y": {"error": "auth", "status": 401}})
    first = pe.run(panel, transports={"j": down}, results=tmp_path / "r", report=False)
    assert first.incomplete
    labels = Path(panel.labels)
    labels.write_text(
        labels.read_text()
        + '{"item_id": "z", "task": "mood", "counts": {"mid": 4}, "content": {"text": "green"}}\n'
    )
    up = pe.FakeTransport({"x": "mid", "y": "high", "z": "mid"})
    second = pe.run(panel, transports={"j": up}, results=tmp_path / "r", report=False)
    assert second.directory == first.directory
    assert not second.incomplete
    asked = [request.question.item_id for request in up.requests]
    stored = [vote.item_id for vote in first.votes if vote.outcome == "ok"]
    assert sorted(asked + stored) == ["x", "x", "y", "y", "z", "z"]


def test_scoring_in_memory_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    labels = tmp_path / "l.jsonl"
    labels.write_text('{"item_id": "x", "task": "t", "counts": {"a": 1, "b": 3}}\n')
    before = sorted(tmp_path.rglob("*"))
    result = pe.score(labels, [pe.Vote(item_id="x", judge="j", label="b")])
    assert sorted(tmp_path.rglob("*")) == before
    assert result.directory is None


def test_of_a_vote_asked_twice_the_last_one_counts() -> None:
    failed = pe.Vote(vote_key="k", item_id="x", judge="j", outcome="error")
    answered = pe.Vote(vote_key="k", item_id="x", judge="j", label="b")
    other = pe.Vote(vote_key="l", item_id="y", judge="j", label="b")
    assert list(latest_votes(VoteTable.of([failed, other, answered]))) == [answered, other]


def test_stopped_before_one_judge_said_anything_the_run_is_partial(panel: pe.Panel, tmp_path: Path) -> None:
    """One judge answers at once, the other not at all; it still stands in the counts."""
    both = panel.model_copy(
        update={"judges": [*panel.judges, pe.Judge(id="slow", model="fake/x", samples=2, temperature=1.0)]}
    )
    stop = StopSignal()

    def when_some_are_stored(progress: Progress) -> None:
        if progress.done:
            stop.request()
            stop.request()  # at once: the slow judge's calls are given up

    transports = {"j": pe.FakeTransport(script(), delay_s=0.2), "slow": pe.FakeTransport(script(), delay_s=60)}
    result = pe.run(
        both, transports=transports, results=tmp_path / "r", on_progress=when_some_are_stored, stop=stop
    )
    assert result.incomplete
    assert result.manifest.state == "partial"
    assert sum(result.metrics.coverage.by_judge["slow"].values()) == 0
    partial = [warning.text for warning in result.metrics.warnings if warning.code == "partial"]
    assert len(partial) == 1
    assert f"{len(result.votes)} of 8 planned votes" in partial[0]


def test_both_requests_of_a_vote_asked_again_stand_in_the_costs(panel: pe.Panel, tmp_path: Path) -> None:
    """Oracle: the money of run.json, which the ledger counted request by request."""
    price = pe.Judge.model_validate({"id": "j", "model": "fake/s.yaml", "samples": 2, "price": PRICE})
    priced = panel.model_copy(update={"judges": [price]})
    lost = {**script(), "x": TransportError("timeout", "no answer", retryable=False)}
    first = pe.run(priced, transports={"j": pe.FakeTransport(lost)}, results=tmp_path)
    again = pe.run(priced, transports={"j": pe.FakeTransport(script())}, results=tmp_path, retry_failed=True)
    assert (first.directory, again.manifest.state) == (again.directory, "sealed")
    assert again.directory is not None
    assert again.manifest.spend is not None
    assert again.manifest.spend.uncertain_usd > 0.0
    scored = pe.score(again.humans, again.directory / "votes.jsonl", rubric=RUBRIC)
    for economics in (again.metrics.economics, scored.metrics.economics):
        assert economics is not None
        assert economics.cost_usd == pytest.approx(again.manifest.spend.usd)
        assert economics.cost_uncertain_usd == pytest.approx(again.manifest.spend.uncertain_usd)
        assert (economics.votes, economics.votes_asked_again) == (4, 2)
    assert len(again.votes) == 4
