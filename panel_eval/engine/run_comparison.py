"""Whether runs are parts of one: the same panel, rubric, labels and judges, so that votes may stand together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from panel_eval.errors import NotComparableError, shorten
from panel_eval.schema import JudgeManifest, Panel, RunManifest
from panel_eval.schema.judge_fingerprint import changed_settings

_SHOWN = 10


def refuse_different(manifests: Sequence[RunManifest]) -> None:
    """Check that runs asked the same of the same judges about the same items, whichever votes they have.

    Raises:
        NotComparableError: names what differs, and between which runs.
    """
    first = manifests[0]
    problems = [
        f"{first.run_id} and {other.run_id}: {difference}"
        for other in manifests[1:]
        for difference in differences(first, other)
    ]
    if problems:
        more = f"\n… and {len(problems) - _SHOWN} more" if problems[_SHOWN:] else ""
        raise NotComparableError(
            "these runs are no parts of one run and cannot be merged:\n" + "\n".join(problems[:_SHOWN]) + more
        )


def differences(one: RunManifest, other: RunManifest) -> list[str]:
    """What two runs do not have in common, in words; empty if their votes may stand together."""
    return [
        *_named("the panel's name", one.panel and one.panel.panel, other.panel and other.panel.panel),
        *_named("the seed", one.seed, other.seed),
        *_hashed("the rubric", one.hashes.get("rubric"), other.hashes.get("rubric")),
        *_hashed("the labels (items, texts or human votes)", one.hashes.get("labels"), other.hashes.get("labels")),
        *_unlabelled(one.hashes.get("unlabelled"), other.hashes.get("unlabelled")),
        *_judges(one, other),
        *_named("the fitted pool's hash", one.hashes.get("pool"), other.hashes.get("pool")),
        *_scoring(one.panel, other.panel),
    ]


def _named(what: str, one: object, other: object) -> Iterator[str]:
    if one != other:
        yield f"{what} differs: {shorten(one)} and {shorten(other)}"


def _hashed(what: str, one: str | None, other: str | None) -> Iterator[str]:
    if one is None or one != other:
        yield f"{what} differ" if what.startswith("the labels") else f"{what} differs"


def _unlabelled(one: str | None, other: str | None) -> Iterator[str]:
    """Runs without such items have no hash of them."""
    if one != other:
        yield "the unlabelled items differ" if one and other else "only one of them has unlabelled items"


def _judges(one: RunManifest, other: RunManifest) -> Iterator[str]:
    ours, theirs = {each.id: each for each in one.judges}, {each.id: each for each in other.judges}
    for judge in sorted(ours.keys() ^ theirs.keys()):
        yield f"only one of them has judge {shorten(judge)!r}"
    for judge in sorted(ours.keys() & theirs.keys()):
        yield from _instrument(ours[judge], theirs[judge])


def _instrument(one: JudgeManifest, other: JudgeManifest) -> Iterator[str]:
    if one.instrument_hash == other.instrument_hash:
        return
    ours, theirs = one.instrument, other.instrument
    what = ", ".join(
        f"{key} {shorten(ours.get(key), 40)} and {shorten(theirs.get(key), 40)}"
        for key in changed_settings(ours, theirs)
    )
    yield f"judge {shorten(one.id)!r} is another instrument: {what or 'its hash differs'}"


def _scoring(one: Panel | None, other: Panel | None) -> Iterator[str]:
    """Settings of the panel that its scores or its plan depend on."""
    if one is None or other is None:
        return
    for key in ("pooling", "smoothing"):
        yield from _named(f"the panel's {key}", getattr(one, key), getattr(other, key))
    theirs = {judge.id: judge for judge in other.judges}
    for judge in one.judges:
        if judge.id in theirs:
            for key in ("samples", "weight"):
                ours = getattr(judge, key)
                yield from _named(f"{key} of judge {judge.id!r}", ours, getattr(theirs[judge.id], key))
