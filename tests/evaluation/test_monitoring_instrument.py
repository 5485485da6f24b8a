"""An instrument is told apart by its facts, and what changed is said in words."""

from __future__ import annotations

from panel_eval.evaluation.monitoring import Instrument

BASE = {
    "judge a": {
        "model": "gpt-4o",
        "samples": "3",
        "prompt_hash": "11",
        "hash": "aa",
        "reported model": "gpt-4o-0806",
    },
    "pooling": {"smoothing_alpha": "0.5"},
    "rubric": {"hash": "77"},
}


def with_judge(**changed: str) -> Instrument:
    return Instrument({**BASE, "judge a": BASE["judge a"] | changed})


def test_the_order_of_facts_is_no_change() -> None:
    turned = {part: dict(reversed(own.items())) for part, own in reversed(BASE.items())}
    assert Instrument(turned).digest == Instrument(BASE).digest
    assert Instrument(turned).changes_since(Instrument(BASE)) == ""


def test_changed_settings_are_named_with_both_values() -> None:
    now = with_judge(samples="5", hash="bb")
    assert now.digest != Instrument(BASE).digest
    assert now.changes_since(Instrument(BASE)) == "judge a: samples 3 → 5"


def test_a_model_that_answers_under_the_same_name_is_named() -> None:
    now = with_judge(**{"reported model": "gpt-4o-1120"})
    assert now.changes_since(Instrument(BASE)) == "judge a: reported model gpt-4o-0806 → gpt-4o-1120"


def test_what_is_too_long_to_show_is_named() -> None:
    assert with_judge(prompt_hash="12", hash="cc").changes_since(Instrument(BASE)) == "judge a: prompt changed"
    assert Instrument({**BASE, "rubric": {"hash": "78"}}).changes_since(Instrument(BASE)) == "rubric: changed"


def test_judges_that_come_and_go() -> None:
    other = Instrument({"judge b": {"model": "x"}, "pooling": BASE["pooling"], "rubric": BASE["rubric"]})
    assert other.changes_since(Instrument(BASE)) == "judge a is gone; judge b is new"


def test_hostile_names_are_shortened() -> None:
    told = with_judge(model="\x1b[31m" + "x" * 5000).changes_since(Instrument(BASE))
    assert len(told) < 200
