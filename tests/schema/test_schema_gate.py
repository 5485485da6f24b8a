"""The key `gate` of a panel and the baseline file: what they refuse, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from panel_eval.errors import InputError
from panel_eval.schema import GateSettings, Panel, read_yaml
from panel_eval.schema.baseline import Baseline, BaselineItem
from panel_eval.schema.gate_result import GATE_EXIT_CODES

PANEL = "panel: p\nrubric: r.yaml\nlabels: l.jsonl\njudges:\n  - {id: a, model: fake/x.yaml}\ngate:\n"


def problem(tmp_path: Path, gate: str) -> str:
    path = tmp_path / "panel.yaml"
    path.write_text(PANEL + gate)
    with pytest.raises(InputError) as caught:
        read_yaml(path, Panel)
    return str(caught.value)


def test_defaults_hold_a_run_to_one_margin() -> None:
    default = GateSettings()
    assert [(each.metric, each.segment, each.margin) for each in default.margins] == [("ce_bits", "overall", 0.05)]
    assert (default.baseline, default.alpha, default.watch_classes) == ("last-passed", 0.025, True)


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("  limits: [{metric: n_equ, at_least: 2}]\n", "did you mean n_eq?"),
        ("  limits: [{metric: whatever, at_least: 2}]\n", "metrics are ce_bits"),
        ("  limits: [{metric: n_eq}]\n", "name one of at_least and at_most"),
        ("  limits: [{metric: n_eq, at_least: 1, at_most: 2}]\n", "name one of at_least and at_most"),
        ("  margins: [{margin: 0}]\n", "greater than 0"),
        ("  margins: [{margin: .1}, {margin: .2}]\n", "margins name ce_bits overall twice"),
        ("  margins: [{metric: tvd, margin: .1}]\n", "ce_bits"),
        ("  margins: [{segment: majr, margin: .1}]\n", "major"),
        ("  watch_clases: true\n", "did you mean 'watch_classes'?"),
        ("  usable_votes: 95\n", "less than or equal to 1"),
        ("  alpha: .5\n", "less than 0.5"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(tmp_path: Path, gate: str, words: str) -> None:
    found = problem(tmp_path, gate)
    assert words in found
    assert "panel.yaml:" in found
    assert "gate" in found


def test_exit_codes_are_those_of_the_design() -> None:
    assert GATE_EXIT_CODES == {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 3, "NOT COMPARABLE": 4, "INCOMPLETE": 5}


def item(**changes: Any) -> dict[str, Any]:
    return {"item_id": "a", "votes": [3, 1], "reviewers": 4, "forecast": [0.75, 0.25], **changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"votes": None}, "either votes or shares"),
        ({"shares": [0.5, 0.5]}, "either votes or shares"),
        ({"reviewers": 5}, "add up to the number of reviewers"),
        ({"forecast": [0.75, 0.35]}, "forecast must add up to 1"),
        ({"votes": None, "shares": [0.75, 0.2]}, "shares must add up to 1"),
    ],
)
def test_an_item_of_a_baseline_adds_up(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        BaselineItem.model_validate(item(**changes))


def test_items_of_a_baseline_fit_its_labels() -> None:
    run = {
        "run_id": "r", "state": "sealed", "started_at": "2026-01-01T00:00:00+00:00", "n_items": 1, "n_scored": 1,
        "judges": [], "votes": {"ok": 1}, "cost_usd": None,
    }  # fmt: skip
    good = {"task": "t", "labels": ["no", "yes"], "scale": "nominal", "label_values": [0.0, 1.0], "run": run}
    assert Baseline.model_validate({**good, "items": [item()]}).items[0].forecast == [0.75, 0.25]
    with pytest.raises(ValidationError, match="must be unique"):
        Baseline.model_validate({**good, "items": [item(), item()]})
    with pytest.raises(ValidationError, match="3 numbers for 2 labels"):
        Baseline.model_validate({**good, "items": [item(forecast=[0.5, 0.25, 0.25])]})
    with pytest.raises(ValidationError, match="a value for each label"):
        Baseline.model_validate({**good, "label_values": [0.0], "items": [item()]})
