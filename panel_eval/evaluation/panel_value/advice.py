"""What to do about the judges, in one sentence that the intervals carry."""

from __future__ import annotations

from collections.abc import Sequence

from panel_eval.errors import shorten
from panel_eval.schema import Estimate
from panel_eval.schema.panel_value_metrics import PanelValue

_SHOWN = 12
_BEARABLE = 0.05
"""A loss of at most this part of the panel's value is called small."""


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
    copies = [name for name, judge in found.judges.items() if judge.standing == "copy"]
    kept = found.smallest.judges if found.smallest else list(found.judges)
    dropped = [name for name in found.judges if name not in kept]
    if not dropped:
        return _all_needed(found)
    cost = found.choice_cost_bits
    same = "".join(
        f" ({name} says the same as {found.judges[name].same_as[0]} on every item)"
        for name in copies
        if name in dropped
    )
    if cost.high is None or cost.estimate is None:
        return (
            f"With {found.n_items:,} items it cannot be told what leaving out {_listed(dropped)}{same} would cost."
        )
    if cost.high <= _BEARABLE * value.low:
        return (
            f"Drop {_listed(dropped)}{same} and fit {_listed(kept)} alone: a panel chosen so on other items lost "
            f"{_bits(cost)} of the {value.estimate:.3f} that the judges add."
        )
    return (
        f"No loss without {_listed(dropped)}{same} can be told, but a panel chosen so on other items may lose up "
        f"to {cost.high:.3f} of the {value.estimate:.3f} bits per human vote that the judges add: keep them, or "
        "label more items first."
    )


def _all_needed(found: PanelValue) -> str:
    sure = [name for name, judge in found.judges.items() if judge.standing == "adds"]
    if len(sure) == len(found.judges):
        return (
            f"Keep {'the judge' if len(sure) == 1 else 'all judges'}: the panel is worse without any one of them."
        )
    if sure:
        return f"Keep all judges: the best sub-panel takes them all, and of {_listed(sure)} it can be told."
    return (
        f"Keep all judges for now: the best sub-panel takes them all, though of none it can be told alone with "
        f"{found.n_items:,} items."
    )


def _bits(number: Estimate) -> str:
    return f"{number.estimate:.3f} bits per human vote (95 % interval {number.low:.3f} to {number.high:.3f})"


def _listed(names: Sequence[str]) -> str:
    shown = [shorten(name, 40) for name in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    if len(shown) < 2 or more:
        return ", ".join(shown) + more
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
