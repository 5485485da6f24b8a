"""Whether a run and its baseline are about the same items: less than that, and nothing else counts."""

from __future__ import annotations

from panel_eval.evaluation.gate.words import exact, percent
from panel_eval.schema.comparison import Overlap
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.gate_result import GateCheck
from panel_eval.schema.gate_settings import GateSettings

_ANEW = "gate against a run on the same labels, or begin anew with --baseline none"


def overlap_checks(overlap: Overlap, settings: GateSettings, unscored: int) -> list[GateCheck]:
    """Check that enough items are the same on both sides, with a forecast of the baseline to compare with.

    Args:
        overlap: which items both runs have.
        settings: the share that must be the same.
        unscored: shared items that the baseline has no forecast of. Those that the run lacks make it incomplete.
    """
    changed = overlap.other_votes + overlap.other_content
    base, run = (overlap.shared + changed + only for only in (overlap.only_base, overlap.only_candidate))
    same = overlap.shared - unscored
    share = same / max(base, run, 1)
    kept = share >= settings.shared_items
    text = (
        f"{same:,} items are the same on both sides, of {run:,} here and {base:,} in the baseline: "
        f"{percent(share, settings.shared_items)}"
    )
    parts = {
        "only in the baseline": overlap.only_base,
        "only here": overlap.only_candidate,
        "with other human votes": overlap.other_votes,
        "with another text": overlap.other_content,
        "without a forecast of the baseline": unscored,
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


def nothing_to_compare() -> GateCheck:
    """The check of a run in which nobody answered: it is not another run, it is none."""
    return GateCheck(
        name="shared items",
        kind="data",
        status="INCOMPLETE",
        text="This run has no forecast of any item, so there is nothing to compare.",
        fix="see in the report why no judge answered, and run the panel again",
    )


def refused(why: str) -> GateCheck:
    """The check of two versions that cannot be put side by side at all."""
    return GateCheck(
        name="shared items", kind="data", status="NOT COMPARABLE", text=f"{why.rstrip('.')}.", fix=_ANEW
    )
