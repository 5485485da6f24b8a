"""Pages of the public Python names; their docstrings are rendered by mkdocstrings."""

from __future__ import annotations

from collections.abc import Iterator

from contract_pages import anchor
from generated import PageText
from pydantic import BaseModel

import panel_eval
from panel_eval.schema import DOCUMENTS, json_schema

FOLDER = "reference/python"
JOBS = {
    "Load": ("load_soft_labels", "load_unlabelled", "load_votes", "load_rubric", "load_panel", "open_run",
             "salvage_soft_labels", "HumanLabels", "UnlabelledItems", "PanelFile"),
    "Score and report": ("score", "evaluate", "label_quality", "check_labels", "repair_labels",
                         "write_repairs", "explain", "write_report", "write_qa", "Evaluation",
                         "RunResult"),
    "Ask judges": ("plan", "probe", "run", "run_shard", "merge", "submit", "collect", "RunOptions", "Shard",
                   "ShardResult", "MergeResult"),
    "Improve": ("fit", "apply_policy", "export", "estimate_pool", "FitResult", "Applied", "ExportOptions",
                "ExportResult", "Preference"),
    "Every night": ("init", "compare", "gate", "history", "publish", "Project", "Published"),
    "Scripted judges": ("FakeTransport", "WireRequest", "WireReply", "TransportError"),
}  # fmt: skip
FILES = "Models of files"
ERRORS = "Errors"
REST = "More names"


def python_pages() -> list[PageText]:
    """Every public name on one page of its kind, after a list of all."""
    kinds = name_kinds()
    pages = [PageText(kind, f"{FOLDER}/{_slug(kind)}.md", _page(kind, names)) for kind, names in kinds.items()]
    rows = [
        f"- [{kind}]({_slug(kind)}.md): "
        + ", ".join(f"[`{name}`]({_slug(kind)}.md#panel_eval.{name})" for name in names)
        for kind, names in kinds.items()
    ]
    head = (
        "# Python reference\n\n`import panel_eval as pe`; names are loaded when first used. "
        "[A tour with examples](../../python.md).\n\n"
    )
    return [PageText("All names", f"{FOLDER}/index.md", head + "\n".join(rows) + "\n"), *pages]


def name_kinds() -> dict[str, list[str]]:
    """Kind to the public names of that kind; each name stands once."""
    kinds: dict[str, list[str]] = {kind: [] for kind in (*JOBS, FILES, ERRORS, REST)}
    order = {name: kind for kind, names in JOBS.items() for name in names}
    for name in (*order, *panel_eval.__all__):
        if name in panel_eval.__all__ and not any(name in names for names in kinds.values()):
            kinds[order.get(name) or _kind_of(name)].append(name)
    return {kind: names for kind, names in kinds.items() if names}


def _kind_of(name: str) -> str:
    thing = getattr(panel_eval, name)
    if isinstance(thing, type) and issubclass(thing, BaseModel):
        return FILES
    return ERRORS if getattr(thing, "__module__", "") == "panel_eval.errors" else REST


def _page(kind: str, names: list[str]) -> str:
    return f"# {kind}\n\n" + "\n\n".join(_entry(name) for name in names) + "\n"


def _entry(name: str) -> str:
    thing = getattr(panel_eval, name)
    entry = f"::: panel_eval.{name}"
    if isinstance(thing, type) and issubclass(thing, BaseModel):
        places = ", ".join(_places(thing.__name__))
        return f"{entry}\n\nFields: {places}." if places else entry
    return entry


def _places(model: str) -> Iterator[str]:
    """Links to the contracts that hold `model`: its own, or else the first that contains it."""
    for contract, root in DOCUMENTS.items():
        if root.__name__ == model:
            yield f"[format `{contract}`](../formats/{contract}.md)"
            return
    for contract in DOCUMENTS:
        if model in json_schema(contract).get("$defs", {}):
            yield f"[in format `{contract}`](../formats/{contract}.md#{anchor(model)})"
            return


def _slug(kind: str) -> str:
    return kind.lower().replace(" ", "-")
