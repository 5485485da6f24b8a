"""How the numbers were made, and how to make them again."""

from __future__ import annotations

from panel_eval.report.numbers import sentence
from panel_eval.report.qa.document import Block, Chapter, Facts, Text
from panel_eval.report.qa.view import QaView

_METHODS = (
    "Intervals are 95%. Those of agreement resample items (whole clusters, where the file names any); pass rates "
    "have Wilson's interval, Clopper-Pearson's where none or all were passed. A number that cannot be computed is "
    "a dash with its reason, never 0.",
    "Classes are made from the votes: agreement, nine in ten or more chose one label; minor, two thirds or more; "
    "major, fewer; unresolved, a tie for the lead; insufficient, under three reviewers. On ordinal scales the "
    "distance between votes counts too.",
)


def method_chapter(view: QaView) -> Chapter:
    """Settings, methods in small type, and the command."""
    settings = view.quality.settings | (view.panel.metrics.settings if view.panel else {})
    said = ", ".join(
        f"{name.replace('_', ' ')} {'none' if value is None else value}" for name, value in settings.items()
    )
    rows = [("write this again", view.source.command), ("settings", said or "none")]
    if view.panel is not None:
        versions = view.panel.manifest.versions
        rows.append(("versions", ", ".join(f"{name} {version}" for name, version in versions.items())))
    blocks: list[Block] = [Facts(tuple(rows))]
    blocks += [Text(text, "small") for text in (*_METHODS, *map(sentence, view.quality.notes))]
    blocks.append(
        Text(
            f"Every number stands in {view.source.full_lists}. The same input gives the same document, byte for "
            "byte. Definitions: docs/label-quality.md and docs/qa.md of panel-eval.",
            "small",
        )
    )
    return Chapter("How was this made, and how is it made again?", tuple(blocks))
