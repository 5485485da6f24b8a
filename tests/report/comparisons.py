"""Constructed comparisons: every number was made up to be easy to recognise."""

from __future__ import annotations

from typing import Any

from panel_eval.schema.comparison import (
    CandidateComparison,
    Change,
    ComparedRun,
    ComparisonReport,
    Difference,
    DisplayDifference,
    Missing,
    MovedItem,
    Overlap,
    SideOfItem,
)
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.judge_fingerprint import JudgeFingerprint
from panel_eval.schema.metrics import Warning

CLASSES = ("agreement", "minor", "major", "unresolved")
LABELS = ("no", "maybe", "yes")


def number(value: float | None, low: float | None = None, high: float | None = None, n: int = 400) -> Estimate:
    return Estimate(estimate=value, low=low, high=high, n=n, note=None if value is not None else "made up")


def difference(segment: str, value: float, half: float, metric: str = "ce_bits", **changed: Any) -> Difference:
    fields: dict[str, Any] = {
        "metric": metric,
        "segment": segment,
        "base": 1.5,
        "candidate": 1.5 + value,
        "difference": number(value, value - half, value + half),
        "units": 400,
        "standard_error": half / 2,
        "p": 0.01,
        "p_worse": 0.5,
        "p_holm": 0.02,
        "detectable": 1.4 * half,
        "testable": True,
        "verdict": "no difference shown" if abs(value) < half else "worse" if value > 0 else "better",
    }
    return Difference(**{**fields, **changed})


def untestable(segment: str, metric: str = "ce_bits") -> Difference:
    return difference(
        segment, 0.2, 0.9, metric, difference=number(0.2, n=3), units=3, p=0.5, p_holm=None, detectable=1.25,
        testable=False, verdict="not testable",
    )  # fmt: skip


def family(overall: float) -> list[Difference]:
    """Overall as told, minor better, agreement and major open, unresolved too small to test."""
    found = []
    for metric in ("ce_bits", "brier_debiased"):
        found += [
            difference("overall", overall, 0.025, metric),
            difference("agreement", 0.004, 0.03, metric),
            difference("minor", -0.0625, 0.03, metric),
            difference("major", 0.01, 0.05, metric),
            untestable("unresolved", metric),
        ]
    return found


def run(run_id: str, text: str = "ada", **changed: Any) -> ComparedRun:
    fields: dict[str, Any] = {
        "run_id": run_id,
        "panel": f"{run_id}-panel",
        "state": "sealed",
        "started_at": "2026-01-02T03:04:05Z",
        "n_items": 410,
        "n_scored": 400,
        "judges": [JudgeFingerprint(id=text)],
        "votes": {"ok": 780, "refusal": 20},
        "cost_usd": 1.25,
        "cost_per_vote_usd": 0.0015625,
        "latency_mean_s": 0.75,
    }
    return ComparedRun(**{**fields, **changed})


def moved(item_id: str, bits: float, labels: tuple[str, ...] = LABELS, text: str = "ada") -> MovedItem:
    base = {labels[0]: 0.7, labels[1]: 0.2, labels[2]: 0.1}
    other = {labels[0]: 0.1, labels[1]: 0.15, labels[2]: 0.75}
    return MovedItem(
        item_id=item_id,
        human_class="minor",
        human_counts={labels[0]: 3, labels[1]: 1},
        difference_bits=bits,
        base=SideOfItem(forecast=base, votes={text: [labels[0]]}),
        candidate=SideOfItem(forecast=other, votes={text: [labels[2], labels[2], "refusal"]}),
        content={"text": f"what {text} was asked"},
    )


def candidate(run_id: str = "new", overall: float = -0.03125, **changed: Any) -> CandidateComparison:
    tests = family(overall)
    display = [
        DisplayDifference(metric=metric, segment=segment, base=number(0.3), candidate=number(0.25),
                          difference=number(-0.05, -0.0875, -0.0125))
        for segment in ("overall", "minor") for metric in ("tvd", "jsd_bits")
    ]  # fmt: skip
    fields: dict[str, Any] = {
        "run": run(run_id),
        "overlap": Overlap(shared=405, compared=400, only_base=5, only_candidate=5, other_votes=0, other_content=0,
                           examples={"only_base": ["i-7"]}),
        "tests": tests,
        "judges": {"ada": [difference("overall", 0.015625, 0.02, p=0.125, p_holm=None)]},
        "display": display,
        "moved": [moved("i-1", 1.75), moved("i-2", -1.5)],
        "missing": Missing(only_base_scored=3, only_candidate_scored=1, neither_scored=1,
                           usable_votes={"base": 0.975, "candidate": 0.975}, as_base_rate=number(-0.0275),
                           best=-0.046875, worst=0.0390625),
        "changes": [Change(what="judge", name="ada", key="model", base="wise-1", candidate="wise-2"),
                    Change(what="judge", name="bo", base="votes made elsewhere", candidate=None)],
        "warnings": [Warning(code="signs_differ", text="TVD says the opposite.")],
        "verdict": tests[0].verdict,
        "advice": f"What to make of {run_id}.",
    }  # fmt: skip
    return CandidateComparison(**{**fields, **changed})


def report(*candidates: CandidateComparison, **changed: Any) -> ComparisonReport:
    fields: dict[str, Any] = {
        "task": "mood",
        "labels": list(LABELS),
        "scale": "ordinal",
        "settings": {"alpha": 0.05, "flips": 10000, "seed": 0, "resamples": 2000},
        "base": run("old"),
        "candidates": list(candidates) or [candidate()],
        "advice": "Take the first.",
    }
    return ComparisonReport(**{**fields, **changed})


def report_saying(text: str, several: bool = False) -> ComparisonReport:
    """The same with one text in every place where text comes from data or from files; labels get a number."""
    labels = (f"{text}0", f"{text}1", f"{text}2")
    saying = candidate(
        run=run(f"{text}new", text, panel=text, state=text, started_at=text, git_commit=text),
        overlap=Overlap(shared=405, compared=400, only_base=5, only_candidate=0, other_votes=0, other_content=0,
                        examples={"only_base": [text, text]}),
        judges={text: [difference("overall", 0.015625, 0.02, p=0.125, p_holm=None)]},
        moved=[moved(f"{text}{n}", 1.5 - n, labels, text).model_copy(update={"content": {text: text}})
               for n in range(2)],
        changes=[Change(what="prompt", name=text, key=text, base=text, candidate=text,
                        diff=["---", "+++", f"+{text}"]),
                 Change(what="judge", name=text, key=text, base=None, candidate=text)],
        warnings=[Warning(code=text, text=text)],
        advice=text,
    )  # fmt: skip
    others = [candidate(text)] if several else []
    return report(
        saying, *others, task=text, labels=list(labels), base=run(text, text, panel=None, state=text),
        settings={text: text}, advice=text,
    )  # fmt: skip
