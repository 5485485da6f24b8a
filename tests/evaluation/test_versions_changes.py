"""What changed between two runs, and which of it makes another instrument."""

from __future__ import annotations

import numpy as np
import pytest
from versions_examples import drawn_forecasts, drawn_humans, facts, fingerprint, version

from panel_eval.evaluation.versions import ComparisonSettings, compare_versions, instrument_changes
from panel_eval.evaluation.versions.changes import all_changes, matched_judges
from panel_eval.schema import Rubric
from panel_eval.schema.comparison import Change, Overlap
from panel_eval.schema.run import PriceRow

PRICE = {
    "source": "list", "input_usd_per_mtok": 1.0, "output_usd_per_mtok": 2.0, "cached_input_usd_per_mtok": 1.0,
    "cache_write_usd_per_mtok": 1.0, "reasoning_usd_per_mtok": 2.0,
}  # fmt: skip
RUBRIC = {
    "task": "t", "description": "Is it so?",
    "labels": [{"name": "no", "definition": "It is not so."}, {"name": "yes", "definition": "It is so."}],
}  # fmt: skip
INSTRUMENT = {"model": "m", "temperature": 0.0, "prompt_sha256": "p1", "label_orders": "fixed"}
JUDGE = {
    "instrument": INSTRUMENT, "samples": 1, "models_reported": {"m-1": 9}, "snapshots": {"fp_1": 9},
    "parse_rungs": {"text": 9},
}  # fmt: skip


def run(judge=None, **more):
    given = {
        "rubric": Rubric.model_validate(RUBRIC), "pooling": {"pooling": "linear", "smoothing_alpha": 0.5},
        "prices": {"j": PriceRow.model_validate(PRICE)}, "settings": {"seed": 0}, "versions": {"numpy": "2.0"},
        "panel": "p",
    }  # fmt: skip
    return facts("run", (fingerprint(**(JUDGE | (judge or {}))),), **(given | more))


def asked_with(**settings):
    return run({"instrument_hash": "h2", "instrument": INSTRUMENT | settings})


def as_told(changes: list[Change]) -> list[tuple[str | None, ...]]:
    return [(change.what, change.name, change.key, change.base, change.candidate) for change in changes]


def test_equal_runs_have_no_changes():
    assert all_changes(run(), run()) == []


def other_rubric():
    labels = [RUBRIC["labels"][0], {"name": "yes", "definition": "It is quite so."}]
    return Rubric.model_validate(RUBRIC | {"version": "2", "labels": labels})


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (asked_with(model="n"), [("judge", "j", "model", "m", "n")]),
        (
            asked_with(temperature=0.7, label_orders="balanced"),
            [("judge", "j", "label_orders", "fixed", "balanced"), ("judge", "j", "temperature", "0.0", "0.7")],
        ),
        (asked_with(prompt_sha256="p2"), [("prompt", "j", "prompt_sha256", "p1", "p2")]),
        (run({"instrument_hash": "h2"}), [("judge", "j", "instrument_hash", "h1", "h2")]),
        (run({"samples": 3}), [("judge", "j", "samples", "1", "3")]),
        (
            run({"models_reported": {"m-1": 4, "m-2": 5}}),
            [("judge", "j", "models_reported", "m-1 (9 votes)", "m-2 (5 votes), m-1 (4 votes)")],
        ),
        (
            run({"id": "k", "instrument_hash": "h2"}),
            [("judge", "j", "", "model m", None), ("judge", "k", "", None, "model m")],
        ),
        (
            run(rubric=other_rubric()),
            [
                ("rubric", "t", "labels yes definition", "It is so.", "It is quite so."),
                ("rubric", "t", "version", "1", "2"),
            ],
        ),
        (
            run(pooling={"pooling": "fitted: stack, soft labels", "pool_sha256": "ab", "smoothing_alpha": 0.5}),
            [
                ("pooling", "panel", "pool_sha256", None, "ab"),
                ("pooling", "panel", "pooling", "linear", "fitted: stack, soft labels"),
            ],
        ),
    ],
)  # fmt: skip
def test_changes_that_make_another_instrument(candidate, expected):
    found = instrument_changes(run(), candidate)
    assert as_told(found) == expected
    assert all(change.instrument for change in found)
    assert all_changes(run(), candidate) == found


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (run({"snapshots": {"fp_2": 9}}), ("judge", "j", "snapshots", "fp_1 (9 votes)", "fp_2 (9 votes)")),
        (run({"parse_rungs": {"text": 8, "repaired": 1}}),
         ("judge", "j", "parse_rungs", "text (9 votes)", "text (8 votes), repaired (1 vote)")),
        (run(prices={"j": PriceRow.model_validate(PRICE | {"input_usd_per_mtok": 3.0})}),
         ("price", "j", "input_usd_per_mtok", "1.0", "3.0")),
        (run(prices={}), ("price", "j", "source", "list", None)),
        (run(settings={"seed": 1}), ("setting", "seed", "", "0", "1")),
        (run(panel="q"), ("setting", "panel", "", "p", "q")),
        (run(versions={"numpy": "2.1"}), ("version", "numpy", "", "2.0", "2.1")),
        (run({"instrument_hash": None, "instrument": {}}), ("judge", "j", "instrument", "known", "not known")),
        (run(rubric=None), ("rubric", "run", "", "version 1", None)),
    ],
)  # fmt: skip
def test_changes_that_leave_the_instrument_as_it_was(candidate, expected):
    assert as_told(all_changes(run(), candidate)) == [expected]
    assert instrument_changes(run(), candidate) == []


def test_a_judge_under_another_name_is_the_same_judge():
    candidate = run({"id": "k"}, prices={"k": PriceRow.model_validate(PRICE)})
    assert matched_judges(run(), candidate) == {"k": "j"}
    assert as_told(all_changes(run(), candidate)) == [("judge", "k", "id", "j", "k")]
    assert instrument_changes(run(), candidate) == []


def weighted(weights, *names):
    judges = tuple(fingerprint(name, instrument_hash=f"hash of {name.lower()}") for name in names)
    return facts("run", judges, pooling={"pooling": "linear", "weights": weights})


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (weighted('{"a": 1.0, "b": 2.0}', "a", "b"), weighted('{"A": 1.0, "b": 2.0}', "A", "b")),  # renamed
        (weighted('{"a": 1.0, "b": 1.0}', "a", "b"), weighted("equal", "a", "b")),
        (weighted('{"a": 1.0, "b": 2.0}', "a", "b"), weighted('{"a": 2.0, "b": 4.0}', "a", "b")),
    ],
)
def test_judges_that_weigh_as_before_are_pooled_as_before(ours, theirs):
    assert instrument_changes(ours, theirs) == []


def test_weights_that_change_are_told_by_judge():
    ours = weighted('{"a": 1.0, "b": 1.0, "c": 1.0}', "a", "b", "c")
    theirs = weighted('{"a": 2.0, "b": 1.0, "d": 1.0}', "a", "b", "d")
    found = instrument_changes(ours, theirs)
    assert [change[:3] for change in as_told(found)] == [
        ("judge", "c", ""),
        ("judge", "d", ""),
        ("pooling", "a", "weight"),
    ]
    assert as_told(found)[2][3:] == ("1.0", "2.0")


def test_of_two_alike_judges_that_are_renamed_each_is_matched_once():
    ours = facts("run", (fingerprint("a"), fingerprint("b")))
    theirs = facts("run", (fingerprint("x"), fingerprint("y"), fingerprint("z")))
    assert matched_judges(ours, theirs) == {"x": "a", "y": "b"}


def test_judges_that_swap_names_have_changed():
    ours = facts("run", (fingerprint("a"), fingerprint("b", instrument_hash="h2", instrument={"model": "n"})))
    theirs = facts("run", (fingerprint("a", instrument_hash="h2", instrument={"model": "n"}), fingerprint("b")))
    assert as_told(instrument_changes(ours, theirs)) == [
        ("judge", "a", "model", "m", "n"), ("judge", "b", "model", "n", "m")
    ]  # fmt: skip


def test_changed_data_is_counted():
    overlap = Overlap(shared=9, compared=9, only_base=1, only_candidate=2, other_votes=3, other_content=4)
    found = all_changes(run(), run(), overlap)
    assert [(change.what, change.key) for change in found] == [
        ("data", "1 item"), ("data", "2 items"), ("data", "3 items"), ("data", "4 items")
    ]  # fmt: skip


def test_a_changed_prompt_is_told_line_by_line():
    ours = run({"prompt": "Be fair.\nAnswer with one letter."})
    theirs = run({"prompt": "Be fair.\nAnswer with one word.", "instrument": {**INSTRUMENT, "prompt_sha256": "p2"}})
    theirs = theirs.model_copy(update={"judges": [theirs.judges[0].model_copy(update={"instrument_hash": "h2"})]})
    (found,) = instrument_changes(ours, theirs)
    assert found.diff[2:] == ["@@ -2 +2 @@", "-Answer with one letter.", "+Answer with one word."]


@pytest.mark.parametrize(("stray", "changed"), [(5, False), (6, True)])
def test_a_few_answers_of_another_model_are_told_and_make_no_other_judge(stray, changed):
    theirs = run({"models_reported": {"m-1": 100, "m-2": stray}})  # 6 of 106 is over a twentieth, 5 of 105 is not
    (told,) = all_changes(run(), theirs)
    assert (told.key, told.instrument) == ("models_reported", changed)
    assert bool(instrument_changes(run(), theirs)) is changed


def test_hostile_names_are_shortened_and_harmless_in_a_terminal():
    evil = {"id": "j", "models_reported": {"\x1b[31m" + "x" * 500: 3}}
    (found,) = instrument_changes(run(), run(evil))
    assert "\x1b" not in found.candidate
    assert len(found.candidate) <= 100


def test_a_renamed_judge_keeps_its_own_differences():
    draw = np.random.default_rng(4)
    humans, q = drawn_humans(40, 5, draw), drawn_forecasts(40, draw)
    better = 0.5 * q + 0.5 * (humans.distribution + 0.1) / 1.3
    runs = (
        facts("one", (fingerprint("old"),)),
        facts("two", (fingerprint("new"), fingerprint("x", instrument_hash="h2"))),
    )
    found = compare_versions(
        version(humans, q, judge_q={"old": q}),
        version(humans, better, judge_q={"new": better, "x": q}),
        runs,
        ComparisonSettings(flips=199, resamples=100),
    )
    assert set(found.judges) == {"new"}
    assert found.judges["new"][0].difference == found.tests[0].difference
    assert (found.judges["new"][0].verdict, found.judges["new"][0].p_holm) == ("better", None)
