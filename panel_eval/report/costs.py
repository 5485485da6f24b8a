"""What the votes cost, in a few lines and as tables: by judge, by disagreement class, by outcome."""

from __future__ import annotations

from collections.abc import Mapping

from panel_eval.report.cells import DAGGER, Cell, Row, Table
from panel_eval.report.numbers import NO_NUMBER, count, decimal
from panel_eval.schema import Metrics, RunManifest
from panel_eval.schema.economics_metrics import Account

_COLUMNS = (
    "votes paid for", "USD", "USD per 1,000 votes", "USD uncertain", "tokens in", "of them cached", "tokens out",
    "of them reasoning",
)  # fmt: skip


_DUST = 1e-9
"""US dollars by which two sums of the same amounts may differ."""

_NAMED = 8
"""Most judges that a line of the terminal names: the dearest."""


def usd(value: float | None) -> str:
    """An amount of US dollars with as many digits as it needs; 0 only if it is nothing."""
    if value is None:
        return NO_NUMBER
    if 0.0 < value < 0.00005:
        return "<0.0001"
    return decimal(value, 2 if value >= 1.0 or value == 0.0 else 4)


def cost_tables(metrics: Metrics) -> tuple[Table, ...]:
    """The cost by judge, by class and by outcome; none where no vote says what it took."""
    economics = metrics.economics
    if not _says_anything(metrics):
        return ()
    judges = dict(economics.by_judge)
    if len(judges) > 1:
        judges["all judges"] = economics
    tables = [
        _table("Cost by judge", "judge", judges),
        _table("Cost by disagreement class of the item", "human class", economics.by_class),
        _table("Cost by outcome", "outcome", economics.by_outcome),
    ]
    if economics.reused is not None:
        reused = {f"{count(economics.votes_reused)} reused votes": economics.reused}
        tables.append(
            _table("What reused votes cost when they were bought; not part of the above", "votes", reused)
        )
    return tuple(tables)


def cost_sentence(metrics: Metrics) -> str:
    """What all votes cost together."""
    account = metrics.economics
    known = account.cost_known_usd
    money = "not known" if known is None else "nothing" if known == 0.0 else f"{usd(known)} USD"
    parts = [f"{money} for {count(account.votes_paid)} votes"]
    if account.votes_unpriced and known is not None:
        parts[0] += f", {count(account.votes_unpriced)} of them of unknown price"
    if account.cost_uncertain_usd:
        parts.append(f"at most {usd(account.cost_uncertain_usd)} USD more for requests without a readable answer")
    if account.input_tokens is not None and account.output_tokens is not None:
        read = _with_part(account.input_tokens, "tokens in", account.cached_tokens, "cached")
        written = _with_part(account.output_tokens, "out", account.reasoning_tokens, "reasoning")
        parts.append(f"{read}, {written}")
    return "; ".join(parts)


def besides(metrics: Metrics, manifest: RunManifest | None) -> str | None:
    """What the run has spent besides the votes that count, in a sentence; None if that is nothing."""
    spend = None if manifest is None else manifest.spend
    if spend is None:
        return None
    votes = metrics.economics
    known = max(spend.usd - (votes.cost_known_usd or 0.0), 0.0)
    uncertain = max(spend.uncertain_usd - (votes.cost_uncertain_usd or 0.0), 0.0)
    parts = [f"{usd(known)} USD"] if known > _DUST else []
    parts += [f"at most {usd(uncertain)} USD more"] if uncertain > _DUST else []
    if not parts:
        return None
    return f"Besides, for the probe, requests given up and votes no longer planned: {', '.join(parts)}"


def cost_lines(metrics: Metrics) -> list[str]:
    """The cost for the terminal; no lines where no vote says what it took."""
    economics = metrics.economics
    if not _says_anything(metrics):
        return []
    lines = [f"Cost: {cost_sentence(metrics)}."]
    if economics.cost_known_usd:
        groups = {"judge": economics.by_judge, "human class": economics.by_class, "outcome": economics.by_outcome}
        lines += [f"  USD by {what}: {_amounts(own)}" for what, own in groups.items() if len(own) > 1]
    if economics.reused is not None:
        then = economics.reused.cost_known_usd
        paid = "an unknown price" if then is None else f"{usd(then)} USD"
        lines.append(f"  {count(economics.votes_reused)} votes were reused; earlier runs paid {paid} for them.")
    return lines


def _says_anything(metrics: Metrics) -> bool:
    """Whether any vote says what it took, in money or in tokens."""
    own = metrics.economics
    known = own.cost_known_usd, own.cost_uncertain_usd, own.input_tokens, own.output_tokens, own.votes_reused
    return any(known)


def _with_part(whole: int, name: str, part: int | None, part_name: str) -> str:
    return f"{count(whole)} {name}" + (f" ({count(part)} {part_name})" if part else "")


def _amounts(accounts: Mapping[str, Account]) -> str:
    paid = {name: own for name, own in accounts.items() if own.votes_paid}
    dearest = sorted(paid, key=lambda name: -(paid[name].cost_known_usd or 0.0))
    shown = paid if len(paid) <= _NAMED else dearest[:_NAMED]
    rest = f" and {len(paid) - _NAMED} more" if len(paid) > _NAMED else ""
    return ", ".join(f"{name} {usd(paid[name].cost_known_usd)}" for name in shown) + rest


def _table(caption: str, what: str, accounts: Mapping[str, Account]) -> Table:
    rows = [Row(name, _cells(own), emphasis=name == "all judges") for name, own in accounts.items()]
    return Table(caption, (what, *_COLUMNS), tuple(rows))


def _cells(account: Account) -> tuple[Cell, ...]:
    mean = account.cost_per_vote_usd
    tokens = account.input_tokens, account.cached_tokens, account.output_tokens, account.reasoning_tokens
    return (
        Cell(count(account.votes_paid)),
        _money(account),
        Cell(usd(None if mean is None else 1000.0 * mean)),
        Cell(usd(account.cost_uncertain_usd)),
        *(Cell(NO_NUMBER if number is None else count(number)) for number in tokens),
    )


def _money(account: Account) -> Cell:
    if not account.votes_unpriced:
        return Cell(usd(account.cost_known_usd))
    note = f"{count(account.votes_unpriced)} votes of unknown price are left out"
    known = account.cost_known_usd is not None
    return Cell(usd(account.cost_known_usd) + (DAGGER if known else ""), note=note)
