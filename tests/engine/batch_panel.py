"""Judges over a local batch server, and single steps of a batch run. As a program it is what some tests kill.

Usage: python batch_panel.py FOLDER URL submit|collect
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine_panel import PROMPT, RUBRIC, items, labels

from panel_eval import schema
from panel_eval.engine import Plan, RunDirectory, make_plan
from panel_eval.engine.batch import (
    Accounts,
    BatchLimits,
    BatchLog,
    Collection,
    Collector,
    Submission,
    submit_batches,
)
from panel_eval.engine.ledger import Ledger
from panel_eval.engine.stored_votes import StoredVotes, read_stored
from panel_eval.judges.direct_transport import DirectTransport
from panel_eval.judges.judge import Judge, Route
from panel_eval.judges.prompt import load_prompt
from panel_eval.schema import Budget

N_ITEMS = 6
JUDGES = ("a", "b")
VOTES = N_ITEMS * 2 * len(JUDGES)
PRICE = {
    "input_usd_per_mtok": 10.0, "output_usd_per_mtok": 20.0,
    "batch_input_usd_per_mtok": 5.0, "batch_output_usd_per_mtok": 10.0,
}  # fmt: skip


def batch_judge(folder: Path, url: str, judge_id: str, **settings: Any) -> Judge:
    """A judge whose votes can be bought in batches."""
    template = folder / "prompt.j2"
    template.write_text(PROMPT)
    model = f"openai/{judge_id}"
    config = schema.Judge.model_validate(
        {"id": judge_id, "model": model, "api_base": url, "transport": "direct", "samples": 2, "price": PRICE}
        | {"api_key_env": "BATCH_TEST_KEY"}
        | settings
    )
    return Judge(config, RUBRIC, load_prompt(template), DirectTransport(url, "k"), Route(model))


class BatchRun:
    """A run directory and the steps of a batch run in it, each as a process of its own would take it."""

    def __init__(
        self, folder: Path, url: str, *, n_items: int = N_ITEMS, judges: Sequence[str] = JUDGES, **settings: Any
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.limits = BatchLimits(lines=5 if n_items == N_ITEMS else 3)
        self.judges: Sequence[Judge] = [batch_judge(folder, url, name, **settings) for name in judges]
        self.plan: Plan = make_plan(self.judges, labels(folder, items(n_items)), RUBRIC, 7)

    @property
    def path(self) -> Path:
        """The run directory."""
        (found,) = (self.folder / "results").iterdir()
        return found

    def open(self) -> RunDirectory:
        """The run directory, made or reopened."""
        results = self.folder / "results"
        return (
            RunDirectory.reopen(self.path) if results.exists() else RunDirectory.create(results, "panel", "0" * 8)
        )

    def stored(self) -> StoredVotes:
        """What the journal holds."""
        return read_stored(self.path / "votes.jsonl", self.plan)

    def log(self) -> list[Any]:
        """The batches."""
        with BatchLog(self.path) as log:
            return log.records

    def submit(self, budget: Budget | None = None, listing_s: float = 0.0, **options: Any) -> Submission:
        """Submit what is open."""

        async def work(directory: RunDirectory) -> Submission:
            stored = read_stored(directory.journal.path, self.plan)
            with BatchLog(directory.path) as log:
                async with Accounts(self.judges) as accounts:
                    return await submit_batches(
                        stored, self.judges, directory, log, accounts, Ledger(budget, stored.spent),
                        limits=self.limits, listing_s=listing_s, **options,
                    )  # fmt: skip

        with self.open() as directory:
            return asyncio.run(work(directory))

    def collect(self, **options: Any) -> Collection:
        """Look at all batches once."""

        async def work(directory: RunDirectory) -> Collection:
            stored = read_stored(directory.journal.path, self.plan)
            with BatchLog(directory.path) as log:
                async with Accounts(self.judges) as accounts:
                    collector = Collector(stored, self.judges, directory, log, accounts, listing_s=0.0, **options)
                    return await collector.collect()

        with self.open() as directory:
            return asyncio.run(work(directory))


def main(folder: str, url: str, step: str) -> None:
    """Take one step."""
    run = BatchRun(Path(folder), url)
    print("ready", flush=True)
    done = run.submit() if step == "submit" else run.collect()
    print(type(done).__name__, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
