"""The QA document from its parts, in the order in which a data lead reads."""

from __future__ import annotations

from datetime import datetime

from panel_eval.report.qa.agreement import agreement_chapter, classes_chapter
from panel_eval.report.qa.delivery import delivery_chapter, unread_chapter, verdict_chapter
from panel_eval.report.qa.document import Chapter, Document
from panel_eval.report.qa.method import method_chapter
from panel_eval.report.qa.panel import panel_chapters
from panel_eval.report.qa.people import gold_chapter, reviewers_chapter
from panel_eval.report.qa.quadrant import quadrant_chapter
from panel_eval.report.qa.review import adjudication_chapter, review_chapter, violations_chapter
from panel_eval.report.qa.view import PanelSide, QaView


def qa_document(view: QaView) -> Document:
    """Everything the document says."""
    source, panel = view.source, view.panel
    chapters = [*_label_chapters(view), *(() if panel is None else panel_chapters(panel)), method_chapter(view)]
    what = "soft labels and the panel of judges" if panel else "soft labels"
    return Document(
        title=f"QA of {what}: {view.quality.task or source.name}",
        subtitle=source.name,
        running=source.name,
        foot=f"labels' sha256 {source.sha256[:16]}…",
        date=None if panel is None else _started(panel),
        chapters=chapters,
    )


def _label_chapters(view: QaView) -> list[Chapter]:
    source, quality, lists = view.source, view.quality, view.source.full_lists
    violations = violations_chapter(quality.violations, source, in_run=view.panel is not None)
    if not quality.size.items:
        return [unread_chapter(source), violations]
    return [
        delivery_chapter(source, quality, view.panel),
        verdict_chapter(quality, view.panel),
        agreement_chapter(quality),
        classes_chapter(quality),
        quadrant_chapter(quality.quadrants),
        reviewers_chapter(quality.reviewers, lists),
        gold_chapter(quality.gold, quality.reviewers.n_named, lists),
        review_chapter(quality, source),
        adjudication_chapter(quality, lists),
        violations,
    ]


def _started(side: PanelSide) -> datetime | None:
    """When the run was started; None where its file does not hold a time."""
    try:
        return datetime.fromisoformat(side.manifest.started_at)
    except ValueError:
        return None
