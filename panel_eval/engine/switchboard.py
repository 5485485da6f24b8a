"""Which judges share an account, and with it a governor; which share a model's stated limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from panel_eval.engine.governor import Governor, Pace
from panel_eval.engine.rate_limit import RateLimit
from panel_eval.judges.judge import Account, Judge
from panel_eval.schema import Limits


class Switchboard:
    """The accounts behind a panel's judges.

    An account's ceiling is the sum of its judges' `concurrency`. Judges that ask the same model on the same account
    share its `rpm` and `tpm`; if they state different ones, the lowest holds.

    Args:
        judges: all judges of the run.
        clock: seconds from any origin, never going back.
    """

    def __init__(self, judges: Sequence[Judge], *, clock: Callable[[], float] = time.monotonic) -> None:
        ceilings: dict[Account, int] = {}
        stated: dict[tuple[Account, str], list[Judge]] = {}
        for judge in judges:
            ceilings[judge.account] = ceilings.get(judge.account, 0) + judge.concurrency
            stated.setdefault((judge.account, judge.config.model), []).append(judge)
        self._governors = {account: Governor(most, clock=clock) for account, most in ceilings.items()}
        self._rates = {model: _rate_limit(sharing, clock) for model, sharing in stated.items()}

    def governor(self, judge: Judge) -> Governor:
        """The slots of the judge's account."""
        return self._governors[judge.account]

    def rate(self, judge: Judge) -> RateLimit:
        """The stated limits of the judge's model."""
        return self._rates[judge.account, judge.config.model]

    def paces(self) -> Mapping[str, Pace]:
        """The accounts as they stand now, by name; several keys of one provider are numbered."""
        paces: dict[str, Pace] = {}
        for account, governor in self._governors.items():
            name, number = account.name, 2
            while name in paces:
                name, number = f"{account.name} #{number}", number + 1
            paces[name] = governor.pace()
        return paces


def lowest_limits(judges: Iterable[Judge]) -> Limits:
    """The requests and tokens a minute that hold for judges who share them: the lowest that any of them states."""
    stated = [judge.config.limits for judge in judges]
    return Limits(rpm=_lowest(each.rpm for each in stated), tpm=_lowest(each.tpm for each in stated))


def _rate_limit(judges: Sequence[Judge], clock: Callable[[], float]) -> RateLimit:
    limits = lowest_limits(judges)
    return RateLimit(limits.rpm, limits.tpm, clock=clock)


def _lowest(limits: Iterable[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
