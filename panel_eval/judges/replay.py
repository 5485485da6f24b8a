"""Answers from a recorded vote log: ``model: replay/votes.jsonl``. Nothing is asked and nothing is paid."""

from __future__ import annotations

import hashlib
from pathlib import Path

from panel_eval import schema
from panel_eval.errors import InputError, JudgeSetupError, Problem
from panel_eval.judges.judge import Judge, Reply, Route, Send
from panel_eval.judges.outcome import Answer, Answered, NotAnswered
from panel_eval.judges.prompt import Prompt
from panel_eval.judges.question import Question
from panel_eval.judges.wire import TransportError, WireReply, WireRequest
from panel_eval.schema import Rubric, Usage, Vote, read_bytes, read_jsonl


class RecordedVotes:
    """The votes of one judge in a vote log, by item and sample.

    Args:
        path: the vote log.
        judge: id of the judge whose votes are replayed.

    Raises:
        InputError: the log is missing or broken, or holds two different votes of this judge for one item and
            sample (of a vote asked again after a failure the last line counts).

    Attributes:
        sha256: digest of the log's bytes.
    """

    def __init__(self, path: Path, judge: str) -> None:
        lines = read_jsonl(path, Vote)
        problems = list(lines.problems)
        self._votes: dict[tuple[str, int], Vote] = {}
        for number, vote in lines.records:
            if vote.judge != judge:
                continue
            earlier = self._votes.get((vote.item_id, vote.sample))
            asked_again = earlier is not None and vote.vote_key is not None and earlier.vote_key == vote.vote_key
            if earlier is not None and not asked_again:
                message = f"second vote of judge {judge!r} for item {vote.item_id!r}, sample {vote.sample}"
                problems.append(Problem(message, path=path, line=number))
            self._votes[vote.item_id, vote.sample] = vote
        if problems:
            raise InputError(problems)
        self.sha256 = hashlib.sha256(read_bytes(path)).hexdigest()

    def __len__(self) -> int:
        return len(self._votes)

    def vote(self, question: Question) -> Vote | None:
        """The recorded vote for a question, or None."""
        return self._votes.get((question.item_id, question.sample))


class ReplayJudge(Judge):
    """A judge whose answers are those of a vote log.

    Args:
        config: its settings in the panel file; its id names the judge in the log.
        rubric: what was asked.
        prompt: the template; not rendered.
        recorded: the votes.
        seed: the panel's seed.

    Raises:
        JudgeSetupError: the log holds no vote of this judge.
    """

    def __init__(
        self, config: schema.Judge, rubric: Rubric, prompt: Prompt, recorded: RecordedVotes, seed: int = 0
    ) -> None:
        if not len(recorded):
            raise JudgeSetupError(f"the vote log holds no votes of a judge called {config.id!r}")
        # A log holds several judges: whose votes are replayed tells two replayed judges apart.
        route = Route("replay", {"votes_sha256": recorded.sha256, "votes_of": config.id})
        super().__init__(config, rubric, prompt, Silent(), route, seed)
        self._recorded = recorded

    async def ask(self, question: Question, send: Send) -> Reply:
        """The recorded answer; `send` is not used, and what the votes once cost is not paid again."""
        vote = self._recorded.vote(question)
        answer = answer_of(vote, question.label_order)
        if vote is None:
            return Reply(answer, cost_usd=0.0)
        return Reply(answer, Usage(), 0.0, vote.model_reported, vote.raw, snapshot=vote.snapshot)


class Silent:
    """The transport of a judge that sends nothing: of a replayed one, or of one that is only planned with."""

    async def send(self, request: WireRequest) -> WireReply:
        """Refuse.

        Raises:
            TransportError: always.
        """
        raise TransportError("bad_request", "this judge sends nothing")

    async def aclose(self) -> None:
        """There is nothing to close."""


def answer_of(vote: Vote | None, labels: tuple[str, ...]) -> Answer:
    """The answer in a recorded vote. A vote that is not there, or names another label, is an error and no label."""
    if vote is None:
        return NotAnswered("error", "this vote was not recorded", kind="not_recorded")
    said = {vote.label} if vote.label is not None else set(vote.distribution or ())
    if unknown := sorted(said - set(labels)):
        return NotAnswered("error", f"the recorded vote names unknown labels {unknown}", kind="not_recorded")
    if vote.outcome != "ok":
        error = vote.error
        detail = error.message if error else "as recorded"
        return NotAnswered(
            vote.outcome, detail, kind=error.kind if error else None, status=error.status if error else None
        )
    whole = None if vote.distribution is None else {label: vote.distribution.get(label, 0.0) for label in labels}
    return Answered(
        vote.parse_rung or "recorded",
        label=vote.label,
        distribution=whole,
        confidence=vote.confidence,
        rationale=vote.rationale,
        captured_mass=vote.captured_mass,
    )
