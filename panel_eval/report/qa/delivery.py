"""What was delivered, whether it is sound, and the key figures."""

from __future__ import annotations

from typing import Final

from panel_eval.report.numbers import (
    NO_NUMBER,
    count,
    decimal,
    estimate_of,
    estimate_text,
    range_text,
    sentence,
    share,
)
from panel_eval.report.qa.document import Block, Chapter, Facts, Grid, Text, Tile, Tiles
from panel_eval.report.qa.rows import table
from panel_eval.report.qa.view import PanelSide, Source
from panel_eval.report.references import reference_title
from panel_eval.report.verdict import verdict
from panel_eval.schema import Estimate, Metrics
from panel_eval.schema.label_quality import DeliverySize, LabelQuality
from panel_eval.wording import counted

_GROUND_WORDS: Final = {
    "sound": "noted", "reservations": "a reservation", "not_usable": "speaks against use", "undecided": "undecided",
}  # fmt: skip


def delivery_chapter(source: Source, quality: LabelQuality, panel: PanelSide | None) -> Chapter:
    """File, task, labels, and how much of everything."""
    size = quality.size
    rows = [
        ("run" if panel else "file", source.name),
        ("labels' sha256", source.sha256),
        ("task", quality.task),
        ("rubric", source.rubric or "none given"),
        ("labels", f"{', '.join(quality.labels)} ({quality.scale})"),
        ("items", _items(size)),
        ("votes", f"{count(size.votes)}, of each item: {_span(size, 'reviewers_per_item')}"),
        ("reviewers", _reviewers(size)),
        ("gold items", count(size.gold_items) if size.gold_items else "none given"),
        ("adjudicated items", count(size.adjudicated_items) if size.adjudicated_items else "none"),
    ]
    if panel is not None:
        rows.append(("judges", ", ".join(panel.metrics.judges)))
        rows.append(("run made", f"{panel.manifest.started_at} ({panel.manifest.state})"))
    if size.labels_never_used:
        rows.append(("labels never chosen", ", ".join(size.labels_never_used)))
    return Chapter("What was delivered", (Facts(tuple(rows)),))


def unread_chapter(source: Source) -> Chapter:
    """A file of which no item could be read."""
    rows = (("file", source.name), ("labels' sha256", source.sha256), ("rubric", source.rubric or "none given"))
    said = "The labels cannot be used: no line of the file can be read as an item. The problems stand below."
    return Chapter("What was delivered", (Facts(rows), Text(said, "lead")))


def _items(size: DeliverySize) -> str:
    parts = [count(size.items)]
    if size.clusters is not None:
        parts.append(f"in {count(size.clusters)} clusters")
    if size.effective_counts_only:
        parts.append(f"{count(size.effective_counts_only)} with shares that are no whole votes")
    return ", ".join(parts)


def _span(size: DeliverySize, name: str) -> str:
    least, mean, most = (getattr(size, f"{name}_{of}") for of in ("min", "mean", "max"))
    if least is None:
        return NO_NUMBER
    return count(least) if least == most else f"{count(least)} to {count(most)} (mean {decimal(mean, 1)})"


def _reviewers(size: DeliverySize) -> str:
    if size.reviewers is None:
        return "not named"
    named = share(size.items_with_named_reviewers, size.items)
    return (
        f"{count(size.reviewers)} named, items of each: {_span(size, 'items_per_reviewer')}; "
        f"every vote has a name on {named} of the items"
    )


def verdict_chapter(quality: LabelQuality, panel: PanelSide | None) -> Chapter:
    """The verdict, the key figures, what was held against the labels, and what could not be checked."""
    found = quality.verdict
    grounds = [ground.text for ground in found.grounds]
    first, *others = found.sentences
    blocks: list[Block] = [Text(first, "lead")]
    blocks += [Text(text) for text in others if text not in grounds]
    if panel is not None:
        said = verdict(panel.metrics, panel.manifest)
        blocks += [Text(f"The panel: {said.headline}")]
    blocks.append(Tiles((*_tiles(quality), *(_panel_tiles(panel.metrics) if panel else ()))))
    if found.grounds:
        rows = [(ground.text, _GROUND_WORDS[ground.decides]) for ground in found.grounds]
        blocks.append(Grid(table("What was found, gravest first", ("finding", "weight"), rows), (4, 1), (1,)))
    blocks += [Text(sentence(f"Not checked: {text}"), "small") for text in found.not_checked]
    return Chapter("Are the labels sound?", tuple(blocks))


def _tiles(quality: LabelQuality) -> tuple[Tile, ...]:
    coefficients = quality.agreement.coefficients
    alpha = f"alpha_{quality.scale}"
    return (
        _tile("Two reviewers agree", estimate_of(coefficients, "pair_agreement"), 1, True),
        _tile(f"Krippendorff's alpha, {quality.scale}", estimate_of(coefficients, alpha), 2),
        _tile("Gold items passed", quality.gold.overall.rate, 1, True, _votes(quality)),
        Tile(
            "Items to look at again",
            share(quality.review.flagged, quality.size.items),
            f"{count(quality.review.flagged)} of {counted(quality.size.items, 'item')}",
            "reasons below" if quality.review.flagged else "",
        ),
    )


def _votes(quality: LabelQuality) -> str:
    gold = quality.gold.overall
    return f"{count(gold.passed)} of {count(gold.n)} votes" if gold.n else ""


def _panel_tiles(metrics: Metrics) -> tuple[Tile, ...]:
    """The panel's worth and skill, each beside what it stands against."""
    panel = metrics.panel.overall
    tiles = []
    base = metrics.references["base_rate"].overall if "base_rate" in metrics.references else {}
    worth = estimate_text(estimate_of(base, "n_eq"), 1)
    tiles.append(
        _tile(
            "Panel: worth in reviewers",
            estimate_of(panel, "n_eq"),
            1,
            beside=f"{reference_title('base_rate')} {worth}",
        )
    )
    tiles.append(
        _tile("Panel: skill against the base rate", estimate_of(panel, "ce_skill"), 1, True, "0% = no better")
    )
    total, usable = sum(metrics.coverage.total.values()), metrics.coverage.total.get("ok", 0)
    tiles.append(Tile("Panel: usable votes", share(usable, total), f"{count(usable)} of {count(total)} votes"))
    items = f"{count(metrics.n_scored)} of {counted(metrics.n_items, 'item')}"
    tiles.append(Tile("Panel: items scored", share(metrics.n_scored, metrics.n_items), items))
    return tuple(tiles)


def _tile(title: str, estimate: Estimate, digits: int, as_percent: bool = False, beside: str = "") -> Tile:
    interval = range_text(estimate, digits, as_percent)
    detail = f"95% interval {interval}" if interval else (estimate.note or "no interval")
    return Tile(title, estimate_text(estimate, digits, as_percent), detail, beside)
