"""Whether a run and its baseline are about the same items: less than that, and nothing else counts."""

from __future__ import annotations

from panel_eval.evaluation.gate.words import exact, percent
from panel_eval.schema.comparison import Overlap
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.gate_result import GateCheck
from panel_eval.schema.gate_settings import GateSettings

_ANEW = "gate against a run on the same labels, or begin anew with --baseline none"


def overlap_checks(overlap: Overlap, settings: GateSettings) -> list[GateCheck]:
    """Check that enough items are the same on both sides, and that both panels have a forecast of them."""
    changed = overlap.other_votes + overlap.other_content
    base, run = (overlap.shared + changed + only for only in (overlap.only_base, overlap.only_candidate))
    share = overlap.shared / max(base, run, 1)
    kept = share >= settings.shared_items
    text = (
        f"{overlap.shared:,} items are the same on both sides, of {run:,} here and {base:,} in the baseline: "
        f"{percent(share, settings.shared_items)}"
    )
    parts = {
        "only in the baseline": overlap.only_base,
        "only here": overlap.only_candidate,
        "with other human votes": overlap.other_votes,
        "with another text": overlap.other_content,
    }
    rest = ", ".join(f"{count:,} {words}" for words, count in parts.items() if count)
    return [
        GateCheck(
            name="shared items",
            kind="data",
            status="PASS" if kept else "NOT COMPARABLE",
            value=Estimate(estimate=share, n=max(base, run)),
            threshold=settings.shared_items,
            text=f"{text}{f' ({rest})' if rest else ''}; at least {exact(100 * settings.shared_items)} % must be.",
            fix=None if kept else _ANEW,
        )
    ]


def refused(why: str) -> GateCheck:
    """The check of two versions that cannot be put side by side at all."""
    return GateCheck(
        name="shared items", kind="data", status="NOT COMPARABLE", text=f"{why.rstrip('.')}.", fix=_ANEW
    )
