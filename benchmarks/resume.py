"""How long it takes to go on with a large run: its plan, its journal, and the list of votes still to ask for.

The run is synthetic: a hundred thousand made-up items, five judges that are never asked, two samples each, and a
journal of lines as the engine writes them (some 770 bytes) with made-up answers. Of a hundred votes one is missing,
and one was lost with its judge and is asked again. Files are written first; only going on is timed.

    python benchmarks/resume.py [--quick] [--json FILE] [--votes N]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from panel_eval import schema
from panel_eval.engine import Plan, RecordedJudge, make_plan, read_stored
from panel_eval.humans import HumanLabels, load_soft_labels

JUDGES, SAMPLES = 5, 2
RUBRIC = schema.Rubric.model_validate(
    {
        "task": "synthetic",
        "description": "Which?",
        "labels": [{"name": name, "definition": name} for name in ("kind", "rude", "flat")],
    }
)
ANSWER = schema.Vote(
    vote_key="KEY",
    item_id="item-0012345",
    judge="j0",
    label_order=["kind", "rude", "flat"],
    elicit="vote",
    label="kind",
    confidence=0.8,
    rationale="The text is friendly in tone and says so.",
    parse_rung="json_schema",
    usage=schema.Usage(input_tokens=512, output_tokens=60),
    cost_usd=0.000125,
    latency_s=1.234,
    model_reported="some-model-2026-03-01",
    raw='{"rationale": "The text is friendly", "label": "A"}',
    at="2026-03-01T12:00:00.123+00:00",
)
LOST = ANSWER.model_copy(
    update={"outcome": "error", "label": None, "usage": None, "metadata": {"judge_stopped": True}, "cost_usd": None}
)


def planned(humans: HumanLabels) -> Plan:
    """The plan of judges that are known but not asked."""
    configs = [schema.Judge(id=f"j{number}", model="none", samples=SAMPLES) for number in range(JUDGES)]
    return make_plan([RecordedJudge(each, f"hash of {each.id}", RUBRIC, 7) for each in configs], humans, RUBRIC, 7)


def write_run(folder: Path, items: int) -> None:
    """labels.jsonl and votes.jsonl of a run that was cut short."""
    line = '{"item_id": "item-%07d", "task": "synthetic", "counts": {"kind": 2, "rude": 1, "flat": 1}, '
    line += '"content": {"text": "text number %d, of about as many words as a short review has"}}\n'
    with (folder / "labels.jsonl").open("w") as file:
        file.writelines(line % (item, item) for item in range(items))
    answer, lost = (vote.model_dump_json().encode() + b"\n" for vote in (ANSWER, LOST))
    with (folder / "votes.jsonl").open("wb") as file:
        for place, key in enumerate(planned(load(folder)).vote_keys):
            if place % 100:
                file.write((answer if place % 50 else lost).replace(b"KEY", key.encode()))


def load(folder: Path) -> HumanLabels:
    """The items."""
    return load_soft_labels(folder / "labels.jsonl", RUBRIC)


def go_on(folder: Path) -> dict[str, Any]:
    """What a resumed run does before it asks, timed."""
    humans = load(folder)
    start, began = time.perf_counter(), time.process_time()
    plan = planned(humans)
    made = time.perf_counter()
    stored = read_stored(folder / "votes.jsonl", plan)
    open_votes = len(stored.open_positions())
    end = time.perf_counter()
    return {
        "votes": len(plan),
        "open_votes": open_votes,
        "plan_s": round(made - start, 2),
        "read_s": round(end - made, 2),
        "resume_s": round(end - start, 2),
        "resume_cpu_s": round(time.process_time() - began, 2),
        "journal_mb": round((folder / "votes.jsonl").stat().st_size / 1e6),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    """Write a run, go on with it in a process of its own, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100,000 votes")
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    votes = 100_000 if options.quick else options.votes
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_run(folder, votes // (JUDGES * SAMPLES))
        with multiprocessing.get_context("spawn").Pool(1) as pool:  # memory of its own
            figures = pool.apply(go_on, (folder,))
    for name, value in figures.items():
        print(f"{name:12} {value:>12,}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
