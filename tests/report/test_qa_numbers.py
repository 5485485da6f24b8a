"""Every number of the QA document's tables is one of the results, formatted here by other means."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from qa_reading import Pdf, decimals, percents
from qa_views import Made, made_view

from panel_eval import api
from panel_eval.report.qa import qa_document, typeset
from panel_eval.schema import Estimate, MetricTable

sys.path.insert(0, str(Path(__file__).parents[1]))
PERCENTS = {"ce_skill", "ce_crossfit_skill", "mode_accuracy"}
DIGITS = {"n_eq": 1, **dict.fromkeys(PERCENTS, 1)}
OVERVIEW = ("ce_bits", "ce_skill", "kl_bits", "n_eq", "mode_accuracy")
BY_CLASS = ("ce_crossfit_bits", "ce_crossfit_skill", "kl_bits", "n_eq", "mode_accuracy", "entropy_error_bits")


def written(estimate: Estimate, digits: int, as_percent: bool = False) -> str:
    """A number with its interval as the tables hold it."""
    show = (lambda value: percents(value, digits)) if as_percent else (lambda value: decimals(value, digits))
    if estimate.estimate is None:
        return "–"
    mark = "†" if estimate.note else ""
    if estimate.low is None or estimate.high is None or show(estimate.low) == show(estimate.high):
        return show(estimate.estimate) + mark
    return f"{show(estimate.estimate)}{mark} {show(estimate.low)} to {show(estimate.high)}"


@pytest.fixture(scope="module")
def vendor() -> Pdf:
    return Pdf(typeset(qa_document(made_view(Made()))))


def test_agreement(vendor: Pdf) -> None:
    text = vendor.chapter("Do the reviewers agree?", "How split are the items?")
    assert "two reviewers of an item agree chance that they chose the same label 61.2% 57.1% to 65.2%" in text
    values = (
        "0.41 0.35 to 0.47",
        "0.56 0.49 to 0.62",
        "0.46 0.40 to 0.51",
        "0.71 0.64 to 0.77",
        "0.37 0.21 to 0.49",
    )
    for value in values:
        assert value in text


def test_classes(vendor: Pdf) -> None:
    text = vendor.chapter("How split are the items?", "Split and sure of it?")
    assert "120 (40.0%)" in text
    assert text.count("60 (20.0%)") == 3
    assert text.count("25.0% 19.0% to 31.0%") == 4
    assert text.count("33.3%") == 3
    assert "0.83 (0.78 to 0.88) bits in the votes; 1.04 (0.98 to 1.10) bits behind them" in text
    assert "61.7% (58.0% to 65.0%)" in text
    assert "in the file: major 0 2 60" in text


def test_quadrants(vendor: Pdf) -> None:
    text = vendor.chapter("Split and sure of it?", "How reliable is each reviewer?")
    for name, items, share in (
        ("rubric problem", 12, "4.0%"), ("genuine ambiguity", 11, "3.7%"), ("fragile consensus", 13, "4.3%"),
        ("clear", 14, "4.7%"),
    ):  # fmt: skip
        assert f"{name} {items} {share}" in text
    assert "50 of 300 items lie in a quadrant; 15 lie too close to a border to say, 16 have no confidence" in text
    assert "−0.21 (−0.31 to −0.11), p = 0.004" in text


def test_reviewers(vendor: Pdf) -> None:
    text = vendor.chapter("How reliable is each reviewer?", "Do reviewers pass")
    rows = [f"reviewer-{i} 300 {50 + i / 10:.1f}% 44.0% to 57.0% 60.0% 55.0% to 65.0%" for i in range(4)]
    assert all(row in text for row in rows)
    assert "−10.0% −17.0% to −3.0% 17 of 20 61.1% to 93.3% agrees too little, p = 0.004" in text
    assert text.index(rows[0]) < text.index(rows[3])  # least agreement first


def test_gold_items(vendor: Pdf) -> None:
    text = vendor.chapter("Do reviewers pass", "Which items should")
    assert "68 of 80 votes on 20 gold items were the known answer: 85.0% (95% interval 61.1% to 93.3%)" in text
    assert "it takes 9 gold items" in text
    assert text.count("mild moderate 1 of 4 84.7%") == 3


def test_items_to_look_at_again(vendor: Pdf) -> None:
    text = vendor.chapter("Which items should", "What was adjudicated?")
    assert "30 of 300 items (10.0%)" in text
    assert text.count("moderate 3, mild 1") == 24
    assert "6 more in qa.json" in text
    assert text.count("0.437") == 24


def test_adjudicated_items(vendor: Pdf) -> None:
    text = vendor.chapter("What was adjudicated?", "Does the file keep")
    assert "12 items were adjudicated, 12 of them split" in text
    assert text.count("50%") == 12
    assert "honest disagreement; not collapsed by default 7 5" in text


def test_violations_stand_with_their_lines(vendor: Pdf) -> None:
    text = vendor.chapter("Does the file keep", "How was this made")
    assert "No: 9 problems on 9 lines" in text
    for place in range(9):
        assert f"labels.jsonl:{100 + place} broken-{place} distribution.mild: must sum to 1" in text


def test_what_is_not_given_says_so_in_a_line() -> None:
    made = Made(items=5, reviewers=0, flagged=0, adjudicated=0, violations=0, missed=0)
    text = Pdf(typeset(qa_document(made_view(made)))).text
    assert "reviewers not named" in text
    assert "gold items none given" in text
    assert "Not given: the file has no gold items" in text
    assert "None: no item was collapsed to one label" in text
    assert "None: no item has a doubtful vote" in text
    assert "Yes: no line breaks a rule" in text


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from fitted_runs import write_pilot

    folder = tmp_path_factory.mktemp("qa")
    labels, votes, rubric = write_pilot(folder / "pilot", n_items=40)
    api.score(labels, votes, rubric=rubric, out=folder / "run", resamples=100)
    return folder / "run"


def wanted(table: MetricTable, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        yield written(table[name], DIGITS.get(name, 3), name in PERCENTS)


def test_the_panels_numbers_are_those_of_metrics_json(run: Path) -> None:
    metrics = api.open_run(run).metrics
    pdf = Pdf(api.write_qa(run, resamples=100).read_bytes())
    text = pdf.chapter("How does the panel of judges compare?", "How was this made")
    seen = 0
    for table in (metrics.panel.overall, *(metrics.references[name].overall for name in ("uniform", "base_rate"))):
        row = " ".join(wanted(table, OVERVIEW))
        assert row in text
        seen += 1
    for name, table in metrics.panel.by_class.items():
        if metrics.agreement.class_counts.get(name):
            assert f"{name} {metrics.agreement.class_counts[name]:,} {' '.join(wanted(table, BY_CLASS))}" in text
            seen += 1
    for judge, scores in metrics.judges.items():
        assert " ".join(wanted(scores.overall, ("ce_bits", "n_eq", "mode_accuracy"))) in text
        assert f"{judge} " in text
        seen += 1
    assert seen > 6
    first = pdf.pages[0]
    worth, skill = metrics.panel.overall["n_eq"], metrics.panel.overall["ce_skill"]
    assert written(worth, 1).replace("†", "").replace(" ", " 95% interval ", 1) in first
    assert written(skill, 1, True).replace("†", "").replace(" ", " 95% interval ", 1) in first
    usable, total = metrics.coverage.total.get("ok", 0), sum(metrics.coverage.total.values())
    assert f"{usable:,} of {total:,} votes" in first


def test_the_reviewers_numbers_of_a_run_are_those_of_metrics_json(run: Path) -> None:
    quality = api.open_run(run).metrics.label_quality
    if quality is None:
        pytest.skip("metrics.json has no label quality yet")
    pdf = Pdf((run / "qa.pdf").read_bytes())
    agree = quality.agreement.coefficients
    text = pdf.chapter("Do the reviewers agree?", "How split are the items?")
    assert written(agree["pair_agreement"], 1, True) in text
    for name in agree.keys() & {"alpha_nominal", "alpha_ordinal", "alpha_interval", "fleiss_kappa", "gwet_ac1"}:
        assert written(agree[name], 2) in text
    assert written(quality.agreement.share_reliability, 2) in text
    assert f"{quality.size.votes:,}, of each item:" in pdf.pages[0]
