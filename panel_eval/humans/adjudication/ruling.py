"""From the votes on an item and what is known beside them to a label, or to the reason why there is none.

The order: an answer that a check proves; what a person decided; an error of flagged reviewers, where all others
agree; the rule of a consumer or of a request. A split without an error is honest disagreement: only force collapses
it. A person and a check that contradict each other leave the item as it is, unless the person insists by force.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from panel_eval.errors import shorten
from panel_eval.humans.adjudication.findings import Finding
from panel_eval.humans.adjudication.votes import ItemVotes
from panel_eval.schema.adjudication_decision import AdjudicationDecision
from panel_eval.schema.adjudication_policy import Consumer, LabelRule
from panel_eval.schema.adjudication_report import Ground, OpenCode
from panel_eval.schema.diagnosis import HumanQuadrant

FORCED = "honest disagreement, collapsed by force; "
HONEST = "honest disagreement; not collapsed by default"
_SOFT_REASONS: Mapping[HumanQuadrant, str] = {
    "genuine_ambiguity": "honest disagreement, the reviewers surer than usual; not collapsed by default",
    "rubric_problem": "disagreement, the reviewers less sure than usual: the rubric or the context may be unclear; "
    "not collapsed by default",
}
_KIND = re.compile(
    rf"((?:{re.escape(FORCED)})?(?:verified|error|requested|(?:error, found|decided|required) by [^:]{{1,200}})): "
)
_NAME_CHARS = 40
_TEXT_CHARS = 500


@dataclass(frozen=True)
class ErrorRule:
    """Whose votes may be errors.

    Attributes:
        flagged: reviewer to why.
        others: how many others there must be, all of one label.
        suspected: reviewer to why, where that is no evidence of an error: items are listed and get no label by it.
    """

    flagged: Mapping[str, str] = field(default_factory=dict)
    others: int = 2
    suspected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One item with everything that may decide it.

    Attributes:
        votes: of its reviewers.
        finding: of the policy's check.
        decision: of a person.
        consumer: who needs one label of it.
        request: the rule for a label that somebody asks for.
        quadrant: where the reviewers' confidence places it, if that is known.
    """

    votes: ItemVotes
    finding: Finding | None = None
    decision: AdjudicationDecision | None = None
    consumer: Consumer | None = None
    request: LabelRule | None = None
    quadrant: HumanQuadrant | None = None


@dataclass(frozen=True)
class Ruling:
    """What becomes of an item.

    Attributes:
        label: None: it stays a distribution.
        reason: for the label, or for there being none; None: nothing to say.
        ground: of the label.
        by: who decided, where a person did and it holds.
        forced: whether an honest disagreement or a check was overruled.
        open: what is in the way of a label that was wanted, and in which words.
    """

    label: str | None = None
    reason: str | None = None
    ground: Ground | None = None
    by: str | None = None
    forced: bool = False
    open: tuple[OpenCode, str] | None = None


def rule(case: Case, errors: ErrorRule, force: bool) -> Ruling:
    """What becomes of an item.

    Args:
        case: the item.
        errors: whose votes may be errors.
        force: collapse honest disagreements too, where a person, a consumer or a request wants a label.
    """
    finding, decision = case.finding, case.decision
    if finding is not None and finding.label is not None:
        return _verified(case, finding, finding.label, force)
    ruling = _decided(case, decision, force) if decision is not None else _by_rules(case, errors, force)
    unsettled = ruling.open is None or ruling.open[0] == "suspected_error"
    if unsettled and ruling.label is None and finding is not None and not ruling.by:
        return Ruling(reason=ruling.reason, open=_check_open(finding))
    return ruling


def reason_kind(reason: str) -> str:
    """What a reason of ours has in common with others of its kind: its ground, and for whom; others as they are."""
    found = _KIND.match(reason)
    return found[1] if found else reason


def _verified(case: Case, finding: Finding, label: str, force: bool) -> Ruling:
    decision = case.decision
    if decision is not None and decision.label is None and not decision.erred:
        return _kept_soft(decision)
    decided = Ruling() if decision is None else _decided(case, decision, force=True)
    if decision is None or decided.label in (None, label):
        return Ruling(label, f"verified: {finding.why}; {case.votes.told(label)}", "verified")
    if force:
        reason = f"{decided.reason}; against the check: {finding.why}"
        return Ruling(decided.label, reason, decided.ground, decided.by, forced=True)
    says = f"the check says {_name(label)}, {_name(decision.by)} decided otherwise"
    return Ruling(open=("check_contradicted", says))


def _check_open(finding: Finding) -> tuple[OpenCode, str]:
    return ("check_failed" if finding.failed else "check_cannot_tell"), finding.why


def _kept_soft(decision: AdjudicationDecision) -> Ruling:
    reason = f"kept as a distribution by {_name(decision.by)}: {_text(decision.reason)}"
    return Ruling(reason=reason, by=decision.by)


def _decided(case: Case, decision: AdjudicationDecision, force: bool) -> Ruling:
    """What a person decided: an error of named reviewers, a label, or to keep the distribution."""
    votes = case.votes
    if decision.erred:
        label, wrong = _without(votes, decision.erred)
        if wrong and decision.label in (None, label):
            who = f"error, found by {_name(decision.by)}"
            told = f"{_text(decision.reason)}; {_error_told(votes, wrong)}"
            return Ruling(label, f"{who}: {told}", "error", decision.by)
        if decision.label is None:
            what = "the others do not agree" if label is None else "the others chose the same"
            text = f"without {_listed(decision.erred)} {what}; the decision names no label"
            return Ruling(open=("no_label_by_rule", text), by=decision.by)
    if decision.label is None:
        return _kept_soft(decision)
    who = f"decided by {_name(decision.by)}"
    head = who if case.consumer is None else f"required by {_name(case.consumer.name)}, {who}"
    reason = f"{head}: {_text(decision.reason)}; {votes.told(decision.label)}"
    ground: Ground = "request" if case.consumer is None else "consumer"
    return _unless_honest(case, Ruling(decision.label, reason, ground, decision.by), force)


def _by_rules(case: Case, errors: ErrorRule, force: bool) -> Ruling:
    if (ruling := _error(case.votes, errors)) is not None:
        return ruling
    wanted = case.consumer or case.request
    if wanted is None:
        return replace(_honest(case), open=_suspected(case.votes, errors))
    label, how = case.votes.by_rule(wanted)
    if label is None:
        return Ruling(reason=_honest(case).reason, open=("no_label_by_rule", f"{how}; left to a person's decision"))
    told = f"{how}, {case.votes.told(label)}"
    if case.consumer is not None:
        reason = f"required by {_name(case.consumer.name)}: {_text(case.consumer.why)}; {told}"
        return _unless_honest(case, Ruling(label, reason, "consumer"), force)
    return _unless_honest(case, Ruling(label, f"requested: {told}", "request"), force)


def _error(votes: ItemVotes, errors: ErrorRule) -> Ruling | None:
    """A disagreement that is nobody's but the flagged reviewers', whom the others outnumber."""
    label, wrong = _outnumbered(votes, errors.flagged, errors.others)
    if not wrong:
        return None
    why = ", ".join(f"{_name(name)}: {_text(errors.flagged[name])}" for name in wrong)
    return Ruling(label, f"error: {_error_told(votes, wrong)} ({why})", "error")


def _suspected(votes: ItemVotes, errors: ErrorRule) -> tuple[OpenCode, str] | None:
    """A disagreement that would be an error if those who are suspected erred; only a person can say that."""
    _, wrong = _outnumbered(votes, {**errors.flagged, **errors.suspected}, errors.others)
    return ("suspected_error", _error_told(votes, wrong)) if wrong else None


def _outnumbered(votes: ItemVotes, flagged: Mapping[str, str], fewest: int) -> tuple[str | None, list[str]]:
    """The label of all others and who of the flagged chose another one, if the others outnumber these."""
    label, wrong = _without(votes, [name for name in votes.named if name in flagged])
    others = sum(name not in flagged for name in votes.named)
    return (label, wrong) if others >= max(fewest, len(wrong) + 1) else (None, [])


def _without(votes: ItemVotes, reviewers: Sequence[str]) -> tuple[str | None, list[str]]:
    """The one label of all others, None if there is none, and those of the reviewers who chose another one."""
    left = votes.without(reviewers)
    if len(left) != 1:
        return None, []
    label = min(left)
    return label, [name for name in votes.named if name in reviewers and votes.named[name] != label]


def _error_told(votes: ItemVotes, erred: Sequence[str]) -> str:
    chosen = ", ".join(f"{_name(name)} chose {_name(votes.named[name])}" for name in erred)
    others = len(votes.named) - len(erred)
    label = min(votes.without(erred))
    return f"{chosen}; {others} of {len(votes.named)} chose {_name(label)}"


def _unless_honest(case: Case, ruling: Ruling, force: bool) -> Ruling:
    """A label for an honest disagreement only by force, and then its reason says so."""
    if not case.votes.is_split:
        return ruling
    if not force:
        text = f"honest disagreement, {case.votes.told()}: only --force collapses it"
        return Ruling(reason=_honest(case).reason, open=("honest_disagreement", text))
    return Ruling(ruling.label, f"{FORCED}{ruling.reason}", ruling.ground, ruling.by, forced=True)


def _honest(case: Case) -> Ruling:
    if not case.votes.is_split:
        return Ruling()
    reason = HONEST if case.quadrant is None else _SOFT_REASONS.get(case.quadrant, HONEST)
    return Ruling(reason=reason)


def _listed(names: list[str]) -> str:
    return ", ".join(_name(name) for name in names)


def _name(text: str) -> str:
    return shorten(text, _NAME_CHARS)


def _text(text: str) -> str:
    return shorten(" ".join(text.split()), _TEXT_CHARS)
