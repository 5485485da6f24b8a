"""A fitted pool from its file, put to use: on the panel that it was fitted for and no other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from panel_eval.errors import NotComparableError, shorten
from panel_eval.pooling.fitted import Pool, pool_of
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.schema.fitted_pool import FittedPool
from panel_eval.schema.judge_identity import JudgeIdentity
from panel_eval.schema.rubric import Scale
from panel_eval.stats.arrays import FloatArray

MAX_DIGESTS = 4096
_DIGITS = 12
_ENOUGH = 29
"""Items of which none is known: .9 ** 29 < .05."""
_REMEDY = "fit the panel again (panel-eval fit), or use the panel that it was made for"


class MadeForPanel(Protocol):
    """A document that fits one panel only: a fitted pool, a deferral policy."""

    @property
    def task(self) -> str:
        """Of the labels."""

    @property
    def labels(self) -> list[str]:
        """In the rubric's order."""

    @property
    def scale(self) -> Scale:
        """Nominal or ordinal."""

    @property
    def judges(self) -> list[JudgeIdentity]:
        """The judges that it was made with."""

    @property
    def rubric_hash(self) -> str | None:
        """Digest of the rubric (sha256); None if there was none."""


@dataclass(frozen=True)
class PanelFacts:
    """What must be the same for a fitted pool to fit a panel.

    Attributes:
        task: of the labels.
        labels: in the rubric's order.
        scale: nominal or ordinal.
        judge_ids: the panel's judges, in any order.
        rubric_hash: sha256 of the rubric; None where there is none.
        instruments: judge id to the sha256 of its instrument; empty for votes made elsewhere.
    """

    task: str
    labels: Sequence[str]
    scale: Scale
    judge_ids: Sequence[str]
    rubric_hash: str | None = None
    instruments: Mapping[str, str] = field(default_factory=dict)


def refuse_other_panel(document: MadeForPanel, facts: PanelFacts, name: str = "the fitted pool") -> None:
    """Check that a document was made for this panel.

    Args:
        document: a fitted pool, or what rests on one.
        facts: about the panel.
        name: of the document, for the message.

    Raises:
        NotComparableError: it was not; names everything that differs.
        InputError: it was, but the parameters of the pool are for other judges or labels than it says.
    """
    if differences := list(_differences(document, facts)):
        listed = "; ".join(differences)
        raise NotComparableError(f"{name} does not fit this panel: {listed}. Remedy: {_REMEDY}")
    if isinstance(document, FittedPool):
        pool_of(document.parameters, facts.judge_ids, document.labels)


def fitted_forecast(document: FittedPool, forecasts: JudgeForecasts) -> FloatArray:
    """The forecast of a pool that fits the panel: (n_items, n_labels), NaN rows where nobody answered."""
    pool: Pool = pool_of(document.parameters, forecasts.judge_ids, document.labels)
    return pool.forecast(forecasts)


def item_digests(item_ids: Iterable[str]) -> str:
    """The smallest `MAX_DIGESTS` digests of ids, with spaces: a random sample of the items, alike for any order."""
    digests = sorted({hashlib.sha256(name.encode()).hexdigest()[:_DIGITS] for name in item_ids})
    return " ".join(digests[:MAX_DIGESTS])


def share_fitted_on(document: FittedPool, item_ids: Iterable[str]) -> float:
    """The share of items that the pool was fitted on, in [0, 1], as far as the digests in its file tell.

    Both lists hold the smallest digests of their items. Below the end of the shorter reach both are complete, so
    the share found there is that of a random sample of the items.

    References:
        Bar-Yossef et al. (2002), "Counting distinct elements in a data stream" (k minimum values).
    """
    return share_listed(document.fitted_on.item_digests, item_ids)


def share_listed(digests: str, item_ids: Iterable[str]) -> float:
    """The same of any list that `item_digests` made."""
    some, known = _looked_up(digests, item_ids)
    return len(some & known) / len(some) if some else 0.0


def surely_new(document: FittedPool, item_ids: Iterable[str]) -> bool:
    """Whether items had no part in fitting the pool, as far as its digests can show.

    A pool of more than `MAX_DIGESTS` items tells of some of these items only: none of them may be its own, and they
    must be enough that a tenth of its own would show with 95 % confidence, or all.
    """
    ids = list(item_ids)
    some, known = _looked_up(document.fitted_on.item_digests, ids)
    return not some & known and len(some) >= min(_ENOUGH, len(set(ids)))


def _looked_up(digests: str, item_ids: Iterable[str]) -> tuple[set[str], set[str]]:
    """Digests of the items that a list can tell of, and the digests in the list."""
    known = digests.split()
    reach = known[-1] if len(known) >= MAX_DIGESTS else None
    some = {digest for digest in item_digests(item_ids).split() if reach is None or digest <= reach}
    return some, set(known)


def _differences(document: MadeForPanel, facts: PanelFacts) -> Iterator[str]:
    if document.task != facts.task:
        yield f"it is for the task {shorten(document.task)}, this is {shorten(facts.task)}"
    if document.labels != list(facts.labels):
        yield f"its labels are {_listed(document.labels)}, here they are {_listed(facts.labels)}"
    if document.scale != facts.scale:
        yield f"its scale is {document.scale}, here it is {facts.scale}"
    theirs, ours = {judge.id: judge.instrument_hash for judge in document.judges}, set(facts.judge_ids)
    if lacking := sorted(set(theirs) - ours):
        yield f"it needs votes of {_listed(lacking)}"
    if strangers := sorted(ours - set(theirs)):
        yield f"it does not know {_listed(strangers)}"
    if None not in (document.rubric_hash, facts.rubric_hash) and document.rubric_hash != facts.rubric_hash:
        yield "it was made with another rubric"
    known = {name: instrument for name, instrument in sorted(theirs.items()) if instrument is not None}
    if changed := [name for name, own in known.items() if facts.instruments.get(name, own) != own]:
        yield f"{_listed(changed)}: asked differently when it was made (model, prompt or settings)"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(shorten(name, 40) for name in names)
