"""How the forecasters that a panel is compared with are called, and which of them stand where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from panel_eval.report.numbers import decimal, estimate_of
from panel_eval.schema import Scores

_TITLES: Final = {
    "uniform": "uniform",
    "base_rate": "base rate",
    "hard_label": "hard label",
    "human_panel": "as many people",
    "human_panel_1": "1 person",
}
_PEOPLE: Final = "human_panel_"
OVERVIEW_REFERENCES: Final = (
    "uniform", "base_rate", "hard_label", "human_panel_1", "human_panel_3", "human_panel",
)  # fmt: skip
CLASS_REFERENCES: Final = ("uniform", "base_rate", "hard_label", "human_panel")


def reference_title(name: str) -> str:
    """A reference in words: `human_panel_5` is `5 people`; one that is not known here keeps its name."""
    if name.startswith(_PEOPLE) and name not in _TITLES:
        return f"{name.removeprefix(_PEOPLE)} people"
    return _TITLES.get(name, name)


def chosen_references(references: Mapping[str, Scores], names: Sequence[str]) -> dict[str, Scores]:
    """Those of `names` that were scored and tell something: no small group as large as the items' own."""
    return {name: references[name] for name in names if name in references and not _repeats(references, name)}


def _repeats(references: Mapping[str, Scores], name: str) -> bool:
    """Whether a panel of so many people is no smaller than that of as many as the items have."""
    if not name.startswith(_PEOPLE) or "human_panel" not in references:
        return False
    here, whole = (estimate_of(references[panel].overall, "n_eq").estimate for panel in (name, "human_panel"))
    return here is not None and whole is not None and float(decimal(here, 1)) >= float(decimal(whole, 1))
