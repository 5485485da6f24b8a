"""What stands around the tests, as tables: changes, cost, latency, missing forecasts, other metrics, items."""

from __future__ import annotations

from typing import Final

from panel_eval.report.cells import Cell, Row, Table, estimate_cell
from panel_eval.report.comparison.words import OVERALL, signed
from panel_eval.report.costs import usd
from panel_eval.report.glossary import metric_text
from panel_eval.report.numbers import NO_NUMBER, count, decimal, percent, share, value_text
from panel_eval.report.printable import printable
from panel_eval.schema.comparison import CandidateComparison, ComparedRun, DisplayDifference, Missing

NOT_THERE: Final = "not there"


def changes_table(candidate: CandidateComparison) -> Table:
    """What is not the same on both sides."""
    rows = tuple(
        Row(
            f"{change.what} {change.name}".rstrip(),
            (Cell(change.key), Cell(_there(change.base)), Cell(_there(change.candidate))),
        )
        for change in candidate.changes
    )
    return Table(
        "Judges, prompts, rubric, data, pooling and prices", ("what", "setting", "baseline", "candidate"), rows
    )


def prompt_diffs(candidate: CandidateComparison) -> list[tuple[str, list[str]]]:
    """Judge to the lines of its prompt that changed, where both runs hold the text."""
    return [(change.name, [*map(printable, change.diff)]) for change in candidate.changes if change.diff]


def _there(value: str | None) -> str:
    return NOT_THERE if value is None else value


def facts_table(base: ComparedRun, run: ComparedRun) -> Table:
    """Items, votes, cost and latency of both sides."""
    both = (base, run)
    rows = (
        Row("items scored", tuple(Cell(f"{count(own.n_scored)} of {count(own.n_items)}") for own in both)),
        Row("usable votes", tuple(_usable(own) for own in both)),
        Row("cost, USD", tuple(Cell(usd(own.cost_usd)) for own in both)),
        Row("USD per 1,000 votes", tuple(Cell(_per_thousand(own)) for own in both)),
        Row("seconds a vote, mean", tuple(Cell(decimal(own.latency_mean_s, 2)) for own in both)),
    )
    return Table("Votes, cost and latency", ("", "baseline", "candidate"), rows)


def _usable(run: ComparedRun) -> Cell:
    total, usable = sum(run.votes.values()), run.votes.get("ok", 0)
    return Cell(f"{count(usable)} of {count(total)}", share(usable, total))


def _per_thousand(run: ComparedRun) -> str:
    return usd(None if run.cost_per_vote_usd is None else 1000.0 * run.cost_per_vote_usd)


def judge_facts_table(base: ComparedRun, run: ComparedRun) -> Table:
    """Cost and latency of each judge on both sides; no rows where no run tells any."""
    judges = sorted({judge.id for side in (base, run) for judge in side.judges})
    rows = tuple(
        Row(
            judge,
            tuple(
                Cell(text)
                for texts in zip(_judge_facts(base, judge), _judge_facts(run, judge), strict=True)
                for text in texts
            ),
        )
        for judge in judges
    )
    columns = ("judge", *(f"{what}, {side}" for what in ("USD", "median s", "95% within s") for side in _SIDES))
    told = tuple(row for row in rows if any(cell.text != NO_NUMBER for cell in row.cells))
    return Table("Cost and latency by judge", columns, told)


_SIDES: Final = ("baseline", "candidate")


def _judge_facts(run: ComparedRun, judge: str) -> tuple[str, ...]:
    return (
        usd(run.cost_by_judge_usd.get(judge)),
        decimal(run.latency_p50_by_judge_s.get(judge)),
        decimal(run.latency_p95_by_judge_s.get(judge)),
    )


def missing_table(candidate: CandidateComparison) -> Table:
    """Shared items without a forecast of both sides, and what they could hide; no rows where there are none."""
    missing = candidate.missing
    rows = () if missing is None else _missing_rows(missing)
    caption = "Shared items without a forecast of both, and the differences that they could hide"
    return Table(caption, ("", "number"), rows)


def _missing_rows(missing: Missing) -> tuple[Row, ...]:
    counts = {
        "scored by the baseline only": missing.only_base_scored,
        "scored by the candidate only": missing.only_candidate_scored,
        "scored by neither": missing.neither_scored,
    }
    if not any(counts.values()):
        return ()
    instead = estimate_cell(missing.as_base_rate)
    return (
        *(Row(name, (Cell(count(number)),)) for name, number in counts.items()),
        *(Row(f"usable votes, {side}", (Cell(percent(usable)),)) for side, usable in missing.usable_votes.items()),
        Row("bits, base rate in their place", (instead,)),
        Row("Brier, best for the candidate", (Cell(signed(missing.best)),)),
        Row("Brier, worst for the candidate", (Cell(signed(missing.worst)),)),
    )


def display_tables(candidate: CandidateComparison) -> tuple[Table, ...]:
    """Metrics to look at, overall and by class."""
    segments = dict.fromkeys(own.segment for own in candidate.display)
    return tuple(_display_table(candidate, segment) for segment in segments)


def _display_table(candidate: CandidateComparison, segment: str) -> Table:
    rows = tuple(
        Row(metric_text(own.metric).title, _displayed(own)) for own in candidate.display if own.segment == segment
    )
    of = "all items" if segment == OVERALL else segment
    columns = ("metric", "baseline", "candidate", "difference", "better is")
    return Table(f"To look at, not to decide on: {of}", columns, rows)


def _displayed(own: DisplayDifference) -> tuple[Cell, ...]:
    text = metric_text(own.metric)
    return (
        Cell(value_text(own.base, own.metric), note=own.base.note or ""),
        Cell(value_text(own.candidate, own.metric), note=own.candidate.note or ""),
        estimate_cell(own.difference, text.digits, text.as_percent),
        Cell(own.better or "neither"),
    )


def moved_table(candidate: CandidateComparison, most: int) -> Table:
    """The items whose cross-entropy moved most, with the label that each side gives most mass."""
    rows = tuple(
        Row(
            item.item_id,
            (
                Cell(item.human_class),
                Cell(signed(item.difference_bits)),
                Cell(_counted(item.human_counts)),
                Cell(_top(item.base.forecast)),
                Cell(_top(item.candidate.forecast)),
            ),
        )
        for item in candidate.moved[:most]
    )
    columns = ("item", "class", "bits", "reviewers", "baseline", "candidate")
    return Table("Items that moved most; above 0 the candidate is further from the reviewers", columns, rows)


def _counted(counts: dict[str, float]) -> str:
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{label} ×{number:g}" for label, number in ranked[:3] if number) or NO_NUMBER


def _top(forecast: dict[str, float]) -> str:
    if not forecast:
        return NO_NUMBER
    label = max(forecast, key=lambda name: forecast[name])
    return f"{label} {decimal(forecast[label])}"
