"""Constructed results for the report: every number here was made up to be easy to recognise on the page."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from constructed import CLASSES, LABELS, agreement_saying, coverage_saying, decomposition, mass_of, number

from panel_eval.evaluation import evaluate
from panel_eval.humans import HumanLabels, load_soft_labels
from panel_eval.report import RunView
from panel_eval.schema import (
    NOMINAL_METRICS,
    Agreement,
    Calibration,
    Coverage,
    Deferral,
    Estimate,
    JudgeManifest,
    Label,
    Metrics,
    MetricTable,
    Rationale,
    ReliabilityBin,
    RiskCoverageCurve,
    Rubric,
    RunManifest,
    Scores,
    SoftLabel,
    Vote,
    VoteError,
    Warning,
)
from panel_eval.schema.deferral_metrics import (
    AccuracyAtCoverage,
    CoverageAtRisk,
    DeferralRate,
    HumanCeiling,
    RandomDeferral,
)

COUNTS = np.array([[4.0, 0.0, 0.0], [3.0, 1.0, 0.0], [1.0, 2.0, 1.0], [2.0, 2.0, 0.0]])
FORECAST = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6]])


def metric_table(**changed: Estimate) -> MetricTable:
    table = {name: number(0.25, 0.2, 0.3) for name in NOMINAL_METRICS}
    return {**table, **changed}


def scores(**changed: Estimate) -> Scores:
    return Scores(overall=metric_table(**changed), by_class={name: metric_table(**changed) for name in CLASSES})


def curve() -> RiskCoverageCurve:
    return RiskCoverageCurve(
        coverage=[0.25, 0.5, 0.75, 1.0],
        selective_risk=[0.1, 0.3, 0.35, 0.4],
        oracle_risk=[0.0, 0.1, 0.2, 0.4],
        aurc=number(0.29),
        aurc_trapezoid=number(0.28),
        e_aurc_oracle=number(0.09),
        e_aurc_asymptotic=number(None),
        augrc=number(0.2),
        e_augrc=number(0.05),
        auroc_failure=number(0.6),
        accuracy_at_coverage=[AccuracyAtCoverage(coverage=0.5, accuracy=number(0.7))],
        coverage_at_risk=[CoverageAtRisk(risk=0.2, coverage=number(0.25))],
        loss="share of reviewers who chose another label",
    )


@cache
def worked_sections() -> dict[str, object]:
    """The sections that no test changes, as they come out for the four items."""
    votes = [Vote(item_id=f"scan {i}", judge="ada", label=LABELS[i % 3]) for i in range(4)]
    path = Path(tempfile.mkdtemp()) / "labels.jsonl"
    path.write_text("\n".join(record.model_dump_json(exclude_defaults=True) for record in build_records()))
    metrics = evaluate(votes, load_soft_labels(path, scale="ordinal"), resamples=10).metrics
    names = ("human_entropy", "reliability", "classes", "spread", "precision")
    return {name: getattr(metrics, name) for name in names}


def build_metrics(
    labels: tuple[str, ...] = LABELS, judges: tuple[str, ...] = ("ada", "bo"), **parts: object
) -> Metrics:
    fields: dict[str, object] = {
        **worked_sections(),
        "task": "tumor severity",
        "mass": mass_of(item_columns(labels), labels) if len(labels) <= len(LABELS) else None,
        "labels": list(labels),
        "scale": "ordinal",
        "n_items": 4,
        "n_scored": 4,
        "units": {"information": "bits"},
        "settings": {"pooling": "linear", "seed": 0},
        "panel": scores(
            ce_bits=number(2.5, 2.4, 2.6), ce_skill=number(-0.2, -0.25, -0.15), n_eq=number(1.8, 1.7, 1.9)
        ),
        "judges": {judge: scores(ce_bits=number(3.0 + i)) for i, judge in enumerate(judges)},
        "references": {
            "uniform": scores(ce_bits=number(1.58)),
            "base_rate": scores(ce_bits=number(2.05), n_eq=number(6.4, 6.0, 6.9)),
            "hard_label": scores(ce_bits=number(1.9), kl_plugin_bits=number(None)),
        },
        "calibration": Calibration(
            soft_ece=number(0.1), classwise_soft_ece=number(0.1), smooth_ece=number(0.1), hard_ece=number(0.1),
            reliability=[
                ReliabilityBin(low=0.3, high=0.5, n=2, confidence=0.45, soft_accuracy=0.4, hard_accuracy=0.5),
                ReliabilityBin(low=0.5, high=0.7, n=2, confidence=0.6, soft_accuracy=0.5, hard_accuracy=1.0),
            ],
            binning="Two bins of two items.",
        ),
        "deferral": Deferral(
            score="entropy of the panel", soft=curve(), hard=curve(), spearman_human_entropy=number(0.3),
            spearman_expected_entropy=number(0.32), auroc_disagreement=number(0.7, 0.6, 0.8),
            auprc_disagreement=number(0.65), prevalence_disagreement=number(0.5), n_disagreement=2,
            auroc_by_score={"entropy": number(0.7, 0.6, 0.8), "one_less_top": number(0.69)},
            human_ceiling=[HumanCeiling(reviewers=3, auroc=number(0.75), relative_alignment=number(0.8))],
            rates=[
                DeferralRate(
                    rate=0.1, wasted=number(0.2), missed_major=number(0.2), missed_disagreement=number(0.45)
                )
            ],
            random=RandomDeferral(
                wasted=number(0.25), missed_major=number(0.25), missed_disagreement=number(0.5)
            ),
        ),
        "agreement": Agreement(
            class_counts={**dict.fromkeys(CLASSES, 1), "insufficient": 0},
            reported_vs_derived={"not reported": dict.fromkeys(CLASSES, 1)},
        ),
        "economics": {"cost_usd": None, "votes": 8, "votes_paid": 8, "votes_unpriced": 8},
        "coverage": Coverage(
            total={"ok": 7, "refusal": 1},
            by_judge={judge: {"ok": 4 - i, "refusal": i} for i, judge in enumerate(judges)},
            by_class={name: {"ok": 2} for name in CLASSES},
        ),
        "warnings": [Warning(code="few_reviewers", text="There are few reviewers.")],
    }  # fmt: skip
    return Metrics.model_validate({**fields, **parts})


def build_records(labels: tuple[str, ...] = LABELS) -> tuple[SoftLabel, ...]:
    return tuple(
        SoftLabel(
            item_id=f"scan {i}",
            task="tumor severity",
            counts={label: int(n) for label, n in zip(labels, COUNTS[i], strict=True)},
            rationales=[Rationale(reviewer="r1", label=labels[0], evidence="clear margins")],
            content={"finding": f"lesion number {i}"},
        )
        for i in range(4)
    )


def build_view(
    records: tuple[SoftLabel, ...], metrics: Metrics, votes: list[Vote], labels: tuple[str, ...] = LABELS
) -> RunView:
    p = COUNTS / COUNTS.sum(axis=1, keepdims=True)
    humans = HumanLabels(
        task=metrics.task,
        labels=labels,
        scale="ordinal",
        label_values=np.arange(3.0),
        item_ids=tuple(record.item_id for record in records),
        counts=COUNTS,
        counts_known=np.ones(4, dtype=bool),
        reviewer_count=COUNTS.sum(axis=1).astype(np.int64),
        distribution=p,
        derived_class=CLASSES,
        adjacent_tie=np.zeros(4, dtype=bool),
        reported_class=(None, "major", None, None),
        clusters=None,
        records=records,
    )
    items = item_columns(labels).assign(item_id=[record.item_id for record in records])
    return RunView(manifest=None, metrics=metrics, items=items, humans=humans, votes=votes)


def item_columns(labels: tuple[str, ...] = LABELS) -> pd.DataFrame:
    """The four items as the table of items has them."""
    p = COUNTS / COUNTS.sum(axis=1, keepdims=True)
    return pd.DataFrame(
        {
            "item_id": [f"scan {i}" for i in range(4)],
            "human_class": list(CLASSES),
            "ce_bits": [1.0, 1.5, 1.25, 9.0],
            "kl_plugin_bits": [1.0, 0.69, 0.25, 8.0],
            "human_entropy_bits": [0.0, 0.81, 1.5, 1.0],
            "panel_entropy_bits": [1.48, 1.52, 1.29, 1.37],
            "uncertainty": [1.48, 1.52, 1.29, 1.37],
        }
        | {f"p_{label}": p[:, k] for k, label in enumerate(labels)}
        | {f"q_{label}": FORECAST[:, k] for k, label in enumerate(labels)}
    )


def build_votes() -> list[Vote]:
    votes = [
        Vote(item_id=f"scan {i}", judge="ada", label="mild", rationale="ada saw a smooth edge") for i in range(4)
    ]
    votes += [Vote(item_id=f"scan {i}", judge="bo", label="moderate") for i in range(3)]
    return [*votes, Vote(item_id="scan 3", judge="bo", outcome="refusal", raw="I cannot help with that")]


def view_saying(text: str) -> RunView:
    labels = tuple(f"{text}{k}" for k in range(3))
    judges = (f"{text}j", f"{text}k")
    records = tuple(
        SoftLabel(
            item_id=f"{text}{i}",
            task=text,
            counts={label: int(n) for label, n in zip(labels, COUNTS[i], strict=True)},
            rationales=[
                Rationale(reviewer=text, label=labels[0], evidence=text),
                Rationale(reviewer=text, label=labels[1]),
            ],
            content={f"{text}a": text, f"{text}b": text},
            adjudicated_label=text,
            adjudication_reason=text,
        )
        for i in range(4)
    )
    votes = [Vote(item_id=r.item_id, judge=judges[0], label=labels[0], rationale=text) for r in records]
    votes += [
        Vote(
            item_id=r.item_id, judge=judges[1], outcome="error", error=VoteError(kind=text, message=text), raw=text
        )
        for r in records
    ]
    votes += [Vote(item_id=r.item_id, judge=judges[0], sample=1, distribution={labels[1]: 1.0}) for r in records]
    metrics = build_metrics(
        labels, judges, task=text, warnings=[Warning(code="made_up", text=text)], settings={text: text},
        agreement=agreement_saying(judges, labels, text),
        calibration=build_metrics().calibration.model_copy(update={"decomposition": decomposition(labels)}),
        coverage=coverage_saying(judges),
    )  # fmt: skip
    view = build_view(records, metrics, votes, labels)
    return replace(view, manifest=manifest_saying(text, labels, judges))


def manifest_saying(text: str, labels: tuple[str, ...], judges: tuple[str, ...]) -> RunManifest:
    return RunManifest(
        run_id=text,
        state="sealed",
        started_at="2026-01-02T03:04:05Z",
        rubric=Rubric(task=text, description=text, labels=[Label(name=name, definition=text) for name in labels]),
        judges=[JudgeManifest(id=judge, instrument={text: [text]}, instrument_hash=text) for judge in judges],
        hashes={text: text},
        sources={text: text},
        n_items=4,
        votes_planned=12,
        votes_stored=12,
        seed=0,
        versions={text: text},
    )
