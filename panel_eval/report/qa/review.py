"""Items to look at again, adjudicated items, and where the file breaks its contract."""

from __future__ import annotations

from panel_eval.report.numbers import count, decimal, percent, sentence
from panel_eval.report.people.review import adjudication_part
from panel_eval.report.qa.document import Block, Chapter, Grid, Text
from panel_eval.report.qa.rows import table, votes_text
from panel_eval.report.qa.view import Source
from panel_eval.schema.label_quality import LabelQuality
from panel_eval.schema.label_review import Adjudication, ReviewItem, Violation, Violations
from panel_eval.wording import counted


def review_chapter(quality: LabelQuality, source: Source) -> Chapter:
    """Items flagged for re-review, the most doubtful first, each with its reasons."""
    found, title = quality.review, "Which items should be looked at again?"
    note = [Text(sentence(found.note), "small")] if found.note else []
    if not found.flagged:
        return Chapter(title, (Text("None: no item has a doubtful vote or a broken rule.", "none"), *note))
    whole = counted(quality.size.items, "item")
    blocks: list[Block] = [
        Text(f"{count(found.flagged)} of {whole} ({percent(found.share)}) have at least one reason.")
    ]
    reasons = sorted(found.by_reason.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [(found.reason_texts.get(code, code), count(items)) for code, items in reasons if items]
    blocks.append(Grid(table("Reasons", ("reason", "items"), rows), (6, 1)))
    blocks.append(
        Grid(
            table(
                "Items, most doubtful first", ("item", "votes", "reasons", "score"), map(_review_row, found.items)
            ),
            (2, 2, 4.4, 0.7),
            (1, 2),
            most=24,
            total=found.flagged,
            where=source.full_items or source.full_lists,
            complete=bool(source.full_items),
        )
    )
    blocks.append(
        Text(
            "Score: chance that the most doubtful vote is a slip, times how far the item's shares move without it; "
            "of a gold or adjudicated label against the votes, the chance that fewer than half of such reviewers "
            "would choose it, times the share who did not. A flag asks for a second look; it is no "
            "proof of an error.",
            "small",
        )
    )
    return Chapter(title, (*blocks, *note))


def _review_row(item: ReviewItem) -> tuple[str, ...]:
    return item.item_id, votes_text(item.votes), "; ".join(item.reasons), decimal(item.score, 3)


def adjudication_chapter(quality: LabelQuality, full_lists: str) -> Chapter:
    """What was collapsed to one label, and why."""
    found, title = quality.adjudication, "What was adjudicated?"
    note: list[Block] = [Text(sentence(found.note), "small")] if found.note else []
    if not found.items:
        blocks: list[Block] = [Text("None: no item was collapsed to one label.", "none")]
        return Chapter(title, (*blocks, *_kept(found), *note))
    rows = [
        (
            item.item_id,
            item.label,
            f"{votes_text(item.votes)} ({item.disagreement_class})",
            percent(item.share, 0),
            item.reason,
        )
        for item in found.examples
    ]
    columns = ("item", "adjudicated to", "votes (class)", "share who chose it", "reason")
    grid = Grid(
        table("Adjudicated items, split ones first", columns, rows),
        (1.8, 1.4, 2.3, 0.9, 3.2),
        (1, 2, 4),
        most=16,
        total=found.items,
        where=full_lists,
    )
    part = adjudication_part(quality)
    said = " ".join(part.sentences) if part else ""
    return Chapter(title, (Text(said), grid, *_kept(found), *note))


def _kept(found: Adjudication) -> list[Block]:
    """Why items were left as they are, where the file says so."""
    if not found.kept_reasons:
        return []
    rows = [(reason.reason, count(reason.items), count(reason.split_items)) for reason in found.kept_reasons]
    caption = "Reasons given for leaving the shares as they are"
    return [Grid(table(caption, ("reason", "items", "of them split"), rows), (5, 0.8, 1.2), most=8)]


def violations_chapter(found: Violations, source: Source, in_run: bool) -> Chapter:
    """Every rule that the file breaks, with its line."""
    title = "Does the file keep its contract?"
    if not found.checked:
        why = "a run takes no labels that break it" if in_run else "these labels did not come from a file"
        return Chapter(title, (Text(f"Not checked here: {why}.", "none"),))
    if not found.total:
        return Chapter(title, (Text("Yes: no line breaks a rule of the soft-label contract."),))
    told = f"No: {counted(found.total, 'problem')} on {counted(found.lines, 'line')}."
    blocks: list[Block] = [Text(told + _left_out(found.items_left_out))]
    if len(found.by_kind) > 1:
        kinds = sorted(found.by_kind.items(), key=lambda pair: (-pair[1], pair[0]))
        kinds_rows = [(kind.replace("_", " "), count(problems)) for kind, problems in kinds]
        blocks.append(Grid(table("Problems by rule", ("rule", "problems"), kinds_rows), (6, 1), most=10))
    rows = [_violation_row(one, source.name) for one in found.problems]
    grid = Grid(
        table("Problems by line", ("file:line", "item", "problem", "remedy"), rows),
        (1.7, 1.5, 3.6, 2.6),
        (1, 2, 3),
        most=24,
        total=found.total,
        where=source.full_lists,
    )
    return Chapter(title, (*blocks, grid))


def _left_out(lines: int) -> str:
    return (
        f" {counted(lines, 'line')} could not be used and no number of this document holds them." if lines else ""
    )


def _violation_row(one: Violation, file: str) -> tuple[str, ...]:
    where = file if one.line is None else f"{file}:{one.line}"
    problem = f"{one.key}: {one.message}" if one.key else one.message
    return where, one.item or "", problem, one.fix or ""
