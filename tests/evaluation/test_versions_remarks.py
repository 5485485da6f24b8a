"""What is said of the tests: no more than they carry, and why where two of them seem to part."""

from __future__ import annotations

import numpy as np
from made_humans import humans_from_counts
from versions_examples import LABELS, drawn_forecasts, drawn_humans, version

from panel_eval.evaluation.versions import ComparisonSettings, pair_versions, paired_tests
from panel_eval.evaluation.versions.paired import adjust_together
from panel_eval.evaluation.versions.remarks import advice, untested_warnings


def family_of(humans, base_q, candidate_q):
    pair = pair_versions(version(humans, base_q, "one"), version(humans, candidate_q, "two"))
    return paired_tests(pair, ComparisonSettings(flips=999))


def test_nothing_shown_beside_an_interval_that_leaves_out_zero_is_explained():
    # Of alike panels one pair in twenty has an interval without 0, one in a hundred a p that Holm leaves at .05.
    for seed in range(300):
        draw = np.random.default_rng(seed)
        found = family_of(drawn_humans(150, 5, draw), drawn_forecasts(150, draw), drawn_forecasts(150, draw))
        own = found[0]
        if own.verdict == "no difference shown" and (own.difference.low > 0 or own.difference.high < 0):
            break
    assert "The interval leaves out 0, but is of this test alone" in advice(found)
    assert f"with all tests allowed for, p is {own.p_holm:.2g}." in advice(found)


def test_units_too_few_for_so_many_tests_are_named_as_the_reason():
    # 8 items that all got worse: p = 2 / 2^8 = .0078, the least there is; seven candidates make that .0547.
    humans = humans_from_counts([[5, 0]] * 8, LABELS)
    worse = np.array([[0.1 + 0.05 * row, 0.9 - 0.05 * row] for row in range(8)])
    own = family_of(humans, np.array([[0.9, 0.1]] * 8), worse)
    several = adjust_together([own] * 7, 0.05)[0]
    assert (several[0].verdict, several[0].p_holm) == ("no difference shown", 7 * 2 / 2**8)
    assert "p is 0.055, the least that 8 items or clusters can give." in advice(several)


def test_an_interval_that_holds_zero_needs_no_explanation():
    draw = np.random.default_rng(2)
    found = family_of(drawn_humans(100, 5, draw), drawn_forecasts(100, draw), drawn_forecasts(100, draw))
    assert found[0].difference.low < 0 < found[0].difference.high
    assert "leaves out 0" not in advice(found)


def test_a_score_that_is_infinite_leaves_the_word_to_the_one_that_is_not():
    humans = humans_from_counts([[3, 2]] * 30, LABELS)
    found = family_of(humans, np.full((30, 2), 0.5), np.array([[1.0, 0.0]] * 30))
    assert advice(found).startswith(
        "Can't tell: no difference in cross-entropy can be computed, infinite on 0 items"
    )
    assert "By brier_debiased, which is always finite, it is shown to be worse." in advice(found)
    assert {warning.code for warning in untested_warnings(found)} == {"not_testable"}  # the units are not few


def test_reasons_why_nothing_is_tested_are_told_once():
    draw = np.random.default_rng(2)
    found = family_of(drawn_humans(40, 3, draw), drawn_forecasts(40, draw), drawn_forecasts(40, draw))
    (warning,) = untested_warnings(found)
    assert warning.text.count("no item has four reviewers") == 1
    assert all(
        f"{metric} {name}" in warning.text
        for metric in ("ce_bits", "brier_debiased")
        for name in ("major", "minor")
    )
