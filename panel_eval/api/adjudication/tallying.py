"""The document `adjudication-report` of what became of the items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np

from panel_eval.errors import shorten
from panel_eval.humans import HumanLabels
from panel_eval.humans.adjudication import Case, Change, ErrorRule, Ruling
from panel_eval.schema import Rubric
from panel_eval.schema.adjudication_report import (
    AdjudicatedNow,
    AdjudicationReport,
    CheckCounts,
    FlaggedReviewer,
    Ground,
    OpenCode,
    OpenItem,
)
from panel_eval.stats import entropy_bits

MOST_LISTED: Final = 1_000
GROUNDS: Final[tuple[Ground, ...]] = get_args(Ground)
OPEN_CODES: Final[tuple[OpenCode, ...]] = get_args(OpenCode)


@dataclass(frozen=True)
class RuledItem:
    """One item and what became of it.

    Attributes:
        row: among the labelled items.
        case: what was known of it.
        ruling: what follows.
        change: what of that is new in the file; None: nothing.
    """

    row: int
    case: Case
    ruling: Ruling
    change: Change | None

    @property
    def label(self) -> str | None:
        """The label that it got now."""
        return None if self.change is None else self.change.label

    @property
    def open(self) -> tuple[OpenCode, str] | None:
        """What is in the way of a label, also that it has another one already."""
        before, says = self.case.votes.record.adjudicated_label, self.ruling.label
        if before is not None:
            if says is None or says == before or self.label is not None:
                return None
            return "label_kept", f"it has the label {shorten(before)}; {self.ruling.reason}"
        return self.ruling.open


@dataclass(frozen=True)
class Setting:
    """What was adjudicated, and how."""

    rubric: Rubric
    labels_name: str
    labels_sha256: str
    written_sha256: str
    dry_run: bool
    errors: ErrorRule
    consumer: str | None
    force: bool
    replace: bool
    notes: Sequence[str]


def report_of(humans: HumanLabels, ruled: Sequence[RuledItem], setting: Setting) -> AdjudicationReport:
    """The report.

    Args:
        humans: all items.
        ruled: those that a ground might have touched, in the order of the file.
        setting: what was adjudicated, and how.
    """
    got = [one for one in ruled if one.label is not None]
    left = [(one, one.open) for one in ruled if one.open is not None]
    codes = Counter(found[0] for _, found in left if found is not None)
    grounds = Counter(one.ruling.ground for one in got)
    against = [one for one in got if one.label not in one.case.votes.modes]
    votes = sum(one.case.votes.total for one in got)
    agreeing = sum(one.case.votes.counts.get(one.label or "", 0.0) for one in got)
    rows = np.array([one.row for one in got], dtype=np.int64)
    lost = float(entropy_bits(humans.distribution[rows]).mean()) if got else None
    return AdjudicationReport(
        task=humans.task,
        rubric_version=setting.rubric.version,
        labels_name=setting.labels_name,
        labels_sha256=setting.labels_sha256,
        written_sha256=setting.written_sha256,
        dry_run=setting.dry_run,
        items=len(humans),
        disagreeing=int(((humans.counts > 0).sum(axis=1) > 1).sum()),
        adjudicated=len(got),
        by_ground={ground: grounds[ground] for ground in GROUNDS},
        forced=sum(one.ruling.forced for one in got),
        replaced=sum(one.case.votes.record.adjudicated_label is not None for one in got),
        had_label=sum(one.case.votes.record.adjudicated_label is not None and one.label is None for one in ruled),
        kept_soft=sum(_stays_soft(one) for one in ruled),
        reasons_written=sum(one.change is not None and one.label is None for one in ruled),
        open_counts={code: codes[code] for code in OPEN_CODES},
        against_mode=len(against),
        votes=votes,
        votes_contradicted=votes - agreeing,
        bits_lost=lost,
        check=_check(ruled, setting.rubric),
        flagged=_flagged(setting.errors),
        adjudicated_items=[_now(one) for one in sorted(got, key=lambda one: not one.ruling.forced)[:MOST_LISTED]],
        open_items=[_open(one, *found) for one, found in left[:MOST_LISTED] if found is not None],
        settings={"consumer": setting.consumer, "force": setting.force, "replace": setting.replace},
        notes=list(setting.notes),
    )


def _stays_soft(one: RuledItem) -> bool:
    """Whether it is an honest disagreement without a label, before and now."""
    votes = one.case.votes
    return votes.is_split and one.label is None and votes.record.adjudicated_label is None


def _flagged(errors: ErrorRule) -> list[FlaggedReviewer]:
    both = ((errors.flagged, False), (errors.suspected, True))
    return [
        FlaggedReviewer(reviewer=name, why=why, suspected=suspected)
        for people, suspected in both
        for name, why in people.items()
    ]


def _check(ruled: Sequence[RuledItem], rubric: Rubric) -> CheckCounts | None:
    policy = None if rubric.adjudication is None else rubric.adjudication.verify
    if policy is None:
        return None
    found = [one.case.finding for one in ruled if one.case.finding is not None]
    labelled, failed = sum(each.label is not None for each in found), sum(each.failed for each in found)
    return CheckCounts(
        check=policy.check,
        items=len(found),
        labelled=labelled,
        cannot_tell=len(found) - labelled - failed,
        failed=failed,
    )


def _now(one: RuledItem) -> AdjudicatedNow:
    record = one.case.votes.record
    return AdjudicatedNow(
        item_id=record.item_id,
        label=one.label or "",
        ground=one.ruling.ground or "request",
        reason=one.ruling.reason or "",
        votes=dict(one.case.votes.counts),
        by=one.ruling.by,
        forced=one.ruling.forced,
        label_before=record.adjudicated_label,
        reason_before=record.adjudication_reason,
    )


def _open(one: RuledItem, code: OpenCode, text: str) -> OpenItem:
    votes = one.case.votes
    return OpenItem(item_id=votes.record.item_id, code=code, text=text, votes=dict(votes.counts))
