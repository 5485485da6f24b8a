"""What single chapters of the QA document say of few, many and other things."""

from __future__ import annotations

from dataclasses import replace

from qa_views import Made, made_view

from panel_eval.report.qa.agreement import classes_chapter
from panel_eval.report.qa.contents import qa_document
from panel_eval.report.qa.document import Bars, Text
from panel_eval.report.qa.people import gold_chapter
from panel_eval.schema.label_review import GoldItems


def gold(**fields: object) -> GoldItems:
    made = made_view(Made()).quality.gold
    return made.model_copy(update={"flagged": [], "failing": [], "too_few": 0, "missed": [], **fields})


def said(found: GoldItems, n_named: int = 4) -> str:
    blocks = gold_chapter(found, n_named, "q.json").blocks
    return " ".join(block.text for block in blocks if isinstance(block, Text))


def test_who_fails_gold_items_is_not_said_to_pass_them() -> None:
    assert "falls short" not in said(gold(failing=["c", "d"]))
    assert "Failing, upper bound below it: c, d." in said(gold(failing=["c", "d"]))
    assert "falls short" not in said(gold(flagged=["a"]))
    assert "falls short" not in said(gold(too_few=4))  # nothing is known of any of them
    assert "Nobody who labelled gold items falls short of it." in said(gold())


def test_where_nobody_is_named_nothing_is_said_of_single_reviewers() -> None:
    assert "bound" not in said(gold(), n_named=0)


def test_of_many_labels_the_most_frequent_are_drawn() -> None:
    labels = tuple(f"label {place}" for place in range(60))
    quality = made_view(Made(labels=labels)).quality
    shares = {label: 0.001 for label in labels} | {"label 7": 0.3, "label 59": 0.642}
    quality = quality.model_copy(update={"agreement": quality.agreement.model_copy(update={"prevalence": shares})})
    drawn = [block for block in classes_chapter(quality).blocks if isinstance(block, Bars)][-1]
    names = [bar.name for bar in drawn.bars]
    assert len(names) == 20
    assert names.index("label 7") < names.index("label 59")  # in the order of the scale
    assert "40 rarer labels are left out" in drawn.title


def test_a_tile_points_to_reasons_only_where_there_are_any() -> None:
    def tiles(flagged: int) -> str:
        view = made_view(replace(Made(), flagged=flagged))
        return str(qa_document(view).chapters[1])

    assert "reasons below" in tiles(3)
    assert "reasons below" not in tiles(0)
