"""Made-up results for the QA document: every number is easy to recognise, nothing was measured."""

from __future__ import annotations

from dataclasses import dataclass

from panel_eval.report.qa import QaView, Source
from panel_eval.schema import Estimate
from panel_eval.schema.diagnosis import (
    HUMAN_QUADRANTS,
    HUMAN_SPLITS,
    ConfidenceTest,
    CountedShare,
    HumanQuadrants,
    Tally,
)
from panel_eval.schema.label_quality import (
    ClassShares,
    DeliverySize,
    Ground,
    LabelQuality,
    ReviewerAgreement,
    Verdict,
)
from panel_eval.schema.label_review import (
    AdjudicatedItem,
    Adjudication,
    GoldItems,
    GoldMiss,
    ItemReview,
    ReasonCount,
    ReviewItem,
    Violation,
    Violations,
)
from panel_eval.schema.reliability_metrics import SplitHalf
from panel_eval.schema.reviewer_quality import PassRate, ReviewerQuality, Reviewers

CLASSES = ("agreement", "minor", "major", "unresolved", "insufficient")


def number(value: float | None, low: float | None = None, high: float | None = None, n: int = 40) -> Estimate:
    return Estimate(estimate=value, low=low, high=high, n=n, note=None if value is not None else "too few items")


@dataclass(frozen=True)
class Made:
    """What is made up: how many of everything, and a text that stands wherever data has one."""

    items: int = 300
    reviewers: int = 4
    flagged: int = 30
    adjudicated: int = 12
    violations: int = 9
    missed: int = 3
    labels: tuple[str, ...] = ("mild", "moderate", "severe")
    scale: str = "ordinal"
    text: str = ""

    def name(self, kind: str, place: int) -> str:
        return f"{self.text}{kind}-{place}"


def gold_rate(passed: int, n: int) -> PassRate:
    rate = number(passed / n, 0.611, 0.933, n) if n else number(None, n=0)
    return PassRate(passed=passed, n=n, rate=rate, status="passes" if n else "none")


def _agreement(made: Made) -> ReviewerAgreement:
    coefficients = {
        "pair_agreement": number(0.6123, 0.571, 0.652),
        "alpha_nominal": number(0.4131, 0.352, 0.473),
        "fleiss_kappa": number(0.4119, 0.351, 0.472),
        "gwet_ac1": number(0.4567, 0.401, 0.512),
    }
    if made.scale == "ordinal":
        coefficients["alpha_ordinal"] = number(0.5577, 0.489, 0.622)
        coefficients["alpha_interval"] = number(0.5581, 0.49, 0.623)
    shares = {label: 1 / len(made.labels) for label in made.labels}
    halves = SplitHalf(
        dispersion=number(0.37, 0.21, 0.49), entropy=number(0.3), mode_share=number(0.3),
        label_share=dict.fromkeys(made.labels, number(0.5)),
    )  # fmt: skip
    return ReviewerAgreement(
        coefficients=coefficients, prevalence=shares, share_reliability=number(0.71, 0.64, 0.77), split_half=halves
    )


def _classes(made: Made) -> ClassShares:
    counts = {"agreement": made.items - 3 * (made.items // 5), **dict.fromkeys(CLASSES[1:4], made.items // 5)}
    return ClassShares(
        counts={**counts, "insufficient": 0},
        reported_vs_derived={"major": {"major": made.items // 5, "minor": 2}, "not reported": {"agreement": 5}},
        population={name: number(0.25, 0.19, 0.31) for name in CLASSES[:4]},
        probability={name: {name: 0.617} for name in CLASSES[:4]},
        observed_is_population=number(0.617, 0.58, 0.65),
        human_entropy_bits=number(1.04, 0.98, 1.1),
        votes_entropy_bits=number(0.83, 0.78, 0.88),
        population_rule="A population is of a class by the share of its most frequent label.",
        note="A Dirichlet prior fitted to the counts.",
    )


def _reviewer(made: Made, place: int) -> ReviewerQuality:
    return ReviewerQuality(
        reviewer=made.name("reviewer", place),
        votes=made.items,
        comparable=made.items,
        agreement=number(0.50 + place / 1000, 0.44, 0.57),
        expected=number(0.6, 0.55, 0.65),
        difference=number(-0.1 + place / 1000, -0.17, -0.03),
        p_adjusted=0.004 if place == 0 else 0.4,
        deviates=place == 0,
        severity=number(0.2, 0.1, 0.3),
        severity_p_adjusted=0.3,
        label_counts=dict.fromkeys(made.labels, 3),
        mean_confidence=0.8,
        n_confidence=made.items,
        confidence_auroc=number(0.6, 0.5, 0.7),
        with_evidence=made.items,
        slip_rate=0.05,
        gold=gold_rate(17, 20),
    )


def _reviewers(made: Made) -> Reviewers:
    shown = [_reviewer(made, place) for place in range(min(made.reviewers, 500))]
    return Reviewers(
        n_named=made.reviewers, items_read=made.items, items_used=made.items, adjustment="Benjamini-Hochberg",
        level=0.05, fewest_items=30, tested=made.reviewers,
        deviating=[shown[0].reviewer] if shown else [], reviewers=shown,
        note=None if shown else "The file names no reviewers.",
    )  # fmt: skip


def _gold(made: Made) -> GoldItems:
    missed = [
        GoldMiss(
            item_id=made.name("gold", place), gold_label=made.labels[0], passed=1, n=4, most_chosen=made.labels[1],
            chance_gold_is_wrong=0.847,
        )
        for place in range(made.missed)
    ]  # fmt: skip
    n = 20 if made.missed else 0
    return GoldItems(
        items=n, overall=gold_rate(68, 80) if n else gold_rate(0, 0), threshold=0.7, fewest=9,
        flagged=[made.name("reviewer", 0)] if n else [], failing=[], too_few=1, missed_items=made.missed,
        missed=missed, note=None,
    )  # fmt: skip


def _review(made: Made) -> ItemReview:
    items = [
        ReviewItem(
            item_id=made.name("item", place), score=0.437, chance_of_error=0.8, influence=0.5,
            reasons=[f"{made.text}one reviewer stands alone and was unsure", "gold item failed by most"],
            reason_codes=["alone_unsure", "gold_missed"], reviewer=made.name("reviewer", 1), label=made.labels[0],
            votes={made.labels[0]: 1, made.labels[1]: 3},
        )
        for place in range(min(made.flagged, 200))
    ]  # fmt: skip
    return ItemReview(
        flagged=made.flagged, share=made.flagged / made.items,
        by_reason={"alone_unsure": made.flagged, "gold_missed": made.missed},
        reason_texts={"alone_unsure": "a reviewer stands alone and was unsure", "gold_missed": "gold item missed"},
        items=items, base_slip_rate=0.05, note=None,
    )  # fmt: skip


def _adjudication(made: Made) -> Adjudication:
    examples = [
        AdjudicatedItem(
            item_id=made.name("adjudicated", place), label=made.labels[-1],
            reason=f"{made.text}the senior reviewer saw the rim on the second scan",
            votes={made.labels[0]: 2, made.labels[-1]: 2}, disagreement_class="unresolved", share=0.5,
            was_split=True,
        )
        for place in range(min(made.adjudicated, 200))
    ]  # fmt: skip
    kept = [ReasonCount(reason=f"{made.text}honest disagreement; not collapsed by default", items=7, split_items=5)]
    return Adjudication(
        items=made.adjudicated, split_items=made.adjudicated, against_votes=1, chosen_by_nobody=0, reasons=[],
        kept_reasons=kept, examples=examples, note=None,
    )  # fmt: skip


def _violations(made: Made) -> Violations:
    problems = [
        Violation(
            line=100 + place, key=f"distribution.{made.labels[0]}", item=made.name("broken", place),
            message=f"{made.text}must sum to 1 within 1e-06 (found 1.13)", fix="write the masses with more digits",
            kind="mass",
        )
        for place in range(min(made.violations, 200))
    ]  # fmt: skip
    return Violations(
        checked=True, total=made.violations, lines=made.violations, items_left_out=made.violations,
        by_kind={"mass": made.violations} if made.violations else {}, problems=problems,
    )  # fmt: skip


def _quadrants(made: Made) -> HumanQuadrants:
    def tally(items: int) -> Tally:
        share = number(items / made.items, 0.1, 0.3, made.items)
        whole = CountedShare(items=items, share=share)
        return Tally(
            items=items, share=share, meaning="what it means", advice="what to do", by_class={"major": whole}
        )

    return HumanQuadrants(
        quadrants={name: tally(11 + place) for place, name in enumerate(HUMAN_QUADRANTS)},
        splits={name: tally(31 + place) for place, name in enumerate(HUMAN_SPLITS)},
        n_items=made.items, n_placed=50, n_with_confidence=60, n_standardised=4, n_reviewers=4,
        entropy_estimator="empirical_bayes", split_cut_lowest=0.6, split_cut_highest=0.6,
        split_dead_zone=0.02,
        agreed_dead_zone=0.02,
        confidence_cut=0.01, confidence_dead_zone=0.25,
        confidence_test=ConfidenceTest(spearman=number(-0.213, -0.31, -0.11), p_value=0.0041, n_units=60),
    )  # fmt: skip


def made_quality(made: Made) -> LabelQuality:
    """A whole document of made-up numbers."""
    span = (made.reviewers, float(made.reviewers), made.reviewers) if made.reviewers else (3, 3.0, 3)
    return LabelQuality(
        task=f"{made.text}tumor_severity_grade",
        labels=list(made.labels),
        scale=made.scale,
        verdict=Verdict(
            level="reservations",
            sentences=["Reviewers agree on 61% of pairs.", "One reviewer agrees less than the items explain."],
            grounds=[Ground(code="reviewer", text=f"{made.text}One reviewer deviates.", decides="reservations")],
            not_checked=["Clusters: the file names none."],
        ),
        size=DeliverySize(
            items=made.items, votes=4 * made.items, reviewers=made.reviewers or None,
            items_with_named_reviewers=made.items if made.reviewers else 0,
            reviewers_per_item_min=span[0], reviewers_per_item_mean=span[1], reviewers_per_item_max=span[2],
            items_per_reviewer_min=made.items, items_per_reviewer_mean=float(made.items),
            items_per_reviewer_max=made.items, effective_counts_only=0, clusters=None,
            gold_items=20 if made.missed else 0, adjudicated_items=made.adjudicated, labels_never_used=[],
        ),
        quadrants=_quadrants(made),
        agreement=_agreement(made),
        classes=_classes(made),
        reviewers=_reviewers(made),
        gold=_gold(made),
        review=_review(made),
        adjudication=_adjudication(made),
        violations=_violations(made),
        settings={"seed": 0, "resamples": 2000, "resampled": "items"},
        notes=["Made up for a test."],
    )  # fmt: skip


def made_view(made: Made = Made()) -> QaView:
    """A label file without a run."""
    return QaView(
        source=Source(
            name=f"{made.text}labels.jsonl",
            sha256="0123456789abcdef" * 4,
            rubric=f"{made.text}tumor_severity_grade, version 3",
            full_lists="qa.json",
            command=f"panel-eval qa {made.text}labels.jsonl -o qa.pdf",
        ),
        quality=made_quality(made),
    )
