"""The same requests put through Inspect AI, for `engine.py`: one sample a request, answers scored, a log written.

    INSPECT_PYTHON benchmarks/engine_inspect.py FOLDER URL CONCURRENCY

Inspect AI runs as its users run it on a judging task: an in-memory dataset of chat messages, `generate()` with
the same response schema, seed and token limit, a scorer that reads the label, a log in its usual format; no
display, no cache, no retries, `max_connections` and `max_samples` at the concurrency. The process needs nothing
but inspect_ai and openai.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, GenerateConfig, ResponseSchema, get_model
from inspect_ai.scorer import Score, Target, accuracy, scorer
from inspect_ai.solver import Generate, TaskState, solver
from inspect_ai.util import JSONSchema


def sample_of(number: int, request: dict[str, Any]) -> Sample:
    """One request as a sample; what differs between requests travels as metadata."""
    by_role = {"system": ChatMessageSystem, "user": ChatMessageUser}
    messages = [by_role[each["role"]](content=each["content"]) for each in request["messages"]]
    schema = request["response_format"]["json_schema"]["schema"]
    return Sample(id=number, input=messages, target="A", metadata={"seed": request["seed"], "schema": schema})


@solver
def ask() -> Any:
    """Generate with the sample's own seed and schema."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        shape = JSONSchema.model_validate(state.metadata["schema"])
        answer = ResponseSchema(name="answer", json_schema=shape, strict=True)
        return await generate(state, seed=state.metadata["seed"], response_schema=answer)

    return solve


@scorer(metrics=[accuracy()])
def label() -> Any:
    """Read the label out of the answer."""

    async def score(state: TaskState, target: Target) -> Score:
        vote = json.loads(state.output.completion)
        return Score(value="C" if vote["label"] == target.text else "I", answer=vote["label"])

    return score


def main(folder: Path, url: str, concurrency: int) -> dict[str, Any]:
    with (folder / "requests.jsonl").open() as file:
        requests = [json.loads(line) for line in file]
    config = GenerateConfig(
        max_connections=concurrency, max_retries=0, max_tokens=requests[0]["max_tokens"], timeout=60
    )
    name = f"openai/{requests[0]['model']}"
    model = get_model(name, base_url=url, api_key="none-needed", config=config, responses_api=False)
    dataset = MemoryDataset([sample_of(number, request) for number, request in enumerate(requests)])
    with tempfile.TemporaryDirectory() as logs:
        (log,) = inspect_eval(
            Task(dataset, solver=ask(), scorer=label()),
            model=model,
            log_dir=logs,
            display="none",
            max_samples=concurrency,
            score=True,
        )
    if log.status != "success" or log.results is None:
        raise SystemExit(f"Inspect AI ended with status {log.status}: {log.error}")
    return {"votes": log.results.completed_samples}


if __name__ == "__main__":
    where, base, most = sys.argv[1:]
    print(json.dumps(main(Path(where), base, int(most))))
