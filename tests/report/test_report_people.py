"""Are the labels sound? The page says what the document holds, and shows the texts of data as text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from panel_eval.evaluation.label_quality import label_quality
from panel_eval.humans import load_soft_labels, salvage_soft_labels
from panel_eval.report.cells import Table
from panel_eval.report.part import Part
from panel_eval.report.people import people_parts
from panel_eval.schema import Metrics, Rationale, SoftLabel
from panel_eval.schema.label_quality import LabelQuality

Build = Callable[..., Metrics]
HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m"


def delivery(path: Path, names: tuple[str, ...] = ("ann", "bob", "cy", "dan")) -> Path:
    """Forty synthetic items of four reviewers, twelve of them gold; Dan is wrong on gold and sometimes alone."""
    lines = []
    for row in range(40):
        truth = "ab"[row % 2]
        own = [truth] * 3 + ["ba"[row % 2] if row < 12 or row % 5 == 0 else truth]
        record = SoftLabel(
            item_id=f"item-{row}",
            task="t",
            counts={label: own.count(label) for label in "ab"},
            gold_label=truth if row < 12 else None,
            rationales=[Rationale(reviewer=name, label=label) for name, label in zip(names, own, strict=True)],
            adjudicated_label="a" if row == 13 else None,
            adjudication_reason="the expert knows better" if row == 13 else None,
        )
        lines.append(record.model_dump_json(exclude_defaults=True))
    path.write_text("\n".join(lines))
    return path


def parts_of(make_metrics: Build, quality: LabelQuality | None) -> dict[str, Part]:
    return {part.name: part for part in people_parts(make_metrics(label_quality=quality))}


def rows(table: Table) -> dict[str, list[str]]:
    return {row.header: [cell.text for cell in row.cells] for row in table.rows}


@pytest.fixture
def quality(tmp_path: Path) -> LabelQuality:
    return label_quality(load_soft_labels(delivery(tmp_path / "labels.jsonl")), resamples=50)


def test_runs_scored_before_have_no_such_parts(make_metrics: Build) -> None:
    assert parts_of(make_metrics, None) == {}


def test_parts_show_the_numbers_of_the_document(make_metrics: Build, quality: LabelQuality) -> None:
    parts = parts_of(make_metrics, quality)
    assert list(parts) == ["soundness", "people-agreement", "reviewers", "gold", "review", "adjudication"]
    gold = rows(parts["gold"].tables[0])
    # three of four reviewers give the answer on twelve items: 36 of 48; Dan on none of twelve
    assert gold["everyone"][:3] == ["36", "48", "75.0%†"]
    assert gold["dan"] == ["0", "12", "0.0%", "below it"]
    assert gold["ann"] == ["12", "12", "100.0%", "above the threshold"]
    assert parts["gold"].sentences[0].endswith(": not shown to be above the threshold of 70%.")
    size = rows(parts["soundness"].tables[1])
    assert (size["items"][0], size["votes"][0], size["reviewers"][0], size["gold items"][0]) == (
        "40",
        "160",
        "4",
        "12",
    )
    assert rows(parts["reviewers"].tables[0])["dan"][0] == "40"
    # item 13 is 3-0 + Dan's own vote with the rest: everyone chose b, the expert a
    assert rows(parts["adjudication"].tables[1])["item-13"][:3] == ["a", "0%", "b: 4"]
    assert parts["adjudication"].sentences[0] == "One item was adjudicated; its votes were not split."


def test_who_differs_is_named_and_nobody_is_called_wrong(make_metrics: Build, quality: LabelQuality) -> None:
    told = " ".join(parts_of(make_metrics, quality)["reviewers"].sentences)
    assert quality.reviewers.deviating == ["dan"]
    assert "1 of 4 reviewers tested agrees less" in told
    assert ": dan (p-values adjusted" in told
    assert "ask before leaving anyone out" in told


def test_hostile_names_lose_what_a_page_or_terminal_would_obey(make_metrics: Build, tmp_path: Path) -> None:
    path = delivery(tmp_path / "labels.jsonl", ("ann", "bob", "cy", HOSTILE))
    parts = parts_of(make_metrics, label_quality(load_soft_labels(path), resamples=20))
    shown = [sentence for part in parts.values() for sentence in part.sentences]
    for part in parts.values():
        for table in (*part.tables, *part.folded):
            shown += [text for row in table.rows for text in (row.header, *(cell.text for cell in row.cells))]
    assert any("<script>" in text for text in shown)  # as text: the page escapes it
    assert not any(bad in text for text in shown for bad in ("\u202e", "\x1b"))


def test_a_file_of_which_nothing_could_be_read(make_metrics: Build, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text("{}\n[]\n")
    parts = parts_of(make_metrics, label_quality(salvage_soft_labels(path)))
    assert "not usable" in parts["soundness"].sentences[0]
    assert "reviewers" not in parts
    assert "gold" not in parts
