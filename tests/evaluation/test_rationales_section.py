"""The section `rationales` as `evaluate` makes it, on synthetic scans and on the primer's MRI item."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rationale_examples import scans

from panel_eval.evaluation import Evaluation, evaluate
from panel_eval.evaluation.rationales import evidence
from panel_eval.humans import load_soft_labels
from panel_eval.pooling import collect_votes
from panel_eval.schema import SoftLabel, Vote
from panel_eval.schema.rationale_metrics import RationaleMetrics

MRI_FILE = Path(__file__).parents[1] / "humans" / "mri-2031.jsonl"


def scored(folder: Path, items: list[SoftLabel], votes: list[Vote], resamples: int = 200) -> Evaluation:
    path = folder / "labels.jsonl"
    path.write_text("".join(f"{item.model_dump_json(exclude_defaults=True)}\n" for item in items))
    return evaluate(votes, load_soft_labels(path), resamples=resamples)


def section(result: Evaluation) -> RationaleMetrics:
    assert result.metrics.rationales is not None
    return result.metrics.rationales


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """60 scans; the judges never speak of edema, and hardly of what only C sees."""
    return scored(tmp_path_factory.mktemp("scans"), *scans(60))


def test_every_number_of_the_mri_item(tmp_path: Path):
    """One item, so that all terms weigh the same: A 4 of 4 terms, B 1 of 3, C 1 of 3, D 1 of 3 (see test_..._item).

    A and B are the majority; nobody else's rationales are there to compare with.
    """
    said = ["The lesion measures 18 mm, above the 15-mm threshold.", "Size exceeds it; T2 FLAIR was read strictly."]
    mri = SoftLabel.model_validate(json.loads(MRI_FILE.read_text()))
    votes = [Vote(item_id="mri-2031", judge=name, label="moderate", rationale=text)
             for name, text in zip("xy", said, strict=True)]  # fmt: skip
    found = section(scored(tmp_path, [mri], votes))
    assert found.overall.coverage.estimate == pytest.approx((1 + 1 / 3 + 1 / 3 + 1 / 3) / 4)
    assert found.overall.chance.estimate is None
    assert found.by_standing["majority"].coverage.estimate == pytest.approx(2 / 3)
    assert found.by_standing["dissenter"].coverage.estimate == pytest.approx(1 / 3)
    assert found.dissenter_gap.estimate == pytest.approx(1 / 3)
    assert [own.reviewer for own in found.by_reviewer] == list("ABCD")
    (miss,) = found.heaviest_missed
    assert (miss.reviewer, miss.standing, miss.missed) == ("C", "dissenter", ["edema", "visible"])


def test_what_nobody_says_is_found_missing(evaluation: Evaluation):
    found = section(evaluation)
    edema = next(own for own in found.missed_terms if own.term == "edema")
    assert edema.mentioned == 0
    assert edema.pieces == edema.dissenters > 0
    assert any("edema" in own.missed and own.reviewer == "C" for own in found.heaviest_missed)
    assert found.dissenter_gap.low is not None
    assert found.dissenter_gap.low > 0


def test_the_misses_are_few_and_of_different_items_and_terms(evaluation: Evaluation):
    misses = section(evaluation).heaviest_missed
    assert 0 < len(misses) <= 12
    assert len({own.item_id for own in misses}) == len(misses)
    assert len({tuple(own.missed) for own in misses}) == len(misses)
    scores = [own.missed_bits * (1 - own.panel_mass) for own in misses]
    assert scores == sorted(scores, reverse=True)


def test_groups_share_out_all_pieces(evaluation: Evaluation):
    found = section(evaluation)
    assert found.overall.pieces == 60 * 4
    for groups in (found.by_class, found.by_standing, found.by_panel_label):
        assert sum(own.pieces for own in groups.values()) == found.overall.pieces
        means = sum(own.pieces * (own.coverage.estimate or 0) for own in groups.values()) / found.overall.pieces
        assert means == pytest.approx(found.overall.coverage.estimate)
    assert [own.evidence.pieces for own in found.by_reviewer] == [60] * 4


def test_the_items_column_is_the_mean_of_its_pieces(evaluation: Evaluation):
    column = evaluation.items["evidence_coverage"].to_numpy()
    assert column.mean() == pytest.approx(section(evaluation).overall.coverage.estimate)


def test_neither_order_of_items_nor_votes_nor_reviewers_nor_labels_changes_a_byte(
    evaluation: Evaluation, tmp_path: Path
):
    items, votes = scans(60)
    turned = [item.model_copy(update={"rationales": item.rationales[::-1]}) for item in items[::-1]]
    other = scored(tmp_path, turned, votes[::-1])
    assert section(other) == section(evaluation)
    assert other.items["evidence_coverage"].to_numpy() == pytest.approx(
        evaluation.items["evidence_coverage"].to_numpy()[::-1]
    )


def test_a_judge_that_quotes_the_item_mentions_nothing_beyond_it(tmp_path: Path):
    items, votes = scans(30)
    contents = {item.item_id: item.content["finding"] for item in items if item.content}
    pasted = [Vote(item_id=vote.item_id, judge="paster", label=vote.label, rationale=contents[vote.item_id])
              for vote in votes if vote.judge == "ada"]  # fmt: skip
    judges = section(scored(tmp_path, items, [*votes, *pasted])).by_judge
    beyond = judges["paster"].beyond_content
    assert beyond is not None
    assert beyond.coverage.estimate == 0
    assert (judges["paster"].evidence.coverage.estimate or 0) > 0


def test_without_content_what_quoting_would_do_is_null(tmp_path: Path):
    items, votes = scans(12)
    found = section(scored(tmp_path, [item.model_copy(update={"content": None}) for item in items], votes))
    assert found.quoted is None
    assert found.by_judge["ada"].beyond_content is None


@pytest.mark.parametrize("kind", ["no evidence", "no rationales", "failed votes", "forecasts"])
def test_where_there_is_nothing_to_compare_it_says_why(tmp_path: Path, kind: str):
    items, votes = scans(12)
    if kind == "no evidence":
        items = [item.model_copy(update={"rationales": []}) for item in items]
    elif kind == "no rationales":
        votes = [vote.model_copy(update={"rationale": None}) for vote in votes]
    elif kind == "failed votes":
        votes = [vote.model_copy(update={"outcome": "refusal", "label": None}) for vote in votes[:1]] + [
            vote.model_copy(update={"rationale": " "}) for vote in votes[1:]
        ]
    result = scored(tmp_path, items, votes)
    if kind == "forecasts":
        humans = result.humans
        result = evaluate(collect_votes(votes, humans), humans, resamples=20)
    found = section(result)
    assert found.note
    assert found.overall.coverage.estimate is None
    assert found.overall.coverage.note == found.note
    assert result.items["evidence_coverage"].isna().all()


@pytest.mark.slow
def test_more_items_than_are_read_are_drawn_at_random_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("panel_eval.evaluation.rationales.section.MAX_ITEMS", 20)
    items, votes = scans(60)
    first, second = (scored(tmp_path, order, votes) for order in (items, items[::-1]))
    found = section(first)
    assert found.items == 20
    assert "20 random items of 60" in (found.note or "")
    assert found == section(second)
    assert int(np.isfinite(first.items["evidence_coverage"]).sum()) == 20


@pytest.mark.slow
def test_rationales_without_end_are_read_on_fewer_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(evidence, "MAX_TEXT", 10_000)
    items, votes = scans(20)
    votes = [vote.model_copy(update={"rationale": f"{vote.rationale} {'x' * 900}"}) for vote in votes]
    found = section(scored(tmp_path, items, votes))
    assert 0 < found.items < 20
    assert f"{found.items} random items of 20" in (found.note or "")


def test_samples_of_a_judge_count_together_and_votes_asked_again_once(tmp_path: Path):
    items, votes = scans(12)
    twice = [vote.model_copy(update={"sample": 1, "rationale": "edema"}) for vote in votes if vote.judge == "ada"]
    again = [vote.model_copy(update={"vote_key": "k"}) for vote in votes[:1]] * 2
    found = section(scored(tmp_path, items, [*again, *votes[1:], *twice]))
    assert found.by_judge["ada"].rationales == 24
    edema = [own for own in found.missed_terms if own.term == "edema"]
    assert not edema


@pytest.mark.slow
def test_names_of_any_kind_are_only_names(tmp_path: Path):
    """A judge called None or panel, a reviewer with markup, evidence of five megabytes: no crash, bounded lists."""
    items, votes = scans(10)
    hostile = "<script>alert(1)</script>\u202e\x1b[31m " + "水a-" * 1_700_000
    first = items[0].rationales[0].model_copy(update={"reviewer": "<b>", "evidence": hostile})
    items[0] = items[0].model_copy(update={"rationales": [first, *items[0].rationales[1:]]})
    votes = [vote.model_copy(update={"judge": {"ada": "None", "bo": "panel"}[vote.judge]}) for vote in votes]
    found = section(scored(tmp_path, items, votes))
    assert set(found.by_judge) == {"None", "panel"}
    assert all(len(own.evidence) <= 300 for own in found.heaviest_missed)
    assert len(found.model_dump_json()) < 60_000
