"""The panel, items and requests that `engine.py` has its contenders put to the server."""

from __future__ import annotations

import json
from pathlib import Path

from panel_eval.engine import make_plan
from panel_eval.humans import load_soft_labels
from panel_eval.judges import build_judges
from panel_eval.judges.wire import WireRequest
from panel_eval.schema import Panel, Rubric

MODEL = "benchmark-model"
LABELS = ("negative", "neutral", "positive")
SAMPLES = 5
"""Votes per item."""


def rubric_of(folder: Path) -> Rubric:
    """The rubric in a folder made by `write_items`."""
    return Rubric.model_validate_json((folder / "rubric.json").read_bytes())


def panel_of(folder: Path, url: str, concurrency: int, transport: str | None = None) -> Panel:
    """One judge at `url`, five samples an item.

    Args:
        folder: made by `write_items`.
        url: base URL of the server.
        concurrency: most calls in flight.
        transport: the judge's transport; None for the default.
    """
    judge = {
        "id": "judge",
        "model": f"openai/{MODEL}",
        "samples": SAMPLES,
        "max_tokens": 200,
        "api_base": url,
        "limits": {"concurrency": concurrency},
        **({} if transport is None else {"transport": transport}),
    }
    return Panel.model_validate(
        {"panel": "bench", "rubric": "rubric.json", "labels": "labels.jsonl", "judges": [judge]}
    )


def write_items(folder: Path, votes: int) -> None:
    """Write rubric.json and labels.jsonl: as many items as make `votes` votes, each a text of 40 words."""
    labels = [{"name": name, "definition": f"The text sounds {name} to most people."} for name in LABELS]
    rubric = {"task": "tone", "description": "How does the text sound?", "labels": labels, "fields": ["text"]}
    (folder / "rubric.json").write_text(json.dumps(rubric))
    with (folder / "labels.jsonl").open("w") as file:
        for number in range(votes // SAMPLES):
            text = f"Text {number}. " + " ".join(f"word{(number * 31 + place * 7) % 997}" for place in range(40))
            counts = dict(zip(LABELS, (number % 4, 1, (number + 2) % 3), strict=True))
            record = {"item_id": f"item-{number:06d}", "task": "tone", "counts": counts, "content": {"text": text}}
            file.write(json.dumps(record) + "\n")


def write_requests(folder: Path) -> None:
    """Write requests.jsonl: the bodies that the panel's judge sends, in the plan's order."""
    rubric = rubric_of(folder)
    (judge,) = build_judges(panel_of(folder, "http://127.0.0.1:1/v1", 1), rubric, folder)
    plan = make_plan([judge], load_soft_labels(folder / "labels.jsonl", rubric), rubric, 0)
    with (folder / "requests.jsonl").open("w") as file:
        file.writelines(json.dumps(body(judge.request(task.question))) + "\n" for task in plan.tasks)


def body(request: WireRequest) -> dict[str, object]:
    """A request as a body of the chat API."""
    return {
        "model": MODEL,
        "messages": [{"role": each.role, "content": each.content} for each in request.messages],
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": request.response_schema},
        },
    }
