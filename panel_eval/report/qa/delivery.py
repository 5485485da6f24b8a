"""What was delivered, whether it is sound, and the key figures."""

from __future__ import annotations

from typing import Final

from panel_eval.report.numbers import NO_NUMBER, count, decimal, estimate_of, estimate_text, range_text, share
from panel_eval.report.qa.document import Block, Chapter, Facts, Grid, Text, Tile, Tiles
from panel_eval.report.qa.rows import table
from panel_eval.report.qa.view import QaView
from panel_eval.report.references import reference_title
from panel_eval.report.verdict import verdict
from panel_eval.schema import Estimate, Metrics
from panel_eval.schema.label_quality import DeliverySize, LabelQuality

_LEVELS: Final = {
    "sound": "The labels are sound.",
    "reservations": "The labels can be used, with reservations.",
    "not_usable": "The labels should not be used as they are.",
    "undecided": "Whether the labels are sound cannot be told.",
}
_GROUND_WORDS: Final = {
    "sound": "noted", "reservations": "a reservation", "not_usable": "speaks against use", "undecided": "undecided",
}  # fmt: skip


def delivery_chapter(view: QaView) -> Chapter:
    """File, task, labels, and how much of everything."""
    quality, size = view.quality, view.quality.size
    rows = [
        ("run" if view.panel else "file", view.name),
        ("labels' sha256", view.sha256),
        ("task", quality.task),
        ("rubric", view.rubric or "none given"),
        ("labels", f"{', '.join(quality.labels)} ({quality.scale})"),
        ("items", _items(size)),
        ("votes", f"{count(size.votes)}, {_span(size, 'reviewers_per_item')} an item"),
        ("reviewers", _reviewers(size)),
        ("gold items", count(size.gold_items) if size.gold_items else "none given"),
        ("adjudicated items", count(size.adjudicated_items) if size.adjudicated_items else "none"),
    ]
    if view.panel is not None:
        rows.append(("judges", ", ".join(view.panel.metrics.judges)))
        rows.append(("run made", f"{view.panel.manifest.started_at} ({view.panel.manifest.state})"))
    if size.labels_never_used:
        rows.append(("labels never chosen", ", ".join(size.labels_never_used)))
    return Chapter("What was delivered", (Facts(tuple(rows)),))


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
        f"{count(size.reviewers)} named, {_span(size, 'items_per_reviewer')} items each; "
        f"every vote has a name on {named} of the items"
    )


def verdict_chapter(view: QaView) -> Chapter:
    """The verdict, the key figures, what was held against the labels, and what could not be checked."""
    found = view.quality.verdict
    blocks: list[Block] = [Text(_LEVELS[found.level], "lead")]
    blocks += [Text(sentence) for sentence in found.sentences]
    if view.panel is not None:
        said = verdict(view.panel.metrics, view.panel.manifest)
        blocks += [Text(f"The panel: {said.headline}")]
    blocks.append(Tiles(_tiles(view)))
    if found.grounds:
        rows = [(ground.text, _GROUND_WORDS[ground.decides]) for ground in found.grounds]
        blocks.append(
            Grid(table("What was found, gravest first", ("finding", "weight"), rows), (4, 1), (1,), most=12)
        )
    blocks += [Text(f"Not checked: {text}", "small") for text in found.not_checked]
    return Chapter("Are the labels sound?", tuple(blocks))


def _tiles(view: QaView) -> tuple[Tile, ...]:
    quality = view.quality
    coefficients = quality.agreement.coefficients
    alpha = f"alpha_{quality.scale}"
    tiles = [
        _tile("Two reviewers agree", estimate_of(coefficients, "pair_agreement"), 1, True),
        _tile(f"Krippendorff's alpha, {quality.scale}", estimate_of(coefficients, alpha), 2),
        _tile("Gold items passed", quality.gold.overall.rate, 1, True, _votes(quality)),
        Tile(
            "Items to look at again",
            share(quality.review.flagged, quality.size.items),
            f"{count(quality.review.flagged)} of {count(quality.size.items)} items",
            "reasons below",
        ),
    ]
    return (*tiles, *(_panel_tiles(view.panel.metrics) if view.panel else ()))


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
    items = f"{count(metrics.n_scored)} of {count(metrics.n_items)} items"
    tiles.append(Tile("Panel: items scored", share(metrics.n_scored, metrics.n_items), items))
    return tuple(tiles)


def _tile(title: str, estimate: Estimate, digits: int, as_percent: bool = False, beside: str = "") -> Tile:
    interval = range_text(estimate, digits, as_percent)
    detail = f"95% interval {interval}" if interval else (estimate.note or "no interval")
    return Tile(title, estimate_text(estimate, digits, as_percent), detail, beside)
