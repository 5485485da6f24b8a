"""What to do about the judges, in one sentence that the intervals carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from panel_eval.errors import shorten
from panel_eval.evaluation.panel_value.choice import BEARABLE
from panel_eval.schema import Estimate
from panel_eval.schema.panel_value_metrics import PanelValue

_SHOWN = 12


def advice(found: PanelValue) -> str:
    """The sentence for `PanelValue.advice`; the section is complete but for it."""
    value = found.value_bits
    if value.estimate is None or value.low is None or value.high is None:
        return f"Nothing can be told of the judges' value with {found.n_items:,} items."
    if value.low <= 0:
        return (
            f"With {found.n_items:,} items it cannot be told that the fitted panel is better than the base rate, "
            f"as it gains {_bits(value)}: no judge can be judged yet; label more items."
        )
    kept = found.smallest.judges if found.smallest else list(found.judges)
    dropped = [name for name in found.judges if name not in kept]
    return _without(found, kept, dropped, value) if dropped else _all_needed(found)


def _without(found: PanelValue, kept: Sequence[str], dropped: Sequence[str], value: Estimate) -> str:
    """What to do where fewer judges would do: some cost nothing to drop, of others the interval must tell."""
    why = _costless(found, kept, dropped)
    others = [name for name in dropped if name not in why]
    named, cost = _listed([*why, *others], why), found.choice_cost_bits
    if not others:
        return f"Drop {named} and fit {_listed(kept)} alone: nothing is lost by that."
    if cost.high is not None and cost.high <= BEARABLE * (value.low or 0.0):
        return (
            f"Drop {named} and fit {_listed(kept)} alone: a panel chosen so on other items lost "
            f"{_bits(cost)} of the {value.estimate:.3f} that the judges add."
        )
    first = f"Drop {_listed(list(why), why)}: nothing is lost by that; but keep " if why else "Keep "
    if cost.high is None:
        return f"{first}{_listed(others)}: with {found.n_items:,} items what dropping costs cannot be told."
    them = "it" if len(others) == 1 else "them"
    return (
        f"{first}{_listed(others)}, or label more items first: no loss without {them} can be told here, but a "
        f"panel chosen so on other items may lose up to {cost.high:.3f} of the {value.estimate:.3f} bits per human "
        "vote that the judges add."
    )


def _costless(found: PanelValue, kept: Sequence[str], dropped: Sequence[str]) -> dict[str, str]:
    """Judges without whom the panel surely loses nothing, and why."""
    why = {}
    for name in dropped:
        judge = found.judges[name]
        same = next((other for other in judge.same_as if other in kept), None)
        if same is not None:
            why[name] = f"says the same as {shorten(same, 40)} on every item"
        elif judge.alone_bits.low == judge.alone_bits.high == 0:
            why[name] = "gave no answers to learn from"
        elif judge.standing == "harms":
            why[name] = "the panel is better without it"
    return why


def _all_needed(found: PanelValue) -> str:
    if len(found.judges) == 1:
        return "Keep the judge: fitted, it is better than the base rate."
    sure = [name for name, judge in found.judges.items() if judge.standing == "adds"]
    if len(sure) == len(found.judges):
        return "Keep all judges: the panel is worse without any one of them."
    if sure:
        return (
            "Keep all judges: the best sub-panel takes them all, and that it is worse without one of them can be "
            f"told of {_listed(sure)}."
        )
    return (
        "Keep all judges for now: the best sub-panel takes them all, though of no single one it can be told with "
        f"{found.n_items:,} items that the panel is worse without it."
    )


def _bits(number: Estimate) -> str:
    interval = f"(95 % interval {number.low:.3f} to {number.high:.3f})"
    return f"{number.estimate:.3f} bits per human vote {interval}".replace("-", "−")


def _listed(names: Sequence[str], why: Mapping[str, str] | None = None) -> str:
    """The names, each with its reason in brackets where there is one."""
    reasons = {name: f" ({reason})" for name, reason in (why or {}).items()}
    shown = [shorten(name, 40) + reasons.get(name, "") for name in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    if len(shown) < 2 or more:
        return ", ".join(shown) + more
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
