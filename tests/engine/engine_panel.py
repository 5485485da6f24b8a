"""A small panel of scripted judges on made-up items: the real Judge class over FakeTransport."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from panel_eval import schema
from panel_eval.engine import Plan, RunDirectory, RunOutcome, execute, make_plan
from panel_eval.humans import HumanLabels, load_soft_labels
from panel_eval.judges.fake import FakeTransport
from panel_eval.judges.judge import Judge, Route
from panel_eval.judges.prompt import load_prompt
from panel_eval.judges.wire import Transport

SHIPPED_PROMPT = Path(__file__).resolve().parents[2] / "prompts" / "vote.j2"
RUBRIC = schema.Rubric.model_validate(
    {
        "task": "tone",
        "description": "What is the tone of the text?",
        "labels": [
            {"name": "kind", "definition": "Friendly."},
            {"name": "rude", "definition": "Hurtful."},
            {"name": "flat", "definition": "Neither."},
        ],
    }
)
PROMPT = """{% block system %}Answer as JSON.{% endblock %}
{% block user %}{{ question }} {% for label in labels %}{{ label.code }}={{ label.name }} {% endfor %}
{{ item }}{% endblock %}
"""


def items(count: int, order: Iterable[int] | None = None) -> list[schema.SoftLabel]:
    """Labelled items item-0 … in the given order."""
    return [
        schema.SoftLabel(
            item_id=f"item-{number}",
            task="tone",
            counts={"kind": 2, "rude": 1, "flat": 1},
            content={"text": f"text number {number}"},
        )
        for number in (range(count) if order is None else order)
    ]


def labels(folder: Path, records: Iterable[schema.SoftLabel]) -> HumanLabels:
    """The records as a label file, loaded."""
    path = folder / "labels.jsonl"
    path.write_text("".join(record.model_dump_json(exclude_none=True) + "\n" for record in records))
    return load_soft_labels(path, RUBRIC)


def judge(folder: Path, judge_id: str, transport: FakeTransport, *, seed: int = 0, **settings: Any) -> Judge:
    """A judge over a scripted transport."""
    template = folder / "prompt.j2"
    template.write_text(PROMPT)
    config = schema.Judge.model_validate({"id": judge_id, "model": f"fake/{judge_id}", **settings})
    return Judge(config, RUBRIC, load_prompt(template), transport, Route(f"fake/{judge_id}"), seed)


def shipped_judge(transport: Transport, **settings: Any) -> Judge:
    """A judge over any transport, with the shipped prompt."""
    config = schema.Judge.model_validate({"id": "one", "model": "fake/one", **settings})
    return Judge(config, RUBRIC, load_prompt(SHIPPED_PROMPT), transport, Route("fake/one"))


def plan_of(folder: Path, judges: list[Judge], count: int, seed: int = 0) -> Plan:
    """The plan of these judges on `count` items."""
    return make_plan(judges, labels(folder, items(count)), RUBRIC, seed)


def open_run(folder: Path, plan: Plan) -> RunDirectory:
    """A new run directory for the plan."""
    return RunDirectory.create(folder / "results", "panel", plan.hash8)


def carry_out(plan: Plan, judges: list[Judge], directory: RunDirectory, **options: Any) -> RunOutcome:
    """Execute the plan on a loop of its own."""
    return asyncio.run(execute(plan, judges, directory, **options))


class Hours:
    """Time that passes only when somebody sleeps, or when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        """Seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Pass `seconds` at once."""
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)
