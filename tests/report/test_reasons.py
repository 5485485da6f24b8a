"""What the page says of reviewers' evidence: no surer than its intervals, bounded, and nothing where nothing is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructed import number

from panel_eval.report.part import Part
from panel_eval.report.reasons import reasons_part
from panel_eval.schema import Estimate, Metrics
from panel_eval.schema.rationale_metrics import (
    EvidenceCoverage,
    JudgeRationales,
    MissedEvidence,
    MissedTerm,
    Quoted,
    RationaleMetrics,
    ReviewerEvidence,
)


def covered(coverage: Estimate, lift: Estimate | None = None) -> EvidenceCoverage:
    """Forty pieces; 20 % by chance."""
    return EvidenceCoverage(pieces=40, coverage=coverage, chance=number(0.2, 0.15, 0.25),
                            lift=lift or number(0.25, 0.2, 0.3))  # fmt: skip


def missed(item: str, reviewer: str = "C", evidence: str = "edema visible in T2-FLAIR") -> MissedEvidence:
    return MissedEvidence(item_id=item, reviewer=reviewer, label="severe", standing="dissenter", evidence=evidence,
                          missed=["edema", "visible"], coverage=0.3, panel_mass=0.1, missed_bits=6.0)  # fmt: skip


def rationales(**parts: object) -> RationaleMetrics:
    fields: dict[str, object] = {
        "note": None,
        "items_with_evidence": 40,
        "items": 40,
        "overall": covered(number(0.44, 0.40, 0.48)),
        "by_class": {"major": covered(number(0.3, 0.2, 0.4))},
        "by_standing": {"majority": covered(number(0.58)), "dissenter": covered(number(0.31))},
        "dissenter_gap": number(0.27, 0.2, 0.34),
        "by_panel_label": {"same": covered(number(0.58)), "other": covered(number(0.33))},
        "by_judge": {"ada": JudgeRationales(evidence=covered(number(0.4)), beyond_content=None, rationales=40,
                                            words=number(60.0, 55.0, 65.0), own_terms=number(0.8))},
        "by_reviewer": [ReviewerEvidence(reviewer="A", evidence=covered(number(0.58, 0.5, 0.66))),
                        ReviewerEvidence(reviewer="C", evidence=covered(number(0.31, 0.25, 0.37)))],
        "reviewers": 2,
        "quoted": None,
        "own_terms": number(0.8),
        "evidence_words": number(5.0),
        "missed_terms": [MissedTerm(term="edema", pieces=12, mentioned=1, dissenters=11)],
        "heaviest_missed": [missed("mri-2031")],
    }  # fmt: skip
    return RationaleMetrics.model_validate({**fields, **parts})


@pytest.fixture
def part(make_metrics: Callable[..., Metrics]) -> Callable[..., Part]:
    """The part of a page on constructed numbers."""

    def made(**parts: object) -> Part:
        found = reasons_part(make_metrics(rationales=rationales(**parts)))
        assert found is not None
        return found

    return made


def test_what_dissenters_and_reviewers_say_is_told_with_numbers(part: Callable[..., Part]):
    told = " ".join(part().sentences)
    assert "Judges mention 44.0% (40.0% to 48.0%) of what reviewers cite" in told
    assert "Dissenters are heard less: of what dissenting reviewers cite, 31% is mentioned" in told
    assert "(difference 20.0 to 34.0 percentage points)" in told
    assert "They mention least of what C cites, 31.0% (25.0% to 37.0%), and most of what A cites" in told
    assert "edema visible in T2-FLAIR" in str(part().tables)


@pytest.mark.parametrize(
    ("parts", "said", "unsaid"),
    [
        ({"dissenter_gap": number(0.27, -0.05, 0.6)}, "Whether dissenters are heard less cannot be", "less:"),
        ({"dissenter_gap": Estimate(estimate=0.27, n=4)}, "cannot be told", "percentage points"),
        ({"dissenter_gap": number(-0.2, -0.3, -0.1)}, "Dissenters are heard more", "heard less"),
        ({"overall": covered(number(0.21, 0.1, 0.3), number(0.01, -0.1, 0.1))}, "be told from chance", "; rat"),
        ({"overall": covered(number(0.1, 0.05, 0.14), number(-0.1, -0.15, -0.05))}, "less than chance", "cannot"),
        ({"by_reviewer": [ReviewerEvidence(reviewer="A", evidence=covered(number(0.5, 0.3, 0.7))),
                          ReviewerEvidence(reviewer="C", evidence=covered(number(0.3, 0.1, 0.5)))]},
         "Judges mention", "They mention least"),
        ({"by_standing": {"majority": covered(number(0.5))}}, "Judges mention", "issent"),
        ({"quoted": Quoted(share=number(0.6), beyond_content=covered(number(0.2, 0.1, 0.3)))},
         "60% of the evidence stands in the items' own text", "xx"),
    ],
)  # fmt: skip
def test_words_are_no_surer_than_the_numbers(
    part: Callable[..., Part], parts: dict[str, object], said: str, unsaid: str
):
    told = " ".join(part(**parts).sentences)
    assert said in told
    assert unsaid not in told


def test_without_rationales_the_page_says_why_and_shows_no_table(part: Callable[..., Part]):
    nothing = Estimate(estimate=None, n=0, note="no reviewer gave evidence")
    empty = EvidenceCoverage(pieces=0, coverage=nothing, chance=nothing, lift=nothing)
    found = part(note="no reviewer gave evidence", overall=empty)
    assert found.sentences == ("No reviewer gave evidence.",)
    assert not found.tells


def test_a_run_scored_before_there_was_the_section_has_no_part(make_metrics: Callable[..., Metrics]):
    assert reasons_part(make_metrics()) is None


def test_many_reviewers_are_folded_away(part: Callable[..., Part]):
    many = [ReviewerEvidence(reviewer=f"r{k:02d}", evidence=covered(number(0.5))) for k in range(50)]
    found = part(by_reviewer=many, reviewers=73)
    assert "By reviewer" not in " ".join(table.caption for table in found.tables)
    assert any(table.caption == "By reviewer: the 50 of 73 with the most evidence" for table in found.folded)


def test_texts_from_data_are_cut_and_lose_their_harmful_signs(part: Callable[..., Part]):
    hostile = "\x1b[31m\u202e<script>" + "x" * 5000
    found = part(heaviest_missed=[missed(hostile, hostile, hostile)] * 7,
                 missed_terms=[MissedTerm(term=hostile, pieces=1, mentioned=0, dissenters=0)])  # fmt: skip
    texts = [text for table in (*found.tables, *found.folded) for row in table.rows
             for text in (row.header, row.group, *(cell.text for cell in row.cells))]  # fmt: skip
    assert max(map(len, texts)) < 500
    assert not any(sign in text for text in texts for sign in "\x1b\u202e")
