"""The QA document from its parts, in the order in which a data lead reads."""

from __future__ import annotations

from datetime import datetime

from panel_eval.report.qa.agreement import agreement_chapter, classes_chapter
from panel_eval.report.qa.delivery import delivery_chapter, verdict_chapter
from panel_eval.report.qa.document import Chapter, Document
from panel_eval.report.qa.method import method_chapter
from panel_eval.report.qa.panel import panel_chapters
from panel_eval.report.qa.people import gold_chapter, reviewers_chapter
from panel_eval.report.qa.quadrant import quadrant_chapter
from panel_eval.report.qa.review import adjudication_chapter, review_chapter, violations_chapter
from panel_eval.report.qa.view import PanelSide, QaView


def qa_document(view: QaView) -> Document:
    """Everything the document says."""
    chapters: list[Chapter] = [
        delivery_chapter(view),
        verdict_chapter(view),
        agreement_chapter(view),
        classes_chapter(view),
        quadrant_chapter(view),
        reviewers_chapter(view),
        gold_chapter(view),
        review_chapter(view),
        adjudication_chapter(view),
        violations_chapter(view),
    ]
    if view.panel is not None:
        chapters += panel_chapters(view.panel)
    chapters.append(method_chapter(view))
    what = "soft labels and the panel of judges" if view.panel else "soft labels"
    return Document(
        title=f"QA of {what}: {view.quality.task}",
        subtitle=view.name,
        running=f"{view.name} · {view.quality.task}",
        foot=f"labels' sha256 {view.sha256[:16]}…",
        date=None if view.panel is None else _started(view.panel),
        chapters=chapters,
    )


def _started(side: PanelSide) -> datetime | None:
    """When the run was started; None where its file does not hold a time."""
    try:
        return datetime.fromisoformat(side.manifest.started_at)
    except ValueError:
        return None
