"""What is not the same on both sides of a comparison, and which of it makes the panel another instrument."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from math import isclose
from typing import Any, Final, Literal

from panel_eval.errors import shorten
from panel_eval.schema import FileModel
from panel_eval.schema.comparison import Change, ComparedRun, Overlap
from panel_eval.schema.judge_fingerprint import JudgeFingerprint, changed_settings, main_models
from panel_eval.schema.rubric import NOT_ASKED, Rubric
from panel_eval.wording import counted

What = Literal["judge", "prompt", "rubric", "data", "price", "pooling", "setting", "version"]
_SHOWN = 100
_DIFF_LINES = 200
_DIFF_CHARS = 300
_MOST_NAMES = 5
_PROMPT: Final = "prompt_sha256"
_WEIGHTS: Final = "weights"


def instrument_changes(base: ComparedRun, candidate: ComparedRun) -> list[Change]:
    """What makes the candidate's panel another instrument than the baseline's; empty if it is the same.

    Judges added, removed or asked in another way (model, prompt, sampling, samples, label orders, schema), models
    that mostly answered under another name, another rubric, another pooling. A judge under a new id that is asked
    as before is the same. What one side does not tell (votes made elsewhere tell little) is no change. Prices,
    seeds, package versions, parsing rungs and the provider's snapshots are left out: they can change by the hour
    and leave the question as it was.
    """
    return [change for change in (*_judges(base, candidate), *_rubric(base, candidate), *_pooling(base, candidate))
            if change.instrument]  # fmt: skip


def all_changes(base: ComparedRun, candidate: ComparedRun, overlap: Overlap | None = None) -> list[Change]:
    """Everything that is not the same on both sides; what makes another instrument comes first.

    Args:
        base: the baseline's run.
        candidate: the candidate's.
        overlap: which items both have; None leaves the data out.
    """
    found = [*_judges(base, candidate), *_rubric(base, candidate), *_pooling(base, candidate)]
    found += [] if overlap is None else _data(overlap)
    found += _prices(base, candidate)
    found += _compared(
        "setting", "", {"panel": base.panel, **base.settings}, {"panel": candidate.panel, **candidate.settings}
    )
    found += _compared("version", "", base.versions, candidate.versions)
    return sorted(found, key=lambda change: not change.instrument)


def matched_judges(base: ComparedRun, candidate: ComparedRun) -> dict[str, str]:
    """Candidate's judge id to the baseline's id of the same judge: the same id, or the same instrument renamed."""
    ours = {judge.id: judge for judge in base.judges}
    theirs = {judge.id: judge for judge in candidate.judges}
    matched = {name: name for name in theirs if name in ours}
    free = [judge for name, judge in ours.items() if name not in theirs]
    for name, judge in theirs.items():
        if name in matched or judge.instrument_hash is None:
            continue
        if same := next((each for each in free if each.instrument_hash == judge.instrument_hash), None):
            matched[name] = same.id
            free.remove(same)
    return matched


def _judges(base: ComparedRun, candidate: ComparedRun) -> Iterator[Change]:
    ours = {judge.id: judge for judge in base.judges}
    matched = matched_judges(base, candidate)
    for name in sorted(set(ours) - set(matched.values())):
        yield _change("judge", name, "", _told(ours[name]), None, instrument=True)
    for judge in sorted(candidate.judges, key=lambda each: each.id):
        if judge.id not in matched:
            yield _change("judge", judge.id, "", None, _told(judge), instrument=True)
            continue
        earlier = ours[matched[judge.id]]
        if earlier.id != judge.id:
            yield _change("judge", judge.id, "id", earlier.id, judge.id)
        yield from _asked(earlier, judge)
        yield from _answered(earlier, judge)


def _asked(base: JudgeFingerprint, candidate: JudgeFingerprint) -> Iterator[Change]:
    """How a judge is asked."""
    if None not in (base.samples, candidate.samples) and base.samples != candidate.samples:
        yield _change("judge", candidate.id, "samples", base.samples, candidate.samples, instrument=True)
    hashes = base.instrument_hash, candidate.instrument_hash
    if hashes[0] == hashes[1]:
        return
    if None in hashes:
        known = ["not known" if each is None else "known" for each in hashes]
        yield _change("judge", candidate.id, "instrument", *known)
        return
    keys = changed_settings(base.instrument, candidate.instrument)
    for key in keys:
        what: What = "prompt" if key == _PROMPT else "judge"
        sides = base.instrument.get(key), candidate.instrument.get(key)
        diff = _diff(base.prompt, candidate.prompt) if what == "prompt" else []
        yield _change(what, candidate.id, key, *sides, instrument=True).model_copy(update={"diff": diff})
    if not keys:
        yield _change("judge", candidate.id, "instrument_hash", *hashes, instrument=True)


def _diff(base: str | None, candidate: str | None) -> list[str]:
    """What changed between two texts, as lines; nothing where one is not there."""
    if base is None or candidate is None:
        return []
    lines = difflib.unified_diff(base.splitlines(), candidate.splitlines(), "baseline", "candidate", "", "", 0, "")
    return [shorten(line, _DIFF_CHARS) for line in islice(lines, _DIFF_LINES)]


def _answered(base: JudgeFingerprint, candidate: JudgeFingerprint) -> Iterator[Change]:
    """What its answers tell of it, where both sides' answers tell something."""
    moved = main_models(base.models_reported) != main_models(candidate.models_reported)
    for key, ours, theirs, instrument in (
        ("models_reported", base.models_reported, candidate.models_reported, moved),
        ("snapshots", base.snapshots, candidate.snapshots, False),
        ("parse_rungs", base.parse_rungs, candidate.parse_rungs, False),
    ):
        if ours and theirs and set(ours) != set(theirs):
            yield _change("judge", candidate.id, key, _counts(ours), _counts(theirs), instrument=instrument)


def _rubric(base: ComparedRun, candidate: ComparedRun) -> Iterator[Change]:
    if base.rubric is None or candidate.rubric is None:
        if base.rubric is not candidate.rubric:
            told = [None if each is None else f"version {each.version}" for each in (base.rubric, candidate.rubric)]
            yield _change("rubric", candidate.run_id if base.rubric is None else base.run_id, "", *told)
        return
    ours, theirs = _flat(base.rubric), _flat(candidate.rubric)
    yield from _compared("rubric", base.rubric.task, ours, theirs, instrument=True)


def _flat(rubric: Rubric) -> dict[str, Any]:
    """What a rubric asks, field by field; of labels and criteria each under its name, and their order."""
    fields = rubric.model_dump(exclude={"labels", "criteria", "schema_version", *NOT_ASKED})
    for kind in ("labels", "criteria"):
        named: dict[str, FileModel] = {each.name: each for each in getattr(rubric, kind)}
        fields[f"{kind} in order"] = list(named)
        for name, each in named.items():
            for key, value in each.model_dump(exclude={"name"}).items():
                fields[f"{kind} {name} {key}"] = value
    return fields


def _pooling(base: ComparedRun, candidate: ComparedRun) -> Iterator[Change]:
    if base.pooling and candidate.pooling:
        ours, theirs = (
            {key: value for key, value in run.pooling.items() if key != _WEIGHTS} for run in (base, candidate)
        )
        yield from _compared("pooling", "panel", ours, theirs, instrument=True)
        yield from _weights(base, candidate)


def _weights(base: ComparedRun, candidate: ComparedRun) -> Iterator[Change]:
    """Weights of the judges of both panels, one against another; those of others come and go with their judges."""
    matched = sorted(matched_judges(base, candidate).items())
    given = [_weights_of(run) for run in (base, candidate)]
    pairs = {name: (given[0].get(earlier, 1.0), given[1].get(name, 1.0)) for name, earlier in matched}
    totals = [sum(side) or 1.0 for side in zip(*pairs.values(), strict=True)]
    if all(isclose(one / totals[0], other / totals[1]) for one, other in pairs.values()):
        return
    for name, (one, other) in pairs.items():
        if one != other:
            yield _change("pooling", name, "weight", one, other, instrument=True)


def _weights_of(run: ComparedRun) -> dict[str, float]:
    """Judge to weight; judges not named weigh 1."""
    told = run.pooling.get(_WEIGHTS)
    return {} if told in (None, "equal") else json.loads(str(told))


def _data(overlap: Overlap) -> Iterator[Change]:
    sides: Mapping[str, tuple[int, str | None, str | None]] = {
        "items only in the baseline": (overlap.only_base, "there", None),
        "items only in the candidate": (overlap.only_candidate, None, "there"),
        "items with other human votes": (overlap.other_votes, "as they were", "changed"),
        "items with another text": (overlap.other_content, "as they were", "changed"),
    }
    for words, (count, base, candidate) in sides.items():
        if count:
            yield _change("data", words, counted(count, "item"), base, candidate)


def _prices(base: ComparedRun, candidate: ComparedRun) -> Iterator[Change]:
    for name, earlier in sorted(matched_judges(base, candidate).items()):
        one, other = base.prices.get(earlier), candidate.prices.get(name)
        if one is not None and other is not None:
            yield from _compared("price", name, one.model_dump(), other.model_dump())
        elif one is not other:
            told = [None if each is None else each.source for each in (one, other)]
            yield _change("price", name, "source", *told)


def _compared(
    what: What, name: str, base: Mapping[str, Any], candidate: Mapping[str, Any], *, instrument: bool = False
) -> Iterator[Change]:
    """Keys whose values differ; without a name each key is one."""
    for key in changed_settings(base, candidate):
        own = (name, key) if name else (key, "")
        yield _change(what, *own, base.get(key), candidate.get(key), instrument=instrument)


def _change(
    what: What, name: str, key: str, base: object, candidate: object, *, instrument: bool = False
) -> Change:
    sides = [None if side is None else shorten(side, _SHOWN) for side in (base, candidate)]
    names = shorten(name, _SHOWN), shorten(key, _SHOWN)
    return Change(what=what, name=names[0], key=names[1], base=sides[0], candidate=sides[1], instrument=instrument)


def _told(judge: JudgeFingerprint) -> str:
    return f"model {judge.instrument['model']}" if "model" in judge.instrument else "votes made elsewhere"


def _counts(counts: Mapping[str, int]) -> str:
    some = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_NAMES]
    more = f" and {len(counts) - len(some)} more" if len(counts) > len(some) else ""
    return ", ".join(f"{shorten(name, 60)} ({counted(count, 'vote')})" for name, count in some) + more
