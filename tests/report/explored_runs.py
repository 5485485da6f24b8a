"""Synthetic runs for the item explorer: sentences, reviewers' evidence and judges' reasons are made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from panel_eval import demo
from panel_eval.evaluation import evaluate
from panel_eval.humans import load_rubric, load_soft_labels
from panel_eval.pooling import collect_votes
from panel_eval.report import RunView
from panel_eval.report.explorer import content_security_policy, explorer
from panel_eval.schema import Metrics, Rationale, SoftLabel, Vote, read_jsonl

LABELS = ("mild", "moderate", "severe")
JUDGES = ("ada", "bo", "cy")
HOSTILE_ID = "x' </script><b>&\u2028\u202e\x1b[31m$(true)"


def mri_item() -> SoftLabel:
    """The worked item of the primer: 1 mild, 2 moderate, 1 severe, each with evidence."""
    line = (Path(__file__).parents[1] / "humans" / "mri-2031.jsonl").read_text().splitlines()[0]
    record = SoftLabel.model_validate_json(line)
    return record.model_copy(update={"content": {"finding": "18 mm lesion, parietal", "sequence": "T2-FLAIR"}})


def labelled(n_items: int = 60, seed: int = 7) -> list[SoftLabel]:
    """The primer's item, one with a hostile id, and items `scan 0002` … with five reviewers each."""
    draw = np.random.default_rng([seed, 1])
    records = [mri_item()]
    for row in range(1, n_items):
        counts = draw.multinomial(5, draw.dirichlet([0.5, 0.6, 0.5])).tolist()
        named = [label for label, n in zip(LABELS, counts, strict=True) for _ in range(n)]
        records.append(
            SoftLabel(
                item_id=HOSTILE_ID if row == 1 else f"scan {row:04d}",
                task="tumor_severity_grade",
                counts=dict(zip(LABELS, counts, strict=True)),
                content={"finding": f"Lesion number {row} in the {'left' if row % 2 else 'right'} lobe"},
                rationales=[
                    Rationale(reviewer=f"r{k}", label=label, evidence=f"margin seen {row}")
                    for k, label in enumerate(named)
                ],
            )
        )
    return records


def judged(records: list[SoftLabel], seed: int = 7) -> list[Vote]:
    """Two samples of each judge on each item: labels with reasons, a few refusals; nobody answers `scan 0003`."""
    draw = np.random.default_rng([seed, 2])
    votes = []
    for row, record in enumerate(records):
        for judge in JUDGES:
            for sample in range(2):
                about: dict[str, Any] = {"item_id": record.item_id, "judge": judge, "sample": sample}
                if row == 3 or (judge == "cy" and row % 10 == 4):
                    votes.append(Vote(**about, outcome="refusal", raw="I cannot help with scans"))
                else:
                    label = LABELS[draw.integers(3)]
                    votes.append(Vote(**about, label=label, rationale=f"{judge} weighed the edema of {row}"))
    return votes


def explored_view(folder: Path, records: list[SoftLabel] | None = None, votes: list[Vote] | None = None) -> RunView:
    """A run of such items as its report shows it.

    Args:
        folder: where the label file is written.
        records: default: `labelled()`.
        votes: default: `judged(records)`.
    """
    records = labelled() if records is None else records
    votes = judged(records) if votes is None else votes
    path = folder / "labels.jsonl"
    path.write_text("\n".join(record.model_dump_json(exclude_defaults=True) for record in records))
    found = evaluate(votes, load_soft_labels(path, scale="ordinal"), resamples=10)
    view = RunView(None, found.metrics, found.items, found.humans, votes)
    return replace(view, forecasts=found.forecasts, folder="a run")


def demo_view() -> RunView:
    """The demo's recorded votes on its sixty words."""
    recorded = Path(demo.__file__).parent / "recorded"
    humans = load_soft_labels(recorded / "labels.jsonl", load_rubric("sentiment"))
    votes = [vote for _, vote in read_jsonl(recorded / "votes.jsonl", Vote).records]
    found = evaluate(votes, humans, resamples=100)
    view = RunView(None, found.metrics, found.items, found.humans, votes)
    return replace(view, forecasts=found.forecasts, folder="demo-recorded")


def unscored_view(folder: Path, records: list[SoftLabel], votes: list[Vote], metrics: Metrics) -> RunView:
    """A run whose scores are drawn at random: quick to make where they do not matter.

    Args:
        folder: where the label file is written.
        records: the items.
        votes: of judges that `metrics` names.
        metrics: constructed, with the labels of the items.
    """
    path, draw = folder / "labels.jsonl", np.random.default_rng(5)
    path.write_text("\n".join(record.model_dump_json(exclude_defaults=True) for record in records))
    humans, n = load_soft_labels(path, scale="ordinal"), len(records)
    q = draw.dirichlet(np.ones(len(metrics.labels)), size=n)
    items = pd.DataFrame(
        {"item_id": humans.item_ids, "human_class": humans.derived_class}
        | {name: draw.random(n) for name in ("kl_plugin_bits", "ce_bits", "uncertainty")}
        | {f"q_{label}": q[:, k] for k, label in enumerate(metrics.labels)}
    )
    forecasts = collect_votes(votes, humans, tuple(metrics.judges))
    return RunView(None, metrics, items, humans, votes, forecasts=forecasts)


def alone(view: RunView, room: int = 2_000_000) -> str:
    """A page with nothing but the explorer: what the report's own page holds beside it does not matter to it."""
    templates = Path(explorer.__code__.co_filename).parents[1] / "templates"
    style = "".join((templates / name).read_text() for name in ("style.css", "explorer.css"))
    policy = content_security_policy().replace('"', "&quot;")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>items</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><link rel="icon" href="data:,">'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head><body><main>'
        f'<h1>a run</h1><section id="items"><h2>Items</h2>{explorer(view, room)}</section></main></body></html>'
    )
