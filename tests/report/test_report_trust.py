"""How far to trust it: each part shows the numbers of metrics.json, and says no more than they allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from constructed import agreement_saying, decomposition, number

from panel_eval.report import RunView
from panel_eval.report.cells import Table
from panel_eval.report.references import chosen_references, reference_title
from panel_eval.report.sections import report_sections
from panel_eval.report.tables import CLASS_METRICS, class_reference_table, class_table, overview_table
from panel_eval.report.trust.agreement import agreement_part, alpha_table, alt_test_table, kappa_table
from panel_eval.report.trust.ceilings import ceilings_part
from panel_eval.report.trust.class_certainty import certainty_table
from panel_eval.report.trust.decomposition import advice
from panel_eval.report.trust.deferral import coverage_table, deferral_part, finding_table, rates_table
from panel_eval.report.trust.human_entropy import human_entropy_part
from panel_eval.report.trust.missing_votes import missing_votes_part, panel_bounds
from panel_eval.report.trust.missing_votes import rates_table as missing_rates
from panel_eval.report.trust.precision import precision_part, precision_table
from panel_eval.report.trust.spread import spread_part
from panel_eval.schema import Coverage, Estimate, Metrics, Scores
from panel_eval.schema.coverage_metrics import Bounds, JudgeCoverage, OutcomeRates, PanelCoverage
from panel_eval.schema.entropy_metrics import EntropyEstimator, HumanEntropy
from panel_eval.schema.precision_metrics import LeftOut, Planning, Precision, ScorePrecision

Build = Callable[..., Metrics]
JUDGES = ("ada", "bo")


def texts(table: Table | None) -> dict[str, list[str]]:
    """Row header to the texts of its cells."""
    assert table is not None
    return {row.header: [cell.text for cell in row.cells] for row in table.rows}


def test_classes_show_cross_fitted_scores_and_kl_without_the_bias_of_few_votes(make_metrics: Build) -> None:
    metrics = make_metrics()
    table = dict(metrics.panel.by_class["major"], ce_bits=number(9.1), kl_plugin_bits=number(9.2))
    table |= {"ce_crossfit_bits": number(1.234), "ce_crossfit_skill": number(0.125), "kl_bits": number(-0.017)}
    panel = Scores(overall=metrics.panel.overall, by_class={**metrics.panel.by_class, "major": table})
    metrics = make_metrics(panel=panel)
    assert texts(class_table(metrics))["major"][:4] == ["1", "1.234", "12.5%", "−0.017"]
    rows = [row for row in class_reference_table(metrics).rows if row.group.startswith("major")]
    assert [cell.text for cell in rows[0].cells][:3] == ["1.234", "12.5%", "−0.017"]
    assert "kl_plugin_bits" not in CLASS_METRICS


def test_small_groups_of_people_stand_only_where_they_are_smaller_than_the_items_own(make_metrics: Build) -> None:
    assert reference_title("human_panel_20") == "20 people"
    sizes = {"human_panel": 3.02, "human_panel_1": 1.0, "human_panel_3": 3.0, "human_panel_5": 5.0}
    people = {name: Scores(overall={"n_eq": number(n)}, by_class={}) for name, n in sizes.items()}
    # Three reviewers an item: "3 people" would repeat "as many people".
    assert list(chosen_references(people, tuple(sizes))) == ["human_panel", "human_panel_1"]
    metrics = make_metrics()
    shown = overview_table(metrics.model_copy(update={"references": {**metrics.references, **people}}))
    assert [row.header for row in shown.rows] == [
        "panel", "uniform", "base rate", "hard label", "1 person", "as many people", "best judge: ada",
    ]  # fmt: skip


def test_the_normalised_alpha_is_that_of_the_metrics(make_metrics: Build) -> None:
    metrics = make_metrics(agreement=agreement_saying(JUDGES))
    assert texts(alpha_table(metrics)) == {
        "people with people": ["0.60", "0.70"],
        "judges with judges": ["0.80", "0.90"],
        "judges with people": ["0.30", "0.40"],
        "judges with people, normalised": ["0.43", "0.51"],
    }
    part = agreement_part(metrics)
    assert part is not None
    assert "2 judges err like 1.3 independent ones." in part.sentences
    assert "The judges share something." in part.sentences


def test_ac1_stands_beside_kappa_with_the_label_that_prevails(make_metrics: Build) -> None:
    shown = texts(kappa_table(make_metrics(agreement=agreement_saying(JUDGES))))
    assert shown["people"] == ["0.960", "0.480", "0.960", "mild: 90.0%"]


def test_a_judge_that_could_not_be_tested_has_a_dash_and_its_reason(make_metrics: Build) -> None:
    table = alt_test_table(make_metrics(agreement=agreement_saying(JUDGES)))
    assert texts(table)["panel, top label"] == ["2 of 4", "0.50", "0.61", "yes"]
    assert texts(table)["bo"] == ["0 of 0", "–", "–", "–"]
    assert table is not None
    assert table.missing_notes == ("bo: fewer than 10 items each",)


def test_without_named_reviewers_the_part_says_why_there_is_no_test(make_metrics: Build) -> None:
    untested = agreement_saying(JUDGES).model_copy(update={"alt_test": None, "alt_test_note": "Nobody is named."})
    part = agreement_part(make_metrics(agreement=untested))
    assert part is not None
    assert "Nobody is named." in part.sentences
    assert agreement_part(make_metrics()) is None  # constructed without any agreement


def test_a_refused_skill_shows_its_reason(make_metrics: Build) -> None:
    # Worked out from four items: nothing can be told apart.
    tables = ceilings_part(make_metrics()).tables
    missing = [cell for table in tables for row in table.rows for cell in row.cells if cell.text == "–"]
    told = " ".join(note for table in tables for note in table.missing_notes)
    assert missing
    assert all(clause in told for cell in missing for clause in cell.note.split("; "))
    assert all(cell.note for cell in missing)


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (-0.3, -0.1, "better than one reviewer"),
        (0.1, 0.3, "worse than one reviewer"),
        (-0.1, 0.3, "cannot be told"),
    ],
)
def test_one_reviewer_is_beaten_only_where_the_interval_says_so(
    make_metrics: Build, low: float, high: float, says: str
) -> None:
    reliability = make_metrics().reliability
    against = reliability.against_others
    paired = against.panel_minus_human.model_copy(update={"ce_bits": number((low + high) / 2, low, high)})
    changed = reliability.model_copy(
        update={"against_others": against.model_copy(update={"panel_minus_human": paired})}
    )
    assert any(says in sentence for sentence in ceilings_part(make_metrics(reliability=changed)).sentences)


@pytest.mark.parametrize(
    ("squared", "entropy", "told"),
    [
        (number(0.2, 0.1, 0.3), number(1.5, 1.4, 1.6), True),
        (number(9.0, 8.0, None), number(2.0, 1.5, 2.5), True),
        (number(1.3, 1.1, 1.6), number(1.5, 1.4, 1.6), False),
        (number(1.8, 1.7, 1.9), number(None), False),
    ],
)
def test_two_worths_that_differ_are_told_apart(
    make_metrics: Build, squared: Estimate, entropy: Estimate, told: bool
) -> None:
    reliability = make_metrics().reliability.model_copy(update={"n_eq_ce": entropy})
    metrics = make_metrics(reliability=reliability, panel=Scores(overall={"n_eq": squared}, by_class={}))
    said = [one for one in ceilings_part(metrics).sentences if "Name the one you quote" in one]
    assert bool(said) is told
    if told:
        assert "is by squared distance; by cross-entropy it is" in said[0]


def test_better_judges_are_promised_only_where_they_are_shown_to_help() -> None:
    parts = decomposition(("mild", "severe")).model_copy(update={"recalibration_gain_bits": number(0.0, -0.1, 0.1)})
    shown = parts.model_copy(update={"refinement_bits": number(0.2, 0.1, 0.3)})
    unclear = parts.model_copy(update={"refinement_bits": number(0.2, -0.1, 0.5)})
    assert (advice(shown) or "").endswith("better judges, prompts or rubric would.")
    assert (advice(unclear) or "").endswith("whether better judges, prompts or rubric would cannot be told.")


@pytest.mark.parametrize(
    ("gain", "share", "says"),
    [
        (number(0.6, 0.5, 0.7), 0.75, "Recalibrate: 75%"),
        (number(0.2, 0.1, 0.3), 0.25, "Look for other judges"),
        (number(0.2, -0.1, 0.5), 0.75, "gains nothing that these items can show"),
        (number(0.2), 0.75, "gains nothing that these items can show"),
    ],
)
def test_advice_follows_the_share_and_is_no_surer_than_the_gain(gain: Estimate, share: float, says: str) -> None:
    parts = decomposition(("mild", "severe"))
    parts = parts.model_copy(update={"recalibration_gain_bits": gain, "miscalibrated_share": number(share)})
    assert says in (advice(parts) or "")


def test_advice_names_the_labels_that_get_too_little_and_too_much() -> None:
    # Constructed: bias +.5 for the first label, -.5 for the last, temperature 2.
    said = advice(decomposition(("mild", "severe"))) or ""
    assert "too sure of its labels (temperature 2.0); it gives “mild” too little and “severe” too much." in said


def test_the_range_over_estimators_is_shown_with_the_one_in_use(make_metrics: Build) -> None:
    human = HumanEntropy(
        estimator="jeffreys", human_entropy_bits=number(1.5), item_sd_bits=number(0.1), concentration=number(None),
        reference_weight=number(None), kl_bits_lowest=0.98, kl_bits_highest=1.28, note="few items",
        sensitivity={
            "plugin": EntropyEstimator(human_entropy_bits=number(1.2), kl_bits=number(1.28)),
            "jeffreys": EntropyEstimator(human_entropy_bits=number(1.5), kl_bits=number(0.98)),
        },
    )  # fmt: skip
    part = human_entropy_part(make_metrics(human_entropy=human))
    assert part is not None
    assert any("between 0.980 and 1.280 bits" in sentence for sentence in part.sentences)
    assert "Few items." in part.sentences
    assert [row.header for row in part.tables[0].rows if row.emphasis] == ["Jeffreys: half a vote per label"]


def test_deferral_stands_beside_people_and_beside_chance(make_metrics: Build) -> None:
    metrics = make_metrics()  # constructed: AUROC .7; three people .75, alignment .8; .2 and .45 at 10 %
    assert texts(finding_table(metrics)) == {"panel": ["0.70", ""], "3 people": ["0.75", "0.80"]}
    assert texts(rates_table(metrics)) == {
        "the 10% it is least sure of": ["20.0%", "45.0%"],
        "any items, at random": ["25.0%", "50.0%"],
    }
    assert texts(coverage_table(metrics)) == {"at most 20%": ["25.0%", "25.0%"]}
    part = deferral_part(metrics)
    assert part is not None
    assert any("not a guarantee" in sentence for sentence in part.sentences)


def test_one_judge_has_no_spread_between_judges(make_metrics: Build) -> None:
    assert spread_part(make_metrics(judges=("ada",))) is None
    assert spread_part(make_metrics()) is not None


def test_every_row_of_class_certainty_is_a_distribution(make_metrics: Build) -> None:
    for shares in texts(certainty_table(make_metrics())).values():
        whole = sum(float(share.rstrip("%")) for share in shares if not share.startswith("<"))
        assert whole == pytest.approx(100, abs=2.5)  # rounded to whole percents


def coverage_with_missing() -> Coverage:
    """One of four items unanswered; the judge bo refused half of its votes, all on the class major."""
    missing = Bounds(scored=0.5, worst=0.25, best=0.75, n=4, n_missing=1)
    unlimited = Bounds(scored=2.0, worst=None, best=1.5, n=4, n_missing=1, note="no worst case")
    return Coverage(
        total={"ok": 6, "refusal": 2}, by_judge={"ada": {"ok": 4}, "bo": {"ok": 2, "refusal": 2}}, by_class={},
        rates=OutcomeRates(
            total={"ok": 0.75, "refusal": 0.25}, by_judge={"ada": {"ok": 1.0}, "bo": {"ok": 0.5, "refusal": 0.5}},
            by_class={"major": {"ok": 0.0, "refusal": 1.0}, "minor": {}},
            by_judge_and_class={"bo": {"major": {"ok": 0.0, "refusal": 1.0}}},
        ),
        panel=PanelCoverage(
            items=4, unanswered=1, never_asked=0, unanswered_by_class={"major": 1}, fewer_judges=2,
            items_by_judges_heard={}, mode_accuracy=missing, brier=missing, ce_bits=unlimited,
            ce_bits_as_base_rate=number(2.0), ce_bits_as_uniform=number(2.0), ce_skill_as_base_rate=number(0.0),
        ),
        judges={"ada": JudgeCoverage(asked=4, unanswered=1, not_asked=0, mode_accuracy=missing)},
    )  # fmt: skip


def test_missing_votes_stand_by_class_with_bounds(make_metrics: Build) -> None:
    metrics = make_metrics(coverage=coverage_with_missing())
    assert texts(missing_rates(metrics)) == {  # all, then agreement, minor, major, unresolved
        "all judges": ["25.0%", "–", "–", "100.0%", "–"],
        "bo": ["50.0%", "–", "–", "100.0%", "–"],
    }
    bounds = panel_bounds(metrics)
    assert texts(bounds)["cross-entropy, bits"] == ["1 of 4", "2.000", "–", "1.500"]
    assert bounds is not None
    assert bounds.missing_notes == ("cross-entropy, bits: no worst case",)
    part = missing_votes_part(metrics)
    assert part is not None
    said = " ".join(part.sentences)
    assert "1 of 4 items have no usable vote and are not scored; 2 are scored with fewer judges" in said


def test_where_nothing_is_missing_nothing_is_said(make_metrics: Build) -> None:
    coverage = Coverage(total={"ok": 8}, by_judge={"ada": {"ok": 8}}, by_class={})
    assert missing_votes_part(make_metrics(coverage=coverage)) is None


def precision(clustered: float | None) -> Precision:
    planning = Planning(
        vote_noise_share=number(0.4), standard_error_twice_items=0.014, standard_error_twice_reviewers=0.018,
        standard_error_many_reviewers=0.015, advice="Twice the items would help.",
    )  # fmt: skip
    score = ScorePrecision(
        mean=number(2.5, 2.4, 2.6), standard_error=0.02, standard_error_clustered=clustered, degrees_of_freedom=3,
        intraclass_correlation=None, design_effect=None, effective_items=None, crossed=number(None),
        leave_one_reviewer_out=LeftOut(low=2.3, high=2.7, reviewers=3), planning=planning,
    )  # fmt: skip
    return Precision(
        scores={"ce_bits": score}, resampled="items", units=4, resamples=2000, seed=0, reviewers=3,
        notes=["these three people"],
    )  # fmt: skip


def test_precision_shows_the_standard_errors_there_are() -> None:
    plain = precision_table(precision(None))
    assert plain.columns == ("score", "mean", "standard error", "one reviewer left out")
    assert texts(plain)["cross-entropy, bits"] == ["2.500", "0.020", "2.300 to 2.700"]
    # One interval of one number: the page's is that of its tables of scores.
    assert all(not row.cells[0].interval for row in plain.rows)
    assert "by clusters" in precision_table(precision(0.05)).columns
    part = precision_part(precision(None))
    assert part is not None
    assert "Cross-entropy: twice the items would help." in part.sentences
    assert "These three people." in part.sentences


def test_every_part_has_its_own_anchor_words_and_numbers(run_view: RunView, make_metrics: Build) -> None:
    view = replace(run_view, metrics=make_metrics(agreement=agreement_saying(JUDGES)))
    parts = [(section.name, part) for section in report_sections(view) for part in section.parts]
    anchors = [(section, part.name) for section, part in parts]
    assert len(anchors) == len(set(anchors)) >= 7
    assert all(part.sentences and (part.tables or part.folded) for _, part in parts)


def test_a_question_without_any_number_is_left_out(run_view: RunView, make_metrics: Build) -> None:
    metrics = make_metrics()
    nothing = metrics.panel.model_copy(update={"overall": metrics.panel.overall | {"n_eq": number(None)}})
    reliability = metrics.reliability.model_copy(update={"n_eq_ce": number(None)})
    against = reliability.against_others.panel_minus_human.model_copy(update={"ce_bits": number(None)})
    others = reliability.against_others.model_copy(update={"panel_minus_human": against})
    skill = reliability.skill.model_copy(update={"overall": {}})
    bare = make_metrics(
        panel=nothing, reliability=reliability.model_copy(update={"against_others": others, "skill": skill})
    )

    def questions(shown: Metrics) -> set[str]:
        sections = report_sections(replace(run_view, metrics=shown))
        return {part.name for section in sections for part in section.parts}

    assert "ceilings" in questions(metrics)
    assert "ceilings" not in questions(bare)
