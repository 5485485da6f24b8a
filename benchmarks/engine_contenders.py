"""What `engine.py` compares, each in a fresh process: bare loops over litellm and aiohttp, and panel-eval's engine.

    python benchmarks/engine_contenders.py CONTENDER FOLDER URL CONCURRENCY

A bare loop reads FOLDER/requests.jsonl, made beforehand, and keeps nothing but a checksum of the replies: no
prompt is rendered, no answer parsed, no vote stored. panel-eval reads FOLDER/labels.jsonl and rubric.yaml,
plans, asks, parses and stores every vote in a run directory. The last line printed is a JSON object: `votes`
answered (or stored and ok), `replies`, the sum of the replies' checksums (equal sums: the same requests were
sent), and `rss_mb`, the peak; panel-eval adds `cpu_s`, the processor time of asking and storing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

TIMEOUT_S = 60.0
SEED = 0

Put = Callable[[dict[str, Any]], Awaitable[str]]
"""Sends one request and returns the text of the answer."""


def read_requests(folder: Path) -> list[dict[str, Any]]:
    """The requests: bodies of the chat API, as panel-eval sends them."""
    with (folder / "requests.jsonl").open() as file:
        return [json.loads(line) for line in file]


async def loop_over(requests: list[dict[str, Any]], concurrency: int, put: Put) -> dict[str, Any]:
    """The loop people write: all tasks at once behind a semaphore."""
    slots = asyncio.Semaphore(concurrency)

    async def one(request: dict[str, Any]) -> int:
        async with slots:
            return zlib.crc32((await put(request)).encode())

    replies = await asyncio.gather(*(one(request) for request in requests))
    return {"votes": len(replies), "replies": sum(replies)}


async def bare_litellm(folder: Path, url: str, concurrency: int) -> dict[str, Any]:
    """`litellm.acompletion` with the arguments that panel-eval gives it."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    litellm.suppress_debug_info = True
    fixed = {"api_base": url, "api_key": "none-needed", "timeout": TIMEOUT_S, "num_retries": 0, "max_retries": 0}

    async def put(request: dict[str, Any]) -> str:
        body = {**request, "model": f"openai/{request['model']}"}
        answer = await litellm.acompletion(**body, **fixed, drop_params=False)
        return str(answer.choices[0].message.content)

    return await loop_over(read_requests(folder), concurrency, put)


async def bare_aiohttp(folder: Path, url: str, concurrency: int) -> dict[str, Any]:
    """One aiohttp session, JSON in and out, nothing else."""
    import aiohttp

    headers = {"authorization": "Bearer none-needed"}
    connector = aiohttp.TCPConnector(limit=concurrency)
    timeout = aiohttp.ClientTimeout(TIMEOUT_S)
    async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=timeout) as session:

        async def put(request: dict[str, Any]) -> str:
            async with session.post(f"{url}/chat/completions", json=request) as answer:
                return str((await answer.json())["choices"][0]["message"]["content"])

        return await loop_over(read_requests(folder), concurrency, put)


class AnswersAtOnce:
    """A transport inside the process, for measuring memory without a wire."""

    async def send(self, request: Any) -> Any:
        """A vote."""
        from panel_eval.judges import WireReply
        from panel_eval.schema import Usage

        await asyncio.sleep(0)
        rationale = f"The text sounds plain, {request.seed}, to a careful reader."
        vote = {"rationale": rationale, "label": request.codes[0][0], "confidence": 0.5}
        return WireReply(
            text=json.dumps(vote), usage=Usage(input_tokens=330, output_tokens=28), model_reported="none"
        )

    async def aclose(self) -> None:
        """Nothing to close."""
        return None


def panel_eval_engine(folder: Path, url: str, concurrency: int, wire: str) -> dict[str, Any]:
    """Plan, ask, parse, store: what `panel-eval run` does before it scores."""
    from engine_panel_files import panel_of, rubric_of

    from panel_eval.engine import RunDirectory, execute, make_plan, run_async
    from panel_eval.humans import load_soft_labels
    from panel_eval.judges import build_judges, close_judges

    panel, rubric = panel_of(folder, url, concurrency, wire if wire == "direct" else "litellm"), rubric_of(folder)
    judges = build_judges(panel, rubric, folder, {"judge": AnswersAtOnce()} if wire == "memory" else None)
    plan = make_plan(judges, load_soft_labels(folder / panel.labels, rubric), rubric, SEED)
    with tempfile.TemporaryDirectory() as results:
        with RunDirectory.create(Path(results), panel.panel, plan.plan_hash[:8]) as directory:
            before = time.process_time()
            outcome = run_async(execute(plan, judges, directory))
            cpu_s = time.process_time() - before
            run_async(close_judges(judges))
            peak = peak_rss_mb()
        votes, replies = stored_votes(directory.journal.path)
    if outcome.state != "sealed" or outcome.planned != votes:
        raise SystemExit(f"panel-eval: {outcome.planned} votes planned, {votes} stored and ok ({outcome.state})")
    return {"votes": votes, "replies": replies, "rss_mb": peak, "cpu_s": cpu_s}


def stored_votes(journal: Path) -> tuple[int, int]:
    """How many keys have a vote with a label, and the sum of the checksums of what was answered."""
    latest = {}
    with journal.open() as file:
        for line in file:
            vote = json.loads(line)
            latest[vote["vote_key"]] = vote
    good = [vote["raw"] for vote in latest.values() if vote["outcome"] == "ok" and vote["label"] is not None]
    return len(good), sum(zlib.crc32(raw.encode()) for raw in good)


def peak_rss_mb() -> float:
    """The most memory this process has held, MB. Not `ru_maxrss`, which a process inherits from its parent."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measured(contender: str, folder: Path, url: str, concurrency: int) -> dict[str, Any]:
    """What one contender reports of itself."""
    if contender == "bare_litellm":
        return asyncio.run(bare_litellm(folder, url, concurrency))
    if contender == "bare_aiohttp":
        return asyncio.run(bare_aiohttp(folder, url, concurrency))
    return panel_eval_engine(folder, url, concurrency, contender.removeprefix("panel_"))


if __name__ == "__main__":
    name, where, base, most = sys.argv[1:]
    said = measured(name, Path(where), base, int(most))
    print(json.dumps({"rss_mb": peak_rss_mb(), **said}))
