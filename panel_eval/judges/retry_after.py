"""How long a provider asks us to wait."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RESET_S = 60.0
"""Longest wait taken from a rate limit's reset. That header tells when the whole allowance is back, which may be
minutes away although the next request fits much sooner, and limits are counted by the minute."""

_PREFIX = "llm_provider-"  # litellm hands some headers on under this prefix
_LIMITS = ("requests", "tokens")
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_SECONDS = (86400.0, 3600.0, 60.0, 1.0, 0.001)
_EPOCH_S, _EPOCH_MS = 1e9, 1e12  # a number above these is a moment, not a duration


def wait_hint_s(status: int | None, headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait after an answer: what `retry_after_s` says, else after a 429 when its rate limit is reset."""
    told = retry_after_s(headers, now)
    return rate_limit_reset_s(headers, now) if told is None and status == 429 else told


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait from ``retry-after-ms`` or ``retry-after`` (seconds or an HTTP date), or None.

    Nonsense (negative, infinite, unreadable) is None; a date in the past is 0. Of several, as stacked proxies add
    them, the longest counts.

    References:
        RFC 9110, section 10.2.3.
    """
    named = _named(headers)
    milliseconds = _seconds(named.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000.0
    waits = (_wait(value, now) for value in _each(headers, "retry-after"))
    return max((wait for wait in waits if wait is not None), default=None)


def rate_limit_reset_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds until a rate limit is reset, from ``x-ratelimit-reset[-requests|-tokens]``, or None.

    Of several limits the one that is used up counts, as ``x-ratelimit-remaining-…: 0`` tells; without such a header
    the latest. At most `LONGEST_RESET_S`.

    Args:
        headers: of the answer. Values such as ``1s``, ``6m0s``, ``120ms``, ``1.5`` or a Unix time.
        now: when they came; default: now.
    """
    named = _named(headers)
    resets = {limit: _duration(named.get(f"x-ratelimit-reset-{limit}"), now) for limit in _LIMITS}
    resets["any"] = _duration(named.get("x-ratelimit-reset"), now)
    known = {limit: seconds for limit, seconds in resets.items() if seconds is not None}
    used_up = [known[limit] for limit in known if named.get(f"x-ratelimit-remaining-{limit}", "").strip() == "0"]
    return min(max(used_up or known.values()), LONGEST_RESET_S) if known else None


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.casefold().removeprefix(_PREFIX): value for name, value in headers.items()}


def _each(headers: Mapping[str, str], name: str) -> Iterator[str]:
    """Every value of a header that came more than once, as lines of its own or as a list in one."""
    for key, value in headers.items():
        if key.casefold().removeprefix(_PREFIX) == name:
            yield from [value] if any(map(str.isalpha, value)) else value.split(",")  # a date has a comma, too


def _wait(value: str, now: datetime | None) -> float | None:
    seconds = _seconds(value)
    return _until(value, now or datetime.now(UTC)) if seconds is None else seconds


def _seconds(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number >= 0.0 else None


def _duration(value: str | None, now: datetime | None) -> float | None:
    """Seconds from ``1.5``, ``1h2m3.5s``, ``120ms``, or until a Unix time in seconds or milliseconds."""
    number = _seconds(value)
    if number is not None:
        moment = number / 1000.0 if number >= _EPOCH_MS else number
        return max(0.0, moment - (now or datetime.now(UTC)).timestamp()) if moment >= _EPOCH_S else number
    match = _DURATION.fullmatch((value or "").strip()[:40])
    if match is None or not any(match.groups()):
        return None
    return math.fsum(float(part) * unit for part, unit in zip(match.groups(), _SECONDS, strict=True) if part)


def _until(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
