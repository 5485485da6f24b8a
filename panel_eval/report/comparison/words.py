"""What a comparison says in words, no surer than its numbers."""

from __future__ import annotations

from typing import Final

from panel_eval.report.numbers import NO_NUMBER, count, decimal, sentence
from panel_eval.report.printable import cut_line
from panel_eval.schema.comparison import CandidateComparison, ComparedRun, ComparisonReport, Difference, Verdict

DECIDING: Final = "ce_bits"
"""The score whose difference over all items is the verdict."""
OVERALL: Final = "overall"
_NAMES: Final = {"ce_bits": "cross-entropy", "brier_debiased": "squared distance"}
_UNITS: Final = {"ce_bits": "bits"}
_DIGITS: Final = 3


def signed(value: float | None) -> str:
    """A difference with its sign, also where it is above 0."""
    text = decimal(value, _DIGITS)
    return f"+{text}" if value is not None and value > 0 and text != NO_NUMBER else text


def interval_words(difference: Difference) -> str:
    """The 95 % interval as `−0.061 to +0.012`; empty where there is none."""
    own = difference.difference
    if own.low is None or own.high is None:
        return ""
    return f"{signed(own.low)} to {signed(own.high)}"


def p_text(p: float | None) -> str:
    """A p-value; never 0."""
    return "<0.001" if p is not None and p < 0.001 else decimal(p, _DIGITS)


def amount(metric: str, value: float | None) -> str:
    """A size with the unit of its metric."""
    number = (
        f"<{10**-_DIGITS}"
        if value is not None and value > 0 and _rounds_to_nothing(value)
        else decimal(value, _DIGITS)
    )
    return f"{number} {_UNITS.get(metric, '')}".rstrip()


def _rounds_to_nothing(value: float) -> bool:
    return decimal(abs(value), _DIGITS) == decimal(0.0, _DIGITS)


def deciding(candidate: CandidateComparison) -> Difference:
    """The difference that the verdict is of."""
    for difference in candidate.tests:
        if (difference.metric, difference.segment) == (DECIDING, OVERALL):
            return difference
    return candidate.tests[0]


def difference_text(difference: Difference) -> str:
    """One difference in a line, such as for a log or a failed assertion.

    `ce_bits, overall: 0.036 bits worse (+0.036, 95% interval +0.012 to +0.061; p 0.004); worse`
    """
    value, where = difference.difference.estimate, f"{difference.metric}, {difference.segment}"
    if value is None:
        return f"{where}: no difference can be told: {difference.difference.note}"
    interval = interval_words(difference)
    inside = [signed(value), f"95% interval {interval}" if interval else "no interval"]
    p = f"; p {p_text(difference.p_holm)} after Holm" if difference.p_holm is not None else ""
    return f"{where}: {_way(difference)} ({', '.join(inside)}{p}): {difference.verdict}"


def comparison_headline(candidate: CandidateComparison) -> str:
    """Better, worse or no difference shown, by how much, and what could have been found."""
    own = deciding(candidate)
    value, name = own.difference.estimate, _NAMES.get(own.metric, own.metric)
    begin = sentence(candidate.verdict).rstrip(".")
    if value is None:
        return f"{begin}: no difference in {name} can be told: {sentence(own.difference.note or 'no number')}"
    interval = interval_words(own)
    within = f"95% interval {interval}" if interval else "no interval"
    text = (
        f"{begin}: {name} {_beside(own)} ({signed(value)} {_unit(own)}, {within}), "
        f"over {count(own.difference.n)} items."
    )
    return f"{text} {_could_be_found(own)}".rstrip()


def _unit(difference: Difference) -> str:
    return "per vote" if difference.metric not in _UNITS else f"{_UNITS[difference.metric]} per human vote"


def _way(difference: Difference) -> str:
    """`0.036 bits worse`; a difference that rounds to nothing has no direction."""
    value = difference.difference.estimate or 0.0
    if _rounds_to_nothing(value):
        return "neither better nor worse to three digits"
    return f"{amount(difference.metric, abs(value))} {'worse' if value > 0 else 'better'}"


def _beside(difference: Difference) -> str:
    if _rounds_to_nothing(difference.difference.estimate or 0.0):
        return "is the baseline's to three digits"
    return f"is {_way(difference)} than the baseline's"


def _could_be_found(difference: Difference) -> str:
    if not difference.detectable:  # 0 where every item scores the same
        return ""
    size = amount(difference.metric, difference.detectable)
    smaller = " A smaller one may be there." if difference.verdict == "no difference shown" else ""
    return f"These items would show a true difference of {size} four times in five.{smaller}"


def untestable(candidate: CandidateComparison, metric: str = DECIDING) -> str:
    """The classes in which nothing can be tested, in a sentence; empty where there are none."""
    found = [own for own in candidate.tests if own.metric == metric and not own.testable]
    if not found:
        return ""
    names = [f"{own.segment} ({_why_untestable(own)})" for own in found]
    return f"Not testable: {', '.join(names)}."


def _why_untestable(difference: Difference) -> str:
    if difference.units == 0:
        return "no items"
    units = f"{count(difference.units)} independent {'unit' if difference.units == 1 else 'units'}"
    if difference.detectable is None:
        return units
    return f"{units}, would miss differences under {amount(difference.metric, difference.detectable)}"


def moved_classes(candidate: CandidateComparison, verdict: Verdict) -> list[str]:
    """The disagreement classes with this verdict, by the deciding score."""
    return [
        own.segment
        for own in candidate.tests
        if own.metric == DECIDING and own.segment != OVERALL and own.verdict == verdict
    ]


def run_name(run: ComparedRun) -> str:
    """What a run is called: its panel, and the run where that says more."""
    return run.run_id if run.panel is None else f"{run.panel} ({run.run_id})"


def candidate_names(report: ComparisonReport) -> tuple[str, ...]:
    """Short names of the candidates: their panels where those tell all runs apart, else the runs."""
    runs = [report.base, *(candidate.run for candidate in report.candidates)]
    panels = [run.panel for run in runs]
    apart = None not in panels and len(set(panels)) == len(panels)
    return tuple(str(run.panel) if apart else run.run_id for run in runs[1:])


def overlap_sentences(candidate: CandidateComparison) -> tuple[str, ...]:
    """Which items are compared, where those are not all of both runs."""
    overlap, known = candidate.overlap, candidate.overlap.examples
    kinds = {
        "only_base": ("only in the baseline", overlap.only_base),
        "only_candidate": ("only in the candidate", overlap.only_candidate),
        "other_votes": ("with other human votes", overlap.other_votes),
        "other_content": ("with another text", overlap.other_content),
    }
    parts = [
        f"{count(number)} {words}{f' (such as {cut_line(known[kind][0], 60)})' if known.get(kind) else ''}"
        for kind, (words, number) in kinds.items()
        if number
    ]
    if not parts:
        return ()
    shared = f"{count(overlap.shared)} {'item is' if overlap.shared == 1 else 'items are'}"
    return (f"The data differ: {shared} the same in both runs and compared. Left out: {', '.join(parts)}.",)


def missing_sentences(candidate: CandidateComparison) -> tuple[str, ...]:
    """What missing forecasts could hide."""
    missing = candidate.missing
    if missing is None:
        return ()
    sides = {
        "the baseline only": missing.only_base_scored,
        "the candidate only": missing.only_candidate_scored,
        "neither": missing.neither_scored,
    }
    parts = [f"{count(number)} by {words}" for words, number in sides.items() if number]
    if not parts:
        return ()
    told = [f"Of the shared items {count(candidate.overlap.compared)} are scored by both, {', '.join(parts)}."]
    if missing.as_base_rate.estimate is not None:
        told.append(
            "With the base rate in place of missing forecasts the difference in cross-entropy is "
            f"{signed(missing.as_base_rate.estimate)} bits."
        )
    if missing.best is not None and missing.worst is not None:
        told.append(
            f"At the worst for the candidate they make the difference in Brier score {signed(missing.worst)}, "
            f"at the best {signed(missing.best)}."
        )
    return (" ".join(told),)
