"""What the QA document is made from: results that are computed already."""

from __future__ import annotations

from dataclasses import dataclass

from panel_eval.schema import FitReport, Metrics, RunManifest
from panel_eval.schema.label_quality import LabelQuality


@dataclass(frozen=True)
class Source:
    """Where the labels come from.

    Attributes:
        name: of the label file or of the run.
        sha256: of the label file.
        rubric: name and version of the rubric that it was checked against; None = no rubric.
        full_lists: the file in which the numbers stand, and more of the lists.
        command: what writes this document again.
        full_items: the table with a row for each item; empty where there is none.
    """

    name: str
    sha256: str
    rubric: str | None
    full_lists: str
    command: str
    full_items: str = ""


@dataclass(frozen=True)
class PanelSide:
    """What judges did on the same items.

    Attributes:
        manifest: what was asked of whom.
        metrics: the numbers of `metrics.json`.
        fit: what `panel-eval fit` found out; None if it was not run on these votes
            and labels.
    """

    manifest: RunManifest
    metrics: Metrics
    fit: FitReport | None = None


@dataclass(frozen=True)
class QaView:
    """A delivery of soft labels, and the run that was scored with it, if there is one.

    Attributes:
        source: where the labels come from.
        quality: whether the labels are sound, and where their file breaks its contract.
        panel: the judges' side; None for a label file.
    """

    source: Source
    quality: LabelQuality
    panel: PanelSide | None = None
