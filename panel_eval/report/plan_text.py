"""A plan in the terminal: what would be bought, what it costs, what it could show; within 100 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from panel_eval.report.costs import usd
from panel_eval.report.numbers import NO_NUMBER, count, decimal
from panel_eval.report.printable import cut_line, one_line
from panel_eval.schema.plan_estimate import BudgetCheck, JudgeEstimate, PlanEstimate, Span, VotesEstimate

WIDTH = 100
_NAME_CHARS = 24
_ALL = "all judges"


def print_plan(plan: PlanEstimate, console: Console) -> None:
    """Print a plan.

    Args:
        plan: the plan.
        console: where to print; plain text where it is no terminal.
    """
    width = min(WIDTH, console.width)
    console.print(_text(_headline(plan), "bold"), width=width)
    for line in _sources(plan):
        console.print(Text(line), soft_wrap=True)  # a path is for copying: it is never wrapped
    for title, grid in _tables(plan):
        console.print()
        console.print(_text(title, "bold"), width=width)
        console.print(grid, width=width)
    console.print()
    for line in (*_budget_lines(plan), *_time_lines(plan)):
        console.print(_text(line), width=width)
    _print_list("What this rests on", plan.assumptions, console, width)
    _print_list("What would keep it from starting", plan.problems, console, width)


def _headline(plan: PlanEstimate) -> str:
    total = plan.total
    had = total.stored + total.out + total.reusable
    known = f", {count(had)} of them paid for already" if had else ""
    items = f"{count(plan.items)} items"
    if plan.unlabelled:
        items = f"{count(plan.items)} labelled and {count(plan.unlabelled)} unlabelled items"
    return f"{plan.panel}: {count(total.votes)} votes on {items}{known}. Nothing is sent."


def _sources(plan: PlanEstimate) -> list[str]:
    lines = [] if plan.goes_on_with is None else [f"Goes on with {plan.goes_on_with}"]
    return [one_line(line) for line in (*lines, *(f"Takes votes over from {run}" for run in plan.reuses))]


def _tables(plan: PlanEstimate) -> list[tuple[str, Grid]]:
    costs = ("Expected tokens and cost, in US dollars, of the votes to buy", _costs(plan))
    shown = "Smallest difference in ce_bits between two versions of the panel that these items show"
    return [("Votes", _votes(plan)), *([costs] if plan.total.to_buy else []), (shown, _differences(plan))]


def _votes(plan: PlanEstimate) -> Grid:
    out = ["in batches"] if plan.total.out else []
    grid = _grid(("judge", "model", "planned", "stored", *out, "reusable", "to buy", "time"), left=2)
    for judge in plan.judges:
        grid.add_row(_name(judge.judge), _name(judge.model), *_counts(judge, plan))
    if len(plan.judges) > 1:
        grid.add_row(_ALL, "", *_counts(plan.total, plan), style="bold")
    return grid


def _counts(votes: VotesEstimate, plan: PlanEstimate) -> list[str]:
    out = [votes.out] if plan.total.out else []
    time = NO_NUMBER if not votes.to_buy else "a day" if plan.batch else duration(votes.seconds)
    return [*map(count, (votes.votes, votes.stored, *out, votes.reusable, votes.to_buy)), time]


def _costs(plan: PlanEstimate) -> Grid:
    columns = ("judge", "tokens in", "tokens out", "USD low", "expected", "worst", "in batches")
    grid = _grid(columns)
    for judge in plan.judges:
        grid.add_row(_name(judge.judge), *_amounts(judge, _priced(judge)))
    if len(plan.judges) > 1:
        grid.add_row(_ALL, *_amounts(plan.total, _dollars(plan.total.usd)), style="bold")
    return grid


def _priced(judge: JudgeEstimate) -> list[str]:
    """Low, expected and worst in US dollars, or in a word why there is no such number."""
    if judge.usd is None or judge.free:
        return ["unknown" if judge.usd is None else "free"] * 3
    return _dollars(judge.usd)


def _amounts(votes: VotesEstimate, dollars: list[str]) -> list[str]:
    tokens = [short_count(votes.input_tokens.expected), short_count(votes.output_tokens.expected)]
    return [*tokens, *dollars, usd(votes.batch_usd.expected) if votes.batch_usd else NO_NUMBER]


def _dollars(span: Span | None) -> list[str]:
    return [NO_NUMBER] * 3 if span is None else [usd(span.low), usd(span.expected), usd(span.worst)]


def _differences(plan: PlanEstimate) -> Grid:
    grid = _grid(("human class", "items", "bits", ""))
    for part in plan.detectable:
        difference = decimal(part.difference_bits, 3) if part.difference_bits is not None else NO_NUMBER
        verdict = "" if part.testable else "too few items to test"
        grid.add_row(
            part.name, count(part.items), difference, verdict, style="bold" if part.name == "overall" else None
        )
    return grid


def _budget_lines(plan: PlanEstimate) -> list[str]:
    lines = [_budget_line(check, plan) for check in plan.budget]
    if not plan.total.to_buy:
        return lines or ["Nothing is left to buy."]
    if not plan.budget and not all(judge.free for judge in plan.judges):
        lines.append("Budget: none is set, so nothing stops the spending.")
    if plan.unpriced:
        named = ", ".join(plan.unpriced[:5]) + (" …" if plan.unpriced[5:] else "")
        lines.append(f"Price unknown, and in no sum: {named}. If you know it, write `price` into the panel file.")
    return lines


def _budget_line(check: BudgetCheck, plan: PlanEstimate) -> str:
    amount, unit = (usd, "USD") if check.unit == "usd" else (short_count, "tokens")
    spent = f", of which {amount(check.spent)} are spent" if check.spent else ""
    lead = f"Budget: {amount(check.limit)} {unit}{spent}."
    if not plan.total.to_buy:
        return f"{lead} Nothing is left to buy."
    whose = " of judges with a known price" if plan.unpriced and check.unit == "usd" else ""
    if check.fits == "worst":
        return f"{lead} Even the worst case{whose} fits."
    if check.fits == "expected":
        worst = amount(check.worst)
        return (
            f"{lead} The expected cost{whose} fits. The worst case ({worst}) does not: the run would stop at the "
            "limit."
        )
    share = f"about {100.0 * check.share:.0f}%" if check.share >= 0.01 else "less than 1%"
    return (
        f"{lead} The expected cost{whose} ({amount(check.expected)}) does not fit: {share} of the votes will be "
        "bought, on a random sample of items, and the run ends as partial. A larger budget goes on with it."
    )


def _time_lines(plan: PlanEstimate) -> list[str]:
    if plan.batch:
        return ["Time: provider batches take up to a day; judges whose provider has none are asked live."]
    bound = {judge.judge: judge.slowest for judge in plan.judges if judge.slowest in ("rpm", "tpm")}
    if not bound:
        return []
    return [
        "Time: set by limits of the panel file: " + ", ".join(f"{name} by {limit}" for name, limit in bound.items())
    ]


def _print_list(title: str, lines: Sequence[str], console: Console, width: int) -> None:
    if lines:
        console.print()
        console.print(_text(title, "bold"))
    for line in lines:
        console.print(Padding(_text(line), (0, 0, 0, 2)), width=width)


def short_count(value: float) -> str:
    """A count of tokens with three digits: 950, 12.3k, 4.56M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= 0.9995 * size:
            scaled = value / size
            return f"{scaled:.{2 if scaled < 9.995 else 1 if scaled < 99.95 else 0}f}{unit}"
    return f"{value:.0f}"


def duration(seconds: float | None) -> str:
    """Seconds in words: a moment, 40 s, 3 min, 2.5 h, 4 days."""
    if seconds is None or seconds < 1.0:
        return "a moment"
    for unit, size in (("days", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 1.5 * size:
            scaled = seconds / size
            digits = 1 if scaled < 9.95 else 0
            return f"{scaled:.{digits}f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} s"


def _grid(columns: Sequence[str], left: int = 1) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for position, column in enumerate(columns):
        text = position < left or not column
        grid.add_column(column, justify="left" if text else "right", overflow="fold", no_wrap=position >= left)
    return grid


def _name(text: str) -> Text:
    return _text(cut_line(text, _NAME_CHARS))


def _text(text: str, style: str = "") -> Text:
    return Text(one_line(text), style=style)
