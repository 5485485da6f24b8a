"""panel-eval: compare panels of LLM judges with the distribution of human labels, item by item.

Public names are imported when first used: `import panel_eval` is quick and loads neither litellm nor pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from panel_eval.version import __version__

if TYPE_CHECKING:
    from panel_eval.api import (
        Applied,
        ExportOptions,
        ExportResult,
        FitResult,
        MergeResult,
        PanelFile,
        Preference,
        Project,
        Published,
        RunOptions,
        RunResult,
        ShardResult,
        adjudicate,
        allocate_reviews,
        apply_policy,
        check_labels,
        collect,
        compare,
        disagreement,
        estimate_pool,
        explain,
        export,
        export_labels,
        fit,
        gate,
        history,
        import_annotations,
        init,
        load_panel,
        load_votes,
        merge,
        open_run,
        pilot,
        plan,
        probe,
        publish,
        repair_labels,
        reviewer_report,
        run,
        run_shard,
        score,
        submit,
        write_qa,
        write_repairs,
        write_report,
    )
    from panel_eval.api.labelling import labelling_progress, serve_labelling
    from panel_eval.engine import Shard
    from panel_eval.errors import (
        CassetteMissError,
        IncompleteError,
        InputError,
        InterruptedRunError,
        JudgeSetupError,
        NotComparableError,
        PanelEvalError,
        Problem,
    )
    from panel_eval.evaluation import Evaluation, evaluate
    from panel_eval.evaluation.label_quality import label_quality
    from panel_eval.humans import (
        HumanLabels,
        UnlabelledItems,
        labels_from_counts,
        load_rubric,
        load_soft_labels,
        load_unlabelled,
        salvage_soft_labels,
    )
    from panel_eval.judges import FakeTransport, TransportError, WireReply, WireRequest
    from panel_eval.schema import (
        Budget,
        DeferralPolicy,
        DeferralSettings,
        FittedPool,
        GateResult,
        GateSettings,
        ImportMapping,
        ImportReport,
        Judge,
        LabelQuality,
        Metrics,
        Panel,
        Rubric,
        Smoothing,
        SoftLabel,
        Vote,
    )

_HOMES = {
    "panel_eval.api": (
        "Applied", "ExportOptions", "ExportResult", "FitResult", "MergeResult", "PanelFile", "Preference",
        "Project", "Published", "RunOptions", "RunResult", "ShardResult", "adjudicate", "allocate_reviews",
        "apply_policy", "check_labels", "collect", "compare", "disagreement", "estimate_pool", "explain", "export",
        "export_labels", "fit", "gate", "history", "import_annotations", "init", "load_panel", "load_votes",
        "merge", "open_run", "pilot", "plan", "probe", "publish", "repair_labels", "reviewer_report", "run",
        "run_shard", "score", "submit", "write_qa", "write_repairs", "write_report",
    ),
    "panel_eval.api.labelling": ("labelling_progress", "serve_labelling"),
    "panel_eval.engine": ("Shard",),
    "panel_eval.errors": (
        "CassetteMissError", "IncompleteError", "InputError", "InterruptedRunError", "JudgeSetupError",
        "NotComparableError", "PanelEvalError", "Problem",
    ),
    "panel_eval.evaluation": ("Evaluation", "evaluate"),
    "panel_eval.evaluation.label_quality": ("label_quality",),
    "panel_eval.humans": (
        "HumanLabels", "UnlabelledItems", "labels_from_counts", "load_rubric", "load_soft_labels",
        "load_unlabelled", "salvage_soft_labels",
    ),
    "panel_eval.judges": ("FakeTransport", "TransportError", "WireReply", "WireRequest"),
    "panel_eval.schema": (
        "Budget", "DeferralPolicy", "DeferralSettings", "FittedPool", "GateResult", "GateSettings", "ImportMapping",
        "ImportReport", "Judge", "LabelQuality", "Metrics", "Panel", "Rubric", "Smoothing", "SoftLabel", "Vote",
    ),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Applied", "Budget", "CassetteMissError", "DeferralPolicy", "DeferralSettings", "Evaluation", "ExportOptions",
    "ExportResult", "FakeTransport", "FitResult", "FittedPool", "GateResult", "GateSettings", "HumanLabels",
    "ImportMapping", "ImportReport", "IncompleteError", "InputError", "InterruptedRunError", "Judge",
    "JudgeSetupError", "LabelQuality", "MergeResult", "Metrics", "NotComparableError", "Panel", "PanelEvalError",
    "PanelFile", "Preference", "Problem", "Project", "Published", "Rubric", "RunOptions", "RunResult", "Shard",
    "ShardResult", "Smoothing", "SoftLabel", "TransportError", "UnlabelledItems", "Vote", "WireReply",
    "WireRequest", "__version__", "adjudicate", "allocate_reviews", "apply_policy", "check_labels", "collect",
    "compare", "disagreement", "estimate_pool", "evaluate", "explain", "export", "export_labels", "fit", "gate",
    "history", "import_annotations", "init", "label_quality", "labelling_progress", "labels_from_counts",
    "load_panel", "load_rubric", "load_soft_labels", "load_unlabelled", "load_votes", "merge", "open_run", "pilot",
    "plan", "probe", "publish", "repair_labels", "reviewer_report", "run", "run_shard", "salvage_soft_labels",
    "score", "serve_labelling", "submit", "write_qa", "write_repairs", "write_report",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'panel_eval' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
