"""The Python interface: load, run, score, evaluate, with the same power as the command line.

Joins the rooms below in the order of the main job; the command line and the demo only call what stands here.
Works in a notebook that already runs an event loop.
Names are imported when first used: a command loads what it needs, not what all others do.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panel_eval.api.adjudication import Adjudicated, adjudicate
    from panel_eval.api.allocating import allocate_reviews, write_plan_csv
    from panel_eval.api.applying import Applied, apply_policy
    from panel_eval.api.batching import Submitted, submit
    from panel_eval.api.checking import check_file, check_labels
    from panel_eval.api.collecting import Collected, collect
    from panel_eval.api.comparing import compare
    from panel_eval.api.disagreeing import DisagreementResult, disagreement
    from panel_eval.api.estimating import estimate_pool
    from panel_eval.api.explaining import explain, tell_items
    from panel_eval.api.exporting import ExportOptions, ExportResult, Preference, export
    from panel_eval.api.fit_files import FIT, read_fit
    from panel_eval.api.fit_policy import deferral_settings
    from panel_eval.api.fitting import FitResult, fit
    from panel_eval.api.gate_files import GATE, write_verdict
    from panel_eval.api.gated_run import GatedRun, find_gated_run
    from panel_eval.api.gating import gate
    from panel_eval.api.handing_on import export_labels
    from panel_eval.api.history_report import alarmed, history
    from panel_eval.api.importing import import_annotations
    from panel_eval.api.item_sheet import write_items_csv
    from panel_eval.api.loading import PanelFile, load_panel
    from panel_eval.api.merging import MergeResult, merge
    from panel_eval.api.picturing import write_pictures
    from panel_eval.api.piloting import pilot
    from panel_eval.api.planning import plan
    from panel_eval.api.probing import probe
    from panel_eval.api.projects import LOCAL_MODEL, Project, init
    from panel_eval.api.qa import DeliveredLabels, read_delivery, write_qa
    from panel_eval.api.remote import Published, publish
    from panel_eval.api.remote.after_run import bought_here, publish_sealed
    from panel_eval.api.repairing import repair_labels, write_repairs
    from panel_eval.api.reporting import write_report
    from panel_eval.api.results import RunResult, ShardResult, open_run
    from panel_eval.api.reviewing import review_votes_csv, reviewer_report
    from panel_eval.api.run_options import RunOptions
    from panel_eval.api.running import run, run_shard, run_with
    from panel_eval.api.scoring import score
    from panel_eval.api.vote_files import load_votes

_HOMES = {
    "adjudication": (
        "Adjudicated",
        "adjudicate",
    ),
    "allocating": (
        "allocate_reviews",
        "write_plan_csv",
    ),
    "applying": (
        "Applied",
        "apply_policy",
    ),
    "batching": (
        "Submitted",
        "submit",
    ),
    "checking": (
        "check_file",
        "check_labels",
    ),
    "collecting": (
        "Collected",
        "collect",
    ),
    "comparing": ("compare",),
    "disagreeing": (
        "DisagreementResult",
        "disagreement",
    ),
    "estimating": ("estimate_pool",),
    "explaining": (
        "explain",
        "tell_items",
    ),
    "exporting": (
        "ExportOptions",
        "ExportResult",
        "Preference",
        "export",
    ),
    "fit_files": (
        "FIT",
        "read_fit",
    ),
    "fit_policy": ("deferral_settings",),
    "fitting": (
        "FitResult",
        "fit",
    ),
    "gate_files": (
        "GATE",
        "write_verdict",
    ),
    "gated_run": (
        "GatedRun",
        "find_gated_run",
    ),
    "gating": ("gate",),
    "handing_on": ("export_labels",),
    "history_report": (
        "alarmed",
        "history",
    ),
    "importing": ("import_annotations",),
    "item_sheet": ("write_items_csv",),
    "loading": (
        "PanelFile",
        "load_panel",
    ),
    "merging": (
        "MergeResult",
        "merge",
    ),
    "picturing": ("write_pictures",),
    "piloting": ("pilot",),
    "planning": ("plan",),
    "probing": ("probe",),
    "projects": (
        "LOCAL_MODEL",
        "Project",
        "init",
    ),
    "qa": (
        "DeliveredLabels",
        "read_delivery",
        "write_qa",
    ),
    "remote": (
        "Published",
        "publish",
    ),
    "remote.after_run": (
        "bought_here",
        "publish_sealed",
    ),
    "repairing": (
        "repair_labels",
        "write_repairs",
    ),
    "reporting": ("write_report",),
    "results": (
        "RunResult",
        "ShardResult",
        "open_run",
    ),
    "reviewing": (
        "review_votes_csv",
        "reviewer_report",
    ),
    "run_options": ("RunOptions",),
    "running": (
        "run",
        "run_shard",
        "run_with",
    ),
    "scoring": ("score",),
    "vote_files": ("load_votes",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "FIT",
    "GATE",
    "LOCAL_MODEL",
    "Adjudicated",
    "Applied",
    "Collected",
    "DeliveredLabels",
    "DisagreementResult",
    "ExportOptions",
    "ExportResult",
    "FitResult",
    "GatedRun",
    "MergeResult",
    "PanelFile",
    "Preference",
    "Project",
    "Published",
    "RunOptions",
    "RunResult",
    "ShardResult",
    "Submitted",
    "adjudicate",
    "alarmed",
    "allocate_reviews",
    "apply_policy",
    "bought_here",
    "check_file",
    "check_labels",
    "collect",
    "compare",
    "deferral_settings",
    "disagreement",
    "estimate_pool",
    "explain",
    "export",
    "export_labels",
    "find_gated_run",
    "fit",
    "gate",
    "history",
    "import_annotations",
    "init",
    "load_panel",
    "load_votes",
    "merge",
    "open_run",
    "pilot",
    "plan",
    "probe",
    "publish",
    "publish_sealed",
    "read_delivery",
    "read_fit",
    "repair_labels",
    "review_votes_csv",
    "reviewer_report",
    "run",
    "run_shard",
    "run_with",
    "score",
    "submit",
    "tell_items",
    "write_items_csv",
    "write_pictures",
    "write_plan_csv",
    "write_qa",
    "write_repairs",
    "write_report",
    "write_verdict",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'panel_eval.api' has no attribute {name!r}")
    return getattr(importlib.import_module(f"panel_eval.api.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
