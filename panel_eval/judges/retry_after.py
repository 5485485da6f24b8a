"""How long a provider asks us to wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_PREFIX = "llm_provider-"  # litellm hands some headers on under this prefix


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait from ``retry-after-ms`` or ``retry-after`` (seconds or an HTTP date), or None.

    Nonsense (negative, infinite, unreadable) is None; a date in the past is 0.

    References:
        RFC 9110, section 10.2.3.
    """
    named = {name.casefold().removeprefix(_PREFIX): value for name, value in headers.items()}
    milliseconds = _seconds(named.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000.0
    value = named.get("retry-after")
    seconds = _seconds(value)
    return seconds if seconds is not None or value is None else _until(value, now or datetime.now(UTC))


def _seconds(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number >= 0.0 else None


def _until(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
