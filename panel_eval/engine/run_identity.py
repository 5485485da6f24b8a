"""Which runs belong together: the facts that a run directory's hash stands for, and judges known from run.json."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from panel_eval import schema
from panel_eval.engine.plan import Shard
from panel_eval.engine.planning import rubric_hash
from panel_eval.judges.label_order import first_row, latin_square
from panel_eval.schema import Panel, Rubric


def run_hash8(panel: Panel, rubric: Rubric, instruments: Mapping[str, str], shard: Shard | None = None) -> str:
    """The hash in a run directory's name: of panel, rubric and judges, but not of the items.

    Items may be added or mended while a run is unfinished; votes are told apart by their keys.

    Args:
        panel: the panel.
        rubric: what is asked.
        instruments: judge id to the hash of its instrument.
        shard: the part of the items that the run is about, if not all: another run than the whole one.
    """
    facts: dict[str, object] = {
        "panel": panel.panel,
        "seed": panel.seed,
        "rubric": rubric_hash(rubric),
        "judges": [[judge.id, instruments[judge.id], judge.samples] for judge in panel.judges],
    }
    if shard is not None:
        facts["shard"] = str(shard)
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class RecordedJudge:
    """A judge as run.json tells of it: enough to plan its votes again, not to ask it.

    Attributes:
        config: its settings in the panel.
        instrument_hash: sha256 of its instrument.
        rubric: what it was asked.
        seed: the panel's.
    """

    config: schema.Judge
    instrument_hash: str
    rubric: Rubric
    seed: int

    @property
    def id(self) -> str:
        """Its name in votes."""
        return self.config.id

    @cached_property
    def label_square(self) -> tuple[tuple[str, ...], ...]:
        """The label orders that the samples of an item show in turn."""
        return latin_square(self.rubric.label_names, self.config.label_orders)

    def first_row(self, item_id: str) -> int:
        """The row of the `label_square` that an item's first sample shows."""
        return first_row(item_id, self.seed) % len(self.label_square)
