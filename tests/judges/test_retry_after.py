"""How long providers ask to wait, in all the ways they say it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.judges.retry_after import LONGEST_RESET_S, rate_limit_reset_s, retry_after_s, wait_hint_s

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"llm_provider-retry-after": "4"}, 4.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "2, 9"}, 9.0),
        ({"Retry-After": "9", "retry-after": "2"}, 9.0),
        ({}, None),
    ],
)
def test_retry_after_in_all_its_forms(headers, seconds):
    assert retry_after_s(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1s", 1.0),
        ("0m50s", 50.0),
        ("120ms", 0.12),
        ("1.5", 1.5),
        ("59.56s", 59.56),
        ("1s500ms", 1.5),
        ("0", 0.0),
        # A moment: NOW is 1767268800 in Unix time.
        ("1767268812", 12.0),
        ("1767268812000", 12.0),
        ("1767268000", 0.0),
        # 6 minutes are when the whole allowance is back, not when the next request fits.
        ("6m0s", LONGEST_RESET_S),
        ("1h2m3s", LONGEST_RESET_S),
        ("1d", LONGEST_RESET_S),
        ("-3s", None),
        ("s", None),
        ("", None),
        ("later", None),
        ("1s later", None),
        ("nan", None),
    ],
)
def test_rate_limit_resets_in_all_their_forms(value, seconds):
    assert rate_limit_reset_s({"X-RateLimit-Reset-Tokens": value}, NOW) == pytest.approx(seconds)
    assert rate_limit_reset_s({"x-ratelimit-reset": value}, NOW) == pytest.approx(seconds)


def test_the_limit_that_is_used_up_decides_and_without_word_of_it_the_later_one():
    resets = {"x-ratelimit-reset-requests": "2s", "x-ratelimit-reset-tokens": "20s"}
    assert rate_limit_reset_s(resets) == 20.0
    assert rate_limit_reset_s({**resets, "x-ratelimit-remaining-requests": "0"}) == 2.0
    assert rate_limit_reset_s({**resets, "x-ratelimit-remaining-tokens": "0 "}) == 20.0


@given(st.floats(0.0, 1e6), st.sampled_from(["1s", "6m0s", "120ms", "9"]), st.sampled_from([None, 200, 429, 503]))
def test_a_retry_after_is_never_undercut_nor_stretched_by_a_reset(told, reset, status):
    headers = {"retry-after": str(told), "x-ratelimit-reset-requests": reset, "x-ratelimit-reset-tokens": reset}
    assert wait_hint_s(status, headers) == told


@pytest.mark.parametrize(("status", "seconds"), [(429, 1.0), (503, None), (200, None), (None, None)])
def test_a_reset_asks_to_wait_only_after_too_many_requests(status, seconds):
    assert wait_hint_s(status, {"x-ratelimit-reset-requests": "1s"}) == seconds


@given(st.text(max_size=60))
def test_no_header_ends_in_anything_but_a_bounded_wait_or_none(value):
    seconds = rate_limit_reset_s({"x-ratelimit-reset-requests": value}, NOW)
    assert seconds is None or 0.0 <= seconds <= LONGEST_RESET_S
