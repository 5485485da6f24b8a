"""Numbers of a plan as a reader meets them."""

from __future__ import annotations

import pytest

from panel_eval.report.plan_text import duration, short_count


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (38.25, "38"), (999, "999"), (999.6, "1.00k"), (1234, "1.23k"), (12_345, "12.3k"),
        (99_960, "100k"), (123_456, "123k"), (999_499, "999k"), (999_500, "1.00M"), (4.5e6, "4.50M"),
        (2.1e9, "2.10G"),
    ],
)  # fmt: skip
def test_counts_keep_three_digits(value, text):
    assert short_count(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "a moment"), (0.0, "a moment"), (1.0, "1 s"), (89.0, "89 s"), (90.0, "1.5 min"), (180.0, "3 min"),
        (3000.0, "50 min"), (5400.0, "1.5 h"), (36_000.0, "10 h"), (129_600.0, "1.5 days"), (2.6e6, "30 days"),
    ],
)  # fmt: skip
def test_durations_in_words(seconds, text):
    assert duration(seconds) == text
