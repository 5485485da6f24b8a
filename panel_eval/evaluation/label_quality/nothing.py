"""The document of a file of which no item could be read."""

from __future__ import annotations

from panel_eval.evaluation.label_quality.pass_rates import THRESHOLD, fewest_gold
from panel_eval.evaluation.label_quality.reasons import REASON_TEXTS
from panel_eval.evaluation.label_quality.reviewers import BASE_SLIP_RATE, reviewers_section
from panel_eval.evaluation.label_quality.violations import violations_of
from panel_eval.evaluation.means import null
from panel_eval.humans import Salvaged
from panel_eval.schema import CLASS_NAMES, Estimate
from panel_eval.schema.label_quality import (
    ClassShares,
    DeliverySize,
    Ground,
    LabelQuality,
    ReviewerAgreement,
    Verdict,
)
from panel_eval.schema.label_review import Adjudication, GoldItems, ItemReview
from panel_eval.schema.reliability_metrics import SplitHalf
from panel_eval.schema.reviewer_quality import PassRate

_NOTHING = "no item could be read"


def nothing_read(salvaged: Salvaged) -> LabelQuality:
    """Every number null, the violations listed, the verdict that nothing can be used.

    Args:
        salvaged: of the file.
    """
    missing = null(_NOTHING)
    text = f"None of the {salvaged.left_out:,} lines could be read as an item."
    return LabelQuality(
        task=salvaged.task,
        labels=list(salvaged.labels),
        scale=salvaged.scale,
        verdict=Verdict(
            level="not_usable",
            sentences=["These labels are not usable as they stand.", text],
            grounds=[Ground(code="nothing_read", text=text, decides="not_usable")],
            not_checked=["everything but the file's contract"],
        ),
        size=_no_size(),
        agreement=_no_agreement(missing),
        classes=_no_classes(missing),
        reviewers=reviewers_section(None, [], _NOTHING),
        gold=_no_gold(missing),
        review=_no_review(),
        adjudication=_no_adjudication(),
        violations=violations_of(salvaged),
        settings={},
        notes=[_NOTHING],
    )


def _no_size() -> DeliverySize:
    return DeliverySize(
        items=0,
        votes=0,
        reviewers=None,
        items_with_named_reviewers=0,
        reviewers_per_item_min=None,
        reviewers_per_item_mean=None,
        reviewers_per_item_max=None,
        items_per_reviewer_min=None,
        items_per_reviewer_mean=None,
        items_per_reviewer_max=None,
        effective_counts_only=0,
        clusters=None,
        gold_items=0,
        adjudicated_items=0,
        labels_never_used=[],
    )


def _no_agreement(missing: Estimate) -> ReviewerAgreement:
    return ReviewerAgreement(
        coefficients={"pair_agreement": missing, "alpha_nominal": missing},
        prevalence={},
        share_reliability=missing,
        split_half=SplitHalf(dispersion=missing, entropy=missing, mode_share=missing, label_share={}),
    )


def _no_classes(missing: Estimate) -> ClassShares:
    return ClassShares(
        counts=dict.fromkeys(CLASS_NAMES, 0),
        reported_vs_derived={},
        population={},
        probability={},
        observed_is_population=missing,
        human_entropy_bits=missing,
        votes_entropy_bits=missing,
        population_rule="",
        note=_NOTHING,
    )


def _no_gold(missing: Estimate) -> GoldItems:
    return GoldItems(
        items=0,
        overall=PassRate(passed=0, n=0, rate=missing, status="none"),
        threshold=THRESHOLD,
        fewest=fewest_gold(),
        flagged=[],
        failing=[],
        too_few=0,
        missed_items=0,
        missed=[],
        note=_NOTHING,
    )


def _no_review() -> ItemReview:
    return ItemReview(
        flagged=0,
        share=None,
        by_reason=dict.fromkeys(REASON_TEXTS, 0),
        reason_texts=REASON_TEXTS,
        items=[],
        base_slip_rate=BASE_SLIP_RATE,
        note=_NOTHING,
    )


def _no_adjudication() -> Adjudication:
    return Adjudication(
        items=0,
        split_items=0,
        against_votes=0,
        chosen_by_nobody=0,
        reasons=[],
        kept_reasons=[],
        examples=[],
        note=_NOTHING,
    )
