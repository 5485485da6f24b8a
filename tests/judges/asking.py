"""What the judges' tests share: a small rubric, and putting one question."""

from __future__ import annotations

import asyncio
import atexit
from pathlib import Path
from typing import Any

from panel_eval import schema
from panel_eval.judges import Judge, Question, Reply, Route, Transport, WireReply, WireRequest, load_prompt
from panel_eval.judges.codes import label_codes
from panel_eval.schema import Rubric

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
RUNNER = asyncio.Runner()
"""One loop for all tests of the wire: litellm's clients belong to a loop."""
atexit.register(RUNNER.close)

LABELS = ("negative", "neutral", "positive")


def rubric(**changes: Any) -> Rubric:
    labels = [{"name": name, "definition": f"The word is {name}."} for name in LABELS]
    return Rubric.model_validate({"task": "mood", "description": "How does it feel?", "labels": labels, **changes})


def question(
    item_id: str = "i1", text: str = "hello", order: tuple[str, ...] = LABELS, sample: int = 0
) -> Question:
    return Question(item_id, {"text": text}, order, sample)


def judge(transport: Transport, elicit: str = "vote", route: Route | None = None, **settings: Any) -> Judge:
    abstain = settings.pop("abstain", "forbidden")
    config = schema.Judge.model_validate({"id": "j", "model": "fake/x", "elicit": elicit, **settings})
    prompt = load_prompt(PROMPTS / f"{elicit}.j2")
    return Judge(config, rubric(abstain=abstain), prompt, transport, route or Route("fake/x"))


def ask(transport: Transport, elicit: str = "vote", asked: Question | None = None, **settings: Any) -> Reply:
    one = judge(transport, elicit, **settings)
    return asyncio.run(one.ask(asked or question(), transport.send))


def wire_request(elicit: str = "vote", abstain: bool = False, mode: str = "json_schema") -> WireRequest:
    return WireRequest(
        model="m", messages=(), max_tokens=10, temperature=None, top_p=None, seed=1, response_schema=None,
        response_mode=mode, logprobs=elicit == "logprobs", top_logprobs=None, timeout_s=5.0,
        question=question(), codes=label_codes(LABELS, abstain),
    )  # type: ignore[arg-type]  # fmt: skip


def said(text: str | None, **more: Any) -> WireReply:
    return WireReply(text=text, **more)
